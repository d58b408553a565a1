"""Lists of machines, items and projects, each row with its own numbers.

The number of statements does not depend on the length of a list: one finds its rows, one per source answers for all
rows of a page, and one reads their details.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from enum import StrEnum
from functools import partial
from typing import Any, Generic, Self, TypeAlias, TypeVar

from sqlalchemy import true

from makrcave_analytics.letter_case import to_camel
from makrcave_analytics.loaders.lists import SORTED_BY, ThingsAsked
from makrcave_analytics.metrics.display.names import Entity
from makrcave_analytics.metrics.execution.dataloader import DataLoader
from makrcave_analytics.metrics.metric import Metric
from makrcave_analytics.metrics.results.list_breakdown import ListBreakdown
from makrcave_analytics.metrics.results.number import Value
from makrcave_analytics.metrics.vocabulary import Dimension, Unit
from makrcave_analytics.resolvers.common import arguments
from makrcave_analytics.resolvers.common.paging import Listing, Page
from makrcave_analytics.resolvers.entities.things import MakerspaceView, Shown
from makrcave_analytics.resolvers.metrics.scope import Question

D = TypeVar("D")
"""Details of a machine, an item or a project."""
Details: TypeAlias = Callable[[Question, Sequence[str]], Awaitable[Mapping[str, D]]]


@dataclass
class ThingFilter:
    """Filter of a list, as sent. Further fields are compared with columns, or are flags of the details."""

    ids: Sequence[str] | None = None
    search: str | None = None


@dataclass(frozen=True)
class Order(Generic[D]):
    """An order: by a metric or by a detail, rows without a value last; by name where there is neither."""

    metric: Metric | None = None
    detail: Callable[[D], Value] | None = None
    is_descending: bool = True
    is_money: bool = False
    """The detail is an amount of money. A metric's unit says so itself."""

    @property
    def needs_money(self) -> bool:
        """True where sorting by it needs READ_MONEY."""
        return self.is_money or (self.metric is not None and self.metric.unit is Unit.MONEY)


@dataclass(frozen=True)
class Place:
    """The position of a row in a list: its value, where the order has one, and its name."""

    id: str
    value: Value
    label: str

    @property
    def name(self) -> tuple[str, str, str]:
        """The sort key by name."""
        return self.label.casefold(), self.label, self.id

    @property
    def position(self) -> Sequence[str | None]:
        """The place as it is stored in a cursor."""
        return None if self.value is None else str(self.value), self.label, self.id

    @classmethod
    def from_position(cls, position: Sequence[Any]) -> Self:
        """Read the place from a cursor."""
        value, label, id_ = position
        return cls(id_, None if value is None else Decimal(value), label)


@dataclass(frozen=True)
class _Reversed:
    """Sorts in reverse."""

    of: tuple[str, ...]

    def __lt__(self, other: "_Reversed") -> bool:
        return other.of < self.of


@dataclass(frozen=True)
class ListRow(Generic[D]):
    """A row of a list, and the section's question about it alone."""

    place: Place
    question: Question
    details: Callable[[], Awaitable[Mapping[str, D]]]

    async def detail(self) -> D:
        """Return its details."""
        return (await self.details())[self.place.id]


def alone(resolver: Callable[[Question], Any]) -> Callable[[ListRow[Any]], Any]:
    """Turn a section's resolver into that of a list's row."""
    return lambda root: resolver(root.question)


def thing(entity: Entity) -> Callable[[ListRow[Any]], Awaitable[Shown[Any] | None]]:
    """Make the resolver of the machine, item or project, as the viewer may see it."""

    async def resolve(root: ListRow[Any]) -> Shown[Any] | None:
        of = root.question
        view = MakerspaceView(of.reading, of.scope.makerspace, of.visibility, of.context.services.keys)
        return await view.show(entity, root.place.id)

    return resolve


@dataclass(frozen=True)
class EntityList(Generic[D]):
    """The declaration of a list."""

    name: str
    """The name of its field. Cursors are bound to it."""
    entity: Entity
    dimension: Dimension
    orders: Mapping[StrEnum, Order[D]]
    details: Details[D]
    flag: tuple[str, Callable[[D], bool]]
    """The filter's field that is about a detail, and how to read it from the details."""
    within: Callable[[Question, Any], Any] = lambda _root, _columns: true()
    """Which rows the list is about, as a condition on their columns."""

    async def page(
        self,
        root: Question,
        raw: ThingFilter | None,
        order: StrEnum,
        descending: bool | None,
        first: int,
        after: str | None,
    ) -> Page[ListRow[D]]:
        """Return a page. Changes between two pages never repeat an unchanged row."""
        list_ = _Listed(self, root, *self._asked(raw), *self._order(root, order, descending))
        listing = Listing(self.name, list_.scope(order), list_.fetch, lambda row: row.place.position, list_.count)
        return await listing.page(root.context.services.keys, first, after)

    def _asked(self, raw: ThingFilter | None) -> tuple[ThingsAsked, bool | None]:
        if raw is None:
            return ThingsAsked(), None
        flag, _ = self.flag
        words = [each.name for each in fields(raw) if each.name not in ("ids", "search", flag)]
        said = [(name, arguments.text(getattr(raw, name), "filter", to_camel(name))) for name in words]
        asked = ThingsAsked(
            arguments.texts(raw.ids, "filter", "ids"),
            arguments.search(raw.search, "filter", "search"),
            tuple((name, text) for name, text in said if text is not None),
        )
        return asked, getattr(raw, flag)

    def _order(self, root: Question, order: StrEnum, descending: bool | None) -> tuple[Order[D], bool]:
        chosen = self.orders[order]
        if chosen.needs_money and not root.visibility.money:
            return Order(is_descending=False), False
        return chosen, chosen.is_descending if descending is None else descending


