"""What the reader of a table should know of what is left out of it."""

from makrcave_analytics.metrics.explore.table import Sight, Table
from makrcave_analytics.metrics.notes.common import MONEY, UNITS, small_groups
from makrcave_analytics.metrics.vocabulary import Unit


def table_notes(table: Table, sight: Sight) -> list[str]:
    """Return why values are not there that could be."""
    asked = table.question
    notes = []
    if not sight.money and any(metric.unit is Unit.MONEY for metric in asked.metrics):
        notes.append(MONEY)
    if not sight.people and (asked.by or asked.where) and any(metric.counts_people for metric in asked.metrics):
        notes += small_groups(sight.least)
    if any(metric.has_units and row.values[n] is None for row in table.rows for n, metric in enumerate(asked.metrics)):
        notes.append(UNITS)
    return notes
