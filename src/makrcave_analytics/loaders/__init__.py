"""Loaders: the reads of one operation in few statements, and the SQL of lists.

read_sessions   one snapshot per makerspace, and one over many
facts           lists of stored facts
lists           machines, items and projects, also those that only facts name
members         the list of members
versions        data versions, by which subscribers learn of a change
"""
