"""Types that several parts of the schema share.

fields         how fields are declared
scalars, enums
connections    pages of lists
period         periods and their buckets
makerspace     a makerspace and its settings
answer         what every section answers in addition to its numbers
"""
