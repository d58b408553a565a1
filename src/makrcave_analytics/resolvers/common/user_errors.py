"""Errors that a mutation's payload carries. Every other error is raised as the field's error."""

from makrcave_analytics.errors import (
    AnalyticsError,
    Conflict,
    ErrorCode,
    Forbidden,
    IdempotencyConflict,
    Invalid,
    LimitExceeded,
    NotFound,
)
from makrcave_analytics.recording.outcome import UserError

OF_INPUT = (Invalid, Conflict, IdempotencyConflict, LimitExceeded, Forbidden)
"""Errors of the input of a new object."""
OF_CHANGE = (*OF_INPUT, NotFound)
"""Errors of the change of an existing object, named by its id."""


def refusal_of_input(error: AnalyticsError) -> UserError:
    """Return the error with a path that starts at `input`."""
    path = error.path if error.path[:1] == ("input",) else ("input", *error.path)
    return UserError(ErrorCode(error.code), error.message, path)


def refusal_of_change(error: AnalyticsError) -> UserError:
    """Return the error with its path: the id or the input."""
    return UserError(ErrorCode(error.code), error.message, error.path)
