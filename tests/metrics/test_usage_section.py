"""Peaks, heat map, bands and cohorts of the usage section against the raw rows of the sample."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from tests.metrics.comparing import Question
from tests.metrics.facts import Facts
from tests.plugins.database import mint
from tests.plugins.sample import SAMPLE_NOW

from makrcave_analytics import sample
from makrcave_analytics.models.makerspace import makerspace_from, select_makerspace
from makrcave_analytics.period import Grain, Period, PeriodPreset

FIELDS = """peakHour mostActiveDay heatmap { value } visitBands { label members share }
    activity: retention(cohorts: 6) { cohort size active }
    membership: retention(cohorts: 6, basis: MEMBERSHIP) { cohort size active }"""
QUESTIONS = [
    Question(PeriodPreset.LAST_30_DAYS, SAMPLE_NOW, None, Grain.DAY),
    Question(PeriodPreset.LAST_12_MONTHS, SAMPLE_NOW, None, Grain.DAY),
    Question(PeriodPreset.THIS_MONTH, datetime(2028, 3, 26, 1, 30, tzinfo=UTC), None, Grain.DAY),
    Question(PeriodPreset.THIS_WEEK, datetime(2028, 2, 29, 9, tzinfo=UTC), None, Grain.DAY),
    Question((date(2028, 10, 20), date(2028, 10, 31)), SAMPLE_NOW, None, Grain.DAY),
]
DAY = timedelta(days=1)


@pytest.mark.parametrize("question", QUESTIONS, ids=str)
@pytest.mark.parametrize("place", sample.MAKERSPACES, ids=lambda place: place.prefix)
async def test_the_section_is_what_the_raw_rows_say(
    make_api: Any, sample_database: Any, sample_facts: Any, question: Question, place: sample.SampleMakerspace
) -> None:
    api = make_api(sample_database)
    api.now = question.now
    makerspace_id, facts = mint(place.id), sample_facts[place.id]
    async with sample_database.read(makerspace_id) as connection:
        makerspace = makerspace_from((await connection.execute(select_makerspace())).mappings().one())
    period = question.scope(makerspace, None).period
    usage = (await api.ask(f"{{ usage({question.arguments}) {{ {FIELDS} }} }}", makerspace_id))["usage"]
    events = facts.events.filter(pl.col("timestamp").is_between(period.since, period.until, closed="left"))
    assert usage["peakHour"] == _most(events["HOUR_OF_DAY"])
    assert usage["mostActiveDay"] == str(_most(events["day"]))
    assert [cell["value"] for cell in usage["heatmap"]] == _heatmap(events, facts, period)
    assert [(band["label"], band["members"]) for band in usage["visitBands"]] == _bands(facts, period)
    assert usage["activity"] == _cohorts(facts, period, _first_months(facts), _months_present(facts))
    assert usage["membership"] == _cohorts(facts, period, _joined_months(facts, period), _months_as_member(facts))


def _most(column: pl.Series) -> Any:
    counted = Counter(column.to_list())
    return min(counted, key=lambda key: (-counted[key], key))


def _today(facts: Facts, period: Period) -> date:
    return period.now.astimezone(facts.zone).date()


def _heatmap(events: pl.DataFrame, facts: Facts, period: Period) -> list[float | None]:
    begun: set[tuple[date, int]] = set()
    moment = period.since.astimezone(UTC)
    while moment < min(period.now, period.until):  # quarters of an hour meet every hour of every zone
        local = moment.astimezone(facts.zone)
        begun.add((local.date(), local.hour))
        moment += timedelta(minutes=15)
    days = Counter((day.weekday(), hour) for day, hour in begun)
    counted = Counter(events.select("DAY_OF_WEEK", "HOUR_OF_DAY").rows())
    return [
        round(counted[day, hour] / days[day, hour], 6) if days[day, hour] else None
        for day in range(7)
        for hour in range(24)
    ]


def _bands(facts: Facts, period: Period) -> list[tuple[str, int]]:
    last = min(period.end_date, _today(facts, period))
    days = (last - period.start_date).days + 1
    as_of = min(period.until, period.now).astimezone(facts.zone).date()
    visits = Counter(facts.visits.filter(pl.col("day").is_between(period.start_date, last))["MEMBER"].to_list())
    bands = Counter[str]()
    for row in facts.people.iter_rows(named=True):
        if row["joined"] <= last and (row["left"] is None or row["left"] >= as_of):
            monthly = -(-visits[row["MEMBER"]] * 30 // days)
            bands[next(label for label, most in EDGES if monthly <= most)] += 1
    return [(label, bands[label]) for label, _ in EDGES]


EDGES = [("0", 0), ("1", 1), ("2–3", 3), ("4–6", 6), ("7–12", 12), ("13 and more", 30)]


def _month(day: date) -> date:
    return day.replace(day=1)


def _months_present(facts: Facts) -> dict[str, set[date]]:
    found: dict[str, set[date]] = {}
    for member, day in facts.presence_days.select("MEMBER", "day").iter_rows():
        found.setdefault(member, set()).add(_month(day))
    return found


def _first_months(facts: Facts) -> dict[str, date]:
    return {member: min(months) for member, months in _months_present(facts).items()}


def _joined_months(facts: Facts, period: Period) -> dict[str, date]:
    new = facts.people.filter("is_new")
    return {member: _month(joined) for member, joined in new.select("MEMBER", "joined").iter_rows()}


def _months_as_member(facts: Facts) -> dict[str, set[date]]:
    """Return the months at the end of which they were members, up to one month after the sample."""
    found: dict[str, set[date]] = {}
    for member, joined, left in facts.people.select("MEMBER", "joined", "left").iter_rows():
        month = _month(max(joined, date(2027, 1, 1)))
        while month < date(2029, 1, 1):
            following = _month(month + 31 * DAY)
            if left is None or left >= following:
                found.setdefault(member, set()).add(month)
            month = following
    return found


def _cohorts(facts: Facts, period: Period, began: dict[str, date], there: dict[str, set[date]]) -> list[dict[str, Any]]:
    running = _month(_today(facts, period))
    months = [_month(min(period.end_date, running))]
    while len(months) < 6:
        months.insert(0, _month(months[0] - DAY))
    rows = []
    for cohort in months:
        members = [member for member, month in began.items() if month == cohort]
        active = [
            round(sum(later in there.get(member, ()) for member in members) / len(members), 6)
            if members and later < running
            else None
            for later in months
            if later >= cohort
        ]
        rows.append({"cohort": str(cohort), "size": len(members), "active": active})
    return rows
