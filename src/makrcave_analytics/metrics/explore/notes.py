"""Notes on the values that a table leaves out."""

from makrcave_analytics.metrics.explore.table import Table
from makrcave_analytics.metrics.notes.common import UNITS, money_notes, small_group_notes
from makrcave_analytics.metrics.privacy.visibility import Visibility


def table_notes(table: Table, visibility: Visibility) -> list[str]:
    """Return the notes on values that the table leaves out."""
    asked = table.question
    notes = []
    if not all(map(visibility.shows_metric, asked.metrics)):
        notes += money_notes(visibility)
    if (asked.by or asked.where) and any(map(visibility.guards, asked.metrics)):
        notes += small_group_notes(visibility)
    if any(metric.has_units and row.values[n] is None for row in table.rows for n, metric in enumerate(asked.metrics)):
        notes.append(UNITS)
    return notes
