"""The folder storage: files appear whole or not at all, and foreign files are left alone."""

import asyncio
import errno
import hashlib
import os
from pathlib import Path
from uuid import UUID

import pytest
from tests.plugins.database import mint
from tests.reports.slow_storage import names
from tests.reports.stored_file import FILE, SPACE, read, write

from makrcave_analytics.reports.storage.base import StorageError
from makrcave_analytics.reports.storage.local import BUFFER_BYTES, READ_BYTES, FolderStorage


@pytest.mark.parametrize("size", [0, 1, BUFFER_BYTES - 1, BUFFER_BYTES, 2 * BUFFER_BYTES + READ_BYTES + 1])
async def test_a_written_file_is_read_unchanged(storage: FolderStorage, size: int) -> None:
    data = os.urandom(size)
    assert await write(storage, data) == hashlib.sha256(data).hexdigest()
    assert await read(storage) == data
    assert await read(storage, 1, 5) == data[1:5]
    assert await read(storage, size // 2) == data[size // 2 :]
    assert await read(storage, size, size + 9) == b""


async def test_only_the_owner_may_read_files(storage: FolderStorage, folder: Path) -> None:
    await write(storage, b"x")
    assert (folder / str(SPACE)).stat().st_mode & 0o777 == 0o700
    assert (folder / str(SPACE) / str(FILE)).stat().st_mode & 0o777 == 0o600


async def test_a_file_has_no_name_before_it_is_finished(storage: FolderStorage, folder: Path) -> None:
    async with storage.writing(SPACE, FILE) as sink:
        await sink.write(b"x" * BUFFER_BYTES)
        assert await storage.open(SPACE, FILE) is None
        await sink.finish()
        assert names(folder) == [str(FILE)]
    assert names(folder) == [str(FILE)]


async def test_an_unfinished_file_is_discarded(storage: FolderStorage, folder: Path) -> None:
    async with storage.writing(SPACE, FILE) as sink:
        await sink.write(b"x")
    assert names(folder) == []


async def test_a_failed_file_is_discarded(storage: FolderStorage, folder: Path) -> None:
    async def fail() -> None:
        async with storage.writing(SPACE, FILE) as sink:
            await sink.write(b"x" * BUFFER_BYTES)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert names(folder) == []


async def test_a_cancelled_file_is_discarded(storage: FolderStorage, folder: Path) -> None:
    writing = asyncio.Event()

    async def go_on() -> None:
        async with storage.writing(SPACE, FILE) as sink:
            while True:
                await sink.write(b"x" * BUFFER_BYTES)
                writing.set()

    task = asyncio.create_task(go_on())
    await writing.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert names(folder) == []


async def test_a_file_has_one_writer(storage: FolderStorage) -> None:
    async with storage.writing(SPACE, FILE):
        with pytest.raises(StorageError):
            await write(storage, b"y")


async def test_an_open_file_can_be_read_to_its_end_after_it_was_deleted(storage: FolderStorage) -> None:
    await write(storage, b"x" * (READ_BYTES + 1))
    file = await storage.open(SPACE, FILE)
    assert file is not None
    await storage.delete(SPACE, FILE)
    assert await storage.open(SPACE, FILE) is None
    assert sum([len(chunk) async for chunk in file.chunks()]) == READ_BYTES + 1
    file.close()
    file.close()


async def test_deleting_removes_an_unfinished_file_too(storage: FolderStorage, folder: Path) -> None:
    async with storage.writing(SPACE, FILE) as sink:
        await storage.delete(SPACE, FILE)
        with pytest.raises(StorageError):
            await sink.finish()
    assert names(folder) == []
    await storage.delete(SPACE, FILE)
    await storage.delete(mint(UUID(int=5)), FILE)


async def test_nothing_exists_before_the_first_file(storage: FolderStorage, folder: Path) -> None:
    assert await storage.open(SPACE, FILE) is None
    assert await storage.sweep(0) == 0
    assert list(folder.parent.iterdir()) == []


async def test_no_symbolic_link_is_followed(storage: FolderStorage, folder: Path, tmp_path: Path) -> None:
    await write(storage, b"mine")
    secret = tmp_path / "secret"
    secret.write_bytes(b"secret")
    place = folder / str(SPACE) / str(FILE)
    place.unlink()
    place.symlink_to(secret)
    with pytest.raises(StorageError):
        await storage.open(SPACE, FILE)
    elsewhere = mint(UUID(int=7))
    (tmp_path / str(FILE)).write_bytes(b"secret")
    (folder / str(elsewhere)).symlink_to(tmp_path, target_is_directory=True)
    with pytest.raises(StorageError):
        await storage.open(elsewhere, FILE)
    with pytest.raises(StorageError):
        async with storage.writing(elsewhere, FILE):
            pass
    with pytest.raises(StorageError):
        await storage.delete(elsewhere, FILE)
    assert (tmp_path / str(FILE)).exists()


async def test_other_things_than_files_are_refused(storage: FolderStorage, folder: Path) -> None:
    await write(storage, b"x", UUID(int=1))
    (folder / str(SPACE) / str(FILE)).mkdir()
    with pytest.raises(StorageError):
        await storage.open(SPACE, FILE)
    os.mkfifo(folder / str(SPACE) / str(UUID(int=2)))
    with pytest.raises(StorageError):
        await storage.open(SPACE, UUID(int=2))


async def test_only_abandoned_files_are_swept(storage: FolderStorage, folder: Path) -> None:
    await write(storage, b"kept", UUID(int=1))
    old, fresh = folder / str(SPACE) / ".old.part", folder / str(SPACE) / ".fresh.part"
    old.touch()
    fresh.touch()
    os.utime(old, (0, 0))
    os.utime(folder / str(SPACE) / str(UUID(int=1)), (0, 0))
    assert await storage.sweep(3600) == 1
    assert names(folder) == [".fresh.part", str(UUID(int=1))]


async def test_a_full_disk_is_a_storage_error(storage: FolderStorage, folder: Path, monkeypatch) -> None:
    def no_space(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr("makrcave_analytics.reports.storage.local.os.write", no_space)
        with pytest.raises(StorageError, match="No space left"):
            await write(storage, b"x" * BUFFER_BYTES)
    assert names(folder) == []
    await write(storage, b"x")
    assert names(folder) == [str(FILE)]
