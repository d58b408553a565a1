"""Documents: what is remembered, how often a document is parsed and validated, why an operation is refused."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import strawberry
from graphql import DocumentNode, GraphQLError, OperationType
from tests.plugins.api import Api

from makrcave_analytics.auth import Viewer
from makrcave_analytics.schema.engine import documents
from makrcave_analytics.schema.engine.documents import LONGEST_KEPT, Documents, PreparedDocument
from makrcave_analytics.schema.engine.executor import Executor
from makrcave_analytics.schema.engine.operation import Operation, OutcomeKind
from makrcave_analytics.schema.engine.schema import AnalyticsSchema
from makrcave_analytics.schema.engine.subscriber import Subscriber


@strawberry.type
class Query:
    @strawberry.field
    def number(self, of: int = 1) -> int:
        return of


@strawberry.type
class Mutation:
    @strawberry.mutation
    def double(self, number: int) -> int:
        return 2 * number


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def count(self, to: int) -> AsyncIterator[int]:
        for number in range(to):
            yield number


@pytest.fixture
def schema() -> AnalyticsSchema:
    return AnalyticsSchema(Query, Mutation, Subscription)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """How often a document was parsed, measured and validated."""
    counted: dict[str, int] = {}
    for name in ("check_document", "limit_violations", "validate"):
        original = getattr(documents, name)

        def count(*args: Any, name: str = name, original: Any = original, **more: Any) -> Any:
            counted[name] = counted.get(name, 0) + 1
            return original(*args, **more)

        monkeypatch.setattr(documents, name, count)
    return counted


def operation(query: str, name: str | None = None, *, read_only: bool = False, **variables: Any) -> Operation:
    return Operation(query, variables, name, read_only)


def prepared(schema: AnalyticsSchema, sent: Operation, **may: bool) -> PreparedDocument:
    return schema.documents.prepare(sent, **({"may_introspect": True} | may))


def test_a_document_that_may_run_has_a_kind_and_no_refusals(schema: AnalyticsSchema) -> None:
    document = "query A { number } mutation B { double(number: 1) } subscription C { count(to: 1) }"
    for name, kind in (("A", OperationType.QUERY), ("B", OperationType.MUTATION), ("C", OperationType.SUBSCRIPTION)):
        found = prepared(schema, operation(document, name), may_subscribe=True)
        assert (found.kind, found.refusals, len(found.document.definitions)) == (kind, (), 3)


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        (operation("{"), "Syntax Error: Expected Name, found <EOF>."),
        (operation("{ number } " + "{ number }"), "Name one of the document's operations in operationName."),
        (operation("query A { number }", "B"), "Name one of the document's operations in operationName."),
        (operation("subscription { count(to: 1) }"), "Subscriptions are served over WebSocket."),
        (operation("mutation { double(number: 1) }", read_only=True), "Mutations are sent by POST."),
        (operation("{" + " number" * 21 + "}"), "The operation has more than 20 root fields."),
        (operation("{ number2 }"), "Cannot query field 'number2' on type 'Query'. Did you mean 'number'?"),
    ],
)
def test_a_refusal_says_what_is_wrong(schema: AnalyticsSchema, sent: Operation, message: str) -> None:
    assert [error.message for error in prepared(schema, sent).refusals] == [message]


def test_suggestions_are_hidden_from_clients_that_may_not_introspect(schema: AnalyticsSchema) -> None:
    sent = operation("{ number2 }")
    (error,) = prepared(schema, sent, may_introspect=False).refusals
    assert error.message == "Cannot query field 'number2' on type 'Query'."
    (error,) = prepared(schema, sent, may_introspect=True).refusals
    assert error.message.endswith("Did you mean 'number'?")


def test_a_document_that_cannot_be_parsed_is_empty(schema: AnalyticsSchema) -> None:
    found = prepared(schema, operation("{"))
    assert (found.kind, found.document) == (None, DocumentNode(definitions=()))
    assert isinstance(found.refusals[0], GraphQLError)


def test_short_documents_are_remembered_and_long_ones_are_not(schema: AnalyticsSchema) -> None:
    kept = Documents(schema.graphql)
    kept.prepare(operation("{ number }" + " " * LONGEST_KEPT), may_introspect=True)
    assert kept.remembered == 0
    kept.prepare(operation("{ number }"), may_introspect=True)
    kept.prepare(operation("{ number }"), may_introspect=False)
    assert kept.remembered == 1


def test_a_remembered_document_is_parsed_and_validated_once_and_measured_each_time(
    schema: AnalyticsSchema, calls: dict[str, int]
) -> None:
    for _ in range(3):
        prepared(schema, operation("{ number }"))
    assert calls == {"check_document": 1, "limit_violations": 3, "validate": 1}


def test_a_document_beyond_the_limits_is_never_validated(schema: AnalyticsSchema, calls: dict[str, int]) -> None:
    assert prepared(schema, operation("{" + " number" * 21 + "}")).refusals
    assert calls == {"check_document": 1, "limit_violations": 1}


@pytest.mark.parametrize("query", ["{ number(of: 3) }", "mutation { number: double(number: 3) }"])
async def test_an_operation_prepares_its_document_once(
    api: Api, schema: AnalyticsSchema, calls: dict[str, int], query: str
) -> None:
    executor = Executor(schema, api.services, lambda: api.now)
    outcome = await executor.execute(operation(query + " " * LONGEST_KEPT), Viewer.system("a test"))
    assert outcome.kind is OutcomeKind.ANSWERED
    assert calls == {"check_document": 1, "limit_violations": 1, "validate": 1}


async def test_a_subscription_prepares_its_document_once_for_all_events(
    api: Api, schema: AnalyticsSchema, calls: dict[str, int]
) -> None:
    subscriber = Subscriber(schema, api.services, lambda: api.now)
    sent = operation("subscription($to: Int!) { count(to: $to) }" + " " * LONGEST_KEPT, to=3)
    outcomes = [outcome.body async for outcome in subscriber.subscribe(sent, Viewer.system("a test"))]
    assert outcomes == [{"data": {"count": number}} for number in range(3)]
    assert calls == {"check_document": 1, "limit_violations": 1, "validate": 1}
