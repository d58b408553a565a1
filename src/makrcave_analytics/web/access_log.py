"""Access log: one id and one line per request. Tokens, queries and variables never enter it."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from makrcave_analytics.telemetry import bind_request, logger

log = logger("web")

_LINE = "makrcave_analytics.line"
_UNKNOWN_PATH = "(no route)"


@dataclass(slots=True)
class LogLine:
    """The fields of a request's log line that the endpoint sets."""

    user_id: str | None = None
    operation: str | None = None


def line_of(scope: Scope) -> LogLine:
    """Return the log line of a request, to be filled in."""
    line: LogLine = scope.setdefault(_LINE, LogLine())
    return line


class RequestLines:
    """Middleware: binds the request's id, answers it in X-Request-Id, and logs the request when it has ended."""

    def __init__(self, app: ASGIApp, clock: Callable[[], float]) -> None:
        """`clock` returns seconds from any fixed point."""
        self._app = app
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        request_id = bind_request(Headers(scope=scope).get("x-request-id"))
        started, status = self._clock(), 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"].endswith("http.response.start"):  # of a refused WebSocket too
                status = message["status"]
                MutableHeaders(scope=message)["x-request-id"] = request_id
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        finally:
            if scope["type"] == "http":
                self._log(scope, status, self._clock() - started)

    def _log(self, scope: Scope, status: int, seconds: float) -> None:
        line = line_of(scope)
        log.info(
            "answered",
            method=scope["method"],
            # The template of the path, because the path may hold ids and any text.
            path=getattr(scope.get("route"), "path", _UNKNOWN_PATH),
            status=status,
            ms=round(seconds * 1000, 1),
            user_id=line.user_id,
            operation=line.operation,
        )
