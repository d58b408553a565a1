"""Serves an application on a socket with uvicorn, until SIGINT or SIGTERM."""

import asyncio
import gc
import socket
from collections.abc import Callable

import uvicorn
from starlette.applications import Starlette

from makrcave_analytics.errors import ConfigurationError
from makrcave_analytics.web.socket.transport import MAX_MESSAGE_BYTES, Transport

HOST = "127.0.0.1"
USUAL_PORT = 8000
SHUTDOWN_SECONDS = 5


def bind(port: int | None, host: str = HOST) -> socket.socket:
    """Bind a port and listen; None: 8000, or a free port if that is taken.

    Raises: ConfigurationError if the port that was asked for is taken.
    """
    for candidate in (USUAL_PORT, 0) if port is None else (port,):
        listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, candidate))
            listener.listen(2048)
        except OSError as error:
            listener.close()
            reason = error.strerror
            continue
        return listener
    raise ConfigurationError(f"Port {port} of {host} cannot be used: {reason}.")


def configuration(app: Starlette) -> uvicorn.Config:
    """Return uvicorn's configuration: its own logs off, our WebSocket transport, 5 s to finish requests."""
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="on",
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        ws=Transport,
        ws_max_size=MAX_MESSAGE_BYTES,
        ws_per_message_deflate=False,  # short messages gain nothing, and each connection would keep a window for it
    )


def serve(app: Starlette, listening: socket.socket, *, on_ready: Callable[[], None] = lambda: None) -> None:
    """Serve until SIGINT or SIGTERM; running requests may finish.

    Raises: ConfigurationError if the application did not start.
    """
    server = _Server(configuration(app), on_ready)
    _collect_less_often()
    with asyncio.Runner(loop_factory=server.config.get_loop_factory()) as runner:
        runner.run(server.serve(sockets=[listening]))
    if not server.started:
        raise ConfigurationError("The API did not start; the log says why.")


def _collect_less_often() -> None:
    """Exempt the objects of the start from garbage collection, and collect a tenth as often.

    A request makes many objects and few reference cycles.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


class _Server(uvicorn.Server):
    """Calls `on_ready` once it accepts connections."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_ready()
