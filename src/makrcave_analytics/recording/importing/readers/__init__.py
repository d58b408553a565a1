"""Readers: rows out of files, one at a time.

base      what a format and a reader do
detect    the formats, and which one a file has
csv, xlsx, ndjson    the formats
ole       workbooks that cannot be read
"""
