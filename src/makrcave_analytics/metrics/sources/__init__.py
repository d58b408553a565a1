"""Sources: the SQL that reads facts for spans and dimensions.

events          usage events, by hour roll-ups or raw rows
presence        distinct members present, from bitmaps
visits          visits of members
members         joining and leaving of members
sessions        sessions at machines
availability    when machines could be used
machines        machines as they stand
maintenance     maintenance and repair
consumption     items used up
stock           items on hand
projects        projects from start to end
payments        money on its date, and as it is earned
sql             pieces of SQL that sources share
"""
