"""GraphQL = Polars: every metric of the catalogue, whatever is asked of it, against the raw rows of the sample."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from tests.metrics.comparing import Question, differences
from tests.metrics.oracle import ORACLES
from tests.plugins.database import mint
from tests.plugins.sample import SAMPLE_NOW

from makrcave_analytics import sample
from makrcave_analytics.metrics.catalog import CATALOG
from makrcave_analytics.period import Comparison, Grain, PeriodPreset

PERIOD, WEEKDAYS, YEAR = Comparison
LEAP_DAY = datetime(2028, 2, 29, 9, 20, tzinfo=UTC)
SPRING = datetime(2028, 3, 26, 1, 30, tzinfo=UTC)
"""3:30 on the morning on which Berlin has no 2:30."""
AUTUMN = datetime(2028, 10, 29, 0, 30, tzinfo=UTC)
"""The first 2:30 of two in Berlin."""

QUESTIONS = [
    Question(PeriodPreset.LAST_30_DAYS, SAMPLE_NOW, PERIOD, Grain.DAY),
    Question(PeriodPreset.TODAY, SAMPLE_NOW, WEEKDAYS, Grain.HOUR),
    Question(PeriodPreset.LAST_12_MONTHS, SAMPLE_NOW, None, Grain.MONTH),
    Question(PeriodPreset.THIS_MONTH, LEAP_DAY, YEAR, Grain.WEEK),
    Question(PeriodPreset.THIS_WEEK, SPRING, PERIOD, Grain.HOUR),
    Question(PeriodPreset.LAST_7_DAYS, AUTUMN, WEEKDAYS, Grain.HOUR),
    Question((date(2028, 3, 20), date(2028, 3, 31)), SAMPLE_NOW, PERIOD, Grain.HOUR),
    Question((date(2028, 11, 10), date(2028, 12, 20)), SAMPLE_NOW, YEAR, Grain.DAY),
]


def test_every_metric_has_an_oracle() -> None:
    assert set(ORACLES) == {(metric.section, metric.key) for metric in CATALOG}


@pytest.mark.parametrize("question", QUESTIONS, ids=str)
@pytest.mark.parametrize("makerspace", sample.MAKERSPACES, ids=lambda makerspace: makerspace.prefix)
async def test_every_number_is_what_the_raw_rows_say(
    make_api: Any, sample_database: Any, sample_facts: Any, makerspace: sample.SampleMakerspace, question: Question
) -> None:
    api = make_api(sample_database)
    found = await differences(api, mint(makerspace.id), sample_facts[makerspace.id], question)
    assert not found, "\n".join(found)
