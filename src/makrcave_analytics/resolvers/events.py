"""Resolvers of the list of events."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import strawberry

from makrcave_analytics.loaders.lists import EventsAsked, UsageEvent, latest_first
from makrcave_analytics.recording.values import Malformed
from makrcave_analytics.resolvers import arguments
from makrcave_analytics.resolvers.context import Info
from makrcave_analytics.resolvers.entities import Shown, Sight, sight
from makrcave_analytics.resolvers.paging import COUNTED_UP_TO, Listing, Page

MOST_FACTS = 500
"""Facts of one page."""


@dataclass
class UsageEventFilter:
    """Which events, as it comes in. What was left out and what was null are the same: None."""

    start_date: date | Malformed | None = None
    end_date: date | Malformed | None = None
    event_types: list[str] | None = None
    event_categories: list[str] | None = None
    user_id: str | None = None
    """The pseudonym, for those who may not see people."""
    equipment_id: str | None = None
    project_id: str | None = None


async def page(
    info: Info,
    makerspace_id: strawberry.ID | None = None,
    filter: UsageEventFilter | None = None,  # noqa: A002 - the contract's name
    first: int = 50,
    after: str | None = None,
) -> Page[Shown[UsageEvent]]:
    """Return a page of events, the latest first; what is recorded while pages are turned moves nothing."""
    seen = await sight(info, makerspace_id)
    asked = _asked(filter or UsageEventFilter(), seen)
    reading, tenant = seen.reading, seen.makerspace.id

    async def fetch(position: Sequence[Any] | None, limit: int) -> Sequence[Shown[UsageEvent]]:
        place = None if position is None else (datetime.fromisoformat(position[0]), UUID(position[1]))
        rows = await reading.snapshot.fetch(latest_first(asked.select(tenant), place).limit(limit))
        return [Shown(UsageEvent(**row), seen) for row in rows]

    async def count() -> int:
        return await reading.count(asked.select(tenant), COUNTED_UP_TO + 1)

    def position(event: Shown[UsageEvent]) -> Sequence[str]:
        return event.row.timestamp.isoformat(), str(event.row.id)

    listing = Listing("events", (str(tenant), asked), fetch, position, count, MOST_FACTS)
    return await listing.page(info.context.services.keys, first, after)


def metadata(root: Shown[UsageEvent]) -> Any:
    """Return whatever else is known; None for those who may not see people, whom it may name."""
    return root.row.metadata if root.sight.shows_people else None


def _asked(raw: UsageEventFilter, seen: Sight) -> EventsAsked:
    since, until = arguments.span(raw.start_date, raw.end_date, seen.makerspace.calendar.zone, "filter")
    person = arguments.text(raw.user_id, "filter", "userId")
    return EventsAsked(
        since=since,
        until=until,
        event_types=arguments.texts(raw.event_types, "filter", "eventTypes"),
        event_categories=arguments.texts(raw.event_categories, "filter", "eventCategories"),
        user_id=person if seen.shows_people else None,
        pseudonym=None if seen.shows_people else person,
        equipment_id=arguments.text(raw.equipment_id, "filter", "equipmentId"),
        project_id=arguments.text(raw.project_id, "filter", "projectId"),
    )
