"""Limits of documents, each at its limit and one beyond."""

import json
from typing import Any

import pytest
import strawberry
from graphql import DocumentNode, GraphQLError, OperationType, build_schema, get_introspection_query, parse, validate

from makrcave_analytics.schema.engine.complexity import DocumentCost
from makrcave_analytics.schema.engine.limits import (
    LIMITS,
    check_document,
    hide_suggestions,
    limit_violations,
    operation_type,
    presentable,
)
from makrcave_analytics.schema.engine.schema import AnalyticsSchema

SCHEMA = build_schema("""
    scalar JSON
    input Where { a: Where name: String }
    input TableInput { metrics: [String!]! top: Int = 100 }
    enum Period { TODAY YESTERDAY }
    type Query {
      value: Float
      self: Query
      rows(first: Int = 50, after: String, where: Where): Rows
      plain(first: Int): Rows
      explore(table: TableInput!): Table
      metric: Metric
      period(period: Period, days: Int, share: Float, text: String, list: [Int]): Int
    }
    type Table { columns: [Row!] nodes: [Row!] }
    type Rows { nodes: [Row!] }
    type Row { id: ID name: String rows(first: Int = 50): Rows }
    type Metric {
      value: Float
      series: [Bucket!]
      columns: Bucket
      heatmap: [Bucket!]
      breakdown(top: Int = 10): [Slice!]
    }
    type Bucket { value: Float }
    type Slice { label: String value: Float series: [Bucket!] }
    type Mutation { record(metadata: JSON): Int }
    type Subscription { changed: Int }
""")


def codes(document: str, variables: dict[str, Any] | None = None, *, may_introspect: bool = False) -> list[str]:
    found = limit_violations(check_document(document), SCHEMA, variables, may_introspect=may_introspect)
    return [str((each.extensions or {})["code"]) for each in found]


def refused(document: str) -> bool:
    """True where parsing, limits or validation refuse a document."""
    try:
        parsed = check_document(document)
    except GraphQLError as error:
        return (error.extensions or {})["code"] == "INVALID"
    return bool(limit_violations(parsed, SCHEMA, {}, may_introspect=False) or validate(SCHEMA, parsed))


def cost(document: str, variables: dict[str, Any] | None = None) -> int:
    cost = measured(parse(document), variables)
    return cost.totals(next(cost.operations())).cost


def measured(document: DocumentNode, variables: dict[str, Any] | None = None) -> DocumentCost:
    return DocumentCost(document, SCHEMA, variables or {}, LIMITS.list_length)


def chain(length: int, spreads: int = 1, end: str = "value") -> str:
    """A chain of fragments, each spreading the next `spreads` times."""
    links = [f"fragment F{n} on Query {{ {f'...F{n + 1} ' * spreads} }}" for n in range(length)]
    return "\n".join(["{ ...F0 }", *links, f"fragment F{length} on Query {{ {end} }}"])


def test_a_thousand_tokens_pass_and_one_more_does_not() -> None:
    check_document("{" + " value" * 998 + "}")
    with pytest.raises(GraphQLError, match="more than 1000 tokens"):
        check_document("{" + " value" * 999 + "}")


def test_comments_are_not_tokens_and_have_a_limit_of_their_own() -> None:
    check_document("# sixty kilobytes of talk, a hundred bytes a line\n" * 999 + "{ value }")
    assert refused("#\n" * 30_000 + "{ value }")


