"""Requests over bare connections, so that the client's cost is not measured."""

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any


@dataclass
class Wire:
    """One keep-alive connection with one request at a time."""

    port: int
    token: str
    _streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = field(default=None, init=False)

    async def post(self, path: str, body: Iterable[bytes], size: int, kind: str = "application/json") -> Any:
        """Send a body of `size` bytes; return the answer's JSON."""
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = self._streams
        head = f"POST {path} HTTP/1.1\r\nhost: bench\r\ncontent-type: {kind}\r\ncontent-length: {size}\r\n"
        writer.write(f"{head}authorization: Bearer {self.token}\r\n\r\n".encode())
        for part in body:
            writer.write(part)
            await writer.drain()
        answered = await reader.readuntil(b"\r\n\r\n")
        length = next(line for line in answered.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        answer = json.loads(await reader.readexactly(int(length.partition(b":")[2])))
        if not answered.startswith(b"HTTP/1.1 200") or "errors" in answer:
            raise RuntimeError(answer)
        return answer

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


async def storm(wires: list[Wire], path: str, bodies: list[bytes]) -> list[float]:
    """Send the bodies over all connections concurrently; return the milliseconds of each request."""
    times: list[float] = []

    async def send(wire: Wire, mine: list[bytes]) -> None:
        wire.close()  # after an idle time the server may have closed it
        for body in mine:
            started = perf_counter()
            await wire.post(path, [body], len(body))
            times.append((perf_counter() - started) * 1000)

    await asyncio.gather(*(send(wire, bodies[n :: len(wires)]) for n, wire in enumerate(wires)))
    return times
