"""The server's WebSocket protocol: uvicorn's, with bounds for clients that do not read or that send too much.

The memory held for one client is bounded, and its connection ends.
"""

import asyncio
from typing import Any

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from makrcave_analytics.web.socket.close_codes import CloseCode

MAX_MESSAGE_BYTES = 2 * 1024 * 1024
WRITE_TIMEOUT_SECONDS = 10.0
"""How long a client may read nothing while data waits for it."""
LINGER_SECONDS = 10.0
"""How long it may then take to read the rest, up to the close frame."""
SHUTDOWN_SECONDS = 2.0
"""How long a client may take to read what is left when the process ends."""


class Transport(WebSocketsSansIOProtocol):
    """A connection that ends when its client reads nothing for too long."""

    write_timeout_seconds = WRITE_TIMEOUT_SECONDS
    linger_seconds = LINGER_SECONDS

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._stuck_timer: asyncio.TimerHandle | None = None
        self._abort_timer: asyncio.TimerHandle | None = None

    def pause_writing(self) -> None:
        """Start the timer of a client that does not read. Called when the transport's buffer is full."""
        super().pause_writing()
        self._stuck_timer = self.loop.call_later(self.write_timeout_seconds, self._give_up)

    def resume_writing(self) -> None:
        """Stop the timer. Called when the buffer has room again."""
        super().resume_writing()
        _cancel(self._stuck_timer)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop all timers."""
        _cancel(self._stuck_timer)
        _cancel(self._abort_timer)
        super().connection_lost(exc)

    def handle_ping(self) -> None:
        """Answer a ping, but not while earlier answers are unread. A flood of pings would fill the memory."""
        if self.writable.is_set():
            super().handle_ping()
        else:
            self.conn.data_to_send()

    def handle_parser_exception(self) -> None:
        """Close with the reason, then drop what arrives until the client closes. A client that sends may not read."""
        if self.close_sent:
            return
        self.stop_keepalive()
        sent = self.conn.close_sent
        self.queue.put_nowait({"type": "websocket.disconnect", "code": sent.code if sent else 1002})
        self._write_out()
        self.close_sent = True
        if self.transport.can_write_eof():
            self.transport.write_eof()
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        self.close_timer = self.loop.call_later(self.linger_seconds, self.transport.abort)

    def keepalive_timeout(self) -> None:
        """Close a client that answers no ping, and abort even where data is left to send."""
        super().keepalive_timeout()
        self._abort_later(self.linger_seconds)

    def shutdown(self) -> None:
        """Close with the process. A client that reads nothing delays it for SHUTDOWN_SECONDS at most."""
        super().shutdown()
        self._abort_later(SHUTDOWN_SECONDS)

    async def send(self, message: Any) -> None:
        """Send the application's message, unless the socket is closing."""
        await self.writable.wait()
        if self.close_sent:
            raise ClientDisconnected
        await super().send(message)

    def _give_up(self) -> None:
        """Close a client that does not read. If it reads later, it finds the close frame after the rest."""
        if not self.close_sent:
            self.stop_keepalive()
            self.queue.put_nowait({"type": "websocket.disconnect", "code": CloseCode.TRY_AGAIN})
            self.conn.send_close(CloseCode.TRY_AGAIN, "Nothing is read.")
            self._write_out()
            self.close_sent = True
            self.transport.close()
        self._abort_later(self.linger_seconds)

    def _abort_later(self, seconds: float) -> None:
        _cancel(self._abort_timer)
        self._abort_timer = self.loop.call_later(seconds, self.transport.abort)

    def _write_out(self) -> None:
        self.transport.write(b"".join(self.conn.data_to_send()))


def _cancel(timer: asyncio.TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()
