"""Explore: tables of metrics by any of their dimensions.

inputs        the input of a table, and its check
table         makes the table
notes         notes on values that are left out
pseudonyms    resolves pseudonyms in filters
"""
