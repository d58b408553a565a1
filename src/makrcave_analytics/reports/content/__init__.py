"""Content: what a report holds, independent of its format.

document     sections, tables, charts and figures as values
context      what a template reads its numbers through
filters      the filters of a report as filters of metrics
fact_rows    the tables of facts that a report may hold
row_sets     those tables as SQL for COPY
templates    which sections a report of each type has
"""
