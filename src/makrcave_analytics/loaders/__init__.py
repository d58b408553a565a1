"""What one operation asks for in many places, fetched in few statements.

reading     a snapshot a makerspace, and one of many
facts       stored facts, row by row
lists       machines, items and projects, of which some are only named by facts
members     people, in order of what may be shown of them
versions    what tells subscribers that something changed
"""
