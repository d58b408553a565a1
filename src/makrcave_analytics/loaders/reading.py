"""Reading: all that one operation reads of one makerspace, from one snapshot."""

from typing import Any

from sqlalchemy import Select, func, select

from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.db import Database
from makrcave_analytics.loaders.names import Entity, Named, rows_from, select_named, unknown
from makrcave_analytics.metrics.across import Of
from makrcave_analytics.metrics.batch import Batch
from makrcave_analytics.metrics.query import Answer, Ask
from makrcave_analytics.metrics.run import NetworkSnapshot, Snapshot


class Reading:
    """A snapshot with its loaders: `answers` of metrics, `names` of machines, items, members and projects."""

    def __init__(self, database: Database, makerspace_id: MakerspaceId) -> None:
        self.makerspace_id = makerspace_id
        self.snapshot = Snapshot(database, makerspace_id)
        self.answers: Batch[Ask, Answer] = Batch(self.snapshot.answer)
        self.names: Batch[tuple[Entity, str], Named] = Batch(self._names)
        """Whole rows by entity and id, of ids that nobody synced too; one statement an entity and round."""

    async def count(self, rows: Select[Any], most: int) -> int:
        """Count the rows of a SELECT, which names its tenant itself; from `most` on they are not looked at."""
        counted = select(func.count().label("rows")).select_from(rows.limit(most).subquery())
        return int((await self.snapshot.fetch(counted))[0]["rows"])

    async def _names(self, keys: list[tuple[Entity, str]]) -> dict[tuple[Entity, str], Named]:
        named = {(entity, key): unknown(entity, key) for entity, key in keys}
        for entity in dict.fromkeys(entity for entity, _ in keys):
            ids = [key for of, key in keys if of is entity]
            found = await self.snapshot.fetch(select_named(entity, self.makerspace_id.value, ids))
            named |= {(entity, row.id): row for row in rows_from(entity, found)}
        return named


class Network:
    """A snapshot of many makerspaces, with its loader of `answers`."""

    def __init__(self, database: Database) -> None:
        self.snapshot = NetworkSnapshot(database)
        self.answers: Batch[Of, Answer] = Batch(self.snapshot.answer)


class Readings:
    """The readings of one operation: one a makerspace, and one of many at once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.network = Network(database)
        self._open: dict[MakerspaceId, Reading] = {}

    def of(self, makerspace_id: MakerspaceId) -> Reading:
        """Return the makerspace's reading, the same for the whole operation."""
        if makerspace_id not in self._open:
            self._open[makerspace_id] = Reading(self._database, makerspace_id)
        return self._open[makerspace_id]

    async def close(self) -> int:
        """End all snapshots; what is read from now on is read anew. Return how many statements they took."""
        snapshots = [self.network.snapshot, *(reading.snapshot for reading in self._open.values())]
        self._open, self.network = {}, Network(self._database)
        for snapshot in snapshots:
            await snapshot.close()
        return sum(snapshot.statements for snapshot in snapshots)
