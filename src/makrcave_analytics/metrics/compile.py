"""Compiles asks into statements: pure, no I/O. One statement a source, whatever the number of asks.

Asks of one source that agree in spans, dimensions and filters share a branch of the statement, each measure a column
of it; branches are joined by UNION ALL. What differs between two requests of the same shape are parameters, so the
SQL of a shape is made once.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from operator import attrgetter
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Date,
    DateTime,
    Interval,
    Numeric,
    Select,
    String,
    Text,
    Uuid,
    bindparam,
    cast,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql.asyncpg import dialect

from makrcave_analytics.metrics.metric import Measure, Raw, Relation, Source, SpanTable
from makrcave_analytics.metrics.query import Answer, Ask, Keys, Spans
from makrcave_analytics.metrics.vocabulary import Dimension
from makrcave_analytics.models.currency import minor_units
from makrcave_analytics.period import offsets
from makrcave_analytics.period.zone import TICK

_DIALECT = dialect()  # type: ignore[no-untyped-call]
_INSTANTS = ARRAY(DateTime(timezone=True))
_DAYS = ARRAY(Date)
_DAY_EDGES = ("first_day", "day_since", "day_until", "date_until")
_CLOCK: dict[str, Any] = {"since": _INSTANTS, "until": _INSTANTS, "shift": ARRAY(Interval)}


@dataclass(frozen=True)
class Statement:
    """SQL with its arguments in order, and which ask each of its columns answers."""

    sql: str
    arguments: tuple[Any, ...]
    branches: tuple[tuple[Ask, ...], ...]
    """For each branch, what its columns answer, in their order."""

    def answers(self, rows: Iterable[Sequence[Any]]) -> dict[Ask, Answer]:
        """Return what the rows of the statement say, an answer an ask."""
        found: dict[Ask, dict[Keys, dict[int, Raw]]] = {ask: {} for branch in self.branches for ask in branch}
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
            ask: Answer(found[ask], is_cut=ask.most is not None and count > ask.most)
            for branch, count in zip(self.branches, read, strict=True)
            for ask in branch
        }


@dataclass(frozen=True)
class _FilterShape:
    dimension: Dimension
    has_none: bool
    is_excluded: bool


@dataclass(frozen=True)
class _BranchShape:
    """What makes two branches the same SQL: everything but spans and keys, which are parameters."""

    relation: Relation
    by: tuple[Dimension, ...]
    where: tuple[_FilterShape, ...]
    measures: tuple[Measure, ...]
    most: int | None


def compile_asks(asks: Iterable[Ask], makerspace_id: UUID, zone: str) -> list[Statement]:
    """Compile into one statement a source, in the order in which sources first appear."""
    by_source: dict[Source, dict[tuple[Any, ...], list[Ask]]] = {}
    for ask in dict.fromkeys(asks):
        branches = by_source.setdefault(ask.measure.source, {})
        branches.setdefault((ask.spans, ask.by, ask.where, ask.now, ask.currency, ask.most), []).append(ask)
    return [
        _statement(tuple(tuple(branch) for branch in branches.values()), makerspace_id, zone)
        for branches in by_source.values()
    ]


def _statement(branches: tuple[tuple[Ask, ...], ...], makerspace_id: UUID, zone: str) -> Statement:
    sql, names, constants = _sql(tuple(_shape(branch) for branch in branches))
    given = {**constants, "makerspace_id": makerspace_id, "zone": zone}
    for position, branch in enumerate(branches):
        given |= _arguments(position, branch[0])
    return Statement(sql, tuple(given[name] for name in names), branches)


def _shape(branch: tuple[Ask, ...]) -> _BranchShape:
    first = branch[0]
    where = tuple(_FilterShape(f.dimension, None in f.keys, f.is_excluded) for f in first.where)
    relation = first.measure.source.relation(first.needed)
    return _BranchShape(relation, first.by, where, tuple(ask.measure for ask in branch), first.most)


def _arguments(position: int, ask: Ask) -> dict[str, Any]:
    relation = ask.measure.source.relation(ask.needed)
    edges = {f"edge_{edge}_{position}": list(map(attrgetter(edge), ask.spans)) for edge in relation.edges}
    keys = {f"keys_{position}_{i}": sorted(k for k in f.keys if k is not None) for i, f in enumerate(ask.where)}
    given: dict[str, Any] = {**edges, **keys, f"now_{position}": ask.now}
    if ask.currency is not None:
        minor_unit = Decimal(1).scaleb(-minor_units(ask.currency))
        given |= {f"currency_{position}": ask.currency, f"minor_unit_{position}": minor_unit}
    if relation.reads_clock:
        columns = zip(*_clock(ask.spans), strict=True)
        given |= {f"clock_{name}_{position}": list(column) for name, column in zip(_CLOCK, columns, strict=False)}
    return given


def _clock(spans: Spans) -> tuple[tuple[datetime, datetime, timedelta], ...]:
    """Return the offsets of the zone over all spans."""
    since, until = min(span.since for span in spans), max(span.until for span in spans)
    return offsets(since, max(until, since + TICK), spans[0].zone)


@lru_cache(maxsize=2048)
def _sql(shapes: tuple[_BranchShape, ...]) -> tuple[str, tuple[str, ...], dict[str, Any]]:
    """Return the SQL of a shape, the names of its parameters in their order, and those that are constants."""
    key_columns = max(len(shape.by) for shape in shapes)
    value_columns = max(len(shape.measures) for shape in shapes)
    selects = [_branch(position, shape, key_columns, value_columns) for position, shape in enumerate(shapes)]
    statement = union_all(*selects) if len(selects) > 1 else selects[0]
    compiled = statement.compile(dialect=_DIALECT)
    return str(compiled), tuple(compiled.positiontup or ()), dict(compiled.params)


def _branch(position: int, shape: _BranchShape, key_columns: int, value_columns: int) -> Select[Any]:
    needed = frozenset(shape.by) | {f.dimension for f in shape.where}
    rows = shape.relation.rows(_spans(position, shape.relation.edges), needed)
    keys = [cast(rows.c[dimension.value], Text) for dimension in shape.by]
    values = [cast(m.total(rows.c), Numeric if m.is_exact else BigInteger) for m in shape.measures]
    padding = [cast(null(), Text)] * (key_columns - len(keys))
    value_padding = [cast(null(), BigInteger)] * (value_columns - len(values))
    columns: list[Any] = [
        literal_column(str(position)).label("branch"),
        rows.c.span,
        *(key.label(f"key_{i}") for i, key in enumerate(keys + padding)),
        *(value.label(f"value_{i}") for i, value in enumerate(values + value_padding)),
    ]
    made = select(*columns).group_by(rows.c.span, *(rows.c[dimension.value] for dimension in shape.by))
    for index, filter_ in enumerate(shape.where):
        made = made.where(_condition(rows.c[filter_.dimension.value], f"keys_{position}_{index}", filter_))
    # One more than wanted tells that there are more.
    return made if shape.most is None else made.limit(literal_column(str(shape.most + 1)))


def _condition(column: Any, name: str, filter_: _FilterShape) -> Any:
    text = cast(column, Text)
    named = text == func.any(bindparam(name, type_=ARRAY(String)))
    if filter_.has_none:
        named = or_(named, text.is_(None))
    # A null column makes `named` null; excluding must keep such rows, including must not.
    return func.coalesce(named, literal(value=False)).is_(literal_column("false" if filter_.is_excluded else "true"))


def _spans(position: int, edges: tuple[str, ...]) -> SpanTable:
    """Return the branch's spans, which come as one array an edge."""
    arrays = [bindparam(f"edge_{edge}_{position}", type_=_DAYS if edge in _DAY_EDGES else _INSTANTS) for edge in edges]
    table = func.unnest(*arrays).table_valued(*edges, with_ordinality="span", name=f"spans_{position}")
    return SpanTable(
        c=table.render_derived().c,
        makerspace_id=bindparam("makerspace_id", type_=Uuid()),
        zone=bindparam("zone", type_=Text),
        now=bindparam(f"now_{position}", type_=DateTime(timezone=True)),
        currency=bindparam(f"currency_{position}", type_=Text),
        minor_unit=bindparam(f"minor_unit_{position}", type_=Numeric),
        clock=_clock_table(position),
    )


def _clock_table(position: int) -> Any:
    """Return the offsets as a table; it is in the statement only where the relation selects from it."""
    arrays: list[Any] = [bindparam(f"clock_{name}_{position}", type_=type_) for name, type_ in _CLOCK.items()]
    return func.unnest(*arrays).table_valued(*_CLOCK, name=f"clock_{position}").render_derived()


def _values_from(branches: tuple[tuple[Ask, ...], ...]) -> int:
    """Return the first column that holds a value: after branch, span and the keys of the widest branch."""
    return 2 + max(len(branch[0].by) for branch in branches)
