"""Types of recording.

record      the record mutations
facts       recorded facts, listed
sync        the sync mutations
settings    settings of a makerspace
"""
