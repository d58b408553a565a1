"""Per span: rows read by one index range a span, whatever the planner believes about spans it has not seen."""

from typing import Any

from sqlalchemy import FromClause, Select, literal_column

from makrcave_analytics.metrics.source import SpanTable


def lateral_per_span(rows: Select[Any], spans: SpanTable) -> FromClause:
    """Read rows anew for each span, which they may name in their conditions.

    The planner takes any array for ten spans or a hundred, each of a twentieth of the table, and then reads the whole
    table once instead: a hundred times slower with ten million events. OFFSET 0 keeps it from taking the two apart.
    """
    return lateral_per_row(rows, spans.c.span.table)


def lateral_per_row(rows: Select[Any], table: Any) -> FromClause:
    """Read rows anew for each row of a table, as `lateral_per_span` does."""
    return rows.correlate(table).offset(literal_column("0")).lateral()
