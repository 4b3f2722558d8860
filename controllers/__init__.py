from . import (
    capture,
    import_lines,
    newsletter,
    own_data,
    own_details,
    portal,
    preference_page,
    recipient,
    stock_routes,
    subscribe,
    twilio,
    unsubscribe,
)
