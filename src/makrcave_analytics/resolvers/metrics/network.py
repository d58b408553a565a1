"""Resolvers of the network: several makerspaces, each with its own numbers, and their totals."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from makrcave_analytics.auth import Permission
from makrcave_analytics.loaders.read_sessions import NetworkSession
from makrcave_analytics.metrics.analyses.currencies import select_totals_across
from makrcave_analytics.metrics.catalog.equipment import used_hours, utilization
from makrcave_analytics.metrics.catalog.usage import active_members, events
from makrcave_analytics.metrics.metric import Measure
from makrcave_analytics.metrics.query import MeasureQuery, MeasureResult
from makrcave_analytics.metrics.results.number import Value
from makrcave_analytics.models.makerspace import Makerspace
from makrcave_analytics.period import (
    Calendar,
    Comparison,
    DateRange,
    Period,
    PeriodInput,
    PeriodPreset,
    compare,
    resolve,
)
from makrcave_analytics.resolvers.common import arguments
from makrcave_analytics.resolvers.common.context import Context, Info
from makrcave_analytics.resolvers.common.paging import Listing, Page
from makrcave_analytics.resolvers.metrics.revenue import CurrencyTotal, currency_total
from makrcave_analytics.resolvers.metrics.scope import Question, asked_period, scoped

_UTC = Calendar(ZoneInfo("UTC"))


class NetworkOrder(StrEnum):
    """Orders of makerspaces."""

    NAME = "NAME"
    ACTIVE_MEMBERS = "ACTIVE_MEMBERS"
    EVENTS = "EVENTS"
    USED_HOURS = "USED_HOURS"
    UTILIZATION = "UTILIZATION"


_METRICS = {
    NetworkOrder.ACTIVE_MEMBERS: active_members,
    NetworkOrder.EVENTS: events,
    NetworkOrder.USED_HOURS: used_hours,
    NetworkOrder.UTILIZATION: utilization,
}


@dataclass(frozen=True)
class NetworkAnalytics:
    """The question to all makerspaces. Its periods are in UTC; each row has its makerspace's."""

    context: Context
    network: NetworkSession
    rows: Sequence[Question]
    period: Period
    compared_with: Period | None
    computed_at: datetime
    asked: tuple[str, ...]
    """Period and comparison as text, for the scope of cursors."""


async def resolve_network(
    info: Info, period: PeriodInput | None = None, compare_to: Comparison | None = None
) -> NetworkAnalytics:
    """Return the question that the network's fields answer.

    Raises: Forbidden without NETWORK; Invalid for an impossible period.
    """
    context = info.context
    context.viewer.require(Permission.NETWORK)
    asked = asked_period(period)
    read = context.readings.network
    found = await read.snapshot.makerspaces(context.viewer.reach(Permission.READ, Permission.NETWORK))
    first_days: dict[UUID, date | None] = {}
    if asked is PeriodPreset.ALL_TIME:
        first_days = await read.snapshot.first_days([makerspace.id for makerspace in found])
    known = [day for day in first_days.values() if day is not None]
    whole = resolve(asked, _UTC, context.now, min(known, default=None))
    return NetworkAnalytics(
        context=context,
        network=read,
        rows=[_row(context, read, one, asked, compare_to, first_days.get(one.id)) for one in found],
        period=whole,
        compared_with=compare(whole, compare_to) if compare_to is not None else None,
        computed_at=context.now.astimezone(UTC),
        asked=(str(asked), str(compare_to)),
    )


def same(root: NetworkAnalytics) -> NetworkAnalytics:
    """Return the root, which the totals are computed from."""
    return root


def makerspaces(root: NetworkAnalytics) -> int:
    """Return the number of makerspaces."""
    return len(root.rows)


def counted(measure: Measure) -> Callable[[NetworkAnalytics], Awaitable[int]]:
    """Make the resolver of the sum of a count."""

    async def resolve(root: NetworkAnalytics) -> int:
        return int(await _sum(measure, root))

    return resolve


async def used(root: NetworkAnalytics) -> float:
    """Return the sum of used hours."""
    return float(await _sum(used_hours, root))


async def net(root: NetworkAnalytics) -> list[CurrencyTotal]:
    """Return what was taken in each currency, where the viewer may see money."""
    spans = {row.scope.makerspace.id: row.scope.period.span() for row in root.rows if row.visibility.money}
    if not spans:
        return []
    found = await root.network.snapshot.fetch(select_totals_across(spans))
    sums = []
    for currency, lines in groupby(found, itemgetter("currency")):
        columns = zip(*([line[name] for name in line if name != "currency"] for line in lines), strict=True)
        names = [name for name in found[0] if name != "currency"]
        sums.append(currency_total(currency=currency, **dict(zip(names, map(sum, columns), strict=True))))
    return sums


async def rows(
    root: NetworkAnalytics,
    first: int = 50,
    after: str | None = None,
    order_by: NetworkOrder = NetworkOrder.NAME,
    search: str | None = None,
) -> Page[Question]:
    """Return a page of makerspaces. `search` matches a part of the name."""
    wanted = arguments.search(search, "search")
    visible = [row for row in root.rows if (wanted or "").casefold() in row.scope.makerspace.name.casefold()]
    values = dict(zip(map(_id, visible), await _values(order_by, visible), strict=True))

    def place(row: Question) -> list[Any]:
        value = values[_id(row)]
        return [None if value is None else str(value), row.scope.makerspace.name, str(_id(row))]

    async def fetch(position: Sequence[Any] | None, limit: int) -> Sequence[Question]:
        ordered = sorted(visible, key=lambda row: _key(place(row)))
        return [row for row in ordered if position is None or _key(place(row)) > _key(position)][:limit]

    async def count() -> int:
        return len(visible)

    listing = Listing("network", (*root.asked, order_by, wanted), fetch, place, count)
    return await listing.page(root.context.services.keys, first, after)


def makerspace(root: Question) -> Makerspace:
    """Return the makerspace of a row."""
    return root.scope.makerspace


def _row(
    context: Context,
    read: NetworkSession,
    one: Makerspace,
    asked: PeriodPreset | DateRange,
    compare_to: Comparison | None,
    first_day: date | None,
) -> Question:
    """Return the question to one makerspace. Its answers are batched with those of the others."""
    reading = context.read(str(one.id))

    def answer(ask: MeasureQuery) -> Awaitable[MeasureResult]:
        return read.answers.load((one.id, ask))

    scope = scoped(one, asked, compare_to, context.now, first_day)
    return Question(context, reading, scope, context.visibility(reading.makerspace_id), answer)


async def _sum(measure: Measure, root: NetworkAnalytics) -> Decimal:
    """Add up exact sums. The result is rounded once, by its resolver."""
    asked = [(_id(row), ask) for row in root.rows for ask in row.number(measure).asks(row.scope.totals)]
    answers = await root.network.answers.load_many(asked)
    return measure.combine((sum(answer.at(0) or 0 for answer in answers),)) or Decimal(0)


async def _values(order: NetworkOrder, visible: Sequence[Question]) -> list[Value]:
    if order is NetworkOrder.NAME:
        return [None] * len(visible)
    return await asyncio.gather(*(row.number(_METRICS[order]).total() for row in visible))


def _key(place: Sequence[Any]) -> tuple[Any, ...]:
    """Return the sort key: the largest value first, none last, then by name."""
    value, name, identifier = place
    return value is None, -Decimal(value or 0), name.casefold(), name, identifier


def _id(row: Question) -> UUID:
    return row.scope.makerspace.id
