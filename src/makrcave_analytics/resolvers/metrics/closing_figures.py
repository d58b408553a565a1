"""Resolvers of the list of closing figures of days, weeks and months."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import strawberry

from makrcave_analytics.errors import Invalid
from makrcave_analytics.period import Grain, Period, local
from makrcave_analytics.resolvers.common.context import Info
from makrcave_analytics.resolvers.common.paging import COUNTED_UP_TO, Listing, Page
from makrcave_analytics.resolvers.entities.things import Shown, open_view
from makrcave_analytics.snapshots import GRAINS, Closing, closing_from, select_closings, without_money


async def page(
    info: Info,
    grain: Grain,
    makerspace_id: strawberry.ID | None = None,
    first: int = 12,
    after: str | None = None,
) -> Page[Shown[Closing]]:
    """Return a page of closing figures, the latest first."""
    if grain not in GRAINS:
        raise Invalid(f"There are no closing figures by {grain}. Accepted: {', '.join(GRAINS)}.", path=("grain",))
    view = await open_view(info, makerspace_id)
    reading, tenant = view.reading, view.makerspace.id

    async def fetch(position: Sequence[Any] | None, limit: int) -> Sequence[Shown[Closing]]:
        before = None if position is None else date.fromisoformat(position[0])
        rows = await reading.snapshot.fetch(select_closings(tenant, grain, before).limit(limit))
        return [Shown(closing_from(row), view) for row in rows]

    async def count() -> int:
        return await reading.snapshot.count(select_closings(tenant, grain), COUNTED_UP_TO + 1)

    def position(closing: Shown[Closing]) -> Sequence[str]:
        return (closing.row.start_date.isoformat(),)

    listing = Listing("snapshots", (str(tenant), grain), fetch, position, count)
    return await listing.page(info.context.services.keys, first, after)


def period(root: Shown[Closing]) -> Period:
    """Return its days, and the instants between which they lay then."""
    closing, calendar = root.row, root.makerspace.calendar
    now = closing.taken_at
    whole = Period.of_days(closing.start_date, closing.end_date, calendar, now)
    since, until = (local(instant, calendar.zone) for instant in (closing.since, closing.until))
    return replace(whole, since=since, until=until)


def figures(root: Shown[Closing]) -> Any:
    """Return them; money is null for those who may not see it."""
    return root.row.figures if root.view.visibility.money else without_money(root.row.figures)
