"""Types of numbers, one module per section.

metric      a metric as a field, with series and breakdown
sections    the section types, and the dashboard
usage, equipment, machines, items, projects, revenue, overview, network    sections and their lists
heatmap     the hours of a week
explore     custom tables
closing_figures    the figures of past days, weeks and months
"""
