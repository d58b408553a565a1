"""Schema: the GraphQL types that clients see. Each module reads like its part of the SDL.

    root         queries, mutations, subscriptions
    engine       runs operations; its schema.graphql is a snapshot that shows changes of the API in review
    common       types that several parts share
    entities     members, machines, items, projects
    metrics      sections and their numbers
    recording    recording of facts and settings
    reports      reports and schedules

The behaviour is in `resolvers`, in folders of the same names.
"""
