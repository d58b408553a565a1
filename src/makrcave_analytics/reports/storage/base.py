"""Where report files lie: what the rest asks of a storage, whatever stands behind it. Knows no report.

A file is named by its makerspace and an id that we made, never by anything that a caller sent. It appears whole
or not at all: what is being written has no name that anybody can open.
"""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol
from uuid import UUID

from makrcave_analytics.auth import MakerspaceId


class StorageError(Exception):
    """The storage could not do it: full, read-only, away. For the log; clients get a code."""


@dataclass(frozen=True)
class StoredFacts:
    """What was written, as it was counted and summed up on its way."""

    size_bytes: int
    sha256: str


@dataclass(frozen=True)
class Label:
    """What a file says of itself to whoever fetches it straight from the storage."""

    name: str
    """For people."""
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
    """A file that is held open: it can be read to its end, even when it is deleted meanwhile."""

    @property
    def size_bytes(self) -> int:
        """How long it is."""

    def chunks(self, start: int = 0, stop: int | None = None) -> AsyncIterator[bytes]:
        """Read the half-open [start, stop) piece by piece; None reads to the end."""

    def close(self) -> None:
        """Let go of it. May be called again."""


class Storage(Protocol):
    """A place for files."""

    def writing(
        self, makerspace: MakerspaceId, file_id: UUID, label: Label | None = None
    ) -> AbstractAsyncContextManager[Sink]:
        """Write a new file; what was not finished when the block is left is gone.

        `label` is for storages that hand files out themselves.

        Raises: StorageError, also when the file is there already.
        """

    async def open(self, makerspace: MakerspaceId, file_id: UUID) -> StoredFile | None:
        """Hold a file open; None where there is none.

        Raises: StorageError.
        """

    async def delete(self, makerspace: MakerspaceId, file_id: UUID) -> None:
        """Delete a file, and what is being written under its id; does nothing where there is neither.

        Raises: StorageError.
        """

    async def link(self, makerspace: MakerspaceId, file_id: UUID, lasts: timedelta) -> str | None:
        """Sign an address under which the storage itself hands a file out; None where it does not.

        Raises: StorageError.
        """

    def finished(self, older_than_seconds: float) -> AsyncIterator[tuple[UUID, UUID]]:
        """List the finished files that are so old: makerspace and id, in any order; what is not ours is not among them.

        Raises: StorageError.
        """

    async def sweep(self, older_than_seconds: float) -> int:
        """Delete what nobody has written to for that long without finishing it; return how many that were."""


def storage_path(makerspace: MakerspaceId, file_id: UUID) -> str:
    """Return where a file lies, seen from the storage's root."""
    return f"{makerspace}/{file_id}"


def parse_path(makerspace: str, file: str) -> tuple[UUID, UUID] | None:
    """Read the two parts of a storage_path; None where they are not just as we write them."""
    try:
        found = UUID(makerspace), UUID(file)
    except ValueError:
        return None
    return found if tuple(map(str, found)) == (makerspace, file) else None
