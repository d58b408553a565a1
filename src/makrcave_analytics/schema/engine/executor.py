"""Executor: runs queries and mutations. Ends every operation in an Outcome, and raises nothing."""

from collections.abc import Callable
from datetime import datetime
from time import perf_counter

from graphql import OperationType

from makrcave_analytics import telemetry
from makrcave_analytics.auth import Permission, Viewer
from makrcave_analytics.resolvers.common.context import Context, Services
from makrcave_analytics.schema.engine.execution import ANSWER_WITHIN_SECONDS, execute_prepared
from makrcave_analytics.schema.engine.operation import Operation, Outcome
from makrcave_analytics.schema.engine.results import outcome_of, refused
from makrcave_analytics.schema.engine.schema import AnalyticsSchema

log = telemetry.logger(__name__)


class Executor:
    """Runs queries and mutations against a schema. `clock` gives the time, once per operation."""

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

    async def execute(self, operation: Operation, viewer: Viewer) -> Outcome:
        """Run one operation and answer it."""
        may_introspect = Permission.MANAGE in viewer.permissions()
        prepared = self._schema.documents.prepare(operation, may_introspect=may_introspect)
        if prepared.refusals:
            return refused(prepared.refusals)
        started, is_mutation = perf_counter(), prepared.kind is OperationType.MUTATION
        context = Context(viewer, self._clock(), self._services, is_mutation)
        seconds = None if is_mutation else self._answer_within
        result = await execute_prepared(self._schema, prepared, operation, context, seconds=seconds)
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
