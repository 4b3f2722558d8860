from . import (
    recipient,
    stock_routes,
    twilio,
    unsubscribe,
)
