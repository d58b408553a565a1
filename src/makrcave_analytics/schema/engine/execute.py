"""Runs one operation: documents are parsed and validated once, limits come first, nothing raises.

Everything that a client can send ends here in an Outcome.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from time import perf_counter
from typing import Any

import strawberry
from graphql import DocumentNode, GraphQLError, OperationType, validate
from graphql import ExecutionResult as GraphQLResult
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionResult

from makrcave_analytics import telemetry
from makrcave_analytics.auth import Permission, Viewer
from makrcave_analytics.errors import TooExpensive
from makrcave_analytics.resolvers.common.context import Context, Services
from makrcave_analytics.schema.common.scalars import SCALARS
from makrcave_analytics.schema.engine.errors import is_away, presented, root_cause
from makrcave_analytics.schema.engine.limits import (
    LIMITS,
    check_document,
    hide_suggestions,
    limit_violations,
    operation_type,
    presentable,
)
from makrcave_analytics.schema.engine.operation import Operation, Outcome, OutcomeKind
from makrcave_analytics.schema.root import Mutation, Query, Subscription

log = telemetry.logger(__name__)

DOCUMENTS_KEPT = 512
"""Parsed and validated documents that are remembered."""
LONGEST_KEPT = 8 * 1024
"""Characters of a document that is remembered: what frontends send again and again is shorter."""
ANSWER_WITHIN_SECONDS = 5.0
"""For queries. A mutation that was begun is brought to its end."""


class PreparedDocument(SchemaExtension):
    """Hands Strawberry the document that was parsed and validated already."""

    def on_parse(self) -> Iterator[None]:
        """Skip parsing."""
        self.execution_context.graphql_document = document_of(self.execution_context.query or "")
        yield

    def on_validate(self) -> Iterator[None]:
        """Skip validation."""
        self.execution_context.pre_execution_errors = []
        yield


class AnalyticsSchema(strawberry.Schema):
    """The schema; its errors are logged where they are presented, once."""

    def process_errors(self, errors: list[GraphQLError], execution_context: Any = None) -> None:
        """Log nothing."""


SCHEMA = AnalyticsSchema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    extensions=[PreparedDocument],
    config=StrawberryConfig(scalar_map=SCALARS),
)


class Executor:
    """Runs operations. `clock` says what now is, once an operation."""

    def __init__(
        self, services: Services, clock: Callable[[], datetime], *, answer_within: float = ANSWER_WITHIN_SECONDS
    ) -> None:
        self._services = services
        self._clock = clock
        self._answer_within = answer_within

    async def execute(self, operation: Operation, viewer: Viewer) -> Outcome:
        """Run one operation and answer it."""
        may_introspect = Permission.MANAGE in viewer.permissions()
        if refusals := refusals_of(operation, may_introspect=may_introspect):
            return refused(refusals)
        started, is_mutation = perf_counter(), _is_mutation(operation)
        context = Context(viewer, self._clock(), self._services, is_mutation)
        try:
            async with asyncio.timeout(None if is_mutation else self._answer_within):
                result = await SCHEMA.execute(
                    operation.query,
                    variable_values=operation.variables,
                    context_value=context,
                    operation_name=operation.name,
                )
        except TimeoutError:
            log.warning("operation too slow", name=operation.name, user_id=viewer.user_id)
            result = ExecutionResult(data=None, errors=[TOO_SLOW])
        finally:
            await context.close()
        outcome = outcome_of(result, may_introspect=may_introspect)
        log.info(
            "operation",
            name=operation.name,
            user_id=viewer.user_id,
            kind=outcome.kind,
            errors=len(result.errors or ()),
            statements=context.statements,
            ms=round((perf_counter() - started) * 1000, 1),
        )
        return outcome


_TOO_SLOW = TooExpensive("The answer took too long; please ask for less at once.")
TOO_SLOW = GraphQLError(_TOO_SLOW.message, original_error=_TOO_SLOW)


def _is_mutation(operation: Operation) -> bool:
    return operation_type(document_of(operation.query), operation.name) is OperationType.MUTATION


def sdl() -> str:
    """Return the schema as clients read it."""
    return SCHEMA.as_str() + "\n"


def document_of(source: str) -> DocumentNode:
    """Parse a document, or recall it.

    Raises: GraphQLError.
    """
    return _parsed(source) if len(source) <= LONGEST_KEPT else check_document(source)


def _validation_errors(source: str) -> Sequence[GraphQLError]:
    return _validated(source) if len(source) <= LONGEST_KEPT else _validate(check_document(source))


@lru_cache(maxsize=DOCUMENTS_KEPT)
def _parsed(source: str) -> DocumentNode:
    return check_document(source)


@lru_cache(maxsize=DOCUMENTS_KEPT)
def _validated(source: str) -> tuple[GraphQLError, ...]:
    return tuple(_validate(_parsed(source)))


def _validate(document: DocumentNode) -> list[GraphQLError]:
    # Strawberry has no public way to the schema of graphql-core.
    return validate(SCHEMA._schema, document, max_errors=LIMITS.errors)  # noqa: SLF001


def refusals_of(operation: Operation, *, may_introspect: bool, subscribes: bool = False) -> Sequence[GraphQLError]:
    """Return why an operation must not run; limits come before validation, whose cost they bound."""
    try:
        document = document_of(operation.query)
    except GraphQLError as error:
        return [error]
    kind = operation_type(document, operation.name)
    if kind is None:
        return [GraphQLError("Name one of the document's operations in operationName.")]
    if kind is OperationType.SUBSCRIPTION and not subscribes:
        return [GraphQLError("Subscriptions are served over WebSocket.")]
    if kind is OperationType.MUTATION and operation.read_only:
        return [GraphQLError("Mutations are sent by POST.")]
    excess = limit_violations(document, SCHEMA._schema, operation.variables, may_introspect=may_introspect)  # noqa: SLF001
    errors = excess or _validation_errors(operation.query)
    return errors if may_introspect else hide_suggestions(errors)


def refused(errors: Sequence[GraphQLError]) -> Outcome:
    """Make the outcome of what never ran."""
    return Outcome({"errors": [presented(error) for error in presentable(errors)]}, OutcomeKind.REFUSED)


def outcome_of(result: ExecutionResult | GraphQLResult, *, may_introspect: bool) -> Outcome:
    """Make the outcome of what ran."""
    errors = result.errors or []
    # Neither a field nor a resolver is at fault: it is the variables, and nothing ran.
    if result.data is None and errors and all(e.path is None and root_cause(e) is None for e in errors):
        return refused(errors if may_introspect else hide_suggestions(errors))
    body: dict[str, Any] = {"data": result.data}
    if errors:
        body["errors"] = [presented(error) for error in errors]
    nothing = result.data is None or all(value is None for value in result.data.values())
    away = bool(errors) and nothing and is_away(errors)
    return Outcome(body, OutcomeKind.UNAVAILABLE if away else OutcomeKind.ANSWERED)
