"""Sql: the parts of SQL that several sources share.

lateral         one index range scan per span
intervals       interval algebra over spans
bitmaps         presence bitmaps
partial_days    parts of days, which roll-ups by day do not have
first_day       the local day of the first fact
"""
