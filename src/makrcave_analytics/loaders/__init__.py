"""Loaders: what one operation asks for in many places, fetched in few statements."""
