"""The read sessions of one operation: one snapshot per makerspace."""

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
        """End the snapshot, and cancel reads of an operation that was cut off."""
        await self.answers.cancel()
        await self.snapshot.close()


class ReadSessions:
    """The read sessions of one operation: one per makerspace, and one over many, which has no sample fallback."""

    def __init__(self, database: Reads, whole: Database) -> None:
        self._database = database
        self._whole = whole
        self.network = NetworkSession(whole)
        self._open: dict[MakerspaceId, ReadSession] = {}

    def of(self, makerspace_id: MakerspaceId) -> ReadSession:
        """Return the makerspace's read session, the same until `close`."""
        if makerspace_id not in self._open:
            self._open[makerspace_id] = ReadSession(self._database, makerspace_id)
        return self._open[makerspace_id]

    async def close(self) -> int:
        """End all snapshots, also after an error in one. Return how many statements they took.

        A session that is opened later is a new one, and sees later writes.
        """
        sessions: list[NetworkSession | ReadSession] = [self.network, *self._open.values()]
        self._open, self.network = {}, NetworkSession(self._whole)
        async with AsyncExitStack() as stack:
            for session in sessions:
                stack.push_async_callback(session.close)
        return sum(session.snapshot.statements for session in sessions)
