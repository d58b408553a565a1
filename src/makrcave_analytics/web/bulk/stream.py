"""A body of lines, as it comes in. Nothing of it is kept but the line that is not whole yet."""

import asyncio
from collections.abc import AsyncGenerator

from starlette.requests import ClientDisconnect, Request

from makrcave_analytics.web.body import BodyLimits, cut_off, too_slow

LINGER_SECONDS = 1.0


async def blocks(request: Request, limits: BodyLimits) -> AsyncGenerator[list[bytes | None], None]:
    """Give the lines as they come in, some at a time; None stands for one that was too long.

    Raises:
        Refusal: the client has gone, or took too long for one line. The time that we take does not count.
    """
    loop = asyncio.get_running_loop()
    chunks = request.stream()
    rest, left = _Rest(limits.line_size_bytes), limits.seconds
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
        whole = rest.add(chunk)
        if whole:
            left = limits.seconds
            yield whole
    last = rest.end()
    if last:
        yield last


async def linger(request: Request) -> None:
    """Take in the rest of a body for a moment, and forget it: a client that still sends may not read our answer."""
    try:
        async with asyncio.timeout(LINGER_SECONDS):
            async for _ in request.stream():
                pass
    except (TimeoutError, ClientDisconnect, RuntimeError):  # the last: it came to its end before
        pass


class _Rest:
    """The line that is not whole yet."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept = bytearray()
        self._is_too_long = False

    def add(self, chunk: bytes) -> list[bytes | None]:
        """Add what came in; give the lines that this completes."""
        first, *others = chunk.split(b"\n")
        self._extend(first)
        if not others:
            return []
        whole = [self._line(), *(None if len(line) > self._most else line for line in others[:-1])]
        self._extend(others[-1])
        return whole

    def end(self) -> list[bytes | None]:
        """Give the last line, where it has no end of its own."""
        return [self._line()] if self._kept or self._is_too_long else []

    def _extend(self, part: bytes) -> None:
        self._is_too_long = self._is_too_long or len(self._kept) + len(part) > self._most
        if self._is_too_long:
            self._kept.clear()
        else:
            self._kept += part

    def _line(self) -> bytes | None:
        line = None if self._is_too_long else bytes(self._kept)
        self._kept.clear()
        self._is_too_long = False
        return line
