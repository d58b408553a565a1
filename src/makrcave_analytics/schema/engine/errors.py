"""Errors as clients see them: declared errors with their code, all others as one sentence with an id."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from graphql import GraphQLError

from makrcave_analytics import telemetry
from makrcave_analytics.errors import AnalyticsError, ErrorCode, Unavailable

log = telemetry.logger(__name__)


def presented(error: GraphQLError) -> dict[str, Any]:
    """Return what a client sees of an error. The exception of an undeclared one goes to the log only."""
    cause = root_cause(error)
    if isinstance(cause, AnalyticsError):
        return _entry(error, cause.message, cause.extensions)
    if cause is None:
        return _entry(error, error.message, {"code": ErrorCode.INVALID.value, **(error.extensions or {})})
    identifier = telemetry.request_id() or uuid4().hex
    log.error("unexpected error", path=error.path, error_id=identifier, exc_info=cause)
    message = f"Something went wrong on our side. Please report it with this id: {identifier}"
    return _entry(error, message, {"code": "INTERNAL", "id": identifier})


def is_unavailable(errors: Sequence[GraphQLError]) -> bool:
    """True where every error comes from an unavailable server."""
    return all(isinstance(root_cause(error), Unavailable) for error in errors)


def root_cause(error: GraphQLError) -> Exception | None:
    """Return the exception that a resolver raised, or None for an error of the document or its variables."""
    cause: Exception | None = error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    return cause


def _entry(error: GraphQLError, message: str, extensions: dict[str, Any]) -> dict[str, Any]:
    entry: dict[str, Any] = {"message": message}
    if error.locations:
        entry["locations"] = [{"line": each.line, "column": each.column} for each in error.locations]
    if error.path is not None:
        entry["path"] = error.path
    return entry | {"extensions": extensions}
