"""Closing figures: every metric of each day, week and month of a makerspace, stored as of its end.

    due         what has ended and has no figures yet
    figures     every metric of the catalogue over some buckets
    claim       leases on makerspaces to close
    close       measures and stores the figures, once
    kept        the stored figures

They are history and not a cache: later facts do not change them. Past stock on hand and past overdue machines cannot
be computed again, so what no worker closed in time stays unknown.
"""

from makrcave_analytics.snapshots.close import close_due
from makrcave_analytics.snapshots.kept import GRAINS, Closing, closing_from, select_closings, without_money

__all__ = ["GRAINS", "Closing", "close_due", "closing_from", "select_closings", "without_money"]