@pytest.mark.parametrize(
    "document",
    [
        pytest.param("{" * 10_000, id="ten thousand braces"),
        pytest.param("{ self " * 300 + "}" * 300, id="three hundred levels"),
        pytest.param("{ rows(where: " + "[" * 20_000, id="lists in an argument"),
        pytest.param("{ rows(where: " + "{a:" * 20_000, id="objects in an argument"),
        pytest.param("{ rows(where: " + "{a:" * 250 + "{}" + "}" * 250 + ") { nodes { id } } }", id="a deep input"),
        pytest.param("query($a: " + "[" * 400 + "Int" + "]" * 400 + ") { value }", id="a deep variable type"),
        pytest.param("", id="nothing"),
        pytest.param("# only a comment", id="a comment"),
        pytest.param("{ value \0 }", id="NUL"),
        pytest.param('{ period(text: "a\0") }', id="NUL in a text"),
        pytest.param('{ period(text: "\\u0000") }', id="NUL escaped"),
        pytest.param('{ period(text: "\ud800") }', id="half a surrogate pair"),
        pytest.param('{ period(text: "\\ud800") }', id="half a surrogate pair escaped"),
        pytest.param("{ period(days: 2147483648) }", id="Int of 2 to the 31"),
        pytest.param("{ period(share: 1e400) }", id="an infinite Float"),
        pytest.param("{ period(days: 1e400) }", id="an infinite Int"),
        pytest.param("{ period(days: " + "9" * 6_000 + ") }", id="six thousand digits"),
        pytest.param("mutation { record(metadata: " + "9" * 6_000 + ") }", id="six thousand digits of JSON"),
        pytest.param("{ period(period: today) }", id="an enum value in lower case"),
        pytest.param("{ period(nonsense: 1) }", id="an unknown argument"),
        pytest.param("{ value @nonsense }", id="an unknown directive"),
        pytest.param("{ ...Nobody }", id="an unknown fragment"),
        pytest.param("{ ...A } fragment A on Query { ...A }", id="a fragment in itself"),
        pytest.param("{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }", id="a circle of fragments"),
        pytest.param("{ ...A } fragment A on Nothing { value }", id="a fragment on no type"),
        pytest.param("type Query { value: Int }", id="a schema"),
        pytest.param("{ value } type A { value: Int }", id="a query and a schema"),
        pytest.param("query A { value } query A { value }", id="two operations of one name"),
    ],
)
def test_refuses(document: str) -> None:
    assert refused(document)


@pytest.mark.parametrize(
    ("levels", "expected"), [pytest.param(10, [], id="ten"), pytest.param(11, ["INVALID"], id="eleven")]
)
def test_ten_levels_of_fields_pass(levels: int, expected: list[str]) -> None:
    deeper = levels - 1
    by_fields = "{ self " * deeper + "{ value }" + "}" * deeper
    by_inline_fragments = "{ ... on Query { self " * deeper + "{ value }" + "}}" * deeper
    fragments = [f"fragment F{n} on Query {{ self {{ ...F{n + 1} }} }}" for n in range(deeper)]
    by_fragments = "\n".join(["{ ...F0 }", *fragments, f"fragment F{deeper} on Query {{ value }}"])
    assert codes(by_fields) == codes(by_inline_fragments) == codes(by_fragments) == expected


def test_fragments_that_double_sixty_times_are_each_visited_once() -> None:
    cost = measured(check_document(chain(60, spreads=2)))
    totals = cost.totals(next(cost.operations()))
    assert cost.visited == 1 + 60 * 2 + 1
    assert totals.cost == 1_000_000_000  # where counting stops
    assert codes(chain(60, spreads=2)) == ["INVALID", "QUERY_TOO_EXPENSIVE"]  # 2^60 root fields, too


def test_fragments_that_double_and_end_in_nothing_are_refused() -> None:
    assert codes(chain(60, spreads=2, end="")) == ["QUERY_TOO_EXPENSIVE"]


def test_a_long_chain_of_fragments_passes() -> None:
    assert codes(chain(120)) == []


@pytest.mark.parametrize(("aliases", "expected"), [(15, []), (16, ["INVALID"])])
def test_fifteen_aliases_pass(aliases: int, expected: list[str]) -> None:
    document = "{ self {" + " ".join(f"a{n}: value" for n in range(aliases)) + "} }"
    assert codes(document) == expected


def test_aliases_count_at_each_spread_of_their_fragment() -> None:
    fragment = "fragment A on Query {" + " ".join(f"a{n}: value" for n in range(6)) + "}"
    assert codes("{ self { ...A } s: self { ...A } }" + fragment) == []  # 6 + 6 + 1
    assert codes("{ self { ...A } s: self { ...A ...A } }" + fragment) == ["INVALID"]  # 6 × 3 + 1


@pytest.mark.parametrize(("directives", "expected"), [(50, []), (51, ["INVALID"])])
def test_fifty_directives_pass(directives: int, expected: list[str]) -> None:
    assert codes("{ value" + " @skip(if: false)" * directives + " }") == expected


def test_directives_count_on_operations_variables_fragments_and_spreads() -> None:
    spread = "{ ...A @a ... @b { value @c } }"
    document = f"query($v: Int @d) @e {spread} fragment A on Query @f {{ self {spread.replace('...A', '...B')} }}"
    cost = measured(parse(document + "fragment B on Query @g { value }"))
    assert cost.totals(next(cost.operations())).directives == 5 + 1 + 3 + 1


