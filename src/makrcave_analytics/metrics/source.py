"""Sources: where a metric reads its facts from. A source has relations, and a relation reads rows for spans.

Knows no metric and no I/O. `sources` declares them; the compiler puts SQL together from them.
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
    """The spans of a statement as a table that rows are joined to, and what is the same for all of them."""

    c: Any
    """Columns `span`, the position in the asked order from 1, and one an edge that the relation declares."""
    makerspace_id: ColumnElement[Any]
    """The tenant, which every relation filters each of its tables by."""
    zone: ColumnElement[str]
    now: ColumnElement[Any]
    """The instant up to which what still runs counts."""
    currency: ColumnElement[str]
    """The one that money is counted in, where the source is kept in several."""
    minor_unit: ColumnElement[Decimal]
    """The smallest amount of that currency: 0.01 of most."""
    clock: Any = None
    """Columns `since`, `until`, `shift`: the zone's offsets over all spans, where the relation reads them."""
    is_across: bool = False
    """Whether the same is asked of other makerspaces beside this one: then no CTE may be recursive."""
    outline: int = 0
    """The same of all branches that ask about the same time up to the same moment, however each cuts it."""
    shared: dict[str, FromClause] | None = None
    """What the branches of a statement read together, by its name; None: each reads for itself."""

    def once(self, name: str, make: Callable[[], Select[Any]]) -> FromClause:
        """Return rows that all branches of the statement need alike: `make` selects them, from no span of a branch."""
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
    """One way to read a source: which dimensions it carries, and its rows.

    `rows` is given the spans and the dimensions that are needed; it returns a table with a column `span`, one a
    needed dimension, named by it, and those that measures sum up.
    """

    name: str
    dimensions: frozenset[Dimension]
    edges: tuple[str, ...]
    """The properties of Span that the rows are joined by."""
    rows: Rows
    reads_clock: bool = False
    """Whether it cuts by the local clock."""
    shared_arguments: SpanArguments | None = None
    """Parameters that it needs besides those of its branch, from the spans of all branches that need the same."""


@dataclass(frozen=True)
class Source:
    """Where facts of a kind are read from: relations, cheapest first. All asks about a subject are one statement."""

    name: str
    subject: str
    """What it is about. Sources of a subject read much of the same, which their statement reads once."""
    relations: tuple[Relation, ...]
    has_currencies: bool = False
    """Whether it is kept in several currencies, of which a question is about one."""

    def relation(self, needed: frozenset[Dimension]) -> Relation:
        """Return the cheapest relation that carries what is needed."""
        return next(relation for relation in self.relations if needed <= relation.dimensions)
