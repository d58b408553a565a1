"""Resolvers of explore: any metrics by any dimensions, as one table."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

import strawberry

from makrcave_analytics.metrics.display.format import exact_value
from makrcave_analytics.metrics.display.labels import dimension_label
from makrcave_analytics.metrics.explore.inputs import TableInput, check_table
from makrcave_analytics.metrics.explore.notes import table_notes
from makrcave_analytics.metrics.explore.pseudonyms import resolve_pseudonyms
from makrcave_analytics.metrics.explore.table import AnswerRow, Table, make_table
from makrcave_analytics.metrics.notes.common import MONEY, UNITS, small_group_notes
from makrcave_analytics.metrics.vocabulary import Unit
from makrcave_analytics.period import Comparison, PeriodInput
from makrcave_analytics.resolvers.common.context import Info
from makrcave_analytics.resolvers.metrics.key_labels import Naming, name_keys
from makrcave_analytics.resolvers.metrics.meta import meta_of
from makrcave_analytics.resolvers.metrics.metric import as_float
from makrcave_analytics.resolvers.metrics.scope import Question, ask
from makrcave_analytics.resolvers.metrics.sections import AnswerMeta


@dataclass(frozen=True)
class TableColumn:
    """The head of a column."""

    key: str
    label: str
    unit: Unit | None


@dataclass(frozen=True)
class Explored:
    """A table, the question that it answers, and what stands for its keys, a naming a dimension."""

    question: Question
    table: Table
    naming: Sequence[Naming]


@dataclass(frozen=True)
class TableRow:
    """A row of a table."""

    row: AnswerRow
    explored: Explored


async def resolve_explore(
    info: Info,
    table: TableInput,
    makerspace_id: strawberry.ID | None = None,
    period: PeriodInput | None = None,
    compare_to: Comparison | None = None,
) -> Explored:
    """Answer any question about the metrics of a section.

    Raises: what `ask` raises; Invalid for what the metrics do not have.
    """
    question = await ask(info, makerspace_id, period, compare_to)
    asked = check_table(table, question.scope.period, "table")
    asked = asked if question.visibility.people else await resolve_pseudonyms(question.reading, asked)
    made = await make_table(asked, question.scope, question.reading.answers.load, question.visibility)
    naming = await asyncio.gather(
        *(name_keys(question, by, [row.keys[n] for row in made.rows]) for n, by in enumerate(asked.by))
    )
    return Explored(question, made, naming)


async def meta(root: Explored) -> AnswerMeta:
    """Return what the table is about: the notes of its section, as far as they concern its metrics."""
    found, visibility = await meta_of(root.question, root.table.question.section), root.question.visibility
    others = (MONEY, UNITS, *small_group_notes(visibility))
    notes = [note for note in found.notes if note not in others]
    return replace(found, notes=notes + table_notes(root.table, visibility))


def columns(root: Explored) -> list[TableColumn]:
    """Return the heads: the bucket's start where there is a grain, the dimensions, the metrics."""
    asked = root.table.question
    start = [] if asked.grain is None else [TableColumn("start", asked.grain.capitalize(), None)]
    dimensions = [TableColumn(by.value, dimension_label(by), None) for by in asked.by]
    return start + dimensions + [TableColumn(metric.key, metric.label, metric.unit) for metric in asked.metrics]


def rows(root: Explored) -> list[TableRow]:
    """Return the rows, in order."""
    return [TableRow(row, root) for row in root.table.rows]


def is_truncated(root: Explored) -> bool:
    """Say whether there are more rows than were asked for."""
    return root.table.is_truncated


def start(root: TableRow) -> datetime | None:
    """Return where the bucket begins; None without a grain."""
    return None if root.row.bucket is None else root.row.bucket.start


def keys(root: TableRow) -> list[str | None]:
    """Return the keys, as the viewer may see them."""
    return [names[key][0] for names, key in zip(root.explored.naming, root.row.keys, strict=True)]


def labels(root: TableRow) -> list[str]:
    """Return the names of the keys."""
    return [names[key][1] for names, key in zip(root.explored.naming, root.row.keys, strict=True)]


def values(root: TableRow) -> list[float | None]:
    """Return the values, for charts."""
    return list(map(as_float, root.row.values))


def decimals(root: TableRow) -> list[Decimal | None]:
    """Return the values, exact."""
    currency, metrics = root.explored.question.scope.currency, root.explored.table.question.metrics
    return [exact_value(value, metric.unit, currency) for value, metric in zip(root.row.values, metrics, strict=True)]


def previous(root: TableRow) -> list[float | None] | None:
    """Return the values of what is compared with; None where nothing is."""
    return None if root.row.previous is None else list(map(as_float, root.row.previous))
