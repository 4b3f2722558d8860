"""The product as a whole: installation, demo data, roles, buttons, tours."""
