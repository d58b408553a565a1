"""Loaders: what one operation asks for in many places, fetched in few statements.

read_sessions   one snapshot for each makerspace, and one over many
facts           stored facts, row by row
lists           machines, items and projects, also those that only facts name
members         members, in an order that every viewer may see
versions        the data versions that tell subscribers of a change
"""