class _Listed(Generic[D]):
    """One requested list. Its rows are found once, when they are first needed."""

    def __init__(
        self,
        of: EntityList[D],
        root: Question,
        asked: ThingsAsked,
        flag: bool | None,
        order: Order[D],
        descending: bool,
    ) -> None:
        self._of, self._root, self._asked, self._flag = of, root, asked, flag
        self._order, self._descending = order, descending
        self._places: DataLoader[None, list[Place]] = DataLoader(self._find)
        self._known: Mapping[str, D] | None = None
        """Details of all found rows, where the filter or the order needs them."""

    def scope(self, order: StrEnum) -> object:
        """Return what cursors are bound to. Where a metric orders the list, that includes its days."""
        scope = self._root.scope
        days = (scope.period.start_date, scope.period.end_date) if self._order.metric else None
        return str(scope.makerspace.id), self._asked, self._flag, order.value, self._descending, days

    async def fetch(self, position: Sequence[Any] | None, limit: int) -> list[ListRow[D]]:
        """Return the rows after a position. The last of `limit` only shows that there are more."""
        places = await self._places.load(None)
        if position is not None:
            last = self._sorted_by(Place.from_position(position))
            places = [place for place in places if last < self._sorted_by(place)]
        ids = [place.id for place in places[: limit - 1]]
        details = self._details_of(ids)
        many = ListBreakdown(self._of.dimension, frozenset(ids), self._root.answer)
        return [
            ListRow(place, replace(self._root, answer=many.for_key(place.id), is_part=True), details)
            for place in places[:limit]
        ]

    async def count(self) -> int:
        """Return the total."""
        return len(await self._places.load(None))

    async def _find(self, _: Sequence[None]) -> Mapping[None, list[Place]]:
        within = partial(self._of.within, self._root)
        statement = self._asked.select(self._of.entity, self._root.scope.makerspace.id, within)
        # Sent together: neither needs the other.
        found, values = await asyncio.gather(self._root.reading.fetch(statement), self._measured())
        labels = {row["id"]: row["label"][:SORTED_BY] for row in found}
        if self._flag is not None or self._order.detail:
            known = self._known = await self._of.details(self._root, list(labels))
            has = self._of.flag[1]
            labels = {id_: label for id_, label in labels.items() if self._flag in (None, has(known[id_]))}
        values = self._values(labels, values)
        places = [Place(id_, values.get(id_), label) for id_, label in labels.items()]
        return {None: sorted(places, key=self._sorted_by)}

    async def _measured(self) -> Mapping[str | None, Value]:
        """Return the value of the ordering metric for each row; empty without one."""
        if self._order.metric is None:
            return {}
        values, _ = await self._root.number(self._order.metric).by_key(self._of.dimension)
        return values

    def _values(self, ids: Iterable[str], measured: Mapping[str | None, Value]) -> Mapping[str, Value]:
        if self._order.metric:
            nothing = self._root.number(self._order.metric).nothing
            return {id_: measured.get(id_, nothing) for id_ in ids}
        if self._order.detail and self._known is not None:
            return {id_: self._order.detail(self._known[id_]) for id_ in ids}
        return {}

    def _sorted_by(self, place: Place) -> Any:
        """Return the sort key: the value where the order has one, then the name."""
        if not self._order.metric and not self._order.detail:
            return _Reversed(place.name) if self._descending else place.name
        value = place.value or Decimal(0)
        return place.value is None, -value if self._descending else value, place.name

    def _details_of(self, ids: Sequence[str]) -> Callable[[], Awaitable[Mapping[str, D]]]:
        """Return a function that fetches the details of a page, once."""

        async def fetch(_: Sequence[None]) -> Mapping[None, Mapping[str, D]]:
            return {None: self._known or await self._of.details(self._root, ids)}

        batch = DataLoader(fetch)
        return lambda: batch.load(None)
