"""Forces one index range scan per span (LATERAL with OFFSET 0)."""

from typing import Any

from sqlalchemy import FromClause, Select, literal_column

from makrcave_analytics.metrics.source import SpanTable


def lateral_per_span(rows: Select[Any], spans: SpanTable) -> FromClause:
    """Read rows once for each span; their conditions may name columns of the span.

    The planner assumes ten or a hundred spans for any array, each a twentieth of the table, and reads the whole table
    once: a hundred times slower with ten million events. OFFSET 0 keeps it from flattening the subquery.
    """
    return lateral_per_row(rows, spans.c.span.table)


def lateral_per_row(rows: Select[Any], table: Any) -> FromClause:
    """Read rows once for each row of a table, as `lateral_per_span` does for spans."""
    return rows.correlate(table).offset(literal_column("0")).lateral()
