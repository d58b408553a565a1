"""Closures of the sample makerspaces: the public holidays of three countries. Knows days only.

Holidays of lunar calendars are listed up to 2028; in later years only the computed ones remain.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum

Closure = tuple[date, date, str]
"""First day, last day, name."""


class Country(StrEnum):
    """The country of the holidays."""

    INDIA = "IN"
    GERMANY = "DE"
    NEPAL = "NP"


_FIXED: dict[Country, tuple[tuple[int, int, int, str], ...]] = {
    # month, day, days, name
    Country.INDIA: (
        (1, 26, 1, "Republic Day"),
        (8, 15, 1, "Independence Day"),
        (10, 2, 1, "Gandhi Jayanti"),
        (12, 25, 1, "Christmas Day"),
    ),
    Country.GERMANY: (
        (3, 8, 1, "Internationaler Frauentag"),
        (5, 1, 1, "Tag der Arbeit"),
        (10, 3, 1, "Tag der Deutschen Einheit"),
        (12, 24, 9, "Betriebsferien"),
    ),
    Country.NEPAL: (
        (5, 1, 1, "Labour Day"),
        (9, 19, 1, "Constitution Day"),
    ),
}

_MOVING: dict[Country, tuple[tuple[str, int, str], ...]] = {
    # first day, days, name
    Country.INDIA: (
        ("2024-03-25", 1, "Holi"),
        ("2024-10-31", 3, "Diwali"),
        ("2025-03-14", 1, "Holi"),
        ("2025-10-20", 3, "Diwali"),
        ("2026-03-04", 1, "Holi"),
        ("2026-11-08", 3, "Diwali"),
        ("2027-03-22", 1, "Holi"),
        ("2027-10-29", 3, "Diwali"),
        ("2028-03-11", 1, "Holi"),
        ("2028-10-17", 3, "Diwali"),
    ),
    Country.GERMANY: (),
    Country.NEPAL: (
        ("2024-04-13", 1, "Nepali New Year"),
        ("2024-10-10", 6, "Dashain"),
        ("2024-10-31", 4, "Tihar"),
        ("2025-04-14", 1, "Nepali New Year"),
        ("2025-09-29", 6, "Dashain"),
        ("2025-10-20", 4, "Tihar"),
        ("2026-04-14", 1, "Nepali New Year"),
        ("2026-10-18", 6, "Dashain"),
        ("2026-11-08", 4, "Tihar"),
        ("2027-04-14", 1, "Nepali New Year"),
        ("2027-10-07", 6, "Dashain"),
        ("2027-10-29", 4, "Tihar"),
        ("2028-04-13", 1, "Nepali New Year"),
        ("2028-09-25", 6, "Dashain"),
        ("2028-10-17", 4, "Tihar"),
    ),
}

_AROUND_EASTER = (
    (-2, 1, "Karfreitag"),
    (1, 1, "Ostermontag"),
    (39, 1, "Christi Himmelfahrt"),
    (50, 1, "Pfingstmontag"),
)


def closures(country: Country, since: date, until: date) -> list[Closure]:
    """Return the closures that begin within [since, until], ascending."""
    return sorted(closure for closure in _all(country, since.year, until.year) if since <= closure[0] <= until)


def easter(year: int) -> date:
    """Return Easter Sunday of the Gregorian calendar, by the algorithm of Meeus, Jones and Butcher."""
    golden, century, rest = year % 19, year // 100, year % 100
    epact = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


def _all(country: Country, first_year: int, last_year: int) -> Iterator[Closure]:
    for year in range(first_year, last_year + 1):
        for month, day, days, name in _FIXED[country]:
            yield _closure(date(year, month, day), days, name)
        if country is Country.GERMANY:
            for offset, days, name in _AROUND_EASTER:
                yield _closure(easter(year) + timedelta(days=offset), days, name)
    for first, days, name in _MOVING[country]:
        yield _closure(date.fromisoformat(first), days, name)


def _closure(first: date, days: int, name: str) -> Closure:
    return first, first + timedelta(days=days - 1), name
