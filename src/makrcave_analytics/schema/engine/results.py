"""Turns results of graphql-core, and refusals, into outcomes."""

from collections.abc import Sequence
from typing import Any

from graphql import ExecutionResult, GraphQLError

from makrcave_analytics.schema.engine.errors import is_unavailable, presented, root_cause
from makrcave_analytics.schema.engine.limits import hide_suggestions, presentable
from makrcave_analytics.schema.engine.operation import Outcome, OutcomeKind


def refused(errors: Sequence[GraphQLError]) -> Outcome:
    """Return the outcome of an operation that never ran."""
    return Outcome({"errors": [presented(error) for error in presentable(errors)]}, OutcomeKind.REFUSED)


def outcome_of(result: ExecutionResult, *, may_introspect: bool) -> Outcome:
    """Return the outcome of an operation that was handed to graphql-core."""
    errors = result.errors or []
    if result.data is None and errors and all(_is_of_variables(error) for error in errors):
        return refused(errors if may_introspect else hide_suggestions(errors))
    body: dict[str, Any] = {"data": result.data}
    if errors:
        body["errors"] = [presented(error) for error in errors]
    has_no_data = result.data is None or all(value is None for value in result.data.values())
    unavailable = bool(errors) and has_no_data and is_unavailable(errors)
    return Outcome(body, OutcomeKind.UNAVAILABLE if unavailable else OutcomeKind.ANSWERED)


def _is_of_variables(error: GraphQLError) -> bool:
    """Tell an error of the variables, with which nothing runs, from one of a field or a resolver."""
    return error.path is None and root_cause(error) is None
