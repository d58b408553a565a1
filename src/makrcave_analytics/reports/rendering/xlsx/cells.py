"""Cells of a workbook: values as Excel can hold them, and names of places. Knows no sheet."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from makrcave_analytics.reports.content.document import Value
from makrcave_analytics.reports.rendering.sanitize import fit

CELL_LENGTH = 32_767
DIGITS = 15
"""The decimal digits of a number that Excel keeps."""


def as_text(value: Value) -> str:
    """Write a value as text."""
    match value:
        case str():
            return fit(value, CELL_LENGTH)
        case Decimal():
            return plain(value)
        case date():
            return value.isoformat()
        case _:
            return str(value)


def number(value: Value) -> float | None:
    """Return a number as a float; None where it is no number, or Excel would lose digits."""
    return float(value) if isinstance(value, int | Decimal) and not is_long(value) else None


def naive(value: Value) -> datetime | None:
    """Return the local time without its zone, as Excel stores it; None for other values."""
    return value.replace(tzinfo=None) if isinstance(value, datetime) else None


def is_long(value: int | Decimal) -> bool:
    """Say whether Excel would lose digits of a number."""
    return len(Decimal(value).normalize().as_tuple().digits) > DIGITS


def plain(value: int | Decimal) -> str:
    """Write all digits of a number."""
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def distinct(names: Sequence[str]) -> list[str]:
    """Make names distinct, because the columns of a frame need distinct names."""
    made: list[str] = []
    for name in names:
        other, number = name or " ", 1
        while other in made:
            number += 1
            other = f"{name} ({number})"
        made.append(other)
    return made


def _letters(column: int) -> str:
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def ref(row: int, column: int) -> str:
    """Name a cell: B3."""
    return f"{_letters(column)}{row + 1}"


def fixed(row: int, column: int) -> str:
    """Name a cell for formulas: $B$3."""
    return f"${_letters(column)}${row + 1}"
