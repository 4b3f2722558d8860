from . import recipient, stock_routes, unsubscribe
from . import recipient, twilio, unsubscribe
