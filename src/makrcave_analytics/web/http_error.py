"""Errors of HTTP itself, raised before an operation reaches the schema."""

from http import HTTPStatus

from makrcave_analytics.errors import ErrorCode


class Refusal(Exception):
    """A request that is answered with an error status. The message is written for the client."""

    def __init__(
        self, status: HTTPStatus, message: str, *, code: str = ErrorCode.INVALID, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.headers = headers or {}
