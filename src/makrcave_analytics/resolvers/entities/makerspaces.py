"""Resolvers of Makerspace and of the list of makerspaces that a token may read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import strawberry
from sqlalchemy import Select, select, tuple_

from makrcave_analytics.auth import Permission
from makrcave_analytics.loaders.lists import contains
from makrcave_analytics.models import freshness, makerspaces
from makrcave_analytics.models.fact_kind import FactKind
from makrcave_analytics.models.makerspace import Makerspace, makerspace_from, select_makerspace
from makrcave_analytics.period import DayOfWeek, local
from makrcave_analytics.resolvers.common import arguments
from makrcave_analytics.resolvers.common.context import Info
from makrcave_analytics.resolvers.common.paging import COUNTED_UP_TO, Listing, Page


@dataclass(frozen=True)
class OpeningHours:
    """A stretch of a day, local times."""

    day: DayOfWeek
    from_: str
    to: str


@dataclass(frozen=True)
class Closure:
    """Closed days, both included."""

    start_date: date
    end_date: date
    name: str | None


@dataclass(frozen=True)
class SourceFreshness:
    """When facts of a kind were last recorded, and the latest instant of a fact."""

    kind: FactKind
    last_recorded_at: datetime | None
    last_fact_at: datetime | None


async def makerspace(info: Info, makerspace_id: strawberry.ID | None = None) -> Makerspace:
    """Return one makerspace."""
    return await info.context.read(makerspace_id).snapshot.makerspace()


async def page(info: Info, first: int = 50, after: str | None = None, search: str | None = None) -> Page[Makerspace]:
    """Return a page of the makerspaces that the token may read, by name; `search` is part of a name."""
    context = info.context
    part = arguments.search(search, "search")
    snapshot = context.readings.network.snapshot
    reach = context.viewer.reach(Permission.READ)
    visible = select_makerspace()
    if reach is not None:
        visible = visible.where(makerspaces.c.id.in_([one.value for one in reach]))
    if part is not None:
        visible = visible.where(contains(makerspaces.c.name, part))

    async def fetch(position: Sequence[Any] | None, limit: int) -> Sequence[Makerspace]:
        return [makerspace_from(row) for row in await snapshot.fetch(_after(visible, position).limit(limit))]

    async def count() -> int:
        return await snapshot.count(visible, COUNTED_UP_TO + 1)

    listing = Listing("makerspaces", part, fetch, lambda one: (one.name, str(one.id)), count)
    return await listing.page(context.services.keys, first, after)


def week_start(root: Makerspace) -> DayOfWeek:
    """Return the first day of the week."""
    return list(DayOfWeek)[root.week_start]


def opening_hours(root: Makerspace) -> list[OpeningHours]:
    """Return the opening hours, in the order of the week."""
    return [OpeningHours(list(DayOfWeek)[hours["day"]], hours["from"], hours["to"]) for hours in root.opening_hours]


def closures(root: Makerspace) -> list[Closure]:
    """Return the closed days."""
    return [
        Closure(date.fromisoformat(c["start_date"]), date.fromisoformat(c["end_date"]), c.get("name"))
        for c in root.closures
    ]


async def sources(root: Makerspace, info: Info) -> list[SourceFreshness]:
    """Return the freshness of each kind of fact; null where there is no fact."""
    reading = info.context.read(str(root.id))
    rows = await reading.fetch(select(freshness).where(freshness.c.makerspace_id == root.id))
    known = {row["kind"]: row for row in rows}

    def at(kind: FactKind, column: str) -> datetime | None:
        instant: datetime | None = known.get(kind.value, {}).get(column)
        return None if instant is None else local(instant, root.calendar.zone)

    return [SourceFreshness(kind, at(kind, "last_recorded_at"), at(kind, "last_fact_at")) for kind in FactKind]


def _after(statement: Select[Any], position: Sequence[Any] | None) -> Select[Any]:
    ordered = statement.order_by(makerspaces.c.name, makerspaces.c.id)
    if position is None:
        return ordered
    name, identifier = position
    return ordered.where(tuple_(makerspaces.c.name, makerspaces.c.id) > (name, UUID(identifier)))


def origin(root: Makerspace) -> str:
    """Return whether the data are real or a sample."""
    return root.origin