@pytest.mark.parametrize(("fields", "expected"), [(20, []), (21, ["INVALID"])])
def test_twenty_root_fields_pass(fields: int, expected: list[str]) -> None:
    halves = " value" * (fields // 2)
    assert codes("{" + " value" * fields + "}") == expected
    assert codes(
        "{ ...A ... on Query {" + " value" * (fields - fields // 2) + "}} fragment A on Query {" + halves + "}"
    ) == (expected)


def test_limits_hold_for_each_operation_alone() -> None:
    twenty = "{" + " value" * 20 + "}"
    assert codes(f"query A {twenty} query B {twenty}") == []


@pytest.mark.parametrize(("fields", "expected"), [(51, []), (52, ["INVALID"]), (900, ["INVALID"])])
def test_fifty_repeated_fields_pass(fields: int, expected: list[str]) -> None:
    assert codes("{ self {" + " value" * fields + "} }") == expected


def test_a_field_of_another_parent_is_not_repeated() -> None:
    document = "{ self { value ... { value } self { value } } metric { value } }"
    cost = measured(parse(document))
    assert cost.totals(next(cost.operations())).repeats == 1


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("{ value }", 1),
        ("{ self { value } }", 2),
        ("{ rows { nodes { id name } } }", 1 + 50 * (1 + 2)),  # 50 is the default of the schema
        ("{ rows(first: 3) { nodes { id name } } }", 1 + 3 * 3),
        ("{ plain { nodes { id } } }", 1 + 2),  # no default: the resolver's business
        ("{ rows(first: 2) { nodes { rows(first: 5) { nodes { id } } } } }", 1 + 2 * (1 + (1 + 5 * 2))),
        ("{ rows(first: 0) { nodes { id } } }", 1 + 2),
        ("{ rows(first: -7) { nodes { id } } }", 1 + 2),
        ("{ rows(first: 2147483647) { nodes { id } } }", 1 + 1_000 * 2),
        ("{ metric { series { value } columns { value } heatmap { value } } }", 1 + (10 + 1) + (10 + 1) + (20 + 1)),
        ("{ metric { breakdown { label value } } }", 1 + (1 + 10 * 2)),
        ("{ metric { breakdown(top: 1000) { value } } }", 1 + (1 + 1_000)),
        ("{ metric { breakdown(top: 5) { series { value } } } }", 1 + (1 + 5 * (10 + 1))),
        ('{ explore(table: {metrics: ["events"], top: 7}) { nodes { id } } }', 1 + 7 * 2),
        ('{ explore(table: {metrics: ["events"]}) { nodes { id } } }', 1 + 100 * 2),
        ('{ explore(table: {metrics: ["events"], top: 7}) { columns { id } } }', 1 + 7 * 2),
        ("{ ...A ...A } fragment A on Query { value }", 2),
        ("{ ... on Query { rows(first: 3) { ...R } } } fragment R on Rows { nodes { id } }", 1 + 3 * 2),
        ("{ unknown { rows(first: 3) { id } } }", 3),  # validation reports it
    ],
)
def test_costs(document: str, expected: int) -> None:
    assert cost(document) == expected


@pytest.mark.parametrize(
    ("variables", "default", "expected"),
    [
        ({"n": 4}, "", 1 + 4 * 2),
        ({"n": 4}, " = 7", 1 + 4 * 2),
        ({"n": 4.0}, "", 1 + 4 * 2),  # JSON's 4.0 is an Int
        ({}, " = 7", 1 + 7 * 2),
        ({}, "", 1 + 50 * 2),
        ({"n": None}, "", 1 + 50 * 2),
        ({"n": True}, "", 1 + 50 * 2),
        ({"n": "many"}, "", 1 + 50 * 2),
        ({"n": 10**30}, "", 1 + 1_000 * 2),
    ],
)
def test_a_variable_counts_as_what_it_holds(variables: dict[str, Any], default: str, expected: int) -> None:
    assert cost(f"query($n: Int{default}) {{ rows(first: $n) {{ nodes {{ id }} }} }}", variables) == expected


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"t": {"metrics": [], "top": 4}}, 1 + 4 * 2),
        ({"t": {"metrics": [], "top": None}}, 1 + 100 * 2),
        ({"t": {"metrics": [], "top": 10**9}}, 1 + 1_000 * 2),
        ({"t": "no table"}, 1 + 100 * 2),
        ({}, 1 + 1_000 * 2),  # a default may hold any
    ],
)
def test_a_table_counts_as_many_rows_as_it_may_have(variables: dict[str, Any], expected: int) -> None:
    document = "query($t: TableInput! = {metrics: [], top: 1000}) { explore(table: $t) { nodes { id } } }"
    assert cost(document, variables) == expected
    assert cost("query($n: Int) { explore(table: {top: $n}) { nodes { id } } }", {"n": 3}) == 1 + 3 * 2


