from . import recipient, stock_routes, unsubscribe
