"""A file of rows, of any format."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeAlias

from makrcave_analytics.errors import Invalid
from makrcave_analytics.recording.parsing import Malformed

Score: TypeAlias = Callable[[Sequence[str]], int]
"""Returns how many of the names are known columns."""


@dataclass(frozen=True)
class Formula:
    """A cell with a formula, which is not computed here."""

    place: str


Cell: TypeAlias = (
    str
    | int
    | float
    | Decimal
    | bool
    | datetime
    | date
    | time
    | timedelta
    | dict[str, Any]
    | list[Any]
    | Malformed
    | Formula
    | None
)
"""A value as its format holds it. None: empty. Only workbooks have floats; numbers of JSON are exact."""


class FileRow(NamedTuple):
    """One row that is not empty."""

    line: int
    """The line at which the row begins, from 1; in a workbook the row's number."""
    names: tuple[str, ...]
    cells: Sequence[Cell]
    """One per name."""
    problem: str | None = None
    """Why the row cannot be read; `cells` are then what there is of it."""
    text: str | None = None
    """The line as it was written, of formats that have lines."""


class RowSource(Protocol):
    """An opened file. Its rows are not kept in memory."""

    @property
    def rejects_suffix(self) -> str:
        """The file extension of its rejects, without a dot: "csv" or "ndjson"."""
        ...

    @property
    def has_header(self) -> bool:
        """Whether the first row names the columns of all rows."""
        ...

    @property
    def decimal_comma(self) -> bool:
        """Whether 12,50 is a number."""
        ...

    def names(self) -> tuple[str, ...]:
        """Return the names of the columns; of files without a header those of the first row.

        Raises: Invalid.
        """
        ...

    def rows(self) -> Iterator[FileRow]:
        """Read the rows from the start.

        Raises: Invalid, where the rest cannot be read.
        """
        ...


class FileFormat(Protocol):
    """A format of files, which opens them. Each module of a format declares one; `detect` lists them."""

    has_sheets: bool
    """Whether a file may have several sheets, of which one is chosen."""

    def matches(self, start: bytes, suffix: str) -> bool:
        """Return whether a file has this format, by its first bytes and its lower-case file extension with the dot."""
        ...

    def open(self, path: Path, start: bytes, score: Score, sheet: str | None) -> RowSource:
        """Open a file that matches.

        Raises: Invalid, in one sentence.
        """
        ...


UTF_16 = (b"\xff\xfe", b"\xfe\xff")
"""The byte order marks of UTF-16."""


def first_sign(start: bytes) -> bytes:
    """Return the first byte of a text that is not blank."""
    return start.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]


def refused(path: Path, why: str) -> Invalid:
    """Return the error of a file that is refused whole. Its message is the file's name followed by `why`."""
    return Invalid(f"{path.name} {why}")
