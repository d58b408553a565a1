"""Parses days, instants and decimals as senders write them. Sentinels: `Malformed` and `ABSENT`."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any

_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_NUMBER = re.compile(r"-?\d{1,30}(\.\d{1,30})?", re.ASCII)


@dataclass(frozen=True)
class Malformed:
    """A value that cannot be parsed, and why. Parsers return it instead of raising; the checks refuse it."""

    raw: object
    why: str
    """A sentence for the sender, like "A timestamp needs an offset.", which does not quote `raw`."""


class Absent(Enum):
    """The value of a field that was left out, where that differs from null."""

    ABSENT = "absent"


ABSENT = Absent.ABSENT


def parse_day(raw: Any) -> date | Malformed:
    """Read an ISO 8601 day."""
    if isinstance(raw, str) and _DAY.fullmatch(raw):
        try:
            return date.fromisoformat(raw)
        except ValueError:
            return Malformed(raw, "There is no such day.")
    return Malformed(raw, "A date is written like 2026-03-29.")


def parse_instant(raw: Any) -> datetime | Malformed:
    """Read an RFC 3339 instant; digits beyond the microsecond are dropped."""
    if not isinstance(raw, str) or (match := _INSTANT.fullmatch(raw)) is None:
        return Malformed(raw, "A timestamp is written like 2026-03-29T14:30:00+02:00, with its offset.")
    if raw[17:19] == "60":
        return Malformed(raw, "Leap seconds are not accepted.")
    fraction = match.group(1) or ""
    try:
        return datetime.fromisoformat(raw[:19].upper() + fraction[:7] + match.group(2).upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        return Malformed(raw, "There is no such instant.")


def parse_decimal(raw: Any) -> Decimal | Malformed:
    """Read an exact number: a string or a JSON integer. A float is refused: it may not be what was sent."""
    text = str(raw) if isinstance(raw, int) and not isinstance(raw, bool) else raw
    if isinstance(text, str) and _NUMBER.fullmatch(text):
        try:
            return Decimal(text)
        except InvalidOperation:
            return Malformed(raw, "This is not a decimal number.")
    return Malformed(raw, 'A decimal number is written as a string like "1234.50", without an exponent.')
