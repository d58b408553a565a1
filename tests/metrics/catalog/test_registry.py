"""The catalogue as people read it."""

from pathlib import Path

import pytest

from makrcave_analytics.errors import Invalid
from makrcave_analytics.metrics.catalog import registry
from makrcave_analytics.metrics.catalog.markdown import catalog_markdown
from makrcave_analytics.metrics.vocabulary import Section

PAGE = Path(__file__).parents[3] / "docs" / "metrics.md"


def test_the_page_is_what_the_catalogue_says() -> None:
    assert PAGE.read_text("utf-8") == catalog_markdown(), "run: makrcave-analytics catalog > docs/metrics.md"


def test_keys_are_unique_within_a_section() -> None:
    keys = [(metric.section, metric.key) for metric in registry.CATALOG]
    assert len(set(keys)) == len(keys)


def test_an_unknown_metric_is_refused_naming_those_that_there_are() -> None:
    assert registry.metric(Section.USAGE, "logins").label == "Logins"
    with pytest.raises(Invalid, match=r"No such metric in USAGE. Accepted: events, logins, visits, .*activeDays\."):
        registry.metric(Section.USAGE, "usedHours")


def test_a_metric_can_be_asked_by_any_of_its_dimensions_at_once() -> None:
    for metric in registry.CATALOG:
        for measure in metric.measures:
            assert measure.source.relation(frozenset(metric.dimensions)), metric.key
