"""The settings of a makerspace, each with its check and default."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from babel import Locale, UnknownLocaleError

from makrcave_analytics.errors import Invalid
from makrcave_analytics.letter_case import to_camel
from makrcave_analytics.models.currency import is_currency
from makrcave_analytics.period import DayOfWeek
from makrcave_analytics.recording.checks.fields import day, short_text
from makrcave_analytics.recording.checks.image import logo
from makrcave_analytics.recording.checks.opening_hours import check_opening_hours
from makrcave_analytics.recording.entity_inputs import ClosureInput, MakerspaceInput
from makrcave_analytics.recording.settings.time_zone import check_zone

MAX_NAME = 200
MAX_CLOSURES = 100
NEEDED = object()
"""In place of a default: the setting cannot be null."""

_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
_DAYS = list(DayOfWeek)


@dataclass(frozen=True)
class Setting:
    """A setting of a makerspace. Its column and the API's name follow from its key in SETTINGS."""

    check: Callable[[Any, str], Any]
    """Returns the stored value of one that is not null, or raises Invalid naming the field."""
    default: Any = NEEDED
    """What null stores."""
    is_json: bool = False
    is_binary: bool = False

    def stored(self, raw: Any, field: str) -> Any:
        """Check a value, null included, and return what is stored.

        Raises: Invalid, naming the field.
        """
        return self.default if raw is None and self.default is not NEEDED else self.check(raw, field)


def checked(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Check settings, and return what is stored; both by column.

    Raises: Invalid, naming the field.
    """
    return {column: SETTINGS[column].stored(raw[column], to_camel(column)) for column in SETTINGS if column in raw}


def checked_new(raw: MakerspaceInput) -> dict[str, str]:
    """Check a new makerspace, and return what is stored, by column.

    Raises: Invalid, naming the field.
    """
    return checked({column: getattr(raw, column) for column in SET_AT_FIRST})


def new_makerspace_id(raw: str | None, fresh: Callable[[], UUID]) -> UUID:
    """Return the id of a new makerspace: the given one, or a fresh one.

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


SETTINGS: Mapping[str, Setting] = {
    "name": Setting(_name),
    "time_zone": Setting(_zone),
    "currency": Setting(_currency),
    "locale": Setting(_locale, "en"),
    "week_start": Setting(_week_start, 0),
    "fiscal_year_start_month": Setting(_month, 1),
    "opening_hours": Setting(check_opening_hours, [], is_json=True),
    "closures": Setting(_closures, [], is_json=True),
    "brand_color": Setting(_brand_color, None),
    "logo": Setting(logo, None, is_binary=True),
}
"""By column."""
SET_AT_FIRST = ("name", "time_zone", "currency", "locale")
"""The settings of a new makerspace."""
