"""The laws that hold for every metric of the catalogue, from the day it is added."""

import asyncio
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import cycle
from typing import Any

import pytest
from tests.metrics.asking import asked_by_owner
from tests.metrics.scenario import clone, record_everything, roll_up
from tests.plugins.database import mint
from tests.plugins.sample import SAMPLE_NOW

from makrcave_analytics import sample
from makrcave_analytics.metrics.catalog.registry import CATALOG
from makrcave_analytics.metrics.metric import Level, Measure, Median, Metric, Ratio
from makrcave_analytics.metrics.results.number import Number
from makrcave_analytics.period import Comparison, Grain, PeriodPreset

BERLIN = sample.MAKERSPACES[1]
DAY = date(2026, 3, 10)
SINCE = datetime(2026, 3, 9, 23, tzinfo=UTC)
"""DAY begins in Berlin."""
LATER = datetime(2026, 6, 1, tzinfo=UTC)
SPRING = (date(2028, 3, 13), date(2028, 4, 9))
"""Four weeks with a day of 23 hours, for metrics by hour."""
CLOCK_CHANGED = datetime(2028, 10, 31, 12, tzinfo=UTC)
"""Two days after Berlin's day of 25 hours."""
YEAR = (date(2027, 11, 20), date(2028, 11, 17))
ADDITIVE = [
    replace(metric, divisor=1)
    for metric in CATALOG
    if isinstance(metric, Measure) and metric.is_additive and not metric.has_units
]
"""Additive measures, hours as whole seconds. Quantities of several units have no total and are tested by item."""

each = pytest.mark.parametrize("metric", CATALOG, ids=lambda metric: metric.key)


def _in_some_zone(metrics: Iterable[Metric]) -> Any:
    """Run a test with each metric in one of the three zones; the oracle sees every metric in every zone."""
    places = cycle(sample.MAKERSPACES)
    return pytest.mark.parametrize(
        ("metric", "place"),
        [pytest.param(m, place, id=f"{m.section}-{m.key}") for m, place in zip(metrics, places, strict=False)],
    )


each_additive = _in_some_zone(ADDITIVE)
each_additive_with_dimensions = _in_some_zone(metric for metric in ADDITIVE if metric.dimensions)


@each
def test_every_metric_is_described(metric: Metric) -> None:
    assert metric.label
    assert metric.label[0].isupper()
    assert metric.description.endswith(".")
    assert metric.formula
    assert len(set(metric.dimensions)) == len(metric.dimensions)
    if not metric.is_additive:
        assert re.search("add up", metric.description), "it says that its parts do not add up"


async def test_over_nothing_counts_and_sums_are_0_and_ratios_and_medians_null(
    database: Any, asking: Any, make_makerspace: Any
) -> None:
    asked = asking(database, await make_makerspace())
    expected: dict[str, Any] = {
        metric.key: None if isinstance(metric, Ratio | Median) else Decimal(0) for metric in CATALOG
    }
    assert await asked.totals(CATALOG, PeriodPreset.LAST_7_DAYS, LATER) == expected
    for metric in CATALOG:
        number = await asked.number(metric, PeriodPreset.LAST_7_DAYS, LATER, Comparison.PREVIOUS_PERIOD)
        nothing = expected[metric.key]
        before = None if isinstance(metric, Level) else nothing
        assert await number.previous() == before
        assert await number.change_percent() is None
        points = {(point.value, point.previous) for point in await number.series(Grain.DAY)}
        assert points == {(nothing, before), (before, before)}
        for by in metric.dimensions:
            parts = await number.breakdown(by, 10)
            assert [part.key for part in parts] == list(by.complete_keys or ())
            assert {part.value for part in parts} <= {nothing}
            assert {part.share for part in parts} <= {None}


@each_additive
async def test_series_sum_to_the_total(
    sample_database: Any, asking: Any, metric: Metric, place: sample.SampleMakerspace
) -> None:
    asked = asking(sample_database, mint(place.id))
    number = await asked.number(metric, YEAR, SAMPLE_NOW)
    total = await number.total()
    assert total, "there is something to sum"
    for grain in list(Grain)[max(metric.finest.rank, 1) :]:
        assert sum(point.value for point in await number.series(grain)) == total, grain
    if metric.finest is Grain.HOUR:
        hours = await asked.number(metric, SPRING, SAMPLE_NOW)
        assert sum(point.value for point in await hours.series(Grain.HOUR)) == await hours.total()


@each_additive
@pytest.mark.parametrize("comparison", Comparison)
async def test_what_buckets_are_compared_with_sums_to_what_the_total_is_compared_with(
    sample_database: Any, asking: Any, metric: Metric, place: sample.SampleMakerspace, comparison: Comparison
) -> None:
    asked = asking(sample_database, mint(place.id))
    for preset in (PeriodPreset.PREVIOUS_MONTH, PeriodPreset.THIS_QUARTER, PeriodPreset.PREVIOUS_QUARTER):
        number = await asked.number(metric, preset, SAMPLE_NOW, comparison)
        previous = await number.previous()
        for grain in list(Grain)[max(metric.finest.rank, 1) : Grain.YEAR.rank]:
            points = await number.series(grain)
            assert sum(point.previous or 0 for point in points) == previous, (preset, grain)
    if metric.finest is Grain.HOUR:
        hours = await asked.number(metric, PeriodPreset.LAST_7_DAYS, CLOCK_CHANGED, comparison)
        points = await hours.series(Grain.HOUR)
        assert sum(point.previous or 0 for point in points) == await hours.previous()


