"""What all resolvers share.

context        what one operation knows
arguments      arguments as values
paging         pages of lists
user_errors    errors that a payload carries
"""
