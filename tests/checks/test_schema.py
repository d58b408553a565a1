"""The served schema against its snapshot and against contract.graphql, the promise made to clients."""

from pathlib import Path

import graphql
import pytest
from graphql import (
    EnumTypeDefinitionNode,
    FieldDefinitionNode,
    GraphQLNamedType,
    TypeDefinitionNode,
    print_ast,
)

from makrcave_analytics.metrics.catalog.registry import section_metrics
from makrcave_analytics.metrics.vocabulary import Section
from makrcave_analytics.schema import engine
from makrcave_analytics.schema.engine.schema import SCHEMA as SERVED

SNAPSHOT = Path(engine.__file__).with_name("schema.graphql")
CONTRACT = Path(__file__).with_name("contract.graphql")
SCHEMA = graphql.build_schema(SERVED.sdl())
PROMISED = {
    definition.name.value: definition
    for definition in graphql.parse(CONTRACT.read_text()).definitions
    if isinstance(definition, TypeDefinitionNode)
}
NOT_BUILT_TYPES = {
    "AuditEntry": "what auditLog lists; the audit log is written and has no query yet",
    "ErasePayload": "the answer of eraseMember; members cannot be erased yet",
}
"""Promised types that are not served, each with the reason. The list may only shrink."""
NOT_BUILT_FIELDS = {
    "Query.auditLog": "the audit log is written and has no query yet",
    "Mutation.eraseMember": "members cannot be erased yet",
}
"""Promised fields that are not served, each with the reason. The list may only shrink."""
KINDS = {
    graphql.ObjectTypeDefinitionNode: graphql.GraphQLObjectType,
    graphql.InterfaceTypeDefinitionNode: graphql.GraphQLInterfaceType,
    graphql.UnionTypeDefinitionNode: graphql.GraphQLUnionType,
    graphql.EnumTypeDefinitionNode: graphql.GraphQLEnumType,
    graphql.InputObjectTypeDefinitionNode: graphql.GraphQLInputObjectType,
    graphql.ScalarTypeDefinitionNode: graphql.GraphQLScalarType,
}
OURS = {name: type_ for name, type_ in SCHEMA.type_map.items() if not name.startswith("__")}
FIELDED = {name: type_ for name, type_ in OURS.items() if hasattr(type_, "fields")}


def test_the_snapshot_is_fresh() -> None:
    assert SNAPSHOT.read_text() == SERVED.sdl(), "run: makrcave-analytics schema > " + SNAPSHOT.name


@pytest.mark.parametrize("name", sorted(FIELDED))
def test_every_field_is_described(name: str) -> None:
    assert FIELDED[name].description
    assert [field for field, it in FIELDED[name].fields.items() if not it.description] == []


def test_all_promised_types_and_fields_are_served_but_those_listed() -> None:
    """A name that is listed and there must leave the list, so the list only shrinks."""
    assert PROMISED.keys() - OURS.keys() == NOT_BUILT_TYPES.keys()
    promised = {f"{name}.{member}" for name in PROMISED.keys() & OURS.keys() for member in _members(PROMISED[name])}
    ours = {f"{name}.{member}" for name in PROMISED.keys() & OURS.keys() for member in _our_members(OURS[name])}
    assert promised - ours == NOT_BUILT_FIELDS.keys()


@pytest.mark.parametrize("name", sorted(OURS.keys() & PROMISED.keys()))
def test_a_type_keeps_what_the_contract_promised(name: str) -> None:
    promised, ours = PROMISED[name], OURS[name]
    assert KINDS[type(promised)] is type(ours)
    if isinstance(promised, EnumTypeDefinitionNode):
        assert [value.name.value for value in promised.values] == list(ours.values)
        return
    if isinstance(promised, graphql.UnionTypeDefinitionNode):
        assert {member.name.value for member in promised.types} == {member.name for member in ours.types}
        return
    assert {each.name.value for each in getattr(promised, "interfaces", None) or ()} <= {
        each.name for each in getattr(ours, "interfaces", None) or ()
    }
    for field, definition in _members(promised).items():
        if f"{name}.{field}" not in NOT_BUILT_FIELDS:
            assert _shape(ours, field) == _promise(definition), f"{name}.{field}"


@pytest.mark.parametrize("section", [section for section in Section if section_metrics(section)])
def test_every_metric_of_a_section_is_a_field_in_the_catalogues_order(section: Section) -> None:
    type_ = OURS[{Section.PROJECTS: "ProjectAnalytics"}.get(section, f"{section.capitalize()}Analytics")]
    keys = [metric.key for metric in section_metrics(section)]
    assert [field for field in type_.fields if field in keys] == keys


def test_types_beyond_the_contract_are_connections() -> None:
    """Types outside the contract are connections and their edges, which it describes in comments."""
    assert {name for name in OURS.keys() - PROMISED.keys() if not name.endswith(("Connection", "Edge"))} <= {
        *graphql.specified_scalar_types,
        "PageInfo",
    }


def _members(definition: TypeDefinitionNode) -> dict[str, FieldDefinitionNode]:
    """The fields that the contract gives a type; none for enums, unions and scalars."""
    return {field.name.value: field for field in getattr(definition, "fields", None) or ()}


def _our_members(type_: GraphQLNamedType) -> list[str]:
    return list(getattr(type_, "fields", ()))


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
