"""Chooses for each snapshot of a makerspace: its own data or its sample."""

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
    FACT_TABLES,
    event_hours,
    makerspaces,
)
from makrcave_analytics.sample_fallback.samples import MakerspaceProfile, Samples

OPEN_SECONDS = 2.0
"""How long opening a snapshot may take before the database counts as away."""
_FACTS = (*(stored.table for stored in FACT_TABLES.values()), event_hours)

log = telemetry.logger(__name__)


class SampleFallback:
    """Reads a makerspace's own data; its sample if it has no facts or the database is away."""

    def __init__(self, own: Reads, samples: Samples) -> None:
        self._own = own
        self._samples = samples
        self._profiles: dict[UUID, MakerspaceProfile] = {}

    @asynccontextmanager
    async def read(self, makerspace: MakerspaceId, *, seconds: float | None = None) -> AsyncIterator[AsyncConnection]:
        """Open one snapshot of one makerspace, or of its sample.

        A makerspace that the reachable database does not have gets no sample.
        """
        async with AsyncExitStack() as opened:
            connection = await self._open_own(opened, makerspace, seconds)
            if connection is None:
                read = self._samples.read(makerspace, self._profiles.get(makerspace.value), seconds=seconds)
                connection = await opened.enter_async_context(read)
            yield connection

    async def _open_own(
        self, opened: AsyncExitStack, makerspace: MakerspaceId, seconds: float | None
    ) -> AsyncConnection | None:
        """Open a snapshot of the makerspace's own data; None if it has no facts or cannot be read."""
        try:
            async with asyncio.timeout(OPEN_SECONDS), AsyncExitStack() as opening:
                connection = await opening.enter_async_context(self._own.read(makerspace, seconds=seconds))
                row = (await connection.execute(_select_profile(makerspace.value))).one_or_none()
                if row is not None:
                    self._profiles[makerspace.value] = MakerspaceProfile(row.name, row.currency)
                if row is None or row.has_facts:
                    opened.push_async_exit(opening.pop_all())
                    return connection
        except (Unavailable, TimeoutError):
            log.info("answering from a sample: the database is away", makerspace_id=str(makerspace))
        return None


def _select_profile(makerspace_id: UUID) -> Select[Any]:
    has_facts = or_(*(select(table).where(table.c.makerspace_id == makerspace_id).exists() for table in _FACTS))
    return select(makerspaces.c.name, makerspaces.c.currency, has_facts.label("has_facts")).where(
        makerspaces.c.id == makerspace_id
    )
