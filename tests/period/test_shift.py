"""What corresponds to a bucket: the same part of the compared period, by the local clock; nothing counts twice."""

from datetime import UTC, date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from makrcave_analytics.period import Calendar, Comparison, DateRange, Grain, PeriodPreset, Span, compare, corresponding
from makrcave_analytics.period.preset import resolve
from makrcave_analytics.period.zone import hour_start

BERLIN = Calendar(ZoneInfo("Europe/Berlin"))
LATER = datetime(2099, 1, 1, tzinfo=UTC)
PREVIOUS, WEEKDAYS, YEAR = (
    Comparison.PREVIOUS_PERIOD,
    Comparison.PREVIOUS_PERIOD_SAME_WEEKDAYS,
    Comparison.PREVIOUS_YEAR,
)
ZONES = ["UTC", "Europe/Berlin", "Asia/Kolkata", "Asia/Kathmandu", "America/New_York", "Australia/Lord_Howe"]
WALL = "%Y-%m-%d %H:%M"


def pairs(
    asked: PeriodPreset | DateRange,
    comparison: Comparison,
    grain: Grain,
    now: datetime = LATER,
    calendar: Calendar = BERLIN,
) -> tuple[list[tuple[datetime, Span | None]], Span]:
    """The start of each bucket with the span that corresponds to it, and the whole compared span."""
    period = resolve(asked, calendar, now)
    compared = compare(period, comparison)
    assert compared is not None
    assert compared.shifts is not None
    buckets, whole = period.buckets(grain), compared.span()
    spans = corresponding(buckets, whole, compared.shifts.by(grain))
    return list(zip((bucket.start for bucket in buckets), spans, strict=True)), whole


def walls(found: list[tuple[datetime, Span | None]]) -> list[tuple[str, str | None, str | None]]:
    """The same by the clock of Berlin."""
    zone = BERLIN.zone
    return [
        (
            start.strftime(WALL),
            span and span.since.astimezone(zone).strftime(WALL),
            span and span.until.astimezone(zone).strftime(WALL),
        )
        for start, span in found
    ]


def day(of: str) -> DateRange:
    return DateRange(date.fromisoformat(of), date.fromisoformat(of))


def test_after_a_change_of_the_clock_ten_is_compared_with_ten() -> None:
    found = walls(pairs(day("2025-10-27"), PREVIOUS, Grain.HOUR)[0])
    assert found[10] == ("2025-10-27 10:00", "2025-10-26 10:00", "2025-10-26 11:00")
    # The hour that the clock showed twice is one of the next day's.
    assert found[2] == ("2025-10-27 02:00", "2025-10-26 02:00", "2025-10-26 03:00")
    assert len(found) == 24


def test_an_hour_shown_twice_has_one_counterpart_and_one_without() -> None:
    found = walls(pairs(day("2025-10-26"), PREVIOUS, Grain.HOUR)[0])
    assert found[2:5] == [
        ("2025-10-26 02:00", "2025-10-25 02:00", "2025-10-25 03:00"),
        ("2025-10-26 02:00", None, None),
        ("2025-10-26 03:00", "2025-10-25 03:00", "2025-10-25 04:00"),
    ]


def test_an_hour_that_the_other_day_skipped_has_no_counterpart() -> None:
    found = walls(pairs(day("2025-03-31"), PREVIOUS, Grain.HOUR)[0])
    assert found[1:4] == [
        ("2025-03-31 01:00", "2025-03-30 01:00", "2025-03-30 03:00"),
        ("2025-03-31 02:00", None, None),
        ("2025-03-31 03:00", "2025-03-30 03:00", "2025-03-30 04:00"),
    ]


def test_days_that_the_shorter_month_lacks_have_no_counterpart() -> None:
    march = walls(pairs(PeriodPreset.PREVIOUS_MONTH, PREVIOUS, Grain.DAY, datetime(2026, 4, 10, tzinfo=UTC))[0])
    assert march[27] == ("2026-03-28 00:00", "2026-02-28 00:00", "2026-03-01 00:00")
    assert [previous for _, previous, _ in march[28:]] == [None, None, None]


