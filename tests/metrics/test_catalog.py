"""The catalogue as people read it."""

from pathlib import Path

import pytest

from makrcave_analytics.errors import Invalid
from makrcave_analytics.metrics import catalog
from makrcave_analytics.metrics.pages import catalog_markdown
from makrcave_analytics.metrics.vocabulary import Section

PAGE = Path(__file__).parents[2] / "docs" / "metrics.md"


def test_the_page_is_what_the_catalogue_says() -> None:
    assert PAGE.read_text("utf-8") == catalog_markdown(), "run: makrcave-analytics catalog > docs/metrics.md"


def test_keys_are_unique_within_a_section() -> None:
    keys = [(metric.section, metric.key) for metric in catalog.CATALOG]
    assert len(set(keys)) == len(keys)


def test_an_unknown_metric_is_refused_naming_those_that_there_are() -> None:
    assert catalog.metric(Section.USAGE, "logins").label == "Logins"
    with pytest.raises(Invalid, match=r"No such metric in USAGE. Accepted: events, logins, visits, .*activeDays\."):
        catalog.metric(Section.USAGE, "usedHours")


def test_a_metric_can_be_asked_by_any_of_its_dimensions_at_once() -> None:
    for metric in catalog.CATALOG:
        for measure in metric.measures:
            assert measure.source.relation(frozenset(metric.dimensions)), metric.key
