"""GraphQL equals Polars: every metric of the catalogue against the raw rows of the sample."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.metrics.comparing import Comparing, Question
from tests.metrics.oracles import ORACLES
from tests.plugins.database import mint
from tests.plugins.sample import SAMPLE_NOW

from makrcave_analytics import sample
from makrcave_analytics.metrics.catalog.registry import CATALOG
from makrcave_analytics.metrics.metric import Metric
from makrcave_analytics.period import Comparison, Grain, PeriodPreset

PERIOD, WEEKDAYS, YEAR = Comparison
LEAP_DAY = datetime(2028, 2, 29, 9, 20, tzinfo=UTC)
SPRING = datetime(2028, 3, 26, 1, 30, tzinfo=UTC)
"""3:30 on the day on which Berlin has no 2:30."""
AUTUMN = datetime(2028, 10, 29, 0, 30, tzinfo=UTC)
"""The first of two 2:30 in Berlin."""
MIDNIGHT = datetime(2028, 5, 31, 22, tzinfo=UTC)
"""1 June begins in Berlin."""

EARLY = datetime(2027, 9, 26, 6, tzinfo=UTC)
FIRST_DAY, LAST_DAY = date(2027, 9, 25), date(2028, 12, 5)
"""From some days before the sample to some days after it."""
days = st.dates(FIRST_DAY, LAST_DAY)
spans = st.tuples(days, st.integers(0, 75) | st.integers(0, 400)).map(
    lambda pair: (pair[0], pair[0] + timedelta(pair[1]))
)
moments = st.integers(0, 435 * 24 * 60).map(lambda minutes: EARLY + timedelta(minutes=minutes)) | st.sampled_from(
    [LEAP_DAY, SPRING, AUTUMN, MIDNIGHT, SAMPLE_NOW]
)
questions = st.builds(
    Question,
    st.sampled_from([preset for preset in PeriodPreset if preset is not PeriodPreset.ALL_TIME]) | spans,
    moments,
    st.none() | st.sampled_from(Comparison),
    st.sampled_from(Grain),
)

INDIA, BERLIN, NEPAL = sample.MAKERSPACES
QUESTIONS = [
    (BERLIN, Question(PeriodPreset.LAST_30_DAYS, SAMPLE_NOW, PERIOD, Grain.DAY)),
    (NEPAL, Question(PeriodPreset.TODAY, SAMPLE_NOW, WEEKDAYS, Grain.HOUR)),
    (INDIA, Question(PeriodPreset.LAST_12_MONTHS, SAMPLE_NOW, None, Grain.MONTH)),
    (NEPAL, Question(PeriodPreset.THIS_MONTH, LEAP_DAY, YEAR, Grain.WEEK)),
    (BERLIN, Question(PeriodPreset.THIS_WEEK, SPRING, PERIOD, Grain.HOUR)),
    (BERLIN, Question(PeriodPreset.LAST_7_DAYS, AUTUMN, WEEKDAYS, Grain.HOUR)),
    (BERLIN, Question(PeriodPreset.THIS_MONTH, MIDNIGHT, PERIOD, Grain.DAY)),
    (INDIA, Question((date(2028, 3, 20), date(2028, 3, 31)), SAMPLE_NOW, PERIOD, Grain.HOUR)),
    (NEPAL, Question((date(2028, 11, 10), date(2028, 12, 20)), SAMPLE_NOW, YEAR, Grain.DAY)),
]
PRESETS = [
    (preset, sample.MAKERSPACES[n % 3], list(Comparison)[n // 3 % 3], list(Grain)[n % 6], (LEAP_DAY, SAMPLE_NOW)[n % 2])
    for n, preset in enumerate(PeriodPreset)
]


def test_every_metric_has_an_oracle() -> None:
    assert set(ORACLES) == {(metric.section, metric.key) for metric in CATALOG}


@pytest.mark.parametrize(
    ("place", "question"), [pytest.param(*each, id=f"{each[0].prefix} {each[1]}") for each in QUESTIONS]
)
async def test_every_number_is_what_the_raw_rows_say(
    make_api: Any, sample_database: Any, sample_facts: Any, place: sample.SampleMakerspace, question: Question
) -> None:
    comparing = await Comparing.of(make_api(sample_database), mint(place.id), sample_facts[place.id])
    assert not await comparing.differences(CATALOG, question)


@pytest.mark.parametrize(
    ("preset", "place", "compare_to", "grain", "now"), [pytest.param(*each, id=each[0]) for each in PRESETS]
)
async def test_every_preset_is_what_the_raw_rows_say(
    make_api: Any,
    sample_database: Any,
    sample_facts: Any,
    preset: PeriodPreset,
    place: sample.SampleMakerspace,
    compare_to: Comparison,
    grain: Grain,
    now: datetime,
) -> None:
    comparing = await Comparing.of(make_api(sample_database), mint(place.id), sample_facts[place.id])
    third = CATALOG[list(PeriodPreset).index(preset) % 3 :: 3]
    assert not await comparing.differences(third, Question(preset, now, compare_to, grain))


@settings(
    max_examples=6,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    question=questions,
    place=st.sampled_from(sample.MAKERSPACES),
    metrics=st.lists(st.sampled_from(CATALOG), min_size=3, max_size=3, unique=True),
)
async def test_random_questions_at_random_moments(
    make_api: Any,
    sample_database: Any,
    sample_facts: Any,
    question: Question,
    place: sample.SampleMakerspace,
    metrics: list[Metric],
) -> None:
    comparing = await Comparing.of(make_api(sample_database), mint(place.id), sample_facts[place.id])
    assert not await comparing.differences(metrics, question)
