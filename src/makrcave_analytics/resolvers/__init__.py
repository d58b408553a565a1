"""Resolvers: (root, info, arguments) to domain values, as plain functions. What clients see is declared in `schema`.

common       the context of an operation, arguments, pages
entities     makerspaces, members, machines, items, projects
metrics      sections and their numbers
recording    recording of facts and settings
reports      reports, schedules, subscriptions
"""
