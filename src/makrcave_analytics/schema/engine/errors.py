"""Errors as clients may see them: declared ones with their code, everything else one sentence with an id."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from graphql import GraphQLError

from makrcave_analytics import telemetry
from makrcave_analytics.errors import AnalyticsError, ErrorCode, Unavailable

log = telemetry.logger(__name__)


def presented(error: GraphQLError) -> dict[str, Any]:
    """Return what a client sees of an error; what it must not see goes to the log."""
    cause = root_cause(error)
    if isinstance(cause, AnalyticsError):
        return _entry(error, cause.message, cause.extensions)
    if cause is None:
        return _entry(error, error.message, {"code": ErrorCode.INVALID.value, **(error.extensions or {})})
    identifier = telemetry.request_id() or uuid4().hex
    log.error("unexpected error", path=error.path, error_id=identifier, exc_info=cause)
    message = f"Something went wrong on our side. Please report it with this id: {identifier}"
    return _entry(error, message, {"code": "INTERNAL", "id": identifier})


def is_away(errors: Sequence[GraphQLError]) -> bool:
    """Say whether nothing but an unavailable server was wrong."""
    return all(isinstance(root_cause(error), Unavailable) for error in errors)


def root_cause(error: GraphQLError) -> Exception | None:
    """Return the exception of a resolver; None where the document or its variables were at fault."""
    cause: Exception | None = error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    return cause


def _entry(error: GraphQLError, message: str, extensions: dict[str, Any]) -> dict[str, Any]:
    entry: dict[str, Any] = {"message": message}
    if error.locations:
        entry["locations"] = [{"line": place.line, "column": place.column} for place in error.locations]
    if error.path is not None:
        entry["path"] = error.path
    return entry | {"extensions": extensions}
