"""Cells are read exactly; ambiguous ones are refused with a reason."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from makrcave_analytics.errors import Invalid
from makrcave_analytics.recording.importing.cells import (
    CellFormat,
    read_json,
    read_number,
    read_text,
    read_truth,
    read_whole,
)
from makrcave_analytics.recording.importing.times import read_day, read_moment

BERLIN = ZoneInfo("Europe/Berlin")
KATHMANDU = ZoneInfo("Asia/Kathmandu")
POINT, COMMA = CellFormat(BERLIN), CellFormat(BERLIN, decimal_comma=True)


@pytest.mark.parametrize(
    ("cell", "cell_format", "number"),
    [
        ("12.50", POINT, "12.50"),
        ("12,50", COMMA, "12.50"),
        ("-3", COMMA, "-3"),
        ("0.1234567890123456789", POINT, "0.1234567890123456789"),
        (0.1 + 0.2, POINT, "0.3"),
        (1119.1, POINT, "1119.1"),
        (1.005, POINT, "1.005"),
        (7, POINT, "7"),
        (Decimal("4.10"), POINT, "4.10"),
    ],
)
def test_numbers_are_exact(cell: Any, cell_format: CellFormat, number: str) -> None:
    assert str(read_number(cell, cell_format)) == number


@given(st.integers(-(10**13), 10**13))
def test_cents_survive_a_workbook(cents: int) -> None:
    assert read_number(float(Decimal(cents) / 100), POINT) * 100 == cents


@pytest.mark.parametrize(
    ("cell", "cell_format"),
    [
        ("12,50", POINT),
        ("1,234.50", POINT),
        ("1.234,50", COMMA),
        ("1e5", POINT),
        ("€ 5", POINT),
        ("NaN", POINT),
        ("١٢", POINT),
        (True, POINT),
        (Decimal("1e400"), POINT),
        (datetime(2026, 1, 1, tzinfo=UTC), POINT),
    ],
)
def test_an_ambiguous_number_is_refused(cell: Any, cell_format: CellFormat) -> None:
    with pytest.raises(Invalid):
        read_number(cell, cell_format)


def test_other_values_are_read_by_the_type_of_their_field() -> None:
    assert read_text(4711, POINT) == read_text(4711.0, POINT) == "4711"
    assert (read_whole(90.0, POINT), read_whole("90", POINT)) == (90, 90)
    assert [read_truth(cell, POINT) for cell in ("TRUE", "t", "yes", 1, True, "no", "f", False)] == [True] * 5 + [
        False
    ] * 3
    assert read_json({"a": [Decimal("1.5")]}, POINT) == read_json('{"a": [1.5]}', POINT) == {"a": [1.5]}
    for read, cell in (
        (read_text, datetime(2026, 1, 1, tzinfo=UTC)),
        (read_text, 1.5),
        (read_text, True),
        (read_whole, "1.5"),
        (read_truth, "maybe"),
        (read_json, "{a}"),
        (read_json, "[" * 100_000),
    ):
        with pytest.raises(Invalid):
            read(cell, POINT)


@pytest.mark.parametrize(
    ("cell", "zone", "instant"),
    [
        ("2026-03-01T10:00:00Z", BERLIN, "2026-03-01T10:00:00+00:00"),
        ("2026-03-01 10:00:00+05:45", BERLIN, "2026-03-01T04:15:00+00:00"),
        ("2026-03-01 10:00:00.25 +0545", BERLIN, "2026-03-01T04:15:00.250000+00:00"),
        ("2026-03-01 10:00:00 UTC", BERLIN, "2026-03-01T10:00:00+00:00"),
        ("2026-03-01 10:00:00+02", BERLIN, "2026-03-01T08:00:00+00:00"),
        ("2026-03-01 10:00", BERLIN, "2026-03-01T09:00:00+00:00"),
        ("2026-07-01 10:00", BERLIN, "2026-07-01T08:00:00+00:00"),
        ("2026-03-01T00:00:00", KATHMANDU, "2026-02-28T18:15:00+00:00"),
        (datetime(2026, 7, 1, 10), BERLIN, "2026-07-01T08:00:00+00:00"),  # noqa: DTZ001
        # The clock showed 02:30 twice: the first.
        ("2025-10-26 02:30", BERLIN, "2025-10-26T00:30:00+00:00"),
        ("2025-10-26 03:00", BERLIN, "2025-10-26T02:00:00+00:00"),
        ("2026-03-29 03:00", BERLIN, "2026-03-29T01:00:00+00:00"),
    ],
)
def test_times_without_an_offset_are_local_to_the_makerspace(cell: Any, zone: ZoneInfo, instant: str) -> None:
    assert read_moment(cell, zone).at.isoformat() == instant


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("2026-03-29 02:30", "The clock of Europe/Berlin skipped this time"),
        ("2026-02-30 02:30", "There is no such instant"),
        ("2026-03-01", "A timestamp is written like"),
        ("1767225600", "A timestamp is written like"),
        (1767225600, "A timestamp is written like"),
        ("01.03.2026 10:00", "A timestamp is written like"),
        ("2026-03-01 10:00:60", "Leap seconds"),
        ("0001-01-01 00:00", "There is no such instant"),
    ],
)
def test_an_ambiguous_time_is_refused(cell: Any, why: str) -> None:
    with pytest.raises(Invalid, match=why):
        read_moment(cell, BERLIN)


def test_days_may_come_as_midnights() -> None:
    day = date(2026, 3, 29)
    for cell in ("2026-03-29", "2026-03-29 00:00:00", "2026-03-29T00:00:00.000", datetime(2026, 3, 29), day):  # noqa: DTZ001
        assert read_day(cell) == day
    for cell in (
        "2026-03-29 00:01:00",
        "2026-03-29T00:00:00Z",
        "29.03.2026",
        "2026-02-30",
        46110,
        datetime(2026, 3, 29, 1),  # noqa: DTZ001
    ):
        with pytest.raises(Invalid):
            read_day(cell)
