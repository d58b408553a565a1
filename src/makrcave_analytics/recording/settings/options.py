"""What a makerspace can be set to: each setting with its check, and what it is until somebody says."""

import re
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from babel import Locale, UnknownLocaleError

from makrcave_analytics.errors import Invalid
from makrcave_analytics.models.currency import is_currency
from makrcave_analytics.period import DayOfWeek
from makrcave_analytics.recording.checks.fields import day, short_text
from makrcave_analytics.recording.checks.image import logo
from makrcave_analytics.recording.checks.opening_hours import check_opening_hours
from makrcave_analytics.recording.entity_inputs import ClosureInput, MakerspaceInput, MakerspaceSettingsInput
from makrcave_analytics.recording.parsing import ABSENT
from makrcave_analytics.recording.settings.time_zone import check_zone

MAX_NAME = 200
MAX_CLOSURES = 100
NEEDED = object()
"""In place of a default: there is none."""

_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
_DAYS = list(DayOfWeek)


def checked(raw: MakerspaceSettingsInput) -> dict[str, Any]:
    """Check what was sent; give the new values by their columns.

    Raises: Invalid, naming the field.
    """
    values = {}
    for column, (field, check, default) in SETTINGS.items():
        value = getattr(raw, column)
        if value is not ABSENT:
            values[column] = default if value is None and default is not NEEDED else check(value, field)
    return values


def checked_new(raw: MakerspaceInput) -> dict[str, str]:
    """Check a new makerspace; give its values by their columns.

    Raises: Invalid, naming the field.
    """
    return {
        "name": _name(raw.name, "name"),
        "time_zone": _zone(raw.time_zone, "timeZone"),
        "currency": _currency(raw.currency, "currency"),
        "locale": "en" if raw.locale is None else _locale(raw.locale, "locale"),
    }


def new_makerspace_id(raw: str | None, fresh: Callable[[], UUID]) -> UUID:
    """Read the id that a new makerspace shall have, or make one.

    Raises: Invalid.
    """
    if raw is None:
        return fresh()
    try:
        given = UUID(raw)
    except ValueError:
        given = UUID(int=0)
    if given.int == 0 or str(given) != raw.lower():
        raise Invalid("The id must be a UUID.", path=("id",))
    return given


def _name(raw: str | None, field: str) -> str:
    return short_text(_present(raw, field), field, MAX_NAME)


def _zone(raw: str | None, field: str) -> str:
    check_zone(_present(raw, field))
    return _present(raw, field)


def _currency(raw: str | None, field: str) -> str:
    if not is_currency(_present(raw, field)):
        raise Invalid("There is no such currency.", path=(field,))
    return _present(raw, field)


def _locale(raw: str, field: str) -> str:
    try:
        Locale.parse(short_text(raw, field).replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        raise Invalid("There is no such locale.", path=(field,)) from None
    return raw


def _present(raw: str | None, field: str) -> str:
    if raw is None:
        raise Invalid("Must not be null.", path=(field,))
    return raw


def _week_start(raw: DayOfWeek, _: str) -> int:
    return _DAYS.index(raw)


def _month(raw: int, field: str) -> int:
    if not 1 <= raw <= 12:
        raise Invalid("Must be a month, 1 to 12.", path=(field,))
    return raw


def _closures(raw: Sequence[ClosureInput], field: str) -> list[dict[str, str | None]]:
    if len(raw) > MAX_CLOSURES:
        raise Invalid(f"At most {MAX_CLOSURES} closures.", path=(field,))
    return sorted((_closure(one, field) for one in raw), key=lambda one: (one["start_date"] or "", one["end_date"]))


def _closure(raw: ClosureInput, field: str) -> dict[str, str | None]:
    since, until = day(raw.start_date, field), day(raw.end_date, field)
    if until < since:
        raise Invalid("A closure ends on the day it begins or later.", path=(field,))
    name = None if raw.name is None else short_text(raw.name, field, MAX_NAME)
    return {"start_date": since.isoformat(), "end_date": until.isoformat(), "name": name}


def _brand_color(raw: str, field: str) -> str:
    if not _COLOR.fullmatch(raw):
        raise Invalid("A color is written like #1a2b3c.", path=(field,))
    return raw.lower()


SETTINGS: dict[str, tuple[str, Callable[[Any, str], Any], Any]] = {
    "name": ("name", _name, NEEDED),
    "time_zone": ("timeZone", _zone, NEEDED),
    "currency": ("currency", _currency, NEEDED),
    "locale": ("locale", _locale, "en"),
    "week_start": ("weekStart", _week_start, 0),
    "fiscal_year_start_month": ("fiscalYearStartMonth", _month, 1),
    "opening_hours": ("openingHours", check_opening_hours, []),
    "closures": ("closures", _closures, []),
    "brand_color": ("brandColor", _brand_color, None),
    "logo": ("logo", logo, None),
}
"""By column: the API's name, the check, and what null means."""
