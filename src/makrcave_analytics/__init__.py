"""MakrCave Analytics."""
