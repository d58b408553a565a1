"""Every report type has one definition, and the definitions fit together."""

from collections import Counter

import pytest

from makrcave_analytics.reports.content import templates
from makrcave_analytics.reports.content.registry import DEFINITIONS, declared, definition_of
from makrcave_analytics.reports.vocabulary import ReportType


def test_every_report_type_has_exactly_one_definition() -> None:
    assert Counter(definition.type for definition in declared(templates)) == Counter(ReportType)
    assert list(DEFINITIONS) == list(ReportType)


@pytest.mark.parametrize("type_", ReportType)
def test_a_type_can_be_written_as_csv(type_) -> None:
    definition = definition_of(type_)
    assert definition.type is type_
    assert (definition.facts is None) != (definition.listing is None)
    assert definition.listing is not None or not definition.lists_in_workbook


def test_no_two_types_take_the_same_argument_or_have_the_same_title() -> None:
    for values in (
        [one.argument for one in DEFINITIONS.values() if one.argument is not None],
        [one.title for one in DEFINITIONS.values()],
    ):
        assert len(set(values)) == len(values)
