"""Resolvers of numbers, one module per section.

scope        a section's arguments as a scope
metric       a metric, its series and breakdown
key_labels   labels of the keys of dimensions
sections     a section's question, its meta and notes
meta         meta of answers about several sections
lists        a list of machines, items or projects with numbers
usage, equipment, inventory, machines, items, projects, revenue, overview, network, dashboard    sections
heatmap      the hours of a week
explore      custom tables
closing_figures    the figures of past days, weeks and months
"""
