"""What this room itself refuses, before the schema sees it."""

from http import HTTPStatus

from makrcave_analytics.errors import ErrorCode


class Refusal(Exception):
    """An answer in place of the one that was asked for. The message is written for the client."""

    def __init__(
        self, status: HTTPStatus, message: str, *, code: str = ErrorCode.INVALID, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.headers = headers or {}
