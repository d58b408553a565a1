"""A file of rows, whatever it is written in."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeAlias

from makrcave_analytics.errors import Invalid
from makrcave_analytics.recording.parsing import Malformed

Score: TypeAlias = Callable[[Sequence[str]], int]
"""Tells how many of these names are columns that are looked for."""


@dataclass(frozen=True)
class Formula:
    """A cell that holds a formula, which is not computed here."""

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
"""As its format gives it. None: empty. Only workbooks have floats; numbers of JSON are exact."""


class FileRow(NamedTuple):
    """One row that is not empty."""

    line: int
    """Where it begins, from 1; in a workbook the row's number."""
    names: tuple[str, ...]
    cells: Sequence[Cell]
    """One a name."""
    problem: str | None = None
    """Why it cannot be read; then `cells` are what there is of it."""
    text: str | None = None
    """As it was written, of formats that have lines."""


class RowSource(Protocol):
    """An opened file; nothing of it is kept in memory."""

    @property
    def has_header(self) -> bool:
        """Whether all rows have the names of the first."""
        ...

    @property
    def decimal_comma(self) -> bool:
        """Whether 12,50 is a number in it."""
        ...

    def names(self) -> tuple[str, ...]:
        """Give the names of the columns; of files without a header those of the first row.

        Raises: Invalid.
        """
        ...

    def rows(self) -> Iterator[FileRow]:
        """Read it from the start.

        Raises: Invalid, where it cannot be read on.
        """
        ...


def refused(path: Path, why: str) -> Invalid:
    """Make the error of a file of which nothing is taken; `why` goes on after its name."""
    return Invalid(f"{path.name} {why}")
