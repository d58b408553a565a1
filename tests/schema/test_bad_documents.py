"""Laws over every field of the schema: bad arguments get an error code, and every text is taken as text."""

import logging
from collections.abc import Iterable, Iterator
from contextlib import aclosing
from typing import Any

import asyncpg
import graphql
import pytest
from graphql import GraphQLField, GraphQLNonNull, OperationType
from tests.plugins.api import Api
from tests.plugins.database import MakeMakerspace

from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.schema.engine.operation import Outcome, OutcomeKind
from makrcave_analytics.schema.engine.schema import SCHEMA as SERVED

SCHEMA = graphql.build_schema(SERVED.sdl())
FIELDS: dict[str, dict[str, GraphQLField]] = {
    kind.value: root.fields for kind in OperationType if (root := SCHEMA.get_root_type(kind)) is not None
}
LISTS = sorted(name for name, field in FIELDS["query"].items() if {"first", "after"} <= field.args.keys())
USAGE = """query($period: PeriodInput, $grain: Grain) {
  usage(period: $period) { events { series(grain: $grain) { value } } } }"""
INJECTION = "'; DROP TABLE usage_events; --"


def plain(type_: Any) -> Any:
    """Return the smallest value of an input type, or None where null will do."""
    if not isinstance(type_, GraphQLNonNull):
        return None
    inner = type_.of_type
    if graphql.is_list_type(inner):
        return []
    if graphql.is_input_object_type(inner):
        return _without_none({name: plain(field.type) for name, field in inner.fields.items()})
    if graphql.is_enum_type(inner):
        return "DAY" if "DAY" in inner.values else next(iter(inner.values))
    return {"Int": 1, "Float": 1.0, "Boolean": True, "Date": "2026-03-01"}.get(inner.name, "2026-03-01T12:00:00Z")


def holding(type_: Any, text: str, within: tuple[str, ...] = ()) -> Iterator[Any]:
    """Yield values that hold the text in one place and the smallest values in all others."""
    inner = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
    if graphql.is_list_type(inner):
        yield from ([each] for each in holding(inner.of_type, text, within))
    elif graphql.is_input_object_type(inner) and inner.name not in within:
        least = plain(GraphQLNonNull(inner))
        for name, field in inner.fields.items():
            yield from (least | {name: each} for each in holding(field.type, text, (*within, inner.name)))
    elif inner.name in ("String", "ID", "Date", "DateTime", "Decimal", "JSON"):
        yield text


