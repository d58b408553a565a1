"""Resolvers of the lists of stored facts: events, machine sessions, items used up, transactions."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import strawberry

from makrcave_analytics.errors import Invalid
from makrcave_analytics.letter_case import to_camel
from makrcave_analytics.loaders.facts import FactList, FactsAsked, StoredFact
from makrcave_analytics.recording.ids import stored_id
from makrcave_analytics.recording.parsing import Malformed
from makrcave_analytics.resolvers.common import arguments
from makrcave_analytics.resolvers.common.context import Info
from makrcave_analytics.resolvers.common.paging import COUNTED_UP_TO, Listing, Page
from makrcave_analytics.resolvers.entities.things import MakerspaceView, Shown, open_view

MOST_FACTS = 500
"""Facts of one page."""
_MINUTE = timedelta(minutes=1)


@dataclass
class AnyFactFilter:
    """The filter of a list of facts, unchecked. None: left out or null."""

    start_date: date | Malformed | None = None
    end_date: date | Malformed | None = None
    user_id: str | None = None
    """The pseudonym, for viewers without READ_PEOPLE."""
    equipment_id: str | None = None
    project_id: str | None = None


@dataclass
class UsageEventFilter(AnyFactFilter):
    """The filter of the list of events."""

    event_types: list[str] | None = None
    event_categories: list[str] | None = None


@dataclass
class FactFilter(AnyFactFilter):
    """The filter of the other lists."""

    ids: Sequence[str] | None = None
    item_id: str | None = None
    include_voided: bool | None = None


_OF_ALL = {"start_date", "end_date", "user_id", "include_voided"}
"""Fields that every list can be filtered by."""


def page(of: FactList) -> Callable[..., Awaitable[Page[Shown[StoredFact]]]]:
    """Make the resolver of a list: a page, the latest first. Facts recorded between two pages shift nothing."""

    async def resolve(
        info: Info,
        makerspace_id: strawberry.ID | None = None,
        filter: Any | None = None,  # noqa: A002 - the contract's name
        first: int = 50,
        after: str | None = None,
    ) -> Page[Shown[StoredFact]]:
        view = await open_view(info, makerspace_id)
        asked = _asked(of, filter or AnyFactFilter(), view)
        reading, tenant = view.reading, view.makerspace.id

        async def fetch(position: Sequence[Any] | None, limit: int) -> Sequence[Shown[StoredFact]]:
            rows = await reading.snapshot.fetch(asked.latest_first(tenant, position).limit(limit))
            return [Shown(StoredFact(**row), view) for row in rows]

        async def count() -> int:
            return await reading.snapshot.count(asked.select(tenant), COUNTED_UP_TO + 1)

        listing = Listing(of.name, (str(tenant), asked), fetch, lambda fact: of.position(fact.row), count, MOST_FACTS)
        return await listing.page(info.context.services.keys, first, after)

    return resolve


def free(attribute: str) -> Callable[[Shown[Any]], Any]:
    """Make the resolver of free JSON. It may name people, so it is None for viewers without READ_PEOPLE."""

    def resolve(root: Shown[Any]) -> Any:
        return getattr(root.row, attribute) if root.view.visibility.people else None

    return resolve


def minutes(root: Shown[StoredFact]) -> int | None:
    """Return the duration of a machine session: as it was sent, else in whole minutes; None: still running."""
    session = root.row
    if session.duration_minutes is not None:
        return int(session.duration_minutes)
    return None if session.end_time is None else (session.end_time - session.start_time) // _MINUTE


def _asked(of: FactList, raw: AnyFactFilter, view: MakerspaceView) -> FactsAsked:
    days = arguments.days(raw.start_date, raw.end_date, "filter")
    since, until = days if of.has_days else arguments.instants(*days, view.makerspace.calendar.zone)
    return FactsAsked(
        of=of,
        since=since,
        until=until,
        any_of=tuple(_conditions(of, raw, view)),
        person=arguments.text(raw.user_id, "filter", "userId"),
        is_pseudonym=not view.visibility.people,
        includes_voided=bool(getattr(raw, "include_voided", None)),
    )


def _conditions(of: FactList, raw: AnyFactFilter, view: MakerspaceView) -> Any:
    """Yield each further condition: a column and the values of which it must have one."""
    for name in (field.name for field in fields(raw) if field.name not in _OF_ALL):
        given, path = getattr(raw, name), ("filter", to_camel(name))
        if given is None:
            continue
        if name not in of.filters:
            accepted = ", ".join(map(to_camel, of.filters))
            raise Invalid(f"{of.name} have no {path[-1]}. Accepted: {accepted}.", path=path)
        column = of.filters[name]
        values = arguments.texts(given if isinstance(given, list) else [given], *path)
        if values:
            is_uuid = of.table.c[column].type.python_type is UUID
            yield column, tuple(stored_id(view.makerspace.id, of.kind, id_) for id_ in values) if is_uuid else values