def test_the_last_day_is_compared_with_what_the_longer_month_has_left() -> None:
    february = walls(pairs(PeriodPreset.PREVIOUS_MONTH, PREVIOUS, Grain.DAY, datetime(2026, 3, 10, tzinfo=UTC))[0])
    assert february[-1] == ("2026-02-28 00:00", "2026-01-28 00:00", "2026-02-01 00:00")


@pytest.mark.parametrize(("grain", "second"), [(Grain.MONTH, "2026-02-01 00:00"), (Grain.DAY, "2026-01-02 00:00")])
def test_months_of_a_quarter_are_compared_with_months(grain: Grain, second: str) -> None:
    quarter = PeriodPreset.PREVIOUS_QUARTER
    found = walls(pairs(quarter, PREVIOUS, grain, datetime(2026, 7, 10, tzinfo=UTC))[0])
    assert found[1][1] == second
    assert found[0][1] == "2026-01-01 00:00"


def test_the_running_day_is_compared_with_as_much_of_the_other() -> None:
    found = walls(pairs(PeriodPreset.THIS_MONTH, PREVIOUS, Grain.DAY, datetime(2026, 11, 18, 15, 15, tzinfo=UTC))[0])
    assert found[-1] == ("2026-11-18 00:00", "2026-10-18 00:00", "2026-10-18 16:15")


def test_an_empty_compared_span_belongs_to_the_first_bucket() -> None:
    # One instant after midnight nothing has elapsed of the other month, and the first bucket says so.
    found, whole = pairs(PeriodPreset.THIS_MONTH, PREVIOUS, Grain.DAY, datetime(2026, 10, 31, 23, tzinfo=UTC))
    assert [span for _, span in found] == [whole]
    assert whole.since == whole.until


ranges = st.tuples(st.dates(date(1990, 1, 1), date(2040, 1, 1)), st.integers(0, 500)).map(
    lambda pair: DateRange(pair[0], date.fromordinal(pair[0].toordinal() + pair[1]))
)
calendars = st.builds(Calendar, st.sampled_from(ZONES).map(ZoneInfo), st.integers(0, 6), st.integers(1, 12))


@given(calendars, ranges, st.sampled_from(Grain), st.floats(0, 1), st.sampled_from(Comparison))
def test_counterparts_of_a_range_tile_what_it_is_compared_with(
    calendar: Calendar, asked: DateRange, grain: Grain, share: float, comparison: Comparison
) -> None:
    whole = resolve(asked, calendar, LATER)
    check_tiling(asked, comparison, grain, whole.since + (whole.until - whole.since) * share, calendar)


@given(
    calendars,
    st.sampled_from([preset for preset in PeriodPreset if preset is not PeriodPreset.ALL_TIME]),
    st.sampled_from(Grain),
    # hypothesis takes bounds without a zone
    st.datetimes(datetime(1995, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.sampled_from(Comparison),
)
def test_counterparts_of_a_preset_tile_what_it_is_compared_with(
    calendar: Calendar, preset: PeriodPreset, grain: Grain, now: datetime, comparison: Comparison
) -> None:
    check_tiling(preset, comparison, grain, now, calendar)


def check_tiling(
    asked: PeriodPreset | DateRange, comparison: Comparison, grain: Grain, now: datetime, calendar: Calendar
) -> None:
    found, whole = pairs(asked, comparison, grain, now, calendar)
    spans = [span for _, span in found if span is not None]
    if not found:
        return
    assert spans
    assert spans[0].since == whole.since
    assert spans[-1].until == whole.until
    assert all(one.until == other.since for one, other in pairwise(spans))
    assert all(span.since < span.until for span in spans) or spans == [whole]
    # A statement reads roll-ups from an hour edge on.
    assert all(hour_start(span.since, calendar.zone) == span.since for span in spans)
