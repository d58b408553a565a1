"""Where report files lie: what the rest asks of a storage, whatever stands behind it. Knows no report.

A file is named by its makerspace and an id that we made, never by anything that a caller sent. It appears whole
or not at all: what is being written has no name that anybody can open.
"""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
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

    def writing(self, makerspace: MakerspaceId, file_id: UUID) -> AbstractAsyncContextManager[Sink]:
        """Write a new file; what was not finished when the block is left is gone.

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

    async def sweep(self, older_than_seconds: float) -> int:
        """Delete what nobody has written to for that long without finishing it; return how many that were."""


def storage_path(makerspace: MakerspaceId, file_id: UUID) -> str:
    """Return where a file lies, seen from the storage's root."""
    return f"{makerspace}/{file_id}"
