"""What clients see. Each file reads like the part of the SDL that it makes; resolvers/ has the behaviour.

    root                    what may be asked, done and subscribed to
    sections, overview, network, usage, equipment, revenue    numbers, a section each
    metric, heatmap, table, answer, period    what numbers are made of, and what an answer says of itself
    members, machines, items, projects, entities, facts, snapshots, connections    lists, and what is in them
    makerspace, settings    makerspaces, and what they are set to
    recording, sync         facts in; what names and places them
    report, schedule        report files, once and again
    scalars, enums, fields  the ways to declare all this
    operation, execute, subscriptions, errors    one operation run, or one event after another; what goes wrong
    limits, survey          what one document may ask for

schema.graphql is its snapshot, in which a change of the API is seen.
"""
