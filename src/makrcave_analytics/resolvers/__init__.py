"""Resolvers: (root, info, arguments) → domain values. Plain functions; what clients see is declared in schema/.

context                 one operation: who asks, when, through what it reads and writes
question                a section's arguments → its scope
sections, meta, dashboard, overview, network    sections, what is to be known of them, several at once
usage, equipment, inventory, revenue    what a section has beside its metrics
metric, heatmap, table, naming    numbers as frontends draw them, with names for their keys
arguments, paging       arguments of lists checked; pages by sealed cursors
roster, machines, items, projects    lists in which each thing has numbers of its own
members, entities       people and things, as the viewer may see them
facts, snapshots        stored facts and closing figures, row by row
makerspaces, settings, viewer    makerspaces, and who asks
recording, sync, refusals    facts in; what names and places them; what a payload tells of a refusal
reports, schedules      report files, once and again
changes                 what subscribers are told
"""
