"""Checks of the arguments of lists, so that values in SQL are short and storable.

Each check raises Invalid with the argument's path and what would be accepted.
"""

import re
from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from makrcave_analytics.errors import Invalid
from makrcave_analytics.period import day_start
from makrcave_analytics.period.days import DAY
from makrcave_analytics.period.preset import FIRST_DAY, LAST_DAY
from makrcave_analytics.recording.parsing import Malformed

MAX_VALUES = 100
"""Values in one list."""
MAX_LENGTH = 100
"""Characters in one text."""

_NO_TEXT = re.compile("[\0\ud800-\udfff]")

Path = tuple[str, ...]


def text(raw: str | None, *path: str) -> str | None:
    """Check a text that is compared with stored texts."""
    if raw is not None:
        if not 0 < len(raw) <= MAX_LENGTH:
            raise Invalid(f"{path[-1]} must have 1 to {MAX_LENGTH} characters.", path=path)
        _check_characters(raw, path)
    return raw


def search(raw: str | None, *path: str) -> str | None:
    """Check a search text and strip the space around it. None: no search, all are found."""
    found = (raw or "").strip()
    if len(found) > MAX_LENGTH:
        raise Invalid(f"{path[-1]} must have at most {MAX_LENGTH} characters.", path=path)
    _check_characters(found, path)
    return found or None


def texts(raw: Sequence[str] | None, *path: str) -> tuple[str, ...]:
    """Check a list of texts and return it sorted, each once. An empty list filters nothing, like None."""
    values = raw or ()
    if len(values) > MAX_VALUES:
        raise Invalid(f"{path[-1]} must have at most {MAX_VALUES} values.", path=path)
    for value in values:
        text(value, *path)
    return tuple(sorted(set(values)))


def days(start: date | Malformed | None, end: date | Malformed | None, *path: str) -> tuple[date | None, date | None]:
    """Turn startDate and endDate, both included, into half-open days. None: open."""
    first, last = _day(start, (*path, "startDate")), _day(end, (*path, "endDate"))
    if first is not None and last is not None and last < first:
        raise Invalid(f"endDate must be {first} (startDate) or later.", path=(*path, "endDate"))
    return first, None if last is None else last + DAY


def instants(since: date | None, until: date | None, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
    """Turn half-open local days into their first instants."""
    return None if since is None else day_start(since, zone), None if until is None else day_start(until, zone)


def _day(raw: date | Malformed | None, path: Path) -> date | None:
    if raw is None or (isinstance(raw, date) and FIRST_DAY <= raw <= LAST_DAY):
        return raw
    raise Invalid(f"{path[-1]} must be a day from {FIRST_DAY} to {LAST_DAY}, as YYYY-MM-DD.", path=path)


def _check_characters(raw: str, path: Path) -> None:
    if _NO_TEXT.search(raw):
        raise Invalid(f"{path[-1]} must be text, without NUL and halves of surrogate pairs.", path=path)
