"""Format: all that differs between the kinds of report files, as one value for each."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from makrcave_analytics.reports.content.context import ReportContext
from makrcave_analytics.reports.storage.base import StorageError
from makrcave_analytics.reports.vocabulary import ReportFormat


class ContentCheck(Protocol):
    """The check of one stored file's content, fed with its bytes in pieces."""

    def feed(self, chunk: bytes) -> None:
        """Take the next piece."""

    def finish(self, rows: int) -> None:
        """Compare what was fed with a file of so many table rows.

        Raises: StorageError where it is no such file.
        """


@dataclass(frozen=True)
class Format:
    """One kind of file: how it is named, served, written and verified. Declared in a module of `formats`."""

    format: ReportFormat
    extension: str
    """Without the dot."""
    content_type: str
    """The media type that the file is served with."""
    write: Callable[[ReportContext], Awaitable[int]]
    """Writes a report into its job's sink and returns the number of table rows. Imports heavy libraries when called."""
    check: Callable[[], ContentCheck]
    """Starts the check of a stored file."""


class FirstBytes:
    """Checks that a file begins with the bytes that identify its format."""

    def __init__(self, format_: ReportFormat, expected: bytes) -> None:
        self._format = format_
        self._expected = expected
        self._head = b""

    def feed(self, chunk: bytes) -> None:
        """Keep the first bytes."""
        if len(self._head) < len(self._expected):
            self._head += chunk[: len(self._expected) - len(self._head)]

    def finish(self, rows: int) -> None:  # noqa: ARG002 - the rows cannot be counted without the format's reader
        """Compare the first bytes."""
        if self._head != self._expected:
            raise StorageError(f"the file does not begin like {self._format}")
