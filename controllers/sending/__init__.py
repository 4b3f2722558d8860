"""Routes of the room of this name in `models`."""

from . import thread

__all__ = ["thread"]
