"""Readers: rows out of files, one at a time.

base      what a reader does
detect    which reader a file needs
csv, xlsx, ndjson    the formats
"""
