"""Sample makerspaces, each stored under the id of the real one that it stands in for."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.db import Database, translated
from makrcave_analytics.models import makerspaces
from makrcave_analytics.sample import MAKERSPACES, SampleMakerspace, SampleOptions, clear_sample, fill_sample

SCALE = 0.2
"""The scale of a sample: enough data for every page, made in a second or two."""
MAX_SAMPLES = 100
"""Samples kept at a time; the oldest is removed first."""
_NO_VERSION = update(makerspaces).values(data_version=0)
"""Data versions of real facts start at 1, so that a sample never shares one."""


@dataclass(frozen=True)
class MakerspaceProfile:
    """Name and currency of the makerspace that a sample stands in for."""

    name: str
    currency: str


@dataclass
class Samples:
    """Samples by the id of the makerspace, each made when first read and again every hour.

    `url` is the owner's, of a migrated database that only this process uses.
    """

    url: str
    now: Callable[[], datetime]
    pseudonym: Callable[[UUID, str], str]
    _made: dict[UUID, tuple[datetime, MakerspaceProfile | None]] = field(default_factory=dict)
    _making: dict[UUID, asyncio.Task[None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._database = Database(self.url)

    @asynccontextmanager
    async def read(
        self, makerspace: MakerspaceId, profile: MakerspaceProfile | None, *, seconds: float | None
    ) -> AsyncIterator[AsyncConnection]:
        """Open one snapshot of a sample."""
        await self._prepare(makerspace, profile)
        async with self._database.read(makerspace, seconds=seconds) as connection:
            yield connection

    async def dispose(self) -> None:
        """Close every connection."""
        for task in self._making.values():
            task.cancel()
        await self._database.dispose()

    async def _prepare(self, makerspace: MakerspaceId, profile: MakerspaceProfile | None) -> None:
        """Make the sample of this hour if it is missing. It is completed even if the caller stops waiting."""
        id_ = makerspace.value
        while self._made.get(id_) != (wanted := (self.now().replace(minute=0, second=0, microsecond=0), profile)):
            if id_ not in self._making:
                self._making[id_] = asyncio.create_task(self._make(makerspace, *wanted))
            await asyncio.shield(self._making[id_])

    async def _make(self, makerspace: MakerspaceId, hour: datetime, profile: MakerspaceProfile | None) -> None:
        id_ = makerspace.value
        try:
            self._made.pop(id_, None)
            oldest = list(self._made)[: max(0, len(self._made) - MAX_SAMPLES + 1)]
            for other in oldest:
                del self._made[other]
            await clear_sample(self.url, id_, *oldest)
            options = SampleOptions(scale=SCALE, makerspaces=(_sample_for(id_, profile),))
            await fill_sample(self.url, now=self.now(), pseudonym=self.pseudonym, options=options)
            async with self._database.write(makerspace) as connection:
                await connection.execute(_NO_VERSION.where(makerspaces.c.id == id_))
            self._made[id_] = hour, profile
        except Exception as error:
            raise translated(error) from error
        finally:
            del self._making[id_]


def _sample_for(id_: UUID, profile: MakerspaceProfile | None) -> SampleMakerspace:
    """Return a sample makerspace with this id and name: the one of the same currency, else the second."""
    template = next((one for one in MAKERSPACES if profile and one.currency == profile.currency), MAKERSPACES[1])
    return replace(template, id=id_, name=profile.name if profile else template.name)
