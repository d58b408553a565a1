"""Readings: what one operation reads, a snapshot a makerspace."""

from contextlib import AsyncExitStack

from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.db import Database, Reads
from makrcave_analytics.metrics.compiler.network import MakerspaceQuery
from makrcave_analytics.metrics.execution.dataloader import DataLoader
from makrcave_analytics.metrics.execution.session import ReadSession
from makrcave_analytics.metrics.execution.snapshot import NetworkSnapshot
from makrcave_analytics.metrics.query import MeasureResult


class NetworkSession:
    """A snapshot of many makerspaces, with its loader of `answers`."""

    def __init__(self, database: Database) -> None:
        self.snapshot = NetworkSnapshot(database)
        self.answers: DataLoader[MakerspaceQuery, MeasureResult] = DataLoader(self.snapshot.answer)

    async def close(self) -> None:
        """End the snapshot; what is still being read for an operation that was cut off is cancelled."""
        await self.answers.cancel()
        await self.snapshot.close()


class ReadSessions:
    """The readings of one operation: one a makerspace, and one of many at once, for which nothing stands in."""

    def __init__(self, database: Reads, whole: Database) -> None:
        self._database = database
        self._whole = whole
        self.network = NetworkSession(whole)
        self._open: dict[MakerspaceId, ReadSession] = {}

    def of(self, makerspace_id: MakerspaceId) -> ReadSession:
        """Return the makerspace's reading, the same until it is closed."""
        if makerspace_id not in self._open:
            self._open[makerspace_id] = ReadSession(self._database, makerspace_id)
        return self._open[makerspace_id]

    async def close(self) -> int:
        """End all snapshots, also where one cannot be ended in order. Return how many statements they took.

        A reading that is asked for later is another one, which sees what was written since.
        """
        readings: list[NetworkSession | ReadSession] = [self.network, *self._open.values()]
        self._open, self.network = {}, NetworkSession(self._whole)
        async with AsyncExitStack() as stack:
            for reading in readings:
                stack.push_async_callback(reading.close)
        return sum(reading.snapshot.statements for reading in readings)
