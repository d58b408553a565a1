"""Engine: runs operations against the schema.

schema           the schema as an object, and its SDL
operation        an operation and its outcome, as values
documents        a document parsed, checked and validated, once per operation
limits           how much a document may ask for
complexity       what a document costs with its fragments
execution        runs a prepared document within a time limit
executor         queries and mutations
subscriber       subscriptions
results          outcomes from results and refusals
errors           errors as clients see them
"""
