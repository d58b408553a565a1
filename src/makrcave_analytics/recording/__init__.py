"""Recording: facts in, checked one by one, written once, counted at once; and the entities that name them.

    fact_inputs, entity_inputs    what senders hand in
    event_types                   types of events, and their older names
    parsing                       how days, instants and decimals are written, or not at all
    ids                           ids of facts and of what they name
    recorder                      on whose behalf facts are recorded
    outcome                       what the sender gets back
    locking                       the makerspace's row locked, its version raised
    audit                         who did what
    checks                        checks of single values
    facts                         the kinds of facts
    rollups                       sums kept beside the facts
    writing                       the one write of all kinds, voids, retention
    entities                      members, machines, items and projects
    settings                      a makerspace's own settings
    importing                     the same from files

This package knows no GraphQL, no HTTP and no queue.
"""
