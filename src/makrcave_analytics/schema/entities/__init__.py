"""Types of members, machines, items and projects.

members    members
things     machines, items, projects
"""
