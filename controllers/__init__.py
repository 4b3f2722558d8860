from . import recipient, unsubscribe
