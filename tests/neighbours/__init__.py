"""Tests beside addons of others, on databases with them: see `dev/neighbours.py`."""
