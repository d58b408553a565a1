"""The numbers of one row of a list equal its slice of the breakdown, and those under a filter on its key."""

import asyncio
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from tests.plugins.database import mint
from tests.plugins.sample import SAMPLE_NOW

from makrcave_analytics import sample
from makrcave_analytics.metrics.catalog.registry import CATALOG
from makrcave_analytics.metrics.metric import Measure, Metric
from makrcave_analytics.metrics.privacy.small_groups import GuardedNumber
from makrcave_analytics.metrics.query import Filter, MeasureQuery, MeasureResult
from makrcave_analytics.metrics.results.list_breakdown import ListBreakdown
from makrcave_analytics.metrics.results.number import Number
from makrcave_analytics.metrics.vocabulary import Dimension
from makrcave_analytics.period import Comparison, Grain

LISTED = (Dimension.EQUIPMENT, Dimension.ITEM, Dimension.PROJECT)
OF_THINGS = [
    pytest.param(metric, of, sample.MAKERSPACES[n % 3], id=f"{metric.section}-{metric.key}-{of}")
    for of in LISTED
    for n, metric in enumerate(metric for metric in CATALOG if of in metric.dimensions)
]
SPRING = (date(2028, 3, 13), date(2028, 4, 9))
LONGER = (date(2028, 3, 13), date(2028, 10, 31))
"""A longer period for items, which are rarely used up."""


@pytest.mark.parametrize(("metric", "of", "place"), OF_THINGS)
async def test_numbers_of_one_are_its_part_of_the_whole(
    sample_database: Any, asking: Any, metric: Metric, of: Dimension, place: sample.SampleMakerspace
) -> None:
    asked = asking(sample_database, mint(place.id))
    number = await asked.number(
        metric, LONGER if of is Dimension.ITEM else SPRING, SAMPLE_NOW, Comparison.PREVIOUS_PERIOD
    )
    parts = [part for part in await number.breakdown(of, 6) if part.key is not None]
    assert parts
    many = ListBreakdown(of, frozenset(part.key for part in parts) | {"nobody"}, asked.reading.answers.load)
    for part in parts[:3]:
        alone = Number(metric, number.scope, many.for_key(part.key))
        assert await alone.total() == part.value
        assert await alone.previous() == part.previous
        assert await alone.series(Grain.WEEK) == await part.series(Grain.WEEK)
        filtered = replace(number.scope, where=(Filter(of, frozenset({part.key})),))
        await _check_equal(alone, Number(metric, filtered, asked.reading.answers.load))
    nobody = Number(metric, number.scope, many.for_key("nobody"))
    assert await nobody.total() == number.nothing
    assert {point.value for point in await nobody.series(Grain.WEEK)} == {number.nothing}


async def _check_equal(one: Number, other: Number) -> None:
    """Check that two numbers give the same answers."""
    for by in one.metric.dimensions:
        parts, others = await asyncio.gather(one.breakdown(by, 3), other.breakdown(by, 3))
        assert [(p.key, p.value, p.previous, p.share) for p in parts] == [
            (p.key, p.value, p.previous, p.share) for p in others
        ], by
    if parts:
        assert await parts[-1].series(Grain.QUARTER) == await others[-1].series(Grain.QUARTER)


async def test_all_rows_of_a_list_share_one_statement_per_subject(sample_database: Any, asking: Any) -> None:
    asked = asking(sample_database, mint(sample.MAKERSPACES[1].id))
    scope = await asked.scope(SPRING, SAMPLE_NOW, Comparison.PREVIOUS_PERIOD)
    keys = [f"machine {n}" for n in range(400)]
    many = ListBreakdown(Dimension.EQUIPMENT, frozenset(keys), asked.reading.answers.load)
    metrics = [metric for metric in CATALOG if Dimension.EQUIPMENT in metric.dimensions]
    before = asked.statements
    numbers = [Number(metric, scope, many.for_key(key)) for metric in metrics for key in keys]
    await asyncio.gather(*(number.total() for number in numbers), *(number.series() for number in numbers))
    assert asked.statements - before == len({m.source.subject for metric in metrics for m in metric.measures})


@pytest.mark.parametrize(("people", "shown"), [(5, 5), (4, None), (0, None)])
async def test_few_people_of_one_row_are_hidden(
    database: Any, asking: Any, make_makerspace: Any, people: int, shown: int | None
) -> None:
    (metric,) = (m for m in CATALOG if m.key == "machineUsers" and isinstance(m, Measure))
    scope = await asking(database, await make_makerspace()).scope(SPRING, SAMPLE_NOW, Comparison.PREVIOUS_PERIOD)

    async def ask(asked: MeasureQuery) -> MeasureResult:
        return MeasureResult({(): dict.fromkeys(range(len(asked.spans)), people)} if people else {})

    number = GuardedNumber(metric, scope, ask, least=5)
    assert await number.total() == await number.previous() == shown
    assert await number.change() == (None if shown is None else 0)
    points = await number.series(Grain.WEEK)
    assert {(point.value, point.previous) for point in points} == {(shown, shown)}
