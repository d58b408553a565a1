"""Recording: checks facts one by one, writes each once, and counts it at once; and the entities that facts name.

    fact_inputs, entity_inputs    inputs of senders, unchecked
    event_types                   types of events, and their older names
    parsing                       days, instants and decimals as senders write them
    ids                           ids of facts
    recorder                      the sender's rights, and what recording needs of the process
    outcome                       the result for the sender
    locking                       the lock on a makerspace's row, its version, retries
    audit                         the audit log
    checks                        checks of single values
    facts                         the kinds of facts
    rollups                       sums that are kept with the facts
    writing                       the one write of all kinds, voids, retention
    entities                      members, machines, items and projects
    settings                      a makerspace's own settings
    importing                     the same from files

This package knows no GraphQL, no HTTP and no queue.
"""
