"""ReadSession: everything that one operation reads of one makerspace, from one snapshot."""

from datetime import date
from typing import Any

from sqlalchemy import Select, select

from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.db import Reads
from makrcave_analytics.metrics.compiler.combine import combine_selects, split_rows
from makrcave_analytics.metrics.display.names import Entity, Named, rows_from, select_named, unknown
from makrcave_analytics.metrics.execution.dataloader import QUIET_TICKS, DataLoader
from makrcave_analytics.metrics.execution.snapshot import MakerspaceSnapshot
from makrcave_analytics.metrics.query import MeasureQuery, MeasureResult
from makrcave_analytics.metrics.sources.sql.first_day import first_day_of


class ReadSession:
    """A snapshot with its loaders: `answers` of metrics, `names` of machines, items, members and projects."""

    def __init__(self, database: Reads, makerspace_id: MakerspaceId, *, seconds: float | None = None) -> None:
        self.makerspace_id = makerspace_id
        self.snapshot = MakerspaceSnapshot(database, makerspace_id, seconds=seconds)
        self.answers: DataLoader[MeasureQuery, MeasureResult] = DataLoader(self.snapshot.answer)
        self.names: DataLoader[tuple[Entity, str], Named] = DataLoader(self._names)
        """Whole rows by entity and id; an id that was never synced has a row too."""
        # Waits longer than `names`, which loads its rows here, so that both share a statement.
        self._rows: DataLoader[Select[Any], list[Any]] = DataLoader(self._fetch, quiet_ticks=3 * QUIET_TICKS)

    async def close(self) -> None:
        """End the snapshot. Reads that are still in progress, of an operation that was cut off, are cancelled."""
        for loader in (self.answers, self.names, self._rows):
            await loader.cancel()
        await self.snapshot.close()

    async def fetch(self, statement: Select[Any]) -> list[Any]:
        """Return the rows of a small SELECT, which filters by the tenant itself. One round of them is one statement."""
        return await self._rows.load(statement)

    async def first_day(self) -> date | None:
        """Return the local day of the first fact; None where there is none."""
        (row,) = await self.fetch(select(first_day_of(await self.snapshot.makerspace()).label("day")))
        found: date | None = row["day"]
        return found

    async def _names(self, keys: list[tuple[Entity, str]]) -> dict[tuple[Entity, str], Named]:
        named = {(entity, key): unknown(entity, key) for entity, key in keys}
        entities = list(dict.fromkeys(entity for entity, _ in keys))
        ids = {entity: [key for of, key in keys if of is entity] for entity in entities}
        found = await self._rows.load_many(select_named(of, self.makerspace_id.value, ids[of]) for of in entities)
        for entity, rows in zip(entities, found, strict=True):
            named |= {(entity, row.id): row for row in rows_from(entity, rows)}
        return named

    async def _fetch(self, statements: list[Select[Any]]) -> dict[Select[Any], list[Any]]:
        if len(statements) == 1:
            return {statements[0]: await self.snapshot.fetch(statements[0])}
        (row,) = await self.snapshot.fetch(combine_selects(statements))
        return dict(zip(statements, split_rows(statements, row), strict=True))
