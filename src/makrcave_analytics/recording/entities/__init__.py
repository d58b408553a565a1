"""Entities: members, machines, items and projects.

definitions    the kinds of entities, declared
upsert         entities inserted or updated
"""
