"""Sources: the SQL that reads facts for spans and dimensions.

events          usage events, by hour roll-ups or raw rows
presence        distinct members present, from bitmaps
visits          visits, a member's days with access or a session
members         members with the days on which they join and leave
sessions        uses and downtime of machines
availability    the time in which machines could be used
machines        machines in service
maintenance     when machines are due for maintenance
consumption     items used up
stock           items on hand
projects        projects from start to end
payments        payments on their date, recognized over days, recurring
sql             pieces of SQL that sources share
"""
