"""Bodies of lines as they arrive: in any chunks, too long, too slow, cut off."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Sequence

import pytest
from starlette.requests import Request
from tests.web.bulk.conftest import NDJSON, answer_of

from makrcave_analytics.web import BodyLimits
from makrcave_analytics.web.bulk.stream import blocks
from makrcave_analytics.web.http_error import Refusal

LIMITS = BodyLimits(line_size_bytes=8, seconds=0.05)


def request_of(chunks: Sequence[bytes | float], *, ends: bool = True) -> Request:
    """A request whose body arrives in these chunks. A number is a pause in seconds."""
    left: Iterator[bytes | float] = iter(chunks)

    async def receive() -> dict[str, object]:
        for chunk in left:
            if isinstance(chunk, bytes):
                return {"type": "http.request", "body": chunk, "more_body": True}
            await asyncio.sleep(chunk)
        return {"type": "http.request", "body": b"", "more_body": False} if ends else {"type": "http.disconnect"}

    return Request({"type": "http", "headers": []}, receive)


async def lines_of(chunks: AsyncIterator[list[bytes | None]]) -> list[bytes | None]:
    return [line async for block in chunks for line in block]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
@pytest.mark.parametrize(
    ("body", "lines"),
    [
        (b"", []),
        (b"\n", [b""]),
        (b"ab\ncd", [b"ab", b"cd"]),
        (b"ab\n\r\ncd\n", [b"ab", b"\r", b"cd"]),
        (b"12345678\nx", [b"12345678", b"x"]),
        (b"123456789\nx\n", [None, b"x"]),
        (b"x\n123456789abcdefghij\n\n123456789", [b"x", None, b"", None]),
    ],
)
async def test_lines_are_the_same_however_they_are_cut(body: bytes, lines: list[bytes | None], size: int) -> None:
    chunks = [body[n : n + size] for n in range(0, len(body), size)]
    assert await lines_of(blocks(request_of(chunks), LIMITS)) == lines


async def test_a_line_that_arrives_too_slowly_ends_the_body() -> None:
    chunks = blocks(request_of([b"a\n", b"b\n", *[b"c", 0.001] * 10_000]), LIMITS)
    found = [await anext(chunks), await anext(chunks)]
    with pytest.raises(Refusal) as refused:
        await anext(chunks)
    assert refused.value.status == 408
    assert found == [[b"a"], [b"b"]]


async def test_the_servers_own_time_does_not_count() -> None:
    found: list[bytes | None] = []
    async for block in blocks(request_of([b"a\n", b"b\n"]), LIMITS):
        found += block
        await asyncio.sleep(0.1)
    assert found == [b"a", b"b"]


async def test_a_disconnect_ends_the_body() -> None:
    with pytest.raises(Refusal) as refused:
        await lines_of(blocks(request_of([b"a\nb"], ends=False), LIMITS))
    assert refused.value.status == 400


async def test_a_slow_sender_gets_which_lines_are_committed(slow_sender_of, make_makerspace, owner) -> None:
    sender = slow_sender_of(await make_makerspace())
    head = f"content-type: {NDJSON}\ncontent-length: 1000"
    with answer_of(sender.raw(head, b'{"event_type":"login"}\n\nx\n{"event_type":"lo')) as (status, summary):
        assert (status, summary["errors"][0]["message"]) == (408, "The body took too long to come in.")
        assert (summary["recorded"], summary["rejected"], summary["committedLines"]) == (1, 1, 3)
    assert await owner.fetchval("SELECT count(*) FROM usage_events") == 1


async def test_a_line_that_is_too_long_is_rejected_alone(sender_of, make_makerspace) -> None:
    line = json.dumps({"event_type": "login", "metadata": {"a": "x" * 1_000}}).encode()
    long = line + b" " * (64 * 1024 - len(line))
    summary = sender_of(await make_makerspace()).lines(b"\n".join([line, long, long + b" ", long * 10, line])).json()
    assert (summary["recorded"], summary["committedLines"]) == (3, 5)
    assert [(each["line"], each["code"]) for each in summary["rejects"]] == [
        (3, "LIMIT_EXCEEDED"),
        (4, "LIMIT_EXCEEDED"),
    ]