def test_twenty_thousand_pass_and_one_more_is_too_expensive() -> None:
    # 20 × (1 + 999) = 20,000: a breakdown costs one, and top times its only field.
    assert cost("{" + " self { metric { breakdown(top: 997) { value } } }" * 20 + "}") == 20_000
    assert codes("{" + " self { metric { breakdown(top: 997) { value } } }" * 20 + "}") == []
    dearer = "{" + " self { metric { breakdown(top: 997) { value } } }" * 19
    assert codes(dearer + " self { metric { breakdown(top: 998) { value } } } }") == ["QUERY_TOO_EXPENSIVE"]


def test_defaults_are_read_from_a_schema_made_by_code_too() -> None:
    @strawberry.type
    class Query:
        @strawberry.field
        def rows(self, first: int = 8) -> list[str]:
            return ["row"] * first

    schema = AnalyticsSchema(Query).graphql
    cost = DocumentCost(parse("{ rows { id } }"), schema, {}, LIMITS.list_length)
    assert cost.totals(next(cost.operations())).cost == 1 + 8


def test_introspection_needs_permission_and_the_query_of_tools_passes() -> None:
    query = get_introspection_query(input_value_deprecation=True, directive_is_repeatable=True)
    assert codes(query, may_introspect=True) == []
    assert codes(query) == ["INVALID"]
    assert codes('{ ...A } fragment A on Query { t: __type(name: "Query") { name } }') == ["INVALID"]
    assert codes("{ __typename self { __typename } }") == []


def test_introspection_does_not_nest_its_lists() -> None:
    deep = "{ __schema { types " + "{ fields { type " * 3 + "{ name }" + "}}" * 3 + "} }"
    assert codes(deep, may_introspect=True) == ["INVALID"]


def test_the_work_grows_with_the_length_of_the_document() -> None:
    for width, depth in ((50, 50), (18, 10), (240, 1)):
        document = "{" + ("... {" * depth + "value" + "}" * depth) * width + "}"
        cost = measured(parse(document))
        cost.totals(next(cost.operations()))
        assert cost.visited == width * (depth + 1)
    assert refused("{" + ("... {" * 50 + "value" + "}" * 50) * 50 + "}")


def test_five_thousand_aliases_and_two_thousand_directives_are_refused() -> None:
    assert refused("{" + " ".join(f"a{n}: value" for n in range(5_000)) + "}")
    assert refused("{ value" + " @skip(if: false)" * 2_000 + " }")


def test_the_operation_is_found_by_its_name() -> None:
    document = parse("query A { value } mutation B { record } subscription C { changed }")
    assert operation_type(document, "A") is OperationType.QUERY
    assert operation_type(document, "B") is OperationType.MUTATION
    assert operation_type(document, "C") is OperationType.SUBSCRIPTION
    assert operation_type(document, "D") is None
    assert operation_type(document, None) is None
    assert operation_type(parse("mutation { record }"), None) is OperationType.MUTATION


@pytest.mark.parametrize(
    "document",
    [
        "{ valeu }",
        "{ rows(frist: 1) { nodes { id } } }",
        "{ ... on Qeury { value } }",
        "{ period(period: TODYA) }",
        '{ rows(where: { nam: "a" }) { nodes { id } } }',
        "query($p: Perid) { period(period: $p) }",
    ],
)
def test_suggestions_can_be_hidden(document: str) -> None:
    errors = validate(SCHEMA, parse(document))
    assert any("Did you mean" in each.message for each in errors)
    hidden = hide_suggestions(errors)
    assert len(hidden) == len(errors)
    assert [each.message for each in hidden] == [each.message.split(" Did you mean")[0] for each in errors]
    assert [each.locations for each in hidden] == [each.locations for each in errors]


def test_at_most_ten_short_errors_are_presented() -> None:
    long_name = "x" * 30_000
    document = check_document("{" + "".join(f" {long_name[:2_000]}{n}" for n in range(900)) + "}")
    presented = presentable(validate(SCHEMA, document, max_errors=LIMITS.errors))
    assert len(presented) == 10
    assert len(json.dumps([each.formatted for each in presented])) < 10_000
    assert {(each.extensions or {})["code"] for each in presented} == {"INVALID"}


def test_a_syntax_error_of_a_long_word_is_short() -> None:
    with pytest.raises(GraphQLError) as caught:
        check_document("{ value } " + "x" * 60_000)
    assert len(caught.value.message) < 600
    assert caught.value.locations is not None
