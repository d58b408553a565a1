"""Reading: all that one operation reads of one makerspace, from one snapshot."""

from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.db import Reads
from makrcave_analytics.metrics.batch import Batch
from makrcave_analytics.metrics.names import Entity, Named, rows_from, select_named, unknown
from makrcave_analytics.metrics.query import Answer, Ask
from makrcave_analytics.metrics.run import Snapshot


class Reading:
    """A snapshot with its loaders: `answers` of metrics, `names` of machines, items, members and projects."""

    def __init__(self, database: Reads, makerspace_id: MakerspaceId, *, seconds: float | None = None) -> None:
        self.makerspace_id = makerspace_id
        self.snapshot = Snapshot(database, makerspace_id, seconds=seconds)
        self.answers: Batch[Ask, Answer] = Batch(self.snapshot.answer)
        self.names: Batch[tuple[Entity, str], Named] = Batch(self._names)
        """Whole rows by entity and id, of ids that nobody synced too; one statement an entity and round."""

    async def _names(self, keys: list[tuple[Entity, str]]) -> dict[tuple[Entity, str], Named]:
        named = {(entity, key): unknown(entity, key) for entity, key in keys}
        for entity in dict.fromkeys(entity for entity, _ in keys):
            ids = [key for of, key in keys if of is entity]
            found = await self.snapshot.fetch(select_named(entity, self.makerspace_id.value, ids))
            named |= {(entity, row.id): row for row in rows_from(entity, found)}
        return named
