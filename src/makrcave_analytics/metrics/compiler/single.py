"""Compiles questions about one makerspace into one statement per subject, however many sources it has. Pure, no I/O.

Questions to one source that agree in spans, dimensions and filters share a branch of the statement, with one column per
measure. Branches are joined by UNION ALL. Requests of the same shape differ in parameters only, so the SQL of a shape
is rendered once.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, FromClause, Numeric, Text, Uuid, bindparam, func

from makrcave_analytics.metrics.compiler.select import (
    CLOCK,
    RenderedSql,
    Shape,
    Width,
    clock,
    edge_type,
    key_arguments,
    minor_unit,
    render_selects,
)
from makrcave_analytics.metrics.metric import Raw
from makrcave_analytics.metrics.query import Keys, MeasureQuery, MeasureResult
from makrcave_analytics.metrics.source import SpanArguments, SpanTable
from makrcave_analytics.period import Span


@dataclass(frozen=True)
class Statement:
    """SQL with its arguments in order, and the questions that its columns answer."""

    sql: str
    arguments: tuple[Any, ...]
    branches: tuple[tuple[MeasureQuery, ...], ...]
    """For each branch, the question that each value column answers, in order."""

    def answers(self, rows: Iterable[Sequence[Any]]) -> dict[MeasureQuery, MeasureResult]:
        """Return the result of each question, from the rows of the statement."""
        found: dict[MeasureQuery, dict[Keys, dict[int, Raw]]] = {ask: {} for branch in self.branches for ask in branch}
        read = [0] * len(self.branches)
        for row in rows:
            asks = self.branches[row[0]]
            read[row[0]] += 1
            dimensions = len(asks[0].by)
            keys = tuple(row[2 : 2 + dimensions])
            for ask, value in zip(asks, row[_values_from(self.branches) :], strict=False):
                if value is not None:
                    found[ask].setdefault(keys, {})[row[1] - 1] = value
        return {
            ask: MeasureResult(found[ask], is_cut=ask.most is not None and count > ask.most)
            for branch, count in zip(self.branches, read, strict=True)
            for ask in branch
        }


def compile_asks(asks: Iterable[MeasureQuery], makerspace_id: UUID, zone: str) -> list[Statement]:
    """Compile questions into one statement per subject, in the order in which the subjects first appear."""
    by_subject: dict[str, dict[tuple[Any, ...], list[MeasureQuery]]] = {}
    for ask in dict.fromkeys(asks):
        source = ask.measure.source
        branches = by_subject.setdefault(source.subject, {})
        branches.setdefault((source, ask.spans, ask.by, ask.where, ask.now, ask.currency, ask.most), []).append(ask)
    return [
        _statement(tuple(tuple(branch) for branch in branches.values()), makerspace_id, zone)
        for branches in by_subject.values()
    ]


def _statement(branches: tuple[tuple[MeasureQuery, ...], ...], makerspace_id: UUID, zone: str) -> Statement:
    sql = _sql(tuple(Shape.of(branch) for branch in branches), _outlines(branches))
    given: dict[str, Any] = {"makerspace_id": makerspace_id, "zone": zone}
    spans: dict[SpanArguments, list[Span]] = {}
    for position, (ask, *_) in enumerate(branches):
        given |= _arguments(position, ask)
        if ask.relation.shared_arguments is not None:
            spans.setdefault(ask.relation.shared_arguments, []).extend(ask.spans)
    for arguments_of, asked in spans.items():
        given |= arguments_of(asked)
    return Statement(sql.text, sql.arguments(given), branches)


def _arguments(position: int, ask: MeasureQuery) -> dict[str, Any]:
    relation = ask.relation
    edges = {f"edge_{edge}_{position}": list(map(attrgetter(edge), ask.spans)) for edge in relation.edges}
    given: dict[str, Any] = {**edges, **key_arguments(position, ask.where), f"now_{position}": ask.now}
    if ask.currency is not None:
        given |= {f"currency_{position}": ask.currency, f"minor_unit_{position}": minor_unit(ask.currency)}
    if relation.reads_clock:
        columns = zip(*clock(ask.spans), strict=True)
        given |= {f"clock_{name}_{position}": list(column) for name, column in zip(CLOCK, columns, strict=False)}
    return given


def _outlines(branches: tuple[tuple[MeasureQuery, ...], ...]) -> tuple[int, ...]:
    """Number the branches that read the clock by the time that they cover and their now; all others get 0."""
    numbers: dict[Any, int] = {}
    return tuple(
        numbers.setdefault((clock(ask.spans), ask.now), len(numbers)) if ask.relation.reads_clock else 0
        for ask, *_ in branches
    )


@lru_cache(maxsize=2048)
def _sql(shapes: tuple[Shape, ...], outlines: tuple[int, ...]) -> RenderedSql:
    """Return the SQL of a statement whose branches have these shapes."""
    width = Width.of(shapes)
    shared: dict[str, FromClause] = {}
    return render_selects(
        [
            shape.select(place, _spans(place, shape.relation.edges, outline, shared), width)
            for place, (shape, outline) in enumerate(zip(shapes, outlines, strict=True))
        ]
    )


def _spans(position: int, edges: tuple[str, ...], outline: int, shared: dict[str, FromClause]) -> SpanTable:
    """Return the spans of a branch, from one array parameter per edge."""
    arrays = [bindparam(f"edge_{edge}_{position}", type_=edge_type(edge)) for edge in edges]
    table = func.unnest(*arrays).table_valued(*edges, with_ordinality="span", name=f"spans_{position}")
    return SpanTable(
        c=table.render_derived().c,
        makerspace_id=bindparam("makerspace_id", type_=Uuid()),
        zone=bindparam("zone", type_=Text),
        now=bindparam(f"now_{position}", type_=DateTime(timezone=True)),
        currency=bindparam(f"currency_{position}", type_=Text),
        minor_unit=bindparam(f"minor_unit_{position}", type_=Numeric),
        clock=_clock_table(position),
        outline=outline,
        shared=shared,
    )


def _clock_table(position: int) -> Any:
    """Return the clock offsets as a table. The statement contains it only where the relation selects from it."""
    arrays: list[Any] = [bindparam(f"clock_{name}_{position}", type_=type_) for name, type_ in CLOCK.items()]
    return func.unnest(*arrays).table_valued(*CLOCK, name=f"clock_{position}").render_derived()


def _values_from(branches: tuple[tuple[MeasureQuery, ...], ...]) -> int:
    """Return the position of the first value column: after branch, span and the keys of the widest branch."""
    return 2 + max(len(branch[0].by) for branch in branches)
