"""Explore: tables of any metrics by any dimensions.

inputs        a question for a table, and its check
table         the table
notes         notes on a table
pseudonyms    pseudonyms in filters, resolved to people
"""
