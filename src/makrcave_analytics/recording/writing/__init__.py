"""Writing: facts into the database, once each.

statements      the SQL of a kind of fact
write           the one write of all kinds
group_commit    many senders, one transaction
void            facts taken out again
retention       old raw events removed
"""
