"""What the payload of a mutation tells of a refusal; every other error is that of the field."""

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
"""What can be said against the input of something new."""
OF_CHANGE = (*OF_INPUT, NotFound)
"""The same, where something that is there is named by its id."""


def refusal_of_input(error: AnalyticsError) -> UserError:
    """Say what of the input is at fault, wherever whoever raised it began to count."""
    path = error.path if error.path[:1] == ("input",) else ("input", *error.path)
    return UserError(ErrorCode(error.code), error.message, path)


def refusal_of_change(error: AnalyticsError) -> UserError:
    """Say which argument is at fault: the id or the input."""
    return UserError(ErrorCode(error.code), error.message, error.path)
