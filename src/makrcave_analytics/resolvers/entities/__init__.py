"""Resolvers of people, things and makerspaces.

viewer         who asks
makerspaces    makerspaces
members        members
things         machines, items, projects
"""
