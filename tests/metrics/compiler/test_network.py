"""Every metric of many makerspaces at once equals that of each alone, and several database nodes can run the SQL."""

from datetime import date
from typing import Any

import pytest
from tests.plugins.database import mint
from tests.plugins.sample import SAMPLE_NOW

from makrcave_analytics import sample
from makrcave_analytics.metrics.catalog.registry import CATALOG
from makrcave_analytics.metrics.compiler.network import MakerspaceQuery, compile_network
from makrcave_analytics.metrics.execution.snapshot import NetworkSnapshot
from makrcave_analytics.metrics.query import MeasureQuery, Scope, Spans
from makrcave_analytics.metrics.results.number import Number
from makrcave_analytics.period import Comparison, Grain, PeriodPreset

SPRING = (date(2028, 3, 24), date(2028, 3, 27))
"""Days on which only the clock of Berlin changes."""
SOURCES = {measure.source.name for metric in CATALOG for measure in metric.measures}


def _asks(scope: Scope) -> list[MeasureQuery]:
    """Return the questions of all metrics: in total, by their first and last dimension, and by day."""
    found = []
    for metric in CATALOG:
        number = Number(metric, scope, lambda ask: pytest.fail(f"{ask} was asked"))
        parts = dict.fromkeys((*metric.dimensions[:1], *metric.dimensions[-1:]))
        found += number.asks(scope.totals)
        found += [ask for by in parts for ask in number.asks(scope.totals, (by,))]
        found += number.asks(scope.series(Grain.DAY).spans)
    return list(dict.fromkeys(found))


async def _asked(sample_database: Any, asking: Any) -> dict[Any, tuple[Any, list[MeasureQuery]]]:
    """Return a read session and the questions for each makerspace of the sample."""
    found = {}
    for place in sample.MAKERSPACES:
        alone = asking(sample_database, mint(place.id))
        spring = await alone.scope(SPRING, SAMPLE_NOW, Comparison.PREVIOUS_PERIOD)
        today = await alone.scope(PeriodPreset.TODAY, SAMPLE_NOW)
        found[place.id] = alone, [*_asks(spring), *_asks(today)]
    return found


async def test_every_metric_is_what_it_is_alone(sample_database: Any, asking: Any) -> None:
    asked = await _asked(sample_database, asking)
    network = NetworkSnapshot(sample_database)
    try:
        together = await network.answer([(place, ask) for place, (_, asks) in asked.items() for ask in asks])
        assert network.statements == len(SOURCES)
    finally:
        await network.close()
    for place, (alone, asks) in asked.items():
        answers = await alone.reading.snapshot.answer(asks)
        differences = [ask for ask in asks if answers[ask] != together[place, ask]]
        assert differences == []
        assert any(answer.values for answer in answers.values())


async def test_no_statement_of_several_makerspaces_is_recursive(sample_database: Any, asking: Any) -> None:
    asked: list[MakerspaceQuery] = [
        (place, ask) for place, (_, asks) in (await _asked(sample_database, asking)).items() for ask in asks
    ]
    statements = compile_network(asked)
    assert len(statements) == len(SOURCES)
    assert not [statement.sql for statement in statements if "RECURSIVE" in statement.sql.upper()]


async def test_a_question_without_spans_sends_no_statement(sample_database: Any) -> None:
    nothing = MeasureQuery(CATALOG[0].measures[0], Spans())
    network = NetworkSnapshot(sample_database)
    answers = await network.answer([(sample.MAKERSPACES[0].id, nothing)])
    assert answers[sample.MAKERSPACES[0].id, nothing].values == {}
    assert network.statements == 0
