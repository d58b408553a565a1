"""Resolvers of numbers, a module a section.

scope        a section's arguments as a scope
metric       a metric, its series and breakdown
key_labels   labels of the keys of dimensions
sections     what all sections have
meta         what an answer says of itself
lists        a list of machines, items or projects with numbers
usage, equipment, inventory, machines, items, projects, revenue, overview, network, dashboard    sections
heatmap      the hours of a week
explore      tables of one's own
closing_figures    the figures of past days, weeks and months
"""
