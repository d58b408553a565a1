"""SQL that several sources share.

lateral         one index range scan for each span
intervals       interval algebra over spans
bitmaps         presence bitmaps
partial_days    parts of days that roll-ups by day do not have
first_day       the first local day that has a fact
"""
