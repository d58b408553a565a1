"""Close codes of a socket, and the exception that closes one."""

from enum import IntEnum

from makrcave_analytics.web.http_error import Refusal

MAX_REASON_BYTES = 123


class CloseCode(IntEnum):
    """The codes of graphql-transport-ws, and of WebSocket itself where it has one.

    Clients reconnect after the last two, and after 4403 with another token.
    """

    MALFORMED = 4400
    NOT_GREETED = 4401
    FORBIDDEN = 4403
    OTHER_PROTOCOL = 4406
    TOO_LATE = 4408
    TAKEN = 4409
    GREETED_TWICE = 4429
    INTERNAL = 4500
    GOING = 1012
    TRY_AGAIN = 1013


class CloseWith(Exception):
    """Closes the socket. The reason is written for the client."""

    def __init__(self, code: CloseCode, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason.encode("utf-8", "replace")[:MAX_REASON_BYTES].decode("utf-8", "ignore")


def malformed(what: str | Refusal) -> CloseWith:
    """Return the close that follows a malformed message."""
    return CloseWith(CloseCode.MALFORMED, what.message if isinstance(what, Refusal) else what)
