"""Compiles questions about many makerspaces into one statement per source. Pure, no I/O.

The questions about one makerspace over the same spans are one place. The places are a table of the statement, and the
relation is read once for each of them (LATERAL), as if its makerspace were the only one. So no source knows of more
than one makerspace, and every number equals that of the makerspace's own section.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate, chain
from operator import attrgetter
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    DateTime,
    Integer,
    Numeric,
    Select,
    Text,
    Uuid,
    bindparam,
    func,
    literal_column,
    select,
    true,
)
from sqlalchemy.sql.elements import Grouping

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
from makrcave_analytics.metrics.source import Source, SpanTable
from makrcave_analytics.models import makerspaces

MakerspaceQuery: TypeAlias = tuple[UUID, MeasureQuery]
"""A question about one makerspace, by id; its spans are in the zone of that makerspace."""
Place: TypeAlias = tuple[MakerspaceQuery, ...]
"""The questions about one makerspace over the same spans."""

_COLUMNS: dict[str, Any] = {
    "makerspace_id": Uuid(),
    "zone": Text(),
    "currency": Text(),
    "minor_unit": Numeric(),
    "first": Integer(),
    "last": Integer(),
    "clock_first": Integer(),
    "clock_last": Integer(),
}
"""The columns of the table of places: tenant, zone, currency, and the first and last of its spans and offsets."""


@dataclass(frozen=True)
class Branch:
    """Questions to one source by the same dimensions and filters: one place per makerspace and spans."""

    places: tuple[Place, ...]

    @cached_property
    def shape(self) -> Shape:
        """The part of it that decides the SQL."""
        return Shape.of([ask for place in self.places for _, ask in place])

    def arguments(self, position: int) -> dict[str, Any]:
        """Return the parameters of the branch, by name."""
        firsts = [place[0] for place in self.places]
        asks = [ask for _, ask in firsts]
        spans = [ask.spans for ask in asks]
        clocks = [clock(of) if self.shape.relation.reads_clock else () for of in spans]
        columns = {
            "makerspace_id": [makerspace_id for makerspace_id, _ in firsts],
            "zone": [of[0].zone.key for of in spans],
            "currency": [ask.currency for ask in asks],
            "minor_unit": [minor_unit(ask.currency) for ask in asks],
            **dict(zip(("first", "last"), _slices(spans), strict=True)),
            **dict(zip(("clock_first", "clock_last"), _slices(clocks), strict=True)),
        }
        given: dict[str, Any] = {f"place_{name}_{position}": column for name, column in columns.items()}
        for edge in self.shape.relation.edges:
            given[f"edge_{edge}_{position}"] = list(map(attrgetter(edge), chain.from_iterable(spans)))
        for number, name in enumerate(CLOCK):
            given[f"clock_{name}_{position}"] = [row[number] for row in chain.from_iterable(clocks)]
        return {**given, **key_arguments(position, asks[0].where), f"now_{position}": asks[0].now}


@dataclass(frozen=True)
class Statement:
    """SQL with its arguments in order, and the branches that its rows answer."""

    sql: str
    arguments: tuple[Any, ...]
    branches: tuple[Branch, ...]

    def answers(self, rows: Iterable[Sequence[Any]]) -> dict[MakerspaceQuery, MeasureResult]:
        """Return the result of each question, from the rows of the statement."""
        found: dict[MakerspaceQuery, dict[Keys, dict[int, Raw]]] = {}
        read = Counter[Place]()
        width = Width.of(branch.shape for branch in self.branches)
        columns = [{m: width.keys + n for n, m in enumerate(branch.shape.measures)} for branch in self.branches]
        for branch, span, *rest, number in rows:
            keys = tuple(rest[: len(self.branches[branch].shape.by)])
            place = self.branches[branch].places[number - 1]
            read[place] += 1
            for of in place:
                value = rest[columns[branch][of[1].measure]]
                if value is not None:
                    found.setdefault(of, {}).setdefault(keys, {})[span - 1] = value
        return {
            of: MeasureResult(found.get(of, {}), is_cut=of[1].most is not None and read[place] > of[1].most)
            for branch in self.branches
            for place in branch.places
            for of in place
        }


def compile_network(asked: Iterable[MakerspaceQuery]) -> list[Statement]:
    """Compile questions into one statement per source, for all makerspaces. A question without spans is left out."""
    by_source: dict[Source, dict[tuple[Any, ...], dict[tuple[Any, ...], list[MakerspaceQuery]]]] = {}
    for makerspace_id, ask in dict.fromkeys(asked):
        if ask.spans:
            branches = by_source.setdefault(ask.measure.source, {})
            places = branches.setdefault((ask.by, ask.where, ask.now, ask.most), {})
            places.setdefault((makerspace_id, ask.spans, ask.currency), []).append((makerspace_id, ask))
    return [
        _statement(tuple(Branch(tuple(map(tuple, places.values()))) for places in branches.values()))
        for branches in by_source.values()
    ]


def _statement(branches: tuple[Branch, ...]) -> Statement:
    sql = _sql(tuple(branch.shape for branch in branches))
    given: dict[str, Any] = {}
    for position, branch in enumerate(branches):
        given |= branch.arguments(position)
    return Statement(sql.text, sql.arguments(given), branches)


def _slices(parts: Sequence[Sequence[Any]]) -> tuple[list[int], list[int]]:
    """Return the first and the last position of each part in the concatenation of all parts, from 1."""
    lasts = list(accumulate(map(len, parts)))
    return [last - len(part) + 1 for last, part in zip(lasts, parts, strict=True)], lasts


@lru_cache(maxsize=512)
def _sql(shapes: tuple[Shape, ...]) -> RenderedSql:
    """Return the SQL of a statement whose branches have these shapes."""
    width = Width.of(shapes)
    return render_selects([_select(position, shape, width) for position, shape in enumerate(shapes)])


def _select(position: int, shape: Shape, width: Width) -> Select[Any]:
    """Select the columns of a branch, with the number of the place as the last one."""
    arrays = [bindparam(f"place_{name}_{position}", type_=ARRAY(type_)) for name, type_ in _COLUMNS.items()]
    table = func.unnest(*arrays).table_valued(*_COLUMNS, with_ordinality="number")
    place = table.render_derived(name=f"place_{position}")
    # Joined to the distributed table, so that each place is read on the node of its makerspace.
    tenant = makerspaces.alias(f"tenant_{position}")
    answer = shape.select(position, _spans(position, shape.relation.edges), width).lateral(f"answer_{position}")
    return (
        select(*answer.c, place.c.number)
        .select_from(tenant)
        .join(place, place.c.makerspace_id == tenant.c.id)
        .join(answer, true())
    )


def _spans(position: int, edges: tuple[str, ...]) -> SpanTable:
    """Return the spans of a place. Its columns are named as text, so that the relation takes them for plain values."""

    def own(column: str) -> Any:
        return literal_column(f"place_{position}.{column}", _COLUMNS[column])

    def part(name: str, type_: Any, first: Any, last: Any) -> Any:
        return Grouping(bindparam(f"{name}_{position}", type_=type_))[first:last]

    arrays = [part(f"edge_{edge}", edge_type(edge), own("first"), own("last")) for edge in edges]
    shifts = [part(f"clock_{name}", type_, own("clock_first"), own("clock_last")) for name, type_ in CLOCK.items()]
    return SpanTable(
        c=func.unnest(*arrays).table_valued(*edges, with_ordinality="span").render_derived().c,
        makerspace_id=literal_column(f"tenant_{position}.id", Uuid()),
        zone=own("zone"),
        now=bindparam(f"now_{position}", type_=DateTime(timezone=True)),
        currency=own("currency"),
        minor_unit=own("minor_unit"),
        clock=func.unnest(*shifts).table_valued(*CLOCK).render_derived(),
        is_network=True,
    )
