"""The resolver of the list of members: all people who were synced or named by a fact."""

from collections.abc import Sequence
from typing import Any

import strawberry

from makrcave_analytics.loaders.members import MembersAsked
from makrcave_analytics.metrics.display.names import Entity, Member, rows_from
from makrcave_analytics.resolvers.common import arguments
from makrcave_analytics.resolvers.common.context import Info
from makrcave_analytics.resolvers.common.paging import COUNTED_UP_TO, Listing, Page
from makrcave_analytics.resolvers.entities.things import Shown, open_view


async def page(
    info: Info,
    makerspace_id: strawberry.ID | None = None,
    search: str | None = None,
    plan: str | None = None,
    first: int = 50,
    after: str | None = None,
) -> Page[Shown[Member]]:
    """Return a page of members, by name; by pseudonym for viewers without READ_PEOPLE."""
    view = await open_view(info, makerspace_id)
    asked = MembersAsked(view.visibility.people, arguments.search(search, "search"), arguments.text(plan, "plan"))
    reading, tenant = view.reading, view.makerspace.id

    async def fetch(position: Sequence[Any] | None, limit: int) -> Sequence[Shown[Member]]:
        rows = await reading.snapshot.fetch(asked.in_order(asked.select(tenant), position).limit(limit))
        return [Shown(member, view) for member in rows_from(Entity.MEMBER, rows)]

    async def count() -> int:
        return await reading.snapshot.count(asked.select(tenant), COUNTED_UP_TO + 1)

    listing = Listing("members", (str(tenant), asked), fetch, lambda member: asked.place(member.row), count)
    return await listing.page(info.context.services.keys, first, after)
