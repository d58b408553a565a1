"""The server's side of a WebSocket, where uvicorn's needs more care: for clients that do not read, and for those that
send more than is taken. Whatever they do, what is kept for them is bounded, and the connection ends.
"""

import asyncio
from typing import Any

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from makrcave_analytics.web.socket.close_codes import CloseCode

MAX_MESSAGE_BYTES = 2 * 1024 * 1024
PATIENCE_SECONDS = 10.0
"""How long a client may read nothing while there is something to read."""
LINGER_SECONDS = 10.0
"""How long it may then take to read the rest, up to the close frame."""
SHUTDOWN_SECONDS = 2.0
"""How long a client may take to read what is left when the process ends."""


class Transport(WebSocketsSansIOProtocol):
    """A connection that ends when its client reads nothing for too long."""

    patience_seconds = PATIENCE_SECONDS
    linger_seconds = LINGER_SECONDS

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._stuck_timer: asyncio.TimerHandle | None = None
        self._abort_timer: asyncio.TimerHandle | None = None

    def pause_writing(self) -> None:
        """Begin to wait for the client to read: there is more to send than the transport takes."""
        super().pause_writing()
        self._stuck_timer = self.loop.call_later(self.patience_seconds, self._give_up)

    def resume_writing(self) -> None:
        """Go on sending."""
        super().resume_writing()
        _cancel(self._stuck_timer)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget all timers."""
        _cancel(self._stuck_timer)
        _cancel(self._abort_timer)
        super().connection_lost(exc)

    def handle_ping(self) -> None:
        """Answer a ping, but not while the answers before it lie unread: a flood of them would fill the memory."""
        if self.writable.is_set():
            super().handle_ping()
        else:
            self.conn.data_to_send()

    def handle_parser_exception(self) -> None:
        """Say why, then read on without looking until the client closes: it may still be sending, and would miss it."""
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
        """Give up a client that answers no ping, for good even where something is left to send."""
        super().keepalive_timeout()
        self._abort_later(self.linger_seconds)

    def shutdown(self) -> None:
        """Close with the process; not even a client that reads nothing holds it up for long."""
        super().shutdown()
        self._abort_later(SHUTDOWN_SECONDS)

    async def send(self, message: Any) -> None:
        """Send what the application says, if there is anybody to hear it."""
        await self.writable.wait()
        if self.close_sent:
            raise ClientDisconnected
        await super().send(message)

    def _give_up(self) -> None:
        """Close a client that does not read. Should it begin to, it finds the close frame behind all the rest."""
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
