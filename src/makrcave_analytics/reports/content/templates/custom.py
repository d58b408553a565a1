"""CUSTOM: the table of an explore question, and a chart of it."""

import asyncio
from collections.abc import Mapping, Sequence
from decimal import Decimal

from makrcave_analytics.errors import Invalid
from makrcave_analytics.metrics.display.labels import ENTITIES, NONE, dimension_label
from makrcave_analytics.metrics.explore.inputs import check_table, table_from_json
from makrcave_analytics.metrics.explore.notes import table_notes
from makrcave_analytics.metrics.explore.pseudonyms import resolve_pseudonyms
from makrcave_analytics.metrics.explore.table import AnswerRow, TableQuestion, make_table
from makrcave_analytics.metrics.explore.table import Table as Answered
from makrcave_analytics.period import Grain
from makrcave_analytics.reports.content import document
from makrcave_analytics.reports.content.context import ReportContext
from makrcave_analytics.reports.content.definition import ReportDefinition
from makrcave_analytics.reports.content.document import Chart, Column, DocumentTable, Line, Mark, Value
from makrcave_analytics.reports.content.templates import parts, tables
from makrcave_analytics.reports.vocabulary import ReportType

_LINES = 4
"""The most lines of a chart: more cannot be distinguished in grey."""
_BARS = 20
Names = Mapping[str, tuple[str, str]]


async def template(context: ReportContext) -> Sequence[document.Chapter]:
    """Put the report together."""
    answered, naming = await _answer(context)
    return (document.Chapter("Table", parts.blocks(_chart(answered, naming), _table(context, answered, naming))),)


async def listing(context: ReportContext) -> DocumentTable:
    """Return the table alone."""
    return _table(context, *await _answer(context))


async def _answer(context: ReportContext) -> tuple[Answered, Sequence[Names]]:
    if context.report.spec.table is None:
        raise Invalid("CUSTOM needs table.", path=("input", "table"))
    asked = check_table(table_from_json(context.report.spec.table), context.scope.period, "input", "table")
    context.used.update(dict.fromkeys(asked.metrics))
    asked = asked if context.visibility.people else await resolve_pseudonyms(context.reading, asked)
    answered = await make_table(asked, context.scope, context.reading.answers.load, context.visibility)
    for note in table_notes(answered, context.visibility):
        context.note(note)
    keys = [{row.keys[n] for row in answered.rows} - {None} for n in range(len(asked.by))]
    naming = await asyncio.gather(
        *(tables.named(context, by, sorted(filter(None, of))) for by, of in zip(asked.by, keys, strict=True))
    )
    return answered, naming


def _table(context: ReportContext, answered: Answered, naming: Sequence[Names]) -> DocumentTable:
    asked, is_compared = answered.question, context.scope.compared is not None
    columns = [Column("start", asked.grain.capitalize())] if asked.grain else []
    for by in asked.by:
        columns.append(Column(by.lower(), dimension_label(by), is_wide=True))
        columns += [Column(f"{by.lower()}_id", "Id", is_wide=True)] if by in ENTITIES else []
    for metric in asked.metrics:
        own = parts.metric_column(metric)
        columns += [own, Column(f"{own.key}_previous", "Previous", own.unit)] if is_compared else [own]
    rows = [
        (*_place(asked, row), *_keys(asked, row, naming), *_values(row, is_compared=is_compared))
        for row in answered.rows
    ]
    cut = f"The first {len(rows):,} rows: there are more." if answered.is_truncated else None
    return DocumentTable("Table", tuple(columns), rows, cut)


def _place(asked: TableQuestion, row: AnswerRow) -> tuple[Value, ...]:
    if row.bucket is None:
        return ()
    return (row.bucket.start if asked.grain is Grain.HOUR else row.bucket.start.date(),)


def _keys(asked: TableQuestion, row: AnswerRow, naming: Sequence[Names]) -> tuple[Value, ...]:
    return tuple(
        cell
        for by, key, names in zip(asked.by, row.keys, naming, strict=True)
        for cell in tables.naming_of(by, key, names)
    )


def _values(row: AnswerRow, *, is_compared: bool) -> tuple[Value, ...]:
    if not is_compared:
        return row.values
    before = row.previous or (None,) * len(row.values)
    return tuple(cell for pair in zip(row.values, before, strict=True) for cell in pair)


def _chart(answered: Answered, naming: Sequence[Names]) -> Chart | None:
    """Chart the first metric: over time where there is a grain, else as bars."""
    asked, rows = answered.question, answered.rows
    metric = asked.metrics[0]
    if not rows or not (asked.grain or asked.by):
        return None
    if asked.grain is None:
        shown = rows[:_BARS]
        places = tuple(_label(row, naming) for row in shown)
        lines = (Line(metric.label, tuple(row.values[0] for row in shown)),)
        return Chart(metric.label, Mark.BAR, "", places, lines, metric.unit)
    starts = sorted({row.bucket.start for row in rows if row.bucket is not None})
    sums: dict[str, Decimal] = {}
    found: dict[tuple[str, object], Decimal | None] = {}
    for row in rows:
        label = _label(row, naming) if asked.by else metric.label
        sums[label] = sums.get(label, Decimal(0)) + (row.values[0] or 0)
        found[label, row.bucket.start if row.bucket else None] = row.values[0]
    largest = sorted(sums, key=lambda label: -sums[label])[:_LINES]
    return Chart(
        title=f"{metric.label} per {asked.grain.lower()}",
        mark=Mark.LINE,
        place_label=asked.grain.capitalize(),
        places=tuple(starts),
        lines=tuple(Line(label, tuple(found.get((label, start)) for start in starts)) for label in largest),
        unit=metric.unit,
    )


def _label(row: AnswerRow, naming: Sequence[Names]) -> str:
    return " · ".join(NONE if key is None else names[key][1] for key, names in zip(row.keys, naming, strict=True))


DEFINITION = ReportDefinition(
    type=ReportType.CUSTOM,
    title="Custom report",
    template=template,
    listing=listing,
    argument="table",
)
