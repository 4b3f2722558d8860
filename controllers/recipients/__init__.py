"""Routes of the room of this name in `models`."""

from . import (
    capture,
    newsletter,
    own_data,
    own_details,
    portal,
    preference_page,
    recipient,
    stock_routes,
    subscribe,
    unsubscribe,
)
