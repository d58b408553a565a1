"""The registry of metrics and the page made of it."""

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


def test_a_metric_is_listed_by_its_declaration_alone() -> None:
    for section in Section:
        names = registry.declared(section)
        public = [metric for name, metric in names.items() if not name.startswith("_")]
        assert registry.section_metrics(section) == tuple(public)


def test_a_metric_with_a_private_name_is_a_part_of_a_listed_one() -> None:
    parts = {measure for metric in registry.CATALOG for measure in metric.measures}
    for section in Section:
        private = {name: metric for name, metric in registry.declared(section).items() if name.startswith("_")}
        assert [name for name, metric in private.items() if metric not in parts] == []


def test_an_unknown_metric_is_refused_naming_those_that_there_are() -> None:
    assert registry.metric(Section.USAGE, "logins").label == "Logins"
    with pytest.raises(Invalid, match=r"^No such metric in USAGE\. Accepted: ") as refusal:
        registry.metric(Section.USAGE, "usedHours")
    accepted = refusal.value.message.partition("Accepted: ")[2].removesuffix(".").split(", ")
    assert accepted == [metric.key for metric in registry.section_metrics(Section.USAGE)]
    assert {"events", "logins", "activeDays"} <= set(accepted)


def test_a_metric_can_be_asked_by_any_of_its_dimensions_at_once() -> None:
    for metric in registry.CATALOG:
        for measure in metric.measures:
            assert measure.source.relation(frozenset(metric.dimensions)), metric.key
