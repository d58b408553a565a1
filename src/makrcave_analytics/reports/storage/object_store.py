"""A storage in a bucket: S3, Google Cloud Storage or Azure, by obstore. Credentials come from the environment.

An object appears whole when its upload is completed. The unfinished upload of a killed process is invisible; a
lifecycle rule of the bucket deletes it. The bucket serves files itself, by signed links.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import obstore
from obstore.exceptions import BaseError

from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.errors import ConfigurationError
from makrcave_analytics.reports.storage.base import Label, StorageError, StoredFacts, parse_path, storage_path

SCHEMES = ("s3", "gs", "az")
PIECE_BYTES = 5 << 20
"""The size of one part of an upload: the smallest that S3 allows, which keeps memory flat."""
READ_BYTES = 1 << 18
UPLOADS = 2
"""Parts of one file that are uploaded at once."""
CLOSE_SECONDS = 30

# An http address is only used where the setting names one. The timeout covers a whole file at a slow client.
_CLIENT: Any = {"connect_timeout": "5s", "timeout": "30m", "allow_http": True}
_RETRIES: Any = {"max_retries": 4, "retry_timeout": timedelta(seconds=60)}


class ObjectStorage:
    """Files under an address like s3://bucket/folder."""

    def __init__(self, address: str) -> None:
        """Connect to nothing yet.

        Raises: ConfigurationError where the address or the environment's settings for it are wrong.
        """
        try:
            self._store: Any = obstore.store.from_url(address, client_options=_CLIENT, retry_config=_RETRIES)
        except (BaseError, ValueError) as error:
            raise ConfigurationError(f"Reports cannot be stored at {address}: {_first_line(error)}") from error

    @asynccontextmanager
    async def writing(
        self, makerspace: MakerspaceId, file_id: UUID, label: Label | None = None
    ) -> AsyncIterator["ObjectSink"]:
        """Write a new file, as Storage says."""
        path = storage_path(makerspace, file_id)
        if await self._size(path) is not None:
            raise StorageError("the file is there already")
        sink = ObjectSink(self._store, path, _attributes(label))
        try:
            yield sink
        finally:
            await asyncio.shield(sink.close())

    async def open(self, makerspace: MakerspaceId, file_id: UUID) -> "ObjectFile | None":
        """Hold a file open, as Storage says. The bucket has begun to send it."""
        path = storage_path(makerspace, file_id)
        with _translated():
            try:
                return ObjectFile(self._store, path, await obstore.get_async(self._store, path))
            except FileNotFoundError:
                return None

    async def delete(self, makerspace: MakerspaceId, file_id: UUID) -> None:
        """Delete a file, as Storage says."""
        with _translated(), suppress(FileNotFoundError):
            await obstore.delete_async(self._store, storage_path(makerspace, file_id))

    async def link(self, makerspace: MakerspaceId, file_id: UUID, lasts: timedelta) -> str | None:
        """Sign a link, as Storage says."""
        with _translated():
            return await obstore.sign_async(self._store, "GET", storage_path(makerspace, file_id), lasts)

    async def finished(self, older_than_seconds: float) -> AsyncIterator[tuple[UUID, UUID]]:
        """List finished files, as Storage says."""
        before = datetime.now(UTC) - timedelta(seconds=older_than_seconds)
        with _translated():
            async for found in obstore.list(self._store):
                for each in found:
                    folder, _, name = each["path"].rpartition("/")
                    named = parse_path(folder, name)
                    if named is not None and each["last_modified"] < before:
                        yield named

    async def sweep(self, older_than_seconds: float) -> int:  # noqa: ARG002
        """Return 0: unfinished uploads are not visible here."""
        return 0

    async def _size(self, path: str) -> int | None:
        with _translated(), suppress(FileNotFoundError):
            return int((await obstore.head_async(self._store, path))["size"])
        return None


class _Abandoned(Exception):
    """Ends an upload without completing it."""


class ObjectSink:
    """An upload. Pieces are handed over one at a time, so that the writer waits for the network."""

    def __init__(self, store: Any, path: str, attributes: dict[str, str]) -> None:
        self._buffer = bytearray()
        self._digest = hashlib.sha256()
        self._size = 0
        self._is_finished = False
        self._pieces: asyncio.Queue[bytes | None] = asyncio.Queue(maxsize=1)
        self._abandoned = False
        upload = obstore.put_async(
            store, path, self._handed_over(), attributes=attributes, chunk_size=PIECE_BYTES, max_concurrency=UPLOADS
        )
        self._upload = asyncio.ensure_future(upload)

    async def write(self, data: bytes) -> None:
        """Append, as Sink says."""
        self._buffer += data
        while len(self._buffer) >= PIECE_BYTES:
            await self._hand_over(PIECE_BYTES)

    async def finish(self) -> StoredFacts:
        """Complete the upload, as Sink says."""
        if self._buffer:
            await self._hand_over(len(self._buffer))
        await self._put(None)
        with _translated():
            await self._upload
        self._is_finished = True
        return StoredFacts(self._size, self._digest.hexdigest())

    async def close(self) -> None:
        """Abort the upload where it was not finished; the store discards its parts."""
        if self._is_finished:
            return
        self._abandoned = True
        while not self._pieces.empty():
            self._pieces.get_nowait()
        self._pieces.put_nowait(None)
        await asyncio.wait({self._upload}, timeout=CLOSE_SECONDS)
        if not self._upload.done():
            self._upload.cancel()
        elif not self._upload.cancelled():
            self._upload.exception()  # it is _Abandoned, or was raised already

    async def _hand_over(self, length: int) -> None:
        piece = bytes(self._buffer[:length])
        del self._buffer[:length]
        self._digest.update(piece)
        self._size += length
        await self._put(piece)

    async def _put(self, piece: bytes | None) -> None:
        putting = asyncio.ensure_future(self._pieces.put(piece))
        try:
            await asyncio.wait({putting, self._upload}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            putting.cancel()
        if self._upload.done() and piece is not None:
            with _translated():
                await self._upload
            raise StorageError("the upload ended before the file did")

    async def _handed_over(self) -> AsyncIterator[bytes]:
        while (piece := await self._pieces.get()) is not None:
            yield piece
        if self._abandoned:
            raise _Abandoned


class ObjectFile:
    """A file that the bucket is sending."""

    def __init__(self, store: Any, path: str, result: Any) -> None:
        self._store = store
        self._path = path
        self._result = result
        self.size_bytes = int(result.meta["size"])

    async def chunks(self, start: int = 0, stop: int | None = None) -> AsyncIterator[bytes]:
        """Read piece by piece, as StoredFile says."""
        end = self.size_bytes if stop is None else min(stop, self.size_bytes)
        if start >= end:
            return
        result, self._result = self._result, None
        with _translated():
            if result is None or (start, end) != (0, self.size_bytes):
                result = await obstore.get_async(self._store, self._path, options={"range": (start, end)})
            async for chunk in result.stream(min_chunk_size=READ_BYTES):
                start += len(chunk)
                yield bytes(chunk)
        if start != end:
            raise StorageError("the file became shorter while it was read")

    def close(self) -> None:
        """Release it."""
        self._result = None


def _attributes(label: Label | None) -> dict[str, str]:
    if label is None:
        return {}
    # Names of files are plain ASCII without quotes.
    return {"Content-Type": label.content_type, "Content-Disposition": f'attachment; filename="{label.name}"'}


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (BaseError, OSError, ValueError) as error:
        raise StorageError(_first_line(error)) from error


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
