"""What resolvers share.

context        the viewer, the time and the services of an operation
arguments      checks of arguments
paging         pages of lists
user_errors    errors in the payload of a mutation
"""
