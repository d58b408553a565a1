"""The registries of fact kinds are complete, and say the same of each kind."""

from typing import Any, get_type_hints

import pytest

from makrcave_analytics.models import FACT_TABLES
from makrcave_analytics.models.fact_kind import FactKind
from makrcave_analytics.recording.facts.kind import Kind
from makrcave_analytics.recording.facts.registry import KINDS

SET_BY_THE_SERVICE = {"makerspace_id", "recorded_at", "voided_at", "void_reason"}

every_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)


def test_every_kind_has_a_table_and_a_declaration() -> None:
    assert list(KINDS) == list(FACT_TABLES) == list(FactKind)


@every_kind
def test_the_columns_of_a_kind_are_those_of_its_table(kind: Kind[Any]) -> None:
    assert {column.name for column in kind.columns} == set(kind.stored.table.c.keys()) - SET_BY_THE_SERVICE


@every_kind
def test_the_key_comes_first_as_in_the_table(kind: Kind[Any]) -> None:
    primary = tuple(column.name for column in kind.stored.table.primary_key)
    assert primary == ("makerspace_id", *kind.stored.key)
    assert tuple(column.name for column in kind.key_columns) == kind.stored.key


@every_kind
def test_a_checked_fact_has_the_columns_and_then_the_flags(kind: Kind[Any]) -> None:
    checked = get_type_hints(kind.check)["return"]
    assert checked._fields == (*(column.name for column in kind.columns), *kind.flags)
