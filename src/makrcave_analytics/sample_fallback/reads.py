"""Whether a makerspace is read itself, or its sample: asked anew for every snapshot."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from makrcave_analytics import telemetry
from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.db import Reads
from makrcave_analytics.errors import Unavailable
from makrcave_analytics.models import (
    equipment_usage_logs,
    event_hours,
    inventory_analytics,
    makerspaces,
    revenue_analytics,
    usage_events,
)
from makrcave_analytics.sample_fallback.samples import Known, Samples

PATIENCE_SECONDS = 2.0
"""For how long the database may keep a query waiting before it is away."""
_FACTS = (usage_events, event_hours, equipment_usage_logs, inventory_analytics, revenue_analytics)

log = telemetry.logger(__name__)


class SampleFallback:
    """Reads a makerspace's own facts; where there are none, or no database, its sample."""

    def __init__(self, own: Reads, samples: Samples) -> None:
        self._own = own
        self._samples = samples
        self._known: dict[UUID, Known] = {}

    @asynccontextmanager
    async def read(self, makerspace: MakerspaceId, *, seconds: float | None = None) -> AsyncIterator[AsyncConnection]:
        """Open one snapshot of one makerspace, its own or that of its sample.

        Whether it exists only the database knows: one that the database does not have is not stood in for.
        """
        async with AsyncExitStack() as opened:
            connection = await self._open_own(opened, makerspace, seconds)
            if connection is None:
                read = self._samples.read(makerspace, self._known.get(makerspace.value), seconds=seconds)
                connection = await opened.enter_async_context(read)
            yield connection

    async def _open_own(
        self, opened: AsyncExitStack, makerspace: MakerspaceId, seconds: float | None
    ) -> AsyncConnection | None:
        """Open what the makerspace has; None where it has nothing or cannot be read."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS), AsyncExitStack() as opening:
                connection = await opening.enter_async_context(self._own.read(makerspace, seconds=seconds))
                row = (await connection.execute(_select_known(makerspace.value))).one_or_none()
                if row is not None:
                    self._known[makerspace.value] = Known(row.name, row.currency)
                if row is None or row.has_facts:
                    opened.push_async_exit(opening.pop_all())
                    return connection
        except (Unavailable, TimeoutError):
            log.info("a sample stands in for the database", makerspace_id=str(makerspace))
        return None


def _select_known(makerspace_id: UUID) -> Select[Any]:
    has_facts = or_(*(select(table).where(table.c.makerspace_id == makerspace_id).exists() for table in _FACTS))
    return select(makerspaces.c.name, makerspaces.c.currency, has_facts.label("has_facts")).where(
        makerspaces.c.id == makerspace_id
    )
