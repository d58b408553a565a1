"""The schema is what its snapshot says, describes itself, and keeps what the contract promised."""

from pathlib import Path

import graphql
import pytest
from graphql import (
    EnumTypeDefinitionNode,
    FieldDefinitionNode,
    GraphQLNamedType,
    InputObjectTypeDefinitionNode,
    InterfaceTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    print_ast,
)

from makrcave_analytics.metrics.catalog.registry import section_metrics
from makrcave_analytics.metrics.vocabulary import Section
from makrcave_analytics.schema.engine import execute

SNAPSHOT = Path(execute.__file__).with_name("schema.graphql")
CONTRACT = Path(__file__).with_name("contract.graphql")
SCHEMA = graphql.build_schema(execute.sdl())
PROMISED = {
    definition.name.value: definition
    for definition in graphql.parse(CONTRACT.read_text()).definitions
    if isinstance(definition, graphql.TypeDefinitionNode)
}
OURS = {name: type_ for name, type_ in SCHEMA.type_map.items() if not name.startswith("__")}
FIELDED = {name: type_ for name, type_ in OURS.items() if hasattr(type_, "fields")}


def test_the_snapshot_is_fresh() -> None:
    assert SNAPSHOT.read_text() == execute.sdl(), "run: makrcave-analytics schema > " + SNAPSHOT.name


@pytest.mark.parametrize("name", sorted(FIELDED))
def test_every_field_is_described(name: str) -> None:
    assert FIELDED[name].description
    assert [field for field, it in FIELDED[name].fields.items() if not it.description] == []


@pytest.mark.parametrize("name", sorted(OURS.keys() & PROMISED.keys()))
def test_a_type_keeps_what_the_contract_promised(name: str) -> None:
    promised, ours = PROMISED[name], OURS[name]
    if isinstance(promised, EnumTypeDefinitionNode):
        assert [value.name.value for value in promised.values] == list(ours.values)
        return
    if not isinstance(promised, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode | InputObjectTypeDefinitionNode):
        return
    fields = {field.name.value: field for field in promised.fields}
    for field in ours.fields.keys() & fields.keys():
        assert _shape(ours, field) == _promise(fields[field]), f"{name}.{field}"


@pytest.mark.parametrize("section", [section for section in Section if section_metrics(section)])
def test_every_metric_of_a_section_is_a_field_in_the_catalogues_order(section: Section) -> None:
    type_ = OURS[{Section.PROJECTS: "ProjectAnalytics"}.get(section, f"{section.capitalize()}Analytics")]
    keys = [metric.key for metric in section_metrics(section)]
    assert [field for field in type_.fields if field in keys] == keys


def test_nothing_is_named_otherwise_than_promised() -> None:
    """What the contract does not know is a connection, which it describes in words."""
    assert {name for name in OURS.keys() - PROMISED.keys() if not name.endswith(("Connection", "Edge"))} <= {
        *graphql.specified_scalar_types,
        "PageInfo",
    }


def _shape(type_: GraphQLNamedType, name: str) -> tuple[str, dict[str, str]]:
    field = type_.fields[name]
    arguments = {argument: f"{it.type}{_default(it)}" for argument, it in getattr(field, "args", {}).items()}
    return str(field.type), arguments


def _promise(field: FieldDefinitionNode) -> tuple[str, dict[str, str]]:
    arguments = {
        argument.name.value: print_ast(argument.type)
        + (f" = {print_ast(argument.default_value)}" if argument.default_value else "")
        for argument in getattr(field, "arguments", None) or ()
    }
    return print_ast(field.type), arguments


def _default(argument: graphql.GraphQLArgument) -> str:
    node = argument.ast_node.default_value
    return f" = {print_ast(node)}" if node else ""
