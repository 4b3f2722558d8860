from . import (
    preference_page,
    recipient,
    stock_routes,
    subscribe,
    twilio,
    unsubscribe,
)
from . import recipient, stock_routes, twilio, unsubscribe
from . import recipient, stock_routes, unsubscribe
from . import preference_page, recipient, subscribe, unsubscribe
from . import preference_page, recipient, stock_routes, subscribe, unsubscribe
from . import own_data, portal, preference_page, recipient, stock_routes, subscribe, unsubscribe
from . import own_data, own_details, portal, preference_page, recipient, stock_routes, subscribe, twilio, unsubscribe