def asked(kind: str, name: str, text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield documents of a root field with variables, the text in each possible place once."""
    field, least = FIELDS[kind][name], needed(kind, name)
    selected = "" if graphql.is_leaf_type(graphql.get_named_type(field.type)) else "{ __typename }"
    for argument, it in field.args.items():
        for value in holding(it.type, text):
            variables = least | {argument: value}
            yield document_of(kind, name, variables, selected), variables


def page(name: str, argument: str) -> tuple[str, dict[str, Any]]:
    """Return the document of a list with an argument as its variable, and its required variables."""
    least = needed("query", name)
    return document_of("query", name, (*least, argument), "{ nodes { __typename } }"), least


def needed(kind: str, name: str) -> dict[str, Any]:
    """Return the smallest values of a root field's required arguments."""
    return _without_none({each: plain(argument.type) for each, argument in FIELDS[kind][name].args.items()})


def document_of(kind: str, name: str, arguments: Iterable[str], selected: str) -> str:
    """Write a document of one root field whose arguments are variables of the same names."""
    declared = ", ".join(f"${each}: {FIELDS[kind][name].args[each].type}" for each in arguments)
    given = ", ".join(f"{each}: ${each}" for each in arguments)
    return f"{kind}({declared}) {{ {name}({given}) {selected} }}"


def _without_none(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


TAKERS = [(kind, name) for kind, fields in FIELDS.items() for name in fields if any(asked(kind, name, "x"))]


@pytest.mark.parametrize("name", LISTS)
async def test_a_page_has_from_one_row_to_its_limit(api: Api, make_makerspace: MakeMakerspace, name: str) -> None:
    makerspace = await make_makerspace()
    document, least = page(name, "first")
    assert name in await api.ask(document, makerspace, **least, first=1)
    for first in (0, -1, 501, 2**31 - 1):
        outcome = await api.run(document, makerspace, **least, first=first)
        (error,) = outcome.body["errors"]
        assert error["extensions"] == {"code": "INVALID", "field": "first"}
        assert outcome.body["data"] == {name: None}
    assert (await api.run(document, makerspace, **least, first=2**31)).kind is OutcomeKind.REFUSED


@pytest.mark.parametrize("name", LISTS)
async def test_a_malformed_cursor_is_refused(api: Api, make_makerspace: MakeMakerspace, name: str) -> None:
    makerspace = await make_makerspace()
    document, least = page(name, "after")
    for after in ("", "x!", "AAAA", "x" * 10_000, INJECTION, "\0", "\ud800"):
        (error,) = (await api.run(document, makerspace, **least, after=after)).body["errors"]
        assert error["extensions"] == {"code": "INVALID", "field": "after"}


async def _outcome(api: Api, document: str, makerspace: MakerspaceId, variables: dict[str, Any]) -> Outcome:
    if not document.startswith("subscription"):
        return await api.run(document, makerspace, role="super_admin", **variables)
    async with aclosing(api.subscribe(document, makerspace, role="super_admin", **variables)) as outcomes:
        return await anext(outcomes)


@pytest.mark.parametrize(("kind", "name"), TAKERS)
async def test_every_text_is_taken_as_text_or_refused(
    api: Api, make_makerspace: MakeMakerspace, owner: asyncpg.Connection, kind: str, name: str
) -> None:
    makerspace = await make_makerspace()
    for text in (INJECTION, "a\0b", "\ud800", "", "x" * 10_000):
        for document, variables in asked(kind, name, text):
            outcome = await _outcome(api, document, makerspace, variables)
            codes = {error["extensions"]["code"] for error in outcome.body.get("errors", [])}
            assert codes <= {"INVALID", "NOT_FOUND", "FORBIDDEN", "LIMIT_EXCEEDED"}, (document, variables, outcome.body)
    assert await owner.fetchval("SELECT to_regclass('usage_events') IS NOT NULL")


@pytest.mark.parametrize(
    "variables",
    [
        {"period": {"preset": "last_30_days"}},
        {"period": {"preset": "LAST_30_DAY"}},
        {"period": {"preset": None, "nonsense": 1}},
        {"period": {"rang": {}}},
        {"period": "LAST_30_DAYS"},
        {"period": [1]},
        {"period": {"range": {"startDate": "2026-03-01"}}},
        {"period": {"range": {"startDate": None, "endDate": "2026-03-01"}}},
        {"grain": "hour"},
        {"grain": 5},
    ],
    ids=repr,
)
async def test_variables_of_the_wrong_kind_are_refused_without_hints(
    api: Api, make_makerspace: MakeMakerspace, variables: dict[str, Any]
) -> None:
    makerspace = await make_makerspace()
    outcome = await api.run(USAGE, makerspace, role="finance", **variables)
    assert outcome.kind is OutcomeKind.REFUSED
    assert "data" not in outcome.body
    assert "Did you mean" not in str(outcome.body)


@pytest.mark.parametrize(
    ("start", "end", "grain"),
    [
        ("2026-03-02", "2026-03-01", "DAY"),
        ("0000-00-00", "2026-03-01", "DAY"),
        ("2026-02-30", "2026-03-01", "DAY"),
        ("2026-02-01", "9999-12-31", "YEAR"),
        ("2015-01-01", "2026-01-01", "HOUR"),
        ("yesterday", "2026-03-01", "DAY"),
        ("", "2026-03-01", "DAY"),
        ("2026-03-01T00:00:00Z", "2026-03-01", "DAY"),
    ],
)
async def test_an_impossible_period_is_invalid_naming_the_argument(
    api: Api, make_makerspace: MakeMakerspace, start: str, end: str, grain: str
) -> None:
    period = {"range": {"startDate": start, "endDate": end}}
    outcome = await api.run(USAGE, await make_makerspace(), period=period, grain=grain)
    (error,) = outcome.body["errors"]
    assert error["extensions"]["code"] == "INVALID"
    assert error["extensions"]["field"].split(".")[0] in ("period", "grain")


async def test_a_document_that_requests_a_hundred_reports_is_refused(
    api: Api, make_makerspace: MakeMakerspace, owner: asyncpg.Connection
) -> None:
    one = "requestReport(input: {type: USAGE, format: CSV}) { report { id } }"
    for many in ("".join(f" r{n}: {one}" for n in range(100)), f" {one}" * 21):
        outcome = await api.run(f"mutation {{{many} }}", await make_makerspace())
        assert outcome.kind is OutcomeKind.REFUSED
    assert await owner.fetchval("SELECT count(*) FROM report_requests") == 0


@pytest.mark.parametrize("fields", [15, 900, 3_000])
async def test_errors_of_unknown_fields_are_few_and_short(
    api: Api, make_makerspace: MakeMakerspace, caplog: pytest.LogCaptureFixture, fields: int
) -> None:
    makerspace = await make_makerspace()
    with caplog.at_level(logging.DEBUG):
        outcome = await api.run("{" + "".join(f" nothing{'x' * 60}{n}" for n in range(fields)) + " }", makerspace)
    assert outcome.kind is OutcomeKind.REFUSED
    assert 0 < len(outcome.body["errors"]) <= 10
    assert len(str(outcome.body)) < 10_000
    assert len(caplog.text) < 10_000
