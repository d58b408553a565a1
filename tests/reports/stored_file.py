"""One file of a makerspace in a storage: written and read whole or in part."""

from uuid import UUID

from tests.plugins.database import mint

from makrcave_analytics.reports.storage.base import Label, Storage

SPACE = mint(UUID("11111111-1111-4111-8111-111111111111"))
FILE = UUID("22222222-2222-4222-8222-222222222222")
LABEL = Label("usage.csv", "text/csv; charset=utf-8")


async def write(storage: Storage, data: bytes, file_id: UUID = FILE) -> str:
    async with storage.writing(SPACE, file_id, LABEL) as sink:
        await sink.write(data)
        return (await sink.finish()).sha256


async def read(storage: Storage, start: int = 0, stop: int | None = None) -> bytes:
    file = await storage.open(SPACE, FILE)
    assert file is not None
    try:
        return b"".join([chunk async for chunk in file.chunks(start, stop)])
    finally:
        file.close()
