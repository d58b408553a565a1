"""Resolvers of people, things and makerspaces.

viewer         the viewer
makerspaces    makerspaces
members        members
things         machines, items, projects
"""
