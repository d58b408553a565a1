"""Checks opening hours, and converts them to their stored form."""

import re
from collections.abc import Sequence
from typing import TypedDict

from makrcave_analytics.errors import Invalid
from makrcave_analytics.period import DayOfWeek
from makrcave_analytics.recording.entity_inputs import OpeningHoursInput

MAX_STRETCHES = 100

_TIME = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d", re.ASCII)
_MIDNIGHT = "24:00"
_DAYS = list(DayOfWeek)

Stretch = TypedDict("Stretch", {"day": int, "from": str, "to": str})
"""A stored stretch: day 0 is Monday."""


def check_opening_hours(raw: Sequence[OpeningHoursInput], field: str) -> list[Stretch]:
    """Check stretches, and sort them by the week.

    Raises: Invalid, naming `field`.
    """
    if len(raw) > MAX_STRETCHES:
        raise Invalid(f"At most {MAX_STRETCHES} stretches.", path=(field,))
    return sorted((_stretch(one, field) for one in raw), key=lambda one: (one["day"], one["from"], one["to"]))


def _stretch(raw: OpeningHoursInput, field: str) -> Stretch:
    if not _TIME.fullmatch(raw.from_) or not (_TIME.fullmatch(raw.to) or raw.to == _MIDNIGHT):
        raise Invalid("Times are written like 09:00; the end may be 24:00.", path=(field,))
    if raw.from_ >= raw.to:
        raise Invalid("Opening hours end after they begin; past midnight, give a stretch for each day.", path=(field,))
    return {"day": _DAYS.index(raw.day), "from": raw.from_, "to": raw.to}
