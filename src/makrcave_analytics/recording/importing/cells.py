"""Reads a cell as the type of its field. Amounts are decimals throughout."""

import json
import types
import typing
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from makrcave_analytics.errors import Invalid
from makrcave_analytics.period import DayOfWeek
from makrcave_analytics.recording.entity_inputs import OpeningHoursInput
from makrcave_analytics.recording.importing.readers.base import Cell
from makrcave_analytics.recording.importing.times import Moment, read_day, read_moment
from makrcave_analytics.recording.parsing import Malformed, parse_decimal

DIGITS = 15
"""Significant digits that Excel keeps of a number."""
MOST_EXPONENT = 40

_TRUE = frozenset({"true", "t", "yes", "1"})
_FALSE = frozenset({"false", "f", "no", "0"})


@dataclass(frozen=True)
class CellFormat:
    """How a file writes values."""

    zone: ZoneInfo
    """The zone of times without an offset."""
    decimal_comma: bool = False


Reader: TypeAlias = Callable[[Cell, CellFormat], Any]
"""Returns the value of a cell that is not empty, or raises Invalid."""


def reader_of(annotation: Any) -> Reader:
    """Return the reader of a field's cells, by the field's annotation."""
    options = set(typing.get_args(annotation)) if _is_union(annotation) else {annotation}
    for type_, reader in _READERS.items():
        if type_ in options:
            return reader
    raise TypeError(f"no cell can be read as {annotation}")


def read_succeeded(cell: Cell, cell_format: CellFormat) -> bool:
    """Read the success rate of older exports, in percent: 50 and above is a success."""
    rate = read_number(cell, cell_format)
    if not 0 <= rate <= 100:
        raise Invalid("Must be a number from 0 to 100.")
    return rate >= 50


def read_text(cell: Cell, _: CellFormat) -> str:
    """Read a text. Whole numbers are texts too, as ids often look like them."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, int | float) and not isinstance(cell, bool) and cell == int(cell):
        return str(int(cell))
    raise Invalid("A text is needed.")


def read_number(cell: Cell, cell_format: CellFormat) -> Decimal:
    """Read an exact number; of a workbook's float, the digits that Excel shows."""
    if isinstance(cell, float):
        return _within_limits(Decimal(f"{cell:.{DIGITS}g}"))
    if isinstance(cell, Decimal):
        return _within_limits(cell)
    if isinstance(cell, str) and cell_format.decimal_comma and cell.count(",") == 1 and "." not in cell:
        cell = cell.replace(",", ".")
    value = parse_decimal(cell)
    if isinstance(value, Malformed):
        sign = "1234,50" if cell_format.decimal_comma else "1234.50"
        raise Invalid(f"A number is written like {sign}, without other signs.")
    return value


def read_whole(cell: Cell, cell_format: CellFormat) -> int:
    """Read a whole number; 90.0 is one too."""
    value = read_number(cell, cell_format)
    if value != value.to_integral_value():
        raise Invalid("Must be a whole number.")
    return int(value)


def read_truth(cell: Cell, _: CellFormat) -> bool:
    """Read true or false."""
    if isinstance(cell, bool):
        return cell
    text = str(cell).lower()
    if text not in _TRUE | _FALSE:
        raise Invalid("Must be true or false.")
    return text in _TRUE


def read_json(cell: Cell, _: CellFormat) -> Any:
    """Read JSON: from a text, or as NDJSON holds it."""
    try:
        return json.loads(cell) if isinstance(cell, str) else _plain(cell)
    except (ValueError, RecursionError):
        raise Invalid('Must be JSON, like {"door": "north"}.') from None


def read_hours(cell: Cell, cell_format: CellFormat) -> list[OpeningHoursInput]:
    """Read opening hours: the API's JSON."""
    stretches = read_json(cell, cell_format)
    try:
        return [OpeningHoursInput(DayOfWeek(one["day"]), str(one["from"]), str(one["to"])) for one in stretches]
    except (KeyError, TypeError, ValueError):
        raise Invalid('Must be JSON, like [{"day": "MONDAY", "from": "09:00", "to": "17:00"}].') from None


def _moment(cell: Cell, cell_format: CellFormat) -> Moment:
    return read_moment(cell, cell_format.zone)


def _day(cell: Cell, _: CellFormat) -> date:
    return read_day(cell)


_READERS: dict[Any, Reader] = {
    datetime: _moment,
    date: _day,
    Decimal: read_number,
    float: read_number,
    bool: read_truth,
    int: read_whole,
    Sequence[OpeningHoursInput]: read_hours,
    str: read_text,
    Any: read_json,
}


def _is_union(annotation: Any) -> bool:
    return typing.get_origin(annotation) in (typing.Union, types.UnionType)


def _within_limits(value: Decimal) -> Decimal:
    """Refuse numbers that would be very long when written out."""
    if not value.is_finite() or (value and abs(value.adjusted()) > MOST_EXPONENT):
        raise Invalid("The number is too large or too small.")
    return value


def _plain(value: Any) -> Any:
    """Turn decimals inside JSON into floats, so that it can be stored as JSON."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value
