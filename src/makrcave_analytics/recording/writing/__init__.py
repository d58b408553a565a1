"""Writing: facts into the database, once each.

batch           the checked inputs of one kind
statements      the SQL of a kind of fact
erased          erased people
write           the one write of all kinds
group_commit    many senders, one transaction
void            wrong facts voided
retention       old raw events removed
"""
