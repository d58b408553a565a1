"""Executes a prepared document within a time limit. Raises nothing."""

import asyncio
from inspect import isawaitable
from typing import Any

from graphql import ExecutionResult, GraphQLError, execute
from strawberry.execution.is_awaitable import optimized_is_awaitable

from makrcave_analytics import telemetry
from makrcave_analytics.errors import TooExpensive
from makrcave_analytics.resolvers.common.context import Context
from makrcave_analytics.schema.engine.documents import PreparedDocument
from makrcave_analytics.schema.engine.operation import Operation
from makrcave_analytics.schema.engine.schema import AnalyticsSchema

log = telemetry.logger(__name__)

ANSWER_WITHIN_SECONDS = 5.0
"""For queries and for each event of a subscription. A mutation that has begun runs to its end."""

_TOO_SLOW = TooExpensive("The answer took too long; please ask for less at once.")


async def execute_prepared(
    schema: AnalyticsSchema,
    prepared: PreparedDocument,
    operation: Operation,
    context: Context,
    *,
    seconds: float | None,
    root_value: Any = None,
) -> ExecutionResult:
    """Execute an operation, then close its context. `seconds` None: without a limit."""
    try:
        async with asyncio.timeout(seconds):
            # What Strawberry's own execute passes; that one would parse and validate again.
            result = execute(
                schema.graphql,
                prepared.document,
                root_value=root_value,
                context_value=context,
                variable_values=operation.variables,
                operation_name=operation.name,
                executor_class=schema.execution_context_class,
                is_awaitable=optimized_is_awaitable,  # type: ignore[arg-type]  # a bool, not a TypeGuard
            )
            return await result if isawaitable(result) else result
    except TimeoutError:
        log.warning("operation too slow", name=operation.name, user_id=context.viewer.user_id)
        return ExecutionResult(data=None, errors=[GraphQLError(_TOO_SLOW.message, original_error=_TOO_SLOW)])
    except Exception as error:  # noqa: BLE001 - each failure is an outcome
        return ExecutionResult(data=None, errors=[GraphQLError(str(error), original_error=error)])
    finally:
        await context.close()
