"""The SELECT of one branch: measures of one relation by some dimensions, over a table of spans. Pure, no I/O.

Both compilers make their spans, then select branches and render the statement here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

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

from makrcave_analytics.metrics.metric import Measure
from makrcave_analytics.metrics.query import Filter, MeasureQuery, Spans
from makrcave_analytics.metrics.source import Relation, SpanTable
from makrcave_analytics.metrics.vocabulary import Dimension
from makrcave_analytics.models.currency import minor_units
from makrcave_analytics.period import offsets

_INSTANTS = ARRAY(DateTime(timezone=True))
_DAYS = ARRAY(Date)
_DAY_EDGES = ("first_day", "day_since", "day_until", "date_until")

_SECOND = timedelta(seconds=1)
_DIALECT = dialect()  # type: ignore[no-untyped-call]

CLOCK: dict[str, Any] = {"since": _INSTANTS, "until": _INSTANTS, "shift": ARRAY(Interval)}
"""The columns of SpanTable.clock."""


class Width(NamedTuple):
    """The number of key and value columns of a statement. It is the same for all branches of its UNION ALL."""

    keys: int
    values: int

    @classmethod
    def of(cls, shapes: Iterable["Shape"]) -> "Width":
        """Return the width that holds every shape."""
        sizes = [(len(shape.by), len(shape.measures)) for shape in shapes]
        return cls(max(keys for keys, _ in sizes), max(values for _, values in sizes))


@dataclass(frozen=True)
class FilterShape:
    """The part of a filter that decides the SQL."""

    dimension: Dimension
    has_none: bool
    is_excluded: bool


@dataclass(frozen=True)
class Shape:
    """The part of a branch that decides its SQL: everything but spans and keys, which are parameters."""

    relation: Relation
    by: tuple[Dimension, ...]
    where: tuple[FilterShape, ...]
    measures: tuple[Measure, ...]
    most: int | None = None

    @classmethod
    def of(cls, asks: Sequence[MeasureQuery]) -> "Shape":
        """Return the shape of questions to one source that agree in dimensions, filters and limit."""
        first = asks[0]
        where = tuple(FilterShape(f.dimension, None in f.keys, f.is_excluded) for f in first.where)
        measures = tuple(dict.fromkeys(ask.measure for ask in asks))
        return cls(first.relation, first.by, where, measures, first.most)

    def select(self, position: int, spans: SpanTable, width: Width) -> Select[Any]:
        """Select (branch, span, keys…, values…). The names of the parameters contain the position of the branch."""
        needed = frozenset(self.by) | {f.dimension for f in self.where}
        rows = self.relation.rows(spans, needed)
        keys = [cast(rows.c[dimension.value], Text) for dimension in self.by]
        values = [cast(m.total(rows.c), Numeric if m.is_exact else BigInteger) for m in self.measures]
        keys += [cast(null(), Text)] * (width.keys - len(keys))
        values += [cast(null(), BigInteger)] * (width.values - len(values))
        columns: list[Any] = [
            literal_column(str(position)).label("branch"),
            rows.c.span,
            *(key.label(f"key_{i}") for i, key in enumerate(keys)),
            *(value.label(f"value_{i}") for i, value in enumerate(values)),
        ]
        made = select(*columns).group_by(rows.c.span, *(rows.c[dimension.value] for dimension in self.by))
        for index, filter_ in enumerate(self.where):
            made = made.where(_condition(rows.c[filter_.dimension.value], _keys(position, index), filter_))
        # One row more than the limit shows that there are more.
        return made if self.most is None else made.limit(literal_column(str(self.most + 1)))


@dataclass(frozen=True)
class RenderedSql:
    """SQL as the driver takes it, the same for all statements of one shape."""

    text: str
    names: tuple[str, ...]
    """The names of the parameters, in the order of their placeholders."""
    constants: Mapping[str, Any]
    """The values of parameters that do not differ between the statements."""

    def arguments(self, given: Mapping[str, Any]) -> tuple[Any, ...]:
        """Return the arguments in order; `given` holds the values that differ between the statements."""
        return tuple(given[name] if name in given else self.constants[name] for name in self.names)


def render_selects(selects: Sequence[Select[Any]]) -> RenderedSql:
    """Render the SELECTs of all branches as one statement, joined by UNION ALL."""
    statement = union_all(*selects) if len(selects) > 1 else selects[0]
    compiled = statement.compile(dialect=_DIALECT)
    return RenderedSql(str(compiled), tuple(compiled.positiontup or ()), dict(compiled.params))


def edge_type(edge: str) -> Any:
    """Return the array type of one edge of spans: days or instants."""
    return _DAYS if edge in _DAY_EDGES else _INSTANTS


def key_arguments(position: int, where: Iterable[Filter]) -> dict[str, list[str]]:
    """Return the parameters of the filters of the branch at a position."""
    return {_keys(position, i): sorted(k for k in f.keys if k is not None) for i, f in enumerate(where)}


def minor_unit(currency: str | None) -> Decimal | None:
    """Return the smallest amount of a currency."""
    return None if currency is None else Decimal(1).scaleb(-minor_units(currency))


@lru_cache(maxsize=256)
def clock(spans: Spans) -> tuple[tuple[datetime, datetime, timedelta], ...]:
    """Return the offsets of the zone over spans as rows of SpanTable.clock, without the time between the spans."""
    windows: list[tuple[datetime, datetime]] = []
    # A span that ends within a second includes the whole second.
    for since, until in sorted((span.since, max(span.since, span.until) + _SECOND) for span in spans):
        if windows and since <= windows[-1][1]:
            windows[-1] = windows[-1][0], max(windows[-1][1], until)
        else:
            windows.append((since, until))
    return tuple(chain.from_iterable(offsets(*window, spans[0].zone) for window in windows))


def _keys(position: int, index: int) -> str:
    return f"keys_{position}_{index}"


def _condition(column: Any, name: str, filter_: FilterShape) -> Any:
    text = cast(column, Text)
    named = text == func.any(bindparam(name, type_=ARRAY(String)))
    if filter_.has_none:
        named = or_(named, text.is_(None))
    # A null column makes `named` null. An excluding filter keeps such rows, an including one drops them.
    return func.coalesce(named, literal(value=False)).is_(literal_column("false" if filter_.is_excluded else "true"))
