"""Days and instants of cells, where a time without an offset is one of the makerspace's clock."""

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
    """An instant, and how it was said: by the clock where it came without an offset, so that it is the same row after
    the makerspace has moved to another zone."""

    at: datetime
    said: str


def read_day(cell: Cell) -> date:
    """Read a day; a midnight without an offset is one too, as spreadsheets and exports write them.

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

    Of a time that the clock showed twice the first is taken; one that it skipped is refused, as it never was.

    Raises: Invalid.
    """
    if isinstance(cell, datetime) and cell.tzinfo is None:
        return _by_the_clock(cell, zone)
    match = _TIME.fullmatch(cell) if isinstance(cell, str) else None
    if match is None:
        raise Invalid("A timestamp is written like 2026-03-29 14:30:00, or with an offset 2026-03-29T14:30:00+02:00.")
    day, minutes, seconds, fraction, offset = match.groups()
    text = f"{day}T{minutes}{seconds or ':00'}{fraction or ''}"
    at = readable(parse_instant(text + _offset(offset)), "")
    return Moment(at, at.isoformat()) if offset else _by_the_clock(at.replace(tzinfo=None), zone)


def _offset(raw: str | None) -> str:
    if raw is None or raw in ("Z", "z", "UTC"):
        return "Z"
    digits = raw[1:].replace(":", "")
    return f"{raw[0]}{digits[:2]}:{digits[2:] or '00'}"


def _by_the_clock(wall: datetime, zone: ZoneInfo) -> Moment:
    try:
        at = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
        is_shown = at.astimezone(zone).replace(tzinfo=None) == wall
    except OverflowError:
        raise Invalid("There is no such instant.") from None
    if not is_shown:
        raise Invalid(f"The clock of {zone.key} skipped this time: write it with its offset.")
    return Moment(at, wall.isoformat())
