"""What every answer carries against misuse in browsers, and the last resort when something unforeseen happens."""

from http import HTTPStatus

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from makrcave_analytics.telemetry import logger, request_id
from makrcave_analytics.web.responses import unforeseen, write

log = logger("web")

_HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "content-security-policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
}


class SecurityHeaders:
    """Adds the headers that an answer does not bring itself."""

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
    """Answers for what nobody foresaw: one sentence with the id under which the log has the rest."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_started = False

        async def send_and_see(message: Message) -> None:
            nonlocal is_started
            is_started = True
            await send(message)

        try:
            await self._app(scope, receive, send_and_see)
        except Exception:
            log.exception("unforeseen", type=scope["type"])
            if scope["type"] != "http":
                raise
            if is_started:
                return  # half an answer: the server cuts the connection, so that nobody takes it for a whole one
            body = {"errors": [unforeseen(request_id())]}
            await write(body, HTTPStatus.INTERNAL_SERVER_ERROR)(scope, receive, send)
