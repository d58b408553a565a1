"""Source, Relation, SpanTable: where a metric reads its facts from. A source has relations; a relation reads rows.

Knows no metric and no I/O. `sources` declares them and the compiler builds SQL from them.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Date, FromClause, Select, cast, func

from makrcave_analytics.metrics.vocabulary import Dimension
from makrcave_analytics.period import Span


@dataclass(frozen=True)
class SpanTable:
    """The spans of a statement as a table that rows are joined to, with the values that all spans share."""

    c: Any
    """Columns: `span`, the position in the question from 1, and one per edge that the relation declares."""
    makerspace_id: ColumnElement[Any]
    """The tenant. Every relation filters each of its tables by it."""
    zone: ColumnElement[str]
    now: ColumnElement[Any]
    """The instant up to which anything still running counts."""
    currency: ColumnElement[str]
    """The currency of money, where the source has several."""
    minor_unit: ColumnElement[Decimal]
    """The smallest amount of that currency: 0.01 of most."""
    clock: Any = None
    """Columns `since`, `until`, `shift`: the zone's offsets over all spans, where the relation reads them."""
    is_network: bool = False
    """Whether the statement covers several makerspaces. Citus refuses recursive CTEs then."""
    outline: int = 0
    """A number shared by all branches that cover the same time up to the same now, however each cuts it."""
    shared: dict[str, FromClause] | None = None
    """The rows that the branches of a statement share, by name; None: each branch reads its own."""

    def once(self, name: str, make: Callable[[], Select[Any]]) -> FromClause:
        """Return rows that the branches of the statement share by name; `make` selects them from no branch's spans."""
        if self.shared is None:
            return make().subquery()
        if name not in self.shared:
            self.shared[name] = make().cte(name).prefix_with("MATERIALIZED", dialect="postgresql")
        return self.shared[name]

    @property
    def today(self) -> ColumnElement[Any]:
        """The local day of now."""
        return cast(func.timezone(self.zone, self.now), Date)


SpanArguments: TypeAlias = Callable[[Iterable[Span]], Mapping[str, Any]]
"""From spans to parameters of a statement, by their names."""
Rows = Callable[[SpanTable, frozenset[Dimension]], FromClause]


@dataclass(frozen=True)
class Relation:
    """One way to read a source: its dimensions and its rows.

    `rows` takes the spans and the needed dimensions. It returns a table with the column `span`, one column per needed
    dimension, named like it, and the columns that measures sum up.
    """

    name: str
    dimensions: frozenset[Dimension]
    edges: tuple[str, ...]
    """The properties of Span that the rows are joined by; each becomes a column of the spans."""
    rows: Rows
    reads_clock: bool = False
    """Whether it needs SpanTable.clock, to cut by the local clock."""
    shared_arguments: SpanArguments | None = None
    """Parameters that it needs besides those of its branch, from the spans of all branches that need the same."""


@dataclass(frozen=True)
class Source:
    """Where facts of a kind are read from: relations, the cheapest first."""

    name: str
    subject: str
    """What it is about. Sources of one subject share a statement, which reads their common rows once."""
    relations: tuple[Relation, ...]
    has_currencies: bool = False
    """Whether its facts are in several currencies. A question is about one of them."""

    def relation(self, needed: frozenset[Dimension]) -> Relation:
        """Return the cheapest relation that has the needed dimensions."""
        return next(relation for relation in self.relations if needed <= relation.dimensions)
