"""Roll-ups: sums that are kept with the facts, in the same transaction.

definitions    the SQL of each roll-up
recount        roll-ups after facts were voided
verify         roll-ups compared with the facts
"""
