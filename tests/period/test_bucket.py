"""Buckets tile their period exactly in any zone, with the right labels."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from makrcave_analytics.errors import Invalid
from makrcave_analytics.period import (
    Calendar,
    Comparison,
    DateRange,
    Grain,
    Period,
    PeriodPreset,
    Span,
    compare,
    day_start,
    hour_start,
    resolve,
)

BERLIN = Calendar(ZoneInfo("Europe/Berlin"))
LATER = datetime(2100, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)

calendars = st.builds(
    Calendar,
    st.sampled_from(
        [
            "UTC",
            "Europe/Berlin",
            "Asia/Kolkata",
            "Asia/Kathmandu",
            "Australia/Lord_Howe",
            "America/Santiago",
            "Africa/Cairo",
            "Africa/Casablanca",
            "Asia/Beirut",
            "America/Havana",
            "Antarctica/Troll",
            "Pacific/Apia",
            "Pacific/Chatham",
        ]
    ).map(ZoneInfo),
    st.integers(0, 6),
    st.integers(1, 12),
)
ranges = st.tuples(
    st.dates(date(1985, 12, 1), date(2040, 1, 1)), st.one_of(st.integers(0, 8), st.integers(0, 500))
).map(lambda pair: DateRange(pair[0], pair[0] + pair[1] * DAY))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def period(start: str, end: str, calendar: Calendar = BERLIN, now: datetime = LATER) -> Period:
    return resolve(DateRange(date.fromisoformat(start), date.fromisoformat(end)), calendar, now)


@pytest.mark.parametrize(
    ("grain", "labels", "partial"),
    [
        (Grain.WEEK, ["Week of 28 Sep 2026", "Week of 5 Oct 2026", "Week of 12 Oct 2026"], [True, False, True]),
        (Grain.MONTH, ["Oct 2026"], [True]),
        (Grain.QUARTER, ["Q4 2026"], [True]),
        (Grain.YEAR, ["2026"], [True]),
    ],
)
def test_buckets_that_the_period_cuts_keep_their_labels_and_are_partial(
    grain: Grain, labels: list[str], partial: list[bool]
) -> None:
    buckets = period("2026-10-01", "2026-10-17").buckets(grain)
    assert [bucket.label for bucket in buckets] == labels
    assert [bucket.is_partial for bucket in buckets] == partial
    assert buckets[0].start.isoformat() == "2026-10-01T00:00:00+02:00"
    assert buckets[-1].end.isoformat() == "2026-10-18T00:00:00+02:00"


def test_whole_buckets_are_not_partial() -> None:
    for grain in Grain:
        assert not any(bucket.is_partial for bucket in period("2026-01-01", "2026-12-31").buckets(grain)[1:-1])
    year = period("2026-01-01", "2026-12-31")
    assert [bucket.label for bucket in year.buckets(Grain.QUARTER)] == ["Q1 2026", "Q2 2026", "Q3 2026", "Q4 2026"]
    assert not any(bucket.is_partial for bucket in year.buckets(Grain.MONTH))
    assert len(year.buckets(Grain.HOUR)) == 8760


def test_weeks_begin_on_the_makerspaces_first_day() -> None:
    from_sunday = Calendar(ZoneInfo("Asia/Kolkata"), week_start=6)
    buckets = period("2026-11-01", "2026-11-14", from_sunday).buckets(Grain.WEEK)
    assert [(bucket.label, bucket.is_partial) for bucket in buckets] == [
        ("Week of 1 Nov 2026", False),
        ("Week of 8 Nov 2026", False),
    ]


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-11-22", 24)])
def test_a_day_in_berlin_has_the_hours_that_its_clock_shows(day: str, hours: int) -> None:
    assert len(period(day, day).buckets(Grain.HOUR)) == hours


def test_a_repeated_hour_has_two_labels() -> None:
    labels = [bucket.label for bucket in period("2026-10-25", "2026-10-25").buckets(Grain.HOUR)]
    assert labels[:5] == ["00:00", "01:00", "02:00", "02:00 (2nd)", "03:00"]
    spring = [bucket.label for bucket in period("2026-03-29", "2026-03-29").buckets(Grain.HOUR)]
    assert spring[:4] == ["00:00", "01:00", "03:00", "04:00"]


def test_labels_of_hours_have_as_much_of_the_date_as_the_period_requires() -> None:
    assert period("2026-11-22", "2026-11-22").buckets(Grain.HOUR)[14].label == "14:00"
    assert period("2026-11-22", "2026-11-23").buckets(Grain.HOUR)[14].label == "22 Nov 14:00"
    assert period("2026-12-31", "2027-01-01").buckets(Grain.HOUR)[24].label == "1 Jan 2027 00:00"


def test_days_have_the_length_and_offset_of_the_zone() -> None:
    buckets = period("2026-10-24", "2026-10-26").buckets(Grain.DAY)
    assert [(bucket.start.isoformat(), bucket.end - bucket.start) for bucket in buckets] == [
        ("2026-10-24T00:00:00+02:00", timedelta(hours=24)),
        ("2026-10-25T00:00:00+02:00", timedelta(hours=25)),
        ("2026-10-26T00:00:00+01:00", timedelta(hours=24)),
    ]
    assert [bucket.label for bucket in buckets] == ["24 Oct 2026", "25 Oct 2026", "26 Oct 2026"]


def test_a_day_that_the_zone_skipped_has_no_bucket() -> None:
    buckets = period("2011-12-29", "2011-12-31", Calendar(ZoneInfo("Pacific/Apia"))).buckets(Grain.DAY)
    assert [bucket.label for bucket in buckets] == ["29 Dec 2011", "31 Dec 2011"]


def test_the_current_bucket_is_the_last_and_counts_facts_stamped_ahead() -> None:
    november = period("2026-11-01", "2026-11-30", now=utc("2026-11-18T16:15"))
    *_, before, last = november.buckets(Grain.DAY)
    assert (before.label, before.is_partial) == ("17 Nov 2026", False)
    assert (last.label, last.is_partial) == ("18 Nov 2026", True)
    assert last.end.isoformat() == "2026-11-19T00:00:00+01:00"
    assert last.span.until == november.span().until == utc("2026-11-30T23:00")


def test_at_midnight_the_bucket_of_the_new_day_is_made() -> None:
    at_midnight = period("2026-11-17", "2026-11-19", now=utc("2026-11-17T23:00"))
    assert [(bucket.label, bucket.is_partial) for bucket in at_midnight.buckets(Grain.DAY)] == [
        ("17 Nov 2026", False),
        ("18 Nov 2026", True),
    ]


@pytest.mark.parametrize(("now", "made"), [("2026-10-25T00:30", 3), ("2026-10-25T01:30", 4)])
def test_when_the_clock_changes_the_last_bucket_is_the_current_hour(now: str, made: int) -> None:
    buckets = resolve(PeriodPreset.TODAY, BERLIN, utc(now)).buckets(Grain.HOUR)
    assert [bucket.is_partial for bucket in buckets] == [False] * (made - 1) + [True]
    assert buckets[-1].start <= utc(now) < buckets[-1].end


def test_a_future_period_has_a_span_and_no_buckets() -> None:
    to_come = period("2026-12-01", "2026-12-31", now=utc("2026-11-18T16:15"))
    assert to_come.buckets(Grain.DAY) == ()
    assert to_come.span().until == utc("2026-12-31T23:00")


def test_too_many_buckets_are_refused_with_the_accepted_grains() -> None:
    with pytest.raises(Invalid, match="Accepted: DAY, WEEK, MONTH, QUARTER, YEAR"):
        period("2000-01-01", "2026-12-31").buckets(Grain.HOUR)
    with pytest.raises(Invalid, match="Accepted: WEEK, MONTH, QUARTER, YEAR"):
        period("1970-01-01", "2999-12-31").buckets(Grain.DAY)
    assert len(period("1970-01-01", "2999-12-31", now=utc("2999-12-31T23:00")).buckets(Grain.MONTH)) == 12_360


def tiles(buckets: tuple[tuple[datetime, datetime], ...], span: Span) -> bool:
    edges = [since for since, _ in buckets] + [buckets[-1][1]]
    return (
        edges[0] == span.since
        and edges[-1] == span.until
        and all(until == since for (_, until), (since, _) in pairwise(buckets))
    )


@given(calendars, ranges, st.sampled_from(Grain), st.floats(-0.2, 1.2))
def test_the_spans_of_buckets_tile_the_period(calendar: Calendar, asked: DateRange, grain: Grain, share: float) -> None:
    whole = resolve(asked, calendar, LATER)
    assume(whole.since < whole.until)
    now = whole.since + (whole.until - whole.since) * share
    running = resolve(asked, calendar, now)
    buckets = running.buckets(grain)
    if now < whole.since:
        assert buckets == ()
        return
    assert tiles(tuple((bucket.span.since, bucket.span.until) for bucket in buckets), running.span())
    assert all(bucket.start < bucket.end and bucket.start <= now for bucket in buckets)
    assert all(before.end == after.start for before, after in pairwise(buckets))
    assert buckets[-1].end >= min(now, whole.until)
    assert buckets[-1].is_partial or buckets[-1].end == whole.until
    assert len({bucket.label for bucket in buckets}) == len(buckets)


@given(calendars, ranges, st.sampled_from(Grain), st.floats(0, 1), st.sampled_from(Comparison))
def test_the_spans_of_compared_buckets_tile_the_compared_period(
    calendar: Calendar, asked: DateRange, grain: Grain, share: float, comparison: Comparison
) -> None:
    whole = resolve(asked, calendar, LATER)
    now = whole.since + (whole.until - whole.since) * share
    other = compare(resolve(asked, calendar, now), comparison)
    assert other is not None
    buckets = other.buckets(grain)
    assert tiles(tuple((bucket.span.since, bucket.span.until) for bucket in buckets), other.span())


@given(calendars, ranges, st.sampled_from(Grain))
def test_every_bucket_consists_of_whole_finer_ones(calendar: Calendar, asked: DateRange, grain: Grain) -> None:
    asked_period = resolve(asked, calendar, LATER)
    finer = Grain.HOUR if grain in {Grain.HOUR, Grain.DAY} else Grain.DAY
    inner = {bucket.start for bucket in asked_period.buckets(finer)}
    assert {bucket.start for bucket in asked_period.buckets(grain)} <= inner


@given(calendars, ranges, st.floats(0, 1))
def test_whole_hours_whole_days_and_the_rest_make_up_the_span(
    calendar: Calendar, asked: DateRange, share: float
) -> None:
    whole = resolve(asked, calendar, LATER).span()
    span = Span(whole.since, whole.since + (whole.until - whole.since) * share, calendar.zone)
    assert span.since <= span.hour_until <= span.until
    assert hour_start(span.until, calendar.zone) == max(span.since, span.hour_until)
    assert span.since <= span.day_edge <= span.hour_until
    assert day_start(span.day_since, calendar.zone) == span.since
    assert day_start(span.day_until, calendar.zone) == span.day_edge
    assert span.until < day_start(span.day_until + DAY, calendar.zone)


def test_a_span_has_the_edges_of_its_roll_ups() -> None:
    span = Span(utc("2026-10-24T22:00"), utc("2026-10-27T13:20"), BERLIN.zone)
    assert (span.hour_until, span.day_since, span.day_until) == (
        utc("2026-10-27T13:00"),
        date(2026, 10, 25),
        date(2026, 10, 27),
    )
    assert span.day_edge == utc("2026-10-26T23:00")
    assert span.first_day == date(2026, 10, 25)
    whole = Span(utc("2026-10-24T22:00"), utc("2026-10-25T23:00"), BERLIN.zone)
    assert whole.hour_until == whole.day_edge == whole.until


def test_a_span_that_begins_within_a_day_has_no_whole_days() -> None:
    span = Span(utc("2026-10-24T23:00"), utc("2026-10-27T13:20"), BERLIN.zone)
    assert span.day_since == span.day_until
    assert span.day_edge == span.since
