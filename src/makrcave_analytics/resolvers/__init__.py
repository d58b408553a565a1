"""Resolvers: (root, info, arguments) to domain values, as plain functions. What clients see is declared in `schema`.

common       the context of an operation, arguments, pages
entities     makerspaces, members, machines, items, projects
metrics      sections and their numbers
recording    facts and settings in
reports      reports, schedules, subscriptions
"""
