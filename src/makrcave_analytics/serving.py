"""An application on a socket, until SIGINT or SIGTERM."""

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
    """Take a port; None: the usual one, or a free one where that is taken.

    Raises: ConfigurationError where the port that was asked for is taken.
    """
    for candidate in (USUAL_PORT, 0) if port is None else (port,):
        made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            made.bind((host, candidate))
            made.listen(2048)
        except OSError as error:
            made.close()
            reason = error.strerror
            continue
        return made
    raise ConfigurationError(f"Port {port} of {host} cannot be used: {reason}.")


def configuration(app: Starlette) -> uvicorn.Config:
    """Say how the server behaves towards its clients."""
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
    """Serve until a signal comes; requests that run may finish."""
    server = _Server(configuration(app), on_ready)
    _collect_less_often()
    with asyncio.Runner(loop_factory=server.config.get_loop_factory()) as runner:
        runner.run(server.serve(sockets=[listening]))
    if not server.started:
        raise ConfigurationError("The API did not start; the log says why.")


def _collect_less_often() -> None:
    """Leave what the start made alone, and look for circles a tenth as often: a request makes few and many objects."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


class _Server(uvicorn.Server):
    """Tells when it answers."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_ready()
