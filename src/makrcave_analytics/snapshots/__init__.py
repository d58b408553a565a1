"""Closing figures: every metric of each day, week and month of a makerspace, kept as it stood when they ended.

    due         what has ended and has none yet
    figures     every metric of the catalogue over some buckets
    claim       which makerspaces have something to close, and who does it
    close       the work: figures measured and kept, once
    kept        what was kept, to be read

They are history and not cache: the first ones stay, whatever is recorded later. Stock on hand of the past, and which
machines were overdue then, cannot be computed again: what no worker closed in time stays unknown.
"""

from makrcave_analytics.snapshots.close import close_due
from makrcave_analytics.snapshots.kept import GRAINS, Closing, closing_from, select_closings, without_money

__all__ = ["GRAINS", "Closing", "close_due", "closing_from", "select_closings", "without_money"]