@each_additive_with_dimensions
async def test_breakdowns_with_the_rest_sum_to_the_total(
    sample_database: Any, asking: Any, metric: Metric, place: sample.SampleMakerspace
) -> None:
    asked = asking(sample_database, mint(place.id))
    number = await asked.number(metric, YEAR, SAMPLE_NOW, Comparison.PREVIOUS_YEAR)
    total, previous = await number.total(), await number.previous()
    for by in metric.dimensions:
        parts = await number.breakdown(by, 3)
        assert sum(part.value for part in parts) == total, by
        assert sum(part.previous for part in parts) == previous, by
        assert sum(part.share for part in parts) == pytest.approx(1)
        over_time = [await part.series(Grain.QUARTER) for part in parts]
        assert [sum(point.value for point in series) for series in over_time] == [part.value for part in parts], by


@each_additive
async def test_periods_split_at_a_day_add_up(
    sample_database: Any, asking: Any, metric: Metric, place: sample.SampleMakerspace
) -> None:
    asked = asking(sample_database, mint(place.id))

    async def total(first: date, last: date) -> Decimal:
        return (await asked.totals([metric], (first, last), SAMPLE_NOW))[metric.key]

    first, last = YEAR
    for split in (date(2028, 2, 29), date(2028, 3, 26), date(2028, 10, 28)):
        parts = await total(first, split) + await total(split + timedelta(days=1), last)
        assert parts == await total(first, last), split


async def test_since_is_in_and_until_is_out(database: Any, asking: Any, owner: Any, make_makerspace: Any) -> None:
    makerspace = await make_makerspace()
    await record_everything(owner, makerspace, SINCE, DAY)
    await roll_up(database, makerspace, "Europe/Berlin")
    asked = asking(database, makerspace)
    counted = [metric for metric in CATALOG if isinstance(metric, Measure) and not metric.is_as_of]
    before, there, after = [
        await asked.totals(counted, (day, day), LATER)
        for day in (DAY - timedelta(days=1), DAY, DAY + timedelta(days=1))
    ]
    assert [key for key, value in there.items() if not value] == []
    assert [key for key, value in (before | after).items() if value] == []


async def test_another_tenants_rows_change_nothing(
    owner: Any, database: Any, asking: Any, make_makerspace: Any
) -> None:
    """As the owner of the tables: only the filter of the compiler separates the makerspaces."""
    makerspace = await make_makerspace()
    await record_everything(owner, makerspace, SINCE, DAY)
    await roll_up(database, makerspace, "Europe/Berlin")
    scope = await asking(database, makerspace).scope((DAY, DAY), LATER, Comparison.PREVIOUS_PERIOD)
    ask = asked_by_owner(owner, makerspace, "Europe/Berlin")

    alone = [await _all_of(Number(metric, scope, ask)) for metric in CATALOG]
    await clone(owner, makerspace.value)
    assert [await _all_of(Number(metric, scope, ask)) for metric in CATALOG] == alone


async def _all_of(number: Number) -> Any:
    grains = list(Grain)[number.metric.finest.rank :]
    return (
        number.metric.key,
        await number.total(),
        await number.previous(),
        [[point.value for point in await number.series(grain)] for grain in grains],
        [[(part.key, part.value) for part in await number.breakdown(by, 100)] for by in number.metric.dimensions],
    )


async def test_all_questions_about_a_subject_are_one_statement(sample_database: Any, asking: Any) -> None:
    asked = asking(sample_database, mint(BERLIN.id))
    scope = await asked.scope(PeriodPreset.LAST_30_DAYS, SAMPLE_NOW, Comparison.PREVIOUS_PERIOD)
    numbers = [Number(metric, scope, asked.reading.answers.load) for metric in CATALOG]
    before = asked.statements
    breakdowns = await asyncio.gather(
        *(number.breakdown(by, 5) for number in numbers for by in number.metric.dimensions),
        *(number.total() for number in numbers),
        *(number.change_percent() for number in numbers),
        *(number.series() for number in numbers),
        *(number.series(Grain.WEEK) for number in numbers),
    )
    subjects = {measure.source.subject for metric in CATALOG for measure in metric.measures}
    assert asked.statements - before == len(subjects)

    parts = [part for parts in breakdowns[: sum(len(n.metric.dimensions) for n in numbers)] for part in parts]
    before = asked.statements
    await asyncio.gather(*(part.series(Grain.WEEK) for part in parts))
    with_parts = {measure.source.subject for metric in CATALOG if metric.dimensions for measure in metric.measures}
    assert asked.statements - before == len(with_parts), "slices over time: one more round"
