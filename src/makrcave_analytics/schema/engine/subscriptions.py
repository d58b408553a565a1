"""Runs subscriptions: each event is an operation of its own, with its own now and its own snapshot."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Callable
from contextlib import aclosing
from datetime import datetime
from inspect import isawaitable
from typing import Any

from graphql import ExecutionResult, GraphQLError, OperationType, create_source_event_stream, execute
from graphql import Executor as Executing

from makrcave_analytics import telemetry
from makrcave_analytics.auth import Permission, Viewer
from makrcave_analytics.resolvers.common.context import Context, Services
from makrcave_analytics.schema.engine.errors import presented, root_cause
from makrcave_analytics.schema.engine.execute import (
    ANSWER_WITHIN_SECONDS,
    SCHEMA,
    TOO_SLOW,
    document_of,
    outcome_of,
    refusals_of,
    refused,
)
from makrcave_analytics.schema.engine.limits import operation_type
from makrcave_analytics.schema.engine.operation import Operation, Outcome, OutcomeKind

log = telemetry.logger(__name__)


class Subscriber:
    """Runs subscriptions. `clock` says what now is, once an event."""

    def __init__(
        self, services: Services, clock: Callable[[], datetime], *, answer_within: float = ANSWER_WITHIN_SECONDS
    ) -> None:
        self._services = services
        self._clock = clock
        self._answer_within = answer_within

    async def subscribe(self, operation: Operation, viewer: Viewer) -> AsyncGenerator[Outcome, None]:
        """Answer each event as it comes; a refusal, whenever it comes, is the last."""
        may_introspect = Permission.MANAGE in viewer.permissions()
        if refusals := refusals_of(operation, may_introspect=may_introspect, subscribes=True):
            yield refused(refusals)
            return
        if operation_type(document_of(operation.query), operation.name) is not OperationType.SUBSCRIPTION:
            yield refused([GraphQLError("This is no subscription.")])
            return
        events = 0
        log.info("subscribed", name=operation.name, user_id=viewer.user_id)
        try:
            async with aclosing(self._events(operation, viewer)) as source:
                async for event in source:
                    events += 1
                    yield await self._answer(operation, viewer, event, may_introspect=may_introspect)
        except GraphQLError as error:
            of_ours = root_cause(error) is not None
            yield Outcome({"errors": [presented(error)]}, OutcomeKind.REFUSED) if of_ours else refused([error])
        finally:
            log.info("subscription over", name=operation.name, user_id=viewer.user_id, events=events)

    async def _events(self, operation: Operation, viewer: Viewer) -> AsyncGenerator[Any, None]:
        """Give the events as the resolver yields them.

        Raises: GraphQLError, whatever goes wrong.
        """
        context = Context(viewer, self._clock(), self._services)
        try:
            source = await self._source(operation, context)
            # The resolver is an async generator: closed with us, it lets go of what it watches.
            async with aclosing(source):  # type: ignore[type-var]
                async for event in source:
                    yield event
        except GraphQLError:
            raise
        except Exception as error:
            raise GraphQLError(str(error), original_error=error) from error
        finally:
            await context.close()

    async def _source(self, operation: Operation, context: Context) -> AsyncIterable[Any]:
        made = Executing.build(
            SCHEMA._schema,  # noqa: SLF001 - Strawberry has no public way to one event of a subscription
            document_of(operation.query),
            context_value=context,
            raw_variable_values=operation.variables,
            operation_name=operation.name,
            hide_suggestions=Permission.MANAGE not in context.viewer.permissions(),
        )
        if isinstance(made, list):
            raise made[0]
        source = create_source_event_stream(made)
        source = await source if isawaitable(source) else source
        if isinstance(source, ExecutionResult):
            raise (source.errors or [GraphQLError("Nothing to subscribe to.")])[0]
        return source

    async def _answer(self, operation: Operation, viewer: Viewer, event: Any, *, may_introspect: bool) -> Outcome:
        context = Context(viewer, self._clock(), self._services)
        try:
            async with asyncio.timeout(self._answer_within):
                result = execute(
                    SCHEMA._schema,  # noqa: SLF001 - as above
                    document_of(operation.query),
                    root_value=event,
                    context_value=context,
                    variable_values=operation.variables,
                    operation_name=operation.name,
                )
                result = await result if isawaitable(result) else result
        except TimeoutError:
            result = ExecutionResult(data=None, errors=[TOO_SLOW])
        finally:
            await context.close()
        return outcome_of(result, may_introspect=may_introspect)
