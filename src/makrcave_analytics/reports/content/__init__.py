"""Content: what a report holds, independent of its format.

document       sections, tables, charts and figures as values
context        what a template reads its numbers through
filters        the filters of a report as filters of metrics
row_sets       tables of fact rows as SQL for COPY
fact_rows      the fact tables that a report may hold
definition     all that differs between report types
templates      a definition for each report type, with its template
registry       the definitions by type
composition    the document of a report
sharing        the key under which reports share a file
"""
