"""The WebSocket endpoint at /graphql: admits clients, and closes every socket with a code that says why."""

from collections.abc import Callable, Sequence
from http import HTTPStatus

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from makrcave_analytics.errors import ErrorCode
from makrcave_analytics.telemetry import logger
from makrcave_analytics.web.http_error import Refusal
from makrcave_analytics.web.negotiation import MediaType
from makrcave_analytics.web.responses import refuse
from makrcave_analytics.web.socket.close_codes import CloseCode, CloseWith
from makrcave_analytics.web.socket.origin import is_allowed
from makrcave_analytics.web.socket.session import SocketSession, Surroundings

log = logger("web")

PROTOCOL = "graphql-transport-ws"
_LEGACY = "graphql-ws"


class SocketEndpoint:
    """Opens sessions and closes them."""

    def __init__(self, surroundings: Surroundings, allowed_origins: Sequence[str], clock: Callable[[], float]) -> None:
        """`clock` returns seconds from any fixed point."""
        self._surroundings = surroundings
        self._allowed_origins = allowed_origins
        self._clock = clock

    async def __call__(self, socket: WebSocket) -> None:
        """Serve one client until its socket is closed."""
        if not is_allowed(socket.headers, self._allowed_origins):
            refusal = Refusal(HTTPStatus.FORBIDDEN, "Pages of this origin may not connect.", code=ErrorCode.FORBIDDEN)
            await socket.send_denial_response(refuse(refusal, MediaType.JSON))
            return
        offered = socket.scope["subprotocols"]
        # Browsers see the close code only where the server accepted one of the protocols that they offered.
        await socket.accept(next((each for each in (PROTOCOL, _LEGACY) if each in offered), None))
        session = SocketSession(socket, self._surroundings)
        started = self._clock()
        code: int = CloseCode.INTERNAL
        try:
            _check_protocol(offered)
            await session.hold()
        except WebSocketDisconnect as gone:
            code = gone.code
        except CloseWith as closing:
            code = closing.code
            await _close(socket, closing.code, closing.reason)
        except Exception:
            log.exception("unexpected error", type="websocket")
            await _close(socket, CloseCode.INTERNAL, "Something went wrong on our side.")
        finally:
            log.info(
                "socket closed",
                code=int(code),
                ms=round((self._clock() - started) * 1000, 1),
                user_id=session.viewer.user_id if session.viewer else None,
                operations=session.operations,
            )
            await session.settle()


def _check_protocol(offered: Sequence[str]) -> None:
    if PROTOCOL not in offered:
        raise CloseWith(CloseCode.OTHER_PROTOCOL, f"Speak {PROTOCOL}.")


async def _close(socket: WebSocket, code: CloseCode, reason: str) -> None:
    if socket.client_state is WebSocketState.CONNECTED and socket.application_state is WebSocketState.CONNECTED:
        try:
            await socket.close(code, reason)
        except WebSocketDisconnect:
            return
