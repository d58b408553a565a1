"""Laws of tables, without GraphQL: by any dimensions and grain, additive metrics sum to the total."""

import asyncio
from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise

import pytest
from tests.metrics.asking import Asking
from tests.plugins.database import mint
from tests.plugins.sample import SAMPLE_NOW

from makrcave_analytics.auth import MakerspaceId, Permission
from makrcave_analytics.db import Database
from makrcave_analytics.metrics.catalog.registry import CATALOG
from makrcave_analytics.metrics.explore.table import TableQuestion, make_table
from makrcave_analytics.metrics.metric import Metric
from makrcave_analytics.metrics.privacy.visibility import Visibility
from makrcave_analytics.metrics.query import Filter, Scope
from makrcave_analytics.metrics.results.number import Number
from makrcave_analytics.metrics.vocabulary import Section
from makrcave_analytics.period import Comparison, Grain, PeriodPreset
from makrcave_analytics.sample import MAKERSPACES

ADDITIVE = [metric for metric in CATALOG if metric.is_additive and not metric.has_units]
EVERYTHING = Visibility(frozenset(Permission), min_group_size=1)


@pytest.fixture
async def asked(sample_database: Database, asking: Callable[[Database, MakerspaceId], Asking]) -> tuple[Asking, Scope]:
    """The last 90 days of Kathmandu compared with the 90 days before, up to the same hour."""
    numbers = asking(sample_database, mint(MAKERSPACES[2].id))
    return numbers, await numbers.scope(PeriodPreset.LAST_90_DAYS, SAMPLE_NOW, Comparison.PREVIOUS_PERIOD)


async def _sums(asked: tuple[Asking, Scope], question: TableQuestion) -> tuple[Decimal, Decimal, int]:
    """Return the sums of a table of one metric, of both periods, and the number of rows, each rounded to 6 places."""
    numbers, scope = asked
    table = await make_table(question, scope, numbers.reading.answers.load, EVERYTHING)
    assert not table.is_truncated
    values = [row.values[0] or Decimal(0) for row in table.rows]
    before = [row.previous[0] or Decimal(0) for row in table.rows if row.previous]
    return sum(values, Decimal(0)), sum(before, Decimal(0)), len(table.rows)


def _questions(metric: Metric) -> list[TableQuestion]:
    grain = max(Grain.WEEK, metric.finest, key=lambda one: one.rank)
    cut_by = [(one, None) for one in pairwise(metric.dimensions)] + [((one,), grain) for one in metric.dimensions]
    return [TableQuestion((metric,), by, one, top=10**9) for by, one in [*cut_by, ((), grain)]]


@pytest.mark.parametrize("section", Section)
async def test_parts_sum_to_the_whole(asked: tuple[Asking, Scope], section: Section) -> None:
    numbers, scope = asked

    async def hold(metric: Metric) -> None:
        whole = await Number(metric, scope, numbers.reading.answers.load).total()
        assert whole is not None
        for question in _questions(metric):
            parts, _, count = await _sums(asked, question)
            assert abs(parts - whole) <= count * Decimal("0.0000005"), (metric.key, question.by, question.grain)

    await asyncio.gather(*(hold(metric) for metric in ADDITIVE if metric.section is section))


async def test_what_a_filter_takes_and_what_it_leaves_are_the_whole(asked: tuple[Asking, Scope]) -> None:
    for metric in ADDITIVE:
        for dimension in metric.dimensions:
            whole = TableQuestion((metric,), (dimension,), top=10**9)
            table = await make_table(whole, asked[1], asked[0].reading.answers.load, EVERYTHING)
            some = frozenset(row.keys[0] for row in table.rows[:2] if row.keys[0] is not None)
            taken, left = (
                TableQuestion((metric,), where=(Filter(dimension, some, is_excluded=excluded),))
                for excluded in (False, True)
            )
            parts = [await _sums(asked, one) for one in (taken, left)]
            for side, of in enumerate(await _sums(asked, TableQuestion((metric,)))):
                if side < 2:
                    together = parts[0][side] + parts[1][side]
                    assert abs(together - of) <= Decimal("0.000002"), (metric.key, dimension, side)


async def test_all_tables_of_a_source_are_one_statement(asked: tuple[Asking, Scope]) -> None:
    numbers, scope = asked
    before, ask = numbers.statements, numbers.reading.answers.load
    sessions = [metric for metric in ADDITIVE if metric.key in ("sessions", "usedHours", "energy")]
    questions = [question for metric in sessions for question in _questions(metric)]
    totals = [Number(metric, scope, ask).total() for metric in sessions]
    await asyncio.gather(*(make_table(question, scope, ask, EVERYTHING) for question in questions), *totals)
    assert numbers.statements - before == 1
