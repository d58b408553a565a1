"""Schema: what clients see. Each module reads like the part of the SDL that it makes.

    root         queries, mutations, subscriptions
    engine       runs operations; schema.graphql beside it is the snapshot that shows a change of the API in review
    common       types that several parts share
    entities     members, machines, items, projects
    metrics      sections and their numbers
    recording    facts and settings in
    reports      reports and schedules

Behaviour is in `resolvers`, in folders of the same names.
"""
