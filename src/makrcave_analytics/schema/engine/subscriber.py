"""Subscriber: runs subscriptions. Each event is an operation of its own, with its own time and its own snapshot."""

from collections.abc import AsyncGenerator, AsyncIterable, Callable
from contextlib import aclosing
from datetime import datetime
from inspect import isawaitable
from typing import Any

from graphql import ExecutionResult, GraphQLError, OperationType, create_source_event_stream
from graphql import Executor as GraphQLExecutor

from makrcave_analytics import telemetry
from makrcave_analytics.auth import Permission, Viewer
from makrcave_analytics.resolvers.common.context import Context, Services
from makrcave_analytics.schema.engine.documents import PreparedDocument
from makrcave_analytics.schema.engine.errors import presented, root_cause
from makrcave_analytics.schema.engine.execution import ANSWER_WITHIN_SECONDS, execute_prepared
from makrcave_analytics.schema.engine.operation import Operation, Outcome, OutcomeKind
from makrcave_analytics.schema.engine.results import outcome_of, refused
from makrcave_analytics.schema.engine.schema import AnalyticsSchema

log = telemetry.logger(__name__)


class Subscriber:
    """Runs subscriptions against a schema. `clock` gives the time, once per event."""

    def __init__(
        self,
        schema: AnalyticsSchema,
        services: Services,
        clock: Callable[[], datetime],
        *,
        answer_within: float = ANSWER_WITHIN_SECONDS,
    ) -> None:
        self._schema = schema
        self._services = services
        self._clock = clock
        self._answer_within = answer_within

    async def subscribe(self, operation: Operation, viewer: Viewer) -> AsyncGenerator[Outcome, None]:
        """Answer each event as it comes. A refusal, at the start or later, is the last outcome."""
        may_introspect = Permission.MANAGE in viewer.permissions()
        prepared = self._schema.documents.prepare(operation, may_introspect=may_introspect, may_subscribe=True)
        if prepared.refusals:
            yield refused(prepared.refusals)
            return
        if prepared.kind is not OperationType.SUBSCRIPTION:
            yield refused([GraphQLError("This is no subscription.")])
            return
        events = 0
        log.info("subscribed", name=operation.name, user_id=viewer.user_id)
        try:
            async with aclosing(self._events(operation, prepared, viewer)) as source:
                async for event in source:
                    events += 1
                    result = await execute_prepared(
                        self._schema,
                        prepared,
                        operation,
                        self._context(viewer),
                        seconds=self._answer_within,
                        root_value=event,
                    )
                    yield outcome_of(result, may_introspect=may_introspect)
        except GraphQLError as error:
            is_ours = root_cause(error) is not None
            yield Outcome({"errors": [presented(error)]}, OutcomeKind.REFUSED) if is_ours else refused([error])
        finally:
            log.info("subscription over", name=operation.name, user_id=viewer.user_id, events=events)

    def _context(self, viewer: Viewer) -> Context:
        return Context(viewer, self._clock(), self._services)

    async def _events(
        self, operation: Operation, prepared: PreparedDocument, viewer: Viewer
    ) -> AsyncGenerator[Any, None]:
        """Yield the events of the resolver.

        Raises: GraphQLError for every failure.
        """
        context = self._context(viewer)
        try:
            source = await self._source(operation, prepared, context)
            # The resolver is an async generator. Closing it releases what it watches.
            async with aclosing(source):  # type: ignore[type-var]
                async for event in source:
                    yield event
        except GraphQLError:
            raise
        except Exception as error:
            raise GraphQLError(str(error), original_error=error) from error
        finally:
            await context.close()

    async def _source(self, operation: Operation, prepared: PreparedDocument, context: Context) -> AsyncIterable[Any]:
        executor = GraphQLExecutor.build(
            self._schema.graphql,
            prepared.document,
            context_value=context,
            raw_variable_values=operation.variables,
            operation_name=operation.name,
            hide_suggestions=Permission.MANAGE not in context.viewer.permissions(),
        )
        if isinstance(executor, list):
            raise executor[0]
        source = create_source_event_stream(executor)
        source = await source if isawaitable(source) else source
        if isinstance(source, ExecutionResult):
            raise (source.errors or [GraphQLError("Nothing to subscribe to.")])[0]
        return source
