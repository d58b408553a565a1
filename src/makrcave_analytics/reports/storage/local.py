"""A storage in a folder. Every path is opened relative to an open directory, and no symbolic link is followed.

Blocking calls run in threads. A cancelled task waits for its running call, so that no thread writes to a descriptor
that was closed and opened again for another file.
"""

import asyncio
import hashlib
import os
import stat
import time
import weakref
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.reports.storage.base import Label, StorageError, StoredFacts, parse_path

T = TypeVar("T")

BUFFER_BYTES = 1 << 20
"""The bytes of one write: switching to a thread for smaller pieces costs more than writing them."""
READ_BYTES = 1 << 18

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_NO_LINK = os.O_NOFOLLOW | os.O_CLOEXEC
_PART = ".part"


class FolderStorage:
    """Files under `root`, in a folder for each makerspace. Folders are made with the first file."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @asynccontextmanager
    async def writing(
        self,
        makerspace: MakerspaceId,
        file_id: UUID,
        label: Label | None = None,  # noqa: ARG002 - names are in rows
    ) -> AsyncIterator["FolderSink"]:
        """Write a new file, as Storage says."""
        sink = await asyncio.to_thread(_translated, lambda: FolderSink(self._create(makerspace), str(file_id)))
        try:
            yield sink
        finally:
            await asyncio.shield(sink.close())

    async def open(self, makerspace: MakerspaceId, file_id: UUID) -> "FolderFile | None":
        """Hold a file open, as Storage says."""
        return await asyncio.to_thread(_translated, lambda: self._open(makerspace, file_id))

    async def delete(self, makerspace: MakerspaceId, file_id: UUID) -> None:
        """Delete a file, as Storage says."""
        await asyncio.to_thread(_translated, lambda: self._delete(makerspace, file_id))

    async def link(self, makerspace: MakerspaceId, file_id: UUID, lasts: timedelta) -> str | None:  # noqa: ARG002
        """Return None: this server serves files of a folder itself."""
        return None

    async def finished(self, older_than_seconds: float) -> AsyncIterator[tuple[UUID, UUID]]:
        """List finished files, as Storage says."""
        before = time.time() - older_than_seconds
        for found in await asyncio.to_thread(_translated, lambda: list(self._finished(before))):
            yield found

    async def sweep(self, older_than_seconds: float) -> int:
        """Delete what was left unfinished, as Storage says."""
        return await asyncio.to_thread(_translated, lambda: self._sweep(time.time() - older_than_seconds))

    def _create(self, makerspace: MakerspaceId) -> int:
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _held(os.open(self._root, _DIRECTORY)) as root:
            try:
                os.mkdir(str(makerspace), 0o700, dir_fd=root)
            except FileExistsError:
                return os.open(str(makerspace), _DIRECTORY | _NO_LINK, dir_fd=root)
            os.fsync(root)
            return os.open(str(makerspace), _DIRECTORY | _NO_LINK, dir_fd=root)

    @contextmanager
    def _folder(self, makerspace: MakerspaceId) -> Iterator[int]:
        with (
            _held(os.open(self._root, _DIRECTORY)) as root,
            _held(os.open(str(makerspace), _DIRECTORY | _NO_LINK, dir_fd=root)) as folder,
        ):
            yield folder

    def _open(self, makerspace: MakerspaceId, file_id: UUID) -> "FolderFile | None":
        try:
            with self._folder(makerspace) as folder:
                # Not blocking, so that opening a pipe in its place returns at once.
                return FolderFile(os.open(str(file_id), os.O_RDONLY | os.O_NONBLOCK | _NO_LINK, dir_fd=folder))
        except FileNotFoundError:
            return None

    def _delete(self, makerspace: MakerspaceId, file_id: UUID) -> None:
        try:
            with self._folder(makerspace) as folder:
                for name in (_part(str(file_id)), str(file_id)):
                    _unlink(name, folder)
        except FileNotFoundError:
            return

    def _finished(self, before: float) -> Iterator[tuple[UUID, UUID]]:
        if not self._root.is_dir():
            return
        for path in self._root.glob("*/*"):
            named, found = parse_path(path.parent.name, path.name), path.lstat()
            if named is not None and stat.S_ISREG(found.st_mode) and found.st_mtime < before:
                yield named

    def _sweep(self, before: float) -> int:
        if not self._root.is_dir():
            return 0
        swept = 0
        for part in self._root.glob(f"*/.*{_PART}"):
            found = part.lstat()
            if stat.S_ISREG(found.st_mode) and found.st_mtime < before:
                part.unlink(missing_ok=True)
                swept += 1
        return swept


class FolderSink:
    """A file under a temporary name. It owns `folder`, the descriptor of its directory."""

    def __init__(self, folder: int, name: str) -> None:
        self._folder = folder
        self._name = name
        self._buffer = bytearray()
        self._digest = hashlib.sha256()
        self._size = 0
        self._is_finished = False
        self._running: asyncio.Future[None] | None = None
        try:
            self._file = os.open(_part(name), os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_LINK, 0o600, dir_fd=folder)
        except BaseException:
            os.close(folder)
            raise

    async def write(self, data: bytes) -> None:
        """Append, as Sink says."""
        self._buffer += data
        if len(self._buffer) >= BUFFER_BYTES:
            await self._in_thread(self._flush)

    async def finish(self) -> StoredFacts:
        """Make it durable and publish it, as Sink says."""
        await self._in_thread(self._publish)
        return StoredFacts(self._size, self._digest.hexdigest())

    async def close(self) -> None:
        """Close the file; delete it where it was not finished."""
        if self._running is not None and not self._running.done():
            await asyncio.wait([self._running])
        await asyncio.to_thread(self._close)

    async def _in_thread(self, step: Callable[[], None]) -> None:
        self._running = asyncio.get_running_loop().run_in_executor(None, _translated, step)
        await asyncio.shield(self._running)

    def _flush(self) -> None:
        self._digest.update(self._buffer)
        with memoryview(self._buffer) as left:
            written = 0
            while written < len(left):
                written += os.write(self._file, left[written:])
        self._size += len(self._buffer)
        self._buffer.clear()

    def _publish(self) -> None:
        self._flush()
        os.fsync(self._file)
        if os.fstat(self._file).st_size != self._size:
            raise OSError("the file is not as long as what was written to it")
        os.rename(_part(self._name), self._name, src_dir_fd=self._folder, dst_dir_fd=self._folder)
        self._is_finished = True
        os.fsync(self._folder)

    def _close(self) -> None:
        os.close(self._file)
        if not self._is_finished:
            _unlink(_part(self._name), self._folder)
        os.close(self._folder)


class FolderFile:
    """An open file."""

    def __init__(self, file: int) -> None:
        self._file = file
        # Without a call of close, the descriptor is released when the object is collected.
        self._finalizer = weakref.finalize(self, os.close, file)
        found = os.fstat(file)
        if not stat.S_ISREG(found.st_mode):
            self.close()
            raise OSError("it is no regular file")
        self.size_bytes = found.st_size

    async def chunks(self, start: int = 0, stop: int | None = None) -> AsyncIterator[bytes]:
        """Read piece by piece, as StoredFile says."""
        end = self.size_bytes if stop is None else min(stop, self.size_bytes)
        while start < end:
            length = min(READ_BYTES, end - start)
            chunk = await asyncio.to_thread(os.pread, self._file, length, start)
            if not chunk:
                raise StorageError("the file became shorter while it was read")
            start += len(chunk)
            yield chunk

    def close(self) -> None:
        """Close it."""
        self._finalizer()


def _part(name: str) -> str:
    return f".{name}{_PART}"


def _unlink(name: str, folder: int) -> None:
    try:
        os.unlink(name, dir_fd=folder)
    except FileNotFoundError:
        return


@contextmanager
def _held(descriptor: int) -> Iterator[int]:
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _translated(step: Callable[[], T]) -> T:
    try:
        return step()
    except OSError as error:
        raise StorageError(error.strerror or str(error)) from error
