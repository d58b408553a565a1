"""A TCP proxy to PostgreSQL that cuts a connection during COMMIT when a test asks for it."""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from enum import StrEnum
from urllib.parse import urlsplit

import pytest

_COMMIT = b"Q\x00\x00\x00\x0bCOMMIT\x00"


class Cut(StrEnum):
    """When the connection is cut."""

    BEFORE = "before PostgreSQL receives the COMMIT"
    AFTER = "after PostgreSQL has committed"


class Proxy:
    """Forwards bytes between clients and one server, in its own thread."""

    def __init__(self, url: str) -> None:
        """`url` is the server's; `self.url` the one to connect to."""
        parts = urlsplit(url)
        assert parts.hostname is not None
        assert parts.port is not None
        self._server = (parts.hostname, parts.port)
        self._loop = asyncio.new_event_loop()
        self._listening: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        port = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)
        self.url = url.replace(f"@{parts.hostname}:{parts.port}/", f"@127.0.0.1:{port}/")
        self.cuts: deque[Cut] = deque()
        """How the next COMMITs are cut, one each; when it is empty, they pass."""
        self.commits = 0
        self.on_cut: Callable[[Cut], None] = lambda _: None
        """Called after PostgreSQL sees the cut and before the client does. Nothing is forwarded meanwhile."""

    def close(self) -> None:
        """Close every connection and accept no more. Idempotent."""
        if self._loop.is_closed():
            return
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _listen(self) -> int:
        self._listening = await asyncio.start_server(self._forward, "127.0.0.1", 0)
        port: int = self._listening.sockets[0].getsockname()[1]
        return port

    async def _end(self) -> None:
        assert self._listening is not None
        self._listening.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _forward(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            server, to_server = await asyncio.open_connection(*self._server)
        except OSError:
            to_client.close()
            return
        answers = asyncio.create_task(self._forward_answers(server, to_client))
        try:
            await self._forward_requests(client, server, to_server, answers)
        except OSError:
            pass
        finally:
            answers.cancel()
            to_client.close()
            to_server.close()

    async def _forward_requests(
        self,
        client: asyncio.StreamReader,
        server: asyncio.StreamReader,
        to_server: asyncio.StreamWriter,
        answers: "asyncio.Task[None]",
    ) -> None:
        while data := await client.read(1 << 16):
            cut = None
            if data.endswith(_COMMIT):
                self.commits += 1
                cut = self.cuts.popleft() if self.cuts else None
            if cut is Cut.AFTER:
                answers.cancel()  # the client must not see the answer
                await asyncio.wait([answers])
                to_server.write(data)
                to_server.write(b"X\x00\x00\x00\x04")  # Terminate: PostgreSQL closes the connection after the COMMIT
                while await server.read(1 << 16):
                    pass
            if cut is not None:
                to_server.transport.abort()
                with suppress(OSError):
                    await to_server.wait_closed()
                self.on_cut(cut)
                return
            to_server.write(data)
            await to_server.drain()

    async def _forward_answers(self, server: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        try:
            while data := await server.read(1 << 16):
                to_client.write(data)
                await to_client.drain()
        except OSError:
            pass
        to_client.close()


@pytest.fixture
def proxy(migrated_url: str) -> Iterator[Proxy]:
    """A proxy to the database of this test."""
    made = Proxy(migrated_url)
    yield made
    made.close()
