"""Reads days and instants of cells. A time without an offset is local time of the makerspace."""

import re
from datetime import UTC, date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from makrcave_analytics.errors import Invalid
from makrcave_analytics.recording.checks.fields import readable
from makrcave_analytics.recording.importing.readers.base import Cell
from makrcave_analytics.recording.parsing import parse_day, parse_instant

_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d)(:\d\d)?(\.\d{1,9})? ?([Zz]|UTC|[+-]\d\d(?::?\d\d)?)?", re.ASCII)
_MIDNIGHT = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ]00:00(:00(\.0+)?)?", re.ASCII)


class Moment(NamedTuple):
    """An instant, and how it was written.

    Without an offset it is kept as local time, so that the row keeps its id when the makerspace changes its zone.
    """

    at: datetime
    written: str


def read_day(cell: Cell) -> date:
    """Read a day. A midnight without an offset is a day too, as spreadsheets and exports write them.

    Raises: Invalid.
    """
    if isinstance(cell, datetime):
        if cell.time() != datetime.min.time():
            raise Invalid("A date is needed, without a time.")
        return cell.date()
    if isinstance(cell, date):
        return cell
    midnight = _MIDNIGHT.fullmatch(cell) if isinstance(cell, str) else None
    return readable(parse_day(midnight.group(1) if midnight else cell), "")


def read_moment(cell: Cell, zone: ZoneInfo) -> Moment:
    """Read an instant.

    Of a local time that occurred twice the first is taken; one that the clock skipped is refused.

    Raises: Invalid.
    """
    if isinstance(cell, datetime) and cell.tzinfo is None:
        return _from_local(cell, zone)
    match = _TIME.fullmatch(cell) if isinstance(cell, str) else None
    if match is None:
        raise Invalid("A timestamp is written like 2026-03-29 14:30:00, or with an offset 2026-03-29T14:30:00+02:00.")
    day, minutes, seconds, fraction, offset = match.groups()
    text = f"{day}T{minutes}{seconds or ':00'}{fraction or ''}"
    at = readable(parse_instant(text + _offset(offset)), "")
    return Moment(at, at.isoformat()) if offset else _from_local(at.replace(tzinfo=None), zone)


def _offset(raw: str | None) -> str:
    if raw is None or raw in ("Z", "z", "UTC"):
        return "Z"
    digits = raw[1:].replace(":", "")
    return f"{raw[0]}{digits[:2]}:{digits[2:] or '00'}"


def _from_local(wall: datetime, zone: ZoneInfo) -> Moment:
    try:
        at = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
        is_shown = at.astimezone(zone).replace(tzinfo=None) == wall
    except OverflowError:
        raise Invalid("There is no such instant.") from None
    if not is_shown:
        raise Invalid(f"The clock of {zone.key} skipped this time: write it with its offset.")
    return Moment(at, wall.isoformat())
