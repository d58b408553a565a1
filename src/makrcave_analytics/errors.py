"""All errors that a client may see, and one for the operator.

    AnalyticsError
    ├── Invalid              a value is not accepted; names the field
    ├── NotFound             absent, or hidden from this token: the same answer for both
    ├── Forbidden            visible, but the permission is missing
    ├── Conflict             the state does not allow it
    ├── IdempotencyConflict  the id already belongs to other content
    ├── LimitExceeded        more than one request may contain
    ├── Unauthenticated      no valid token; the reason goes to the log only
    ├── Unavailable          PostgreSQL or another server is away; try again later
    │   └── Uncertain        it went away during the change, which may have happened
    ├── RateLimited          too many requests; try again later
    └── TooExpensive         the document costs more than one request may

Any other exception reaches clients as one sentence with an id that is also in the log. GraphQL copies the dict
attribute `extensions` of an exception into the answer, so no GraphQL import is needed here.
"""

from enum import StrEnum
from typing import Any, ClassVar


class ErrorCode(StrEnum):
    """Codes of errors about one item of a mutation. Errors of a whole request add codes of their own."""

    INVALID = "INVALID"
    NOT_FOUND = "NOT_FOUND"
    CONFLICT = "CONFLICT"
    IDEMPOTENCY_CONFLICT = "IDEMPOTENCY_CONFLICT"
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
    FORBIDDEN = "FORBIDDEN"


class AnalyticsError(Exception):
    """An error whose message is written for the client and reveals nothing internal."""

    code: ClassVar[str] = "INTERNAL"

    def __init__(self, message: str, *, path: tuple[str, ...] = (), **details: Any) -> None:
        """`path` names the argument at fault, outermost first; `details` join the extensions."""
        super().__init__(message)
        self.message = message
        self.path = path
        self.details = details

    @property
    def extensions(self) -> dict[str, Any]:
        """The `extensions` of the error in a GraphQL answer."""
        field = {"field": ".".join(self.path)} if self.path else {}
        return {"code": self.code, **field, **self.details}


class Invalid(AnalyticsError):
    """A value is not accepted."""

    code = ErrorCode.INVALID


class NotFound(AnalyticsError):
    """Absent, or hidden from this token."""

    code = ErrorCode.NOT_FOUND


class Forbidden(AnalyticsError):
    """The token sees it but lacks the permission."""

    code = ErrorCode.FORBIDDEN


class Conflict(AnalyticsError):
    """The current state does not allow it."""

    code = ErrorCode.CONFLICT


class IdempotencyConflict(AnalyticsError):
    """The id already belongs to other content, which is kept."""

    code = ErrorCode.IDEMPOTENCY_CONFLICT


class LimitExceeded(AnalyticsError):
    """More than one request may contain."""

    code = ErrorCode.LIMIT_EXCEEDED


class Unauthenticated(AnalyticsError):
    """No valid token. The message is always the same; `reason` goes to the log and is never sent."""

    code = "UNAUTHENTICATED"

    def __init__(self, reason: str) -> None:
        super().__init__("A valid bearer token is needed.")
        self.reason = reason


class Unavailable(AnalyticsError):
    """A server that we depend on is away."""

    code = "UNAVAILABLE"


class Uncertain(Unavailable):
    """A server went away during a change; it is not known whether the change was made."""


class RateLimited(AnalyticsError):
    """Too many requests in too short a time."""

    code = "RATE_LIMITED"


class TooExpensive(AnalyticsError):
    """The document costs more than one request may."""

    code = "QUERY_TOO_EXPENSIVE"


class ConfigurationError(Exception):
    """A setting with which the process must not start. Shown to the operator, never to a client."""
