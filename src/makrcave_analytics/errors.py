"""Every error that a client may see, and nothing else.

    AnalyticsError
    ├── Invalid              a value that cannot be accepted; names the field
    ├── NotFound             absent, or not to be seen by this token: the same answer for both
    ├── Forbidden            seen, but the permission is missing
    ├── Conflict             the state does not allow it
    ├── IdempotencyConflict  the id is taken by other content
    ├── LimitExceeded        more than one request may hold
    ├── Unauthenticated      no token, or one that is not good; why is for the log only
    ├── Unavailable          PostgreSQL or another server is away; try again later
    │   └── Uncertain        it went away in the middle: what was asked for may have happened
    ├── RateLimited          too much, too fast; try again later
    └── TooExpensive         the document asks for more than one request may cost

Whatever is not an AnalyticsError reaches clients as one sentence with an id that the log has too. GraphQL
puts the dict attribute `extensions` of an exception beside its message, so no GraphQL import is needed here.
"""

from enum import StrEnum
from typing import Any, ClassVar


class ErrorCode(StrEnum):
    """The codes of the contract; those of one mutation's item are the first six."""

    INVALID = "INVALID"
    NOT_FOUND = "NOT_FOUND"
    CONFLICT = "CONFLICT"
    IDEMPOTENCY_CONFLICT = "IDEMPOTENCY_CONFLICT"
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
    FORBIDDEN = "FORBIDDEN"


class AnalyticsError(Exception):
    """A declared error: its message is written for the client and leaks nothing."""

    code: ClassVar[str] = "INTERNAL"

    def __init__(self, message: str, *, path: tuple[str, ...] = (), **details: Any) -> None:
        """`path` names the argument at fault, outermost first; `details` join the extensions."""
        super().__init__(message)
        self.message = message
        self.path = path
        self.details = details

    @property
    def extensions(self) -> dict[str, Any]:
        """What stands beside the message in a GraphQL answer."""
        field = {"field": ".".join(self.path)} if self.path else {}
        return {"code": self.code, **field, **self.details}


class Invalid(AnalyticsError):
    """A value that cannot be accepted."""

    code = ErrorCode.INVALID


class NotFound(AnalyticsError):
    """Absent, or not to be seen by this token."""

    code = ErrorCode.NOT_FOUND


class Forbidden(AnalyticsError):
    """The token sees it and lacks the permission."""

    code = ErrorCode.FORBIDDEN


class Conflict(AnalyticsError):
    """The present state does not allow it."""

    code = ErrorCode.CONFLICT


class IdempotencyConflict(AnalyticsError):
    """The id is taken by other content, which stays."""

    code = ErrorCode.IDEMPOTENCY_CONFLICT


class LimitExceeded(AnalyticsError):
    """More than one request may hold."""

    code = ErrorCode.LIMIT_EXCEEDED


class Unauthenticated(AnalyticsError):
    """No good token. The message is always the same; `reason` is for the log and never sent."""

    code = "UNAUTHENTICATED"

    def __init__(self, reason: str) -> None:
        super().__init__("A valid bearer token is needed.")
        self.reason = reason


class Unavailable(AnalyticsError):
    """A server that we depend on is away."""

    code = "UNAVAILABLE"


class Uncertain(Unavailable):
    """A server went away while it did what was asked for; whether it did is not known."""


class RateLimited(AnalyticsError):
    """Too much in too short a time."""

    code = "RATE_LIMITED"


class TooExpensive(AnalyticsError):
    """The document asks for more than one request may cost."""

    code = "QUERY_TOO_EXPENSIVE"


class ConfigurationError(Exception):
    """A setting with which the process must not start. For the operator, never for a client."""
