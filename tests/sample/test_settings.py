"""The settings of the three makerspaces, their days and holidays. No database."""

import struct
import zlib
from datetime import date

import pytest
from tests.sample.conftest import NOW

from makrcave_analytics.sample.holidays import Country, closures, easter
from makrcave_analytics.sample.logo import draw_logo
from makrcave_analytics.sample.people import PLACES, draw_people, places
from makrcave_analytics.sample.plan import Plan
from makrcave_analytics.sample.settings import BENGALURU, BERLIN, KATHMANDU, MAKERSPACES
from makrcave_analytics.sample.visits import VISITS, visits_of


def test_the_three_makerspaces_have_their_zones_currencies_and_locales() -> None:
    assert [(m.time_zone, m.currency, m.locale) for m in MAKERSPACES] == [
        ("Asia/Kolkata", "INR", "en-IN"),
        ("Europe/Berlin", "EUR", "de"),
        ("Asia/Kathmandu", "NPR", "ne"),
    ]
    assert [(m.week_start, m.fiscal_year_start_month) for m in MAKERSPACES] == [(0, 4), (0, 1), (6, 7)]


def test_hours_are_written_as_the_clock_shows_them() -> None:
    assert [opening.stored() for opening in BERLIN.openings(4)] == [{"day": 4, "from": "10:00", "to": "24:00"}]
    assert [opening.stored() for opening in KATHMANDU.openings(0)] == [
        {"day": 0, "from": "10:00", "to": "13:00"},
        {"day": 0, "from": "14:00", "to": "20:00"},
    ]
    assert BENGALURU.openings(0) == ()


@pytest.mark.parametrize("day", [date(2024, 3, 31), date(2025, 4, 20), date(2026, 4, 5), date(2038, 4, 25)])
def test_easter_is_computed(day) -> None:
    assert easter(day.year) == day


def test_closures_ascend_and_begin_within_the_span() -> None:
    found = closures(Country.GERMANY, date(2026, 4, 1), date(2026, 5, 14))
    assert found == [
        (date(2026, 4, 3), date(2026, 4, 3), "Karfreitag"),
        (date(2026, 4, 6), date(2026, 4, 6), "Ostermontag"),
        (date(2026, 5, 1), date(2026, 5, 1), "Tag der Arbeit"),
        (date(2026, 5, 14), date(2026, 5, 14), "Christi Himmelfahrt"),
    ]


def test_a_logo_is_a_small_png() -> None:
    logo = draw_logo("#0F766E")
    assert logo.startswith(b"\x89PNG\r\n\x1a\n")
    assert len(logo) < 20_000
    width, height, depth, kind = struct.unpack(">IIBB", logo[16:26])
    assert (width, height, depth, kind) == (96, 96, 8, 6)
    length = struct.unpack(">I", logo[33:37])[0]
    rows = zlib.decompress(logo[41 : 41 + length])
    assert len(rows) == 96 * (1 + 4 * 96)
    middle = 48 * (1 + 4 * 96) + 1 + 4 * 48
    assert rows[middle : middle + 4] == b"\x0f\x76\x6e\xff"


@pytest.mark.parametrize("scale", [0.02, 1, 70])
def test_visits_grow_with_the_scale(scale) -> None:
    visits = sum(visits_of(Plan(BENGALURU, NOW, 1, scale)))
    assert visits == pytest.approx(VISITS * scale, rel=0.05)


def test_a_large_scale_adds_events_only() -> None:
    assert [Plan(BENGALURU, NOW, 1, scale).thinning for scale in (0.02, 1, 70)] == [0.02, 1, 1]


def test_a_given_member_count_has_distinct_names_and_an_entry_per_member() -> None:
    plan = Plan(BENGALURU, NOW, 1, 1, member_count=5000)
    people = [person for person in draw_people(plan) if person.is_synced]
    assert len({person.name for person in people}) == 5000
    assert places(plan) == 5000
    assert places(Plan(BENGALURU, NOW, 1, 1)) == PLACES
