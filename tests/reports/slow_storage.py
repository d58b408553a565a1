"""Storages that wait, so that tests decide when a file is finished."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.reports.storage.base import Label, StoredFacts
from makrcave_analytics.reports.storage.local import FolderSink, FolderStorage


class SlowStorage(FolderStorage):
    """A folder storage whose files wait for `gate` before they are finished."""

    def __init__(self, root: Path, gate: Callable[[], Awaitable[object]]) -> None:
        super().__init__(root)
        self.gate = gate
        self.reached = asyncio.Event()

    @asynccontextmanager
    async def writing(
        self, makerspace: MakerspaceId, file_id: UUID, label: Label | None = None
    ) -> AsyncIterator[FolderSink]:
        async with super().writing(makerspace, file_id, label) as sink:
            finish = sink.finish

            async def finish_later() -> StoredFacts:
                self.reached.set()
                await self.gate()
                return await finish()

            sink.finish = finish_later  # type: ignore[method-assign]
            yield sink


def names(folder: Path) -> list[str]:
    """The names of all files below a storage's folder."""
    return sorted(path.name for path in folder.glob("*/*"))
