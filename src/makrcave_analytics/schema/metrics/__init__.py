"""Types of numbers, a module a section.

metric      a metric as a field, with series and breakdown
sections    what all sections have
usage, equipment, machines, items, projects, revenue, overview, network    sections and their lists
heatmap     the hours of a week
explore     tables of one's own
closing_figures    the figures of past days, weeks and months
"""
