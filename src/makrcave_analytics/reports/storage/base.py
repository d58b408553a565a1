"""The interface of a storage of files. Knows no report.

A file is named by its makerspace and an id made here, never by text that a client sent. It appears whole or not at
all: while it is written it cannot be opened under its name.
"""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol
from uuid import UUID

from makrcave_analytics.auth import MakerspaceId


class StorageError(Exception):
    """The storage failed: full, read-only, away. The text is for the log; clients get a code."""


@dataclass(frozen=True)
class StoredFacts:
    """Size and digest of a file, computed while it was written."""

    size_bytes: int
    sha256: str


@dataclass(frozen=True)
class Label:
    """Name and type that a storage sends with a file that it serves itself."""

    name: str
    """The name that the file is saved under."""
    content_type: str


class Sink(Protocol):
    """A file that is being written."""

    async def write(self, data: bytes) -> None:
        """Append.

        Raises: StorageError.
        """

    async def finish(self) -> StoredFacts:
        """Make the file durable and let it appear, whole, under its name. Once, at the end.

        Raises: StorageError; then nothing appears.
        """


class StoredFile(Protocol):
    """A file that is held open. It can be read to its end even when it is deleted in the meantime."""

    @property
    def size_bytes(self) -> int:
        """Its size."""

    def chunks(self, start: int = 0, stop: int | None = None) -> AsyncIterator[bytes]:
        """Read the half-open [start, stop) piece by piece; None reads to the end."""

    def close(self) -> None:
        """Release it. May be called again."""


class Storage(Protocol):
    """A storage of files."""

    def writing(
        self, makerspace: MakerspaceId, file_id: UUID, label: Label | None = None
    ) -> AbstractAsyncContextManager[Sink]:
        """Write a new file. It is discarded when the block is left before `finish`.

        `label` is for storages that serve files themselves.

        Raises: StorageError, also when the file exists already.
        """

    async def open(self, makerspace: MakerspaceId, file_id: UUID) -> StoredFile | None:
        """Hold a file open; None where there is none.

        Raises: StorageError.
        """

    async def delete(self, makerspace: MakerspaceId, file_id: UUID) -> None:
        """Delete a file, and an unfinished one of the same id. Does nothing where there is neither.

        Raises: StorageError.
        """

    async def link(self, makerspace: MakerspaceId, file_id: UUID, lasts: timedelta) -> str | None:
        """Sign an address under which the storage serves a file itself; None where it serves none.

        Raises: StorageError.
        """

    def finished(self, older_than_seconds: float) -> AsyncIterator[tuple[UUID, UUID]]:
        """Yield makerspace and id of finished files that are at least so old, in any order. Foreign files are left out.

        Raises: StorageError.
        """

    async def sweep(self, older_than_seconds: float) -> int:
        """Delete unfinished files that were not written to for so long; return their number."""


def storage_path(makerspace: MakerspaceId, file_id: UUID) -> str:
    """Return the path of a file below the storage's root."""
    return f"{makerspace}/{file_id}"


def parse_path(makerspace: str, file: str) -> tuple[UUID, UUID] | None:
    """Read the two parts of a storage_path; None where they are not exactly as `storage_path` writes them."""
    try:
        found = UUID(makerspace), UUID(file)
    except ValueError:
        return None
    return found if tuple(map(str, found)) == (makerspace, file) else None
