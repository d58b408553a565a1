"""Samples: makerspaces that were never there, each under the id of the one that it stands in for."""

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
"""Of a sample: enough to look at, and made in a second or two."""
MOST = 100
"""Samples that are kept; the oldest makes room."""
_NO_VERSION = update(makerspaces).values(data_version=0)
"""Facts of one's own have a version from 1 on: no sample has theirs."""


@dataclass(frozen=True)
class Known:
    """What is known of a makerspace that a sample stands in for."""

    name: str
    currency: str


@dataclass
class Samples:
    """Samples by the id of whom they stand in for, each made when it is first read, and anew every hour.

    `url` is the owner's, of a migrated database that nobody else uses.
    """

    url: str
    now: Callable[[], datetime]
    pseudonym: Callable[[UUID, str], str]
    _made: dict[UUID, tuple[datetime, Known | None]] = field(default_factory=dict)
    _making: dict[UUID, asyncio.Task[None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._database = Database(self.url)

    @asynccontextmanager
    async def read(
        self, makerspace: MakerspaceId, known: Known | None, *, seconds: float | None
    ) -> AsyncIterator[AsyncConnection]:
        """Open one snapshot of a sample."""
        await self._prepare(makerspace, known)
        async with self._database.read(makerspace, seconds=seconds) as connection:
            yield connection

    async def dispose(self) -> None:
        """Close every connection."""
        for task in self._making.values():
            task.cancel()
        await self._database.dispose()

    async def _prepare(self, makerspace: MakerspaceId, known: Known | None) -> None:
        """Make a sample where there is none of this hour; whoever stops waiting leaves it to be made all the same."""
        id_ = makerspace.value
        while self._made.get(id_) != (wanted := (self.now().replace(minute=0, second=0, microsecond=0), known)):
            if id_ not in self._making:
                self._making[id_] = asyncio.create_task(self._make(makerspace, *wanted))
            await asyncio.shield(self._making[id_])

    async def _make(self, makerspace: MakerspaceId, hour: datetime, known: Known | None) -> None:
        id_ = makerspace.value
        try:
            self._made.pop(id_, None)
            surplus = list(self._made)[: max(0, len(self._made) - MOST + 1)]
            for gone in surplus:
                del self._made[gone]
            await clear_sample(self.url, id_, *surplus)
            options = SampleOptions(scale=SCALE, makerspaces=(_of(id_, known),))
            await fill_sample(self.url, now=self.now(), pseudonym=self.pseudonym, options=options)
            async with self._database.write(makerspace) as connection:
                await connection.execute(_NO_VERSION.where(makerspaces.c.id == id_))
            self._made[id_] = hour, known
        except Exception as error:
            raise translated(error) from error
        finally:
            del self._making[id_]


def _of(id_: UUID, known: Known | None) -> SampleMakerspace:
    """Return the sample makerspace in the makerspace's currency, else the second, under its id and its name."""
    like = next((one for one in MAKERSPACES if known and one.currency == known.currency), MAKERSPACES[1])
    return replace(like, id=id_, name=known.name if known else like.name)
