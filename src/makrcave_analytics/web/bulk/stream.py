"""Splits a body into lines while it arrives. Only the unfinished line is kept."""

import asyncio
from collections.abc import AsyncGenerator

from starlette.requests import ClientDisconnect, Request

from makrcave_analytics.web.body import BodyLimits, cut_off, too_slow

LINGER_SECONDS = 1.0


async def blocks(request: Request, limits: BodyLimits) -> AsyncGenerator[list[bytes | None], None]:
    """Yield the lines as they arrive, some at a time. None stands for a line that is too long.

    Raises:
        Refusal: the client disconnected, or took too long for one line. Our own time does not count.
    """
    loop = asyncio.get_running_loop()
    chunks = request.stream()
    splitter, left = _LineSplitter(limits.line_size_bytes), limits.seconds
    while True:
        started = loop.time()
        try:
            async with asyncio.timeout(left):
                chunk = await anext(chunks, None)
        except TimeoutError:
            raise too_slow() from None
        except ClientDisconnect:
            raise cut_off() from None
        left -= loop.time() - started
        if chunk is None:
            break
        whole = splitter.add(chunk)
        if whole:
            left = limits.seconds
            yield whole
    last = splitter.end()
    if last:
        yield last


async def linger(request: Request) -> None:
    """Read and drop the rest of a body for a moment. A client that is still sending may not read our answer."""
    try:
        async with asyncio.timeout(LINGER_SECONDS):
            async for _ in request.stream():
                pass
    except (TimeoutError, ClientDisconnect, RuntimeError):  # RuntimeError: the body had ended before
        pass


class _LineSplitter:
    """Splits chunks into lines and keeps the unfinished line."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._kept = bytearray()
        self._is_too_long = False

    def add(self, chunk: bytes) -> list[bytes | None]:
        """Add a chunk and return the lines that it completes."""
        first, *others = chunk.split(b"\n")
        self._extend(first)
        if not others:
            return []
        whole = [self._line(), *(None if len(line) > self._max_bytes else line for line in others[:-1])]
        self._extend(others[-1])
        return whole

    def end(self) -> list[bytes | None]:
        """Return the last line, where no newline ended it."""
        return [self._line()] if self._kept or self._is_too_long else []

    def _extend(self, part: bytes) -> None:
        self._is_too_long = self._is_too_long or len(self._kept) + len(part) > self._max_bytes
        if self._is_too_long:
            self._kept.clear()
        else:
            self._kept += part

    def _line(self) -> bytes | None:
        line = None if self._is_too_long else bytes(self._kept)
        self._kept.clear()
        self._is_too_long = False
        return line
