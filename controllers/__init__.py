from . import (
    preference_page,
    recipient,
    stock_routes,
    subscribe,
    twilio,
    unsubscribe,
)
