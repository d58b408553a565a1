"""Lists in one document: each answers as it does alone, whichever other list the document asks for.

The lists are read from the schema, so a new one is in the test by itself.
"""

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from graphql import GraphQLField, GraphQLObjectType, get_named_type
from tests.plugins.api import Api
from tests.plugins.sample import SAMPLE_NOW

from makrcave_analytics import sample
from makrcave_analytics.schema.engine.schema import SCHEMA

_QUERY: Any = SCHEMA.graphql.query_type
WITHOUT_MAKERSPACE = {"makerspaces", "network.rows"}


def lists() -> Iterator[str]:
    """The path of each field that answers a page: "members", "equipment.machines" and so on."""
    for name, field in _QUERY.fields.items():
        if is_page(field):
            yield name
        elif isinstance(of := get_named_type(field.type), GraphQLObjectType):
            yield from (f"{name}.{inner}" for inner, each in of.fields.items() if is_page(each))


def is_page(field: GraphQLField) -> bool:
    return get_named_type(field.type).name.endswith("Connection")


def written(path: str, alias: str, first: int) -> str:
    """A field that asks for a page of `first` rows; its root field is named by the alias."""
    root, _, inner = path.partition(".")
    page = f"first: {first}{', grain: DAY' if path == 'snapshots' else ''}"
    makerspace = "" if path in WITHOUT_MAKERSPACE else "makerspaceId: $id"
    if not inner:
        arguments = ", ".join(filter(None, (page, makerspace)))
        return f"{alias}: {root}({arguments}) {{ totalCount nodes {{ __typename }} }}"
    return (
        f"{alias}: {root}{f'({makerspace})' if makerspace else ''} "
        f"{{ {inner}({page}) {{ totalCount nodes {{ __typename }} }} }}"
    )


LISTS = sorted(lists())


@pytest.fixture
def api(make_api: Any, sample_database: Any) -> Api:
    made: Api = make_api(sample_database)
    made.now = SAMPLE_NOW
    return made


async def ask(api: Api, *fields: str) -> Any:
    document = f"query($id: ID) {{ viewer {{ userId }} m: makerspace(makerspaceId: $id) {{ id }} {' '.join(fields)} }}"
    return await api.ask(document, role="super_admin", id=str(sample.MAKERSPACES[0].id))


def test_the_lists_of_the_schema_are_found() -> None:
    assert {"equipment.machines", "inventory.items", "projects.projects", "members", "events", "reports"} <= set(LISTS)
    assert len(LISTS) >= 12


@pytest.mark.parametrize("path", LISTS)
async def test_a_list_asked_for_twice_with_other_arguments_answers_both(api: Api, path: str) -> None:
    alone = [(await ask(api, written(path, "a", first)))["a"] for first in (2, 3)]
    both = await ask(api, written(path, "a", 2), written(path, "b", 3))
    assert [both["a"], both["b"]] == alone


@pytest.mark.parametrize("path", [path for path in LISTS if "." in path])
async def test_a_list_of_one_section_asked_for_twice_answers_both(api: Api, path: str) -> None:
    root, inner = path.split(".")
    scope = "" if path in WITHOUT_MAKERSPACE else "(makerspaceId: $id)"
    alone = [(await ask(api, written(path, "a", first)))["a"][inner] for first in (2, 3)]
    twice = " ".join(
        f"{n}: {inner}(first: {first}) {{ totalCount nodes {{ __typename }} }}"
        for n, first in zip("ab", (2, 3), strict=True)
    )
    both = (await ask(api, f"s: {root}{scope} {{ {twice} }}"))["s"]
    assert [both["a"], both["b"]] == alone


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations(LISTS, 2)))
async def test_two_lists_in_one_document_answer_both(api: Api, one: str, other: str) -> None:
    alone = [(await ask(api, written(path, "a", 2)))["a"] for path in (one, other)]
    both = await ask(api, written(one, "a", 2), written(other, "b", 2))
    assert [both["a"], both["b"]] == alone


@pytest.mark.parametrize(
    ("section", "field", "filters"),
    [
        ("equipment", "machines", "{isOverdue: true}"),
        ("inventory", "items", "{isLow: true}"),
        ("projects", "projects", "{isStalled: true}"),
    ],
)
async def test_a_filtered_list_stands_with_the_whole_one(api: Api, section: str, field: str, filters: str) -> None:
    page = "{ totalCount nodes { __typename } }"
    both = await ask(
        api,
        f"s: {section}(makerspaceId: $id) {{ a: {field}(first: 5) {page} "
        f"b: {field}(first: 5, filter: {filters}) {page} }}",
    )
    assert both["s"]["a"]["totalCount"] >= both["s"]["b"]["totalCount"]
    assert len(both["s"]["a"]["nodes"]) == min(5, both["s"]["a"]["totalCount"])
