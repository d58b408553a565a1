"""Engine: runs operations against the schema.

execute          queries and mutations
subscriptions    subscriptions
operation        an operation and its outcome, as values
limits           how much a document may ask for
complexity       what a document costs with its fragments
errors           errors as clients see them
"""
