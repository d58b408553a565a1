"""Security headers of every answer, and the answer to unexpected errors."""

from http import HTTPStatus

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from makrcave_analytics.telemetry import logger, request_id
from makrcave_analytics.web.responses import unexpected, write

log = logger("web")

_HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "content-security-policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
}


class SecurityHeaders:
    """Middleware: adds the security headers that an answer does not set itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"].endswith("http.response.start"):  # of a refused WebSocket too
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)


class LastResort:
    """Middleware: answers unexpected errors with one sentence and an id. The log has the exception under the id."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_started = False

        async def send_and_note(message: Message) -> None:
            nonlocal is_started
            is_started = True
            await send(message)

        try:
            await self._app(scope, receive, send_and_note)
        except Exception:
            log.exception("unexpected error", type=scope["type"])
            if scope["type"] != "http":
                raise
            if is_started:
                return  # half an answer is sent: the server cuts the connection, so that it cannot pass for a whole one
            body = {"errors": [unexpected(request_id())]}
            await write(body, HTTPStatus.INTERNAL_SERVER_ERROR)(scope, receive, send)
