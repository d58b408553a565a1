"""Batches of rows, read ahead in a thread."""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def batches_of(rows: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield the rows in lists of `size`; the last may be shorter."""
    remaining = iter(rows)
    while batch := list(islice(remaining, size)):
        yield batch


async def read_ahead(batches: Iterator[T]) -> AsyncGenerator[T, None]:
    """Yield batches while a thread reads the next one."""
    reading = asyncio.create_task(asyncio.to_thread(next, batches, None))
    try:
        while (batch := await reading) is not None:
            reading = asyncio.create_task(asyncio.to_thread(next, batches, None))
            yield batch
    finally:
        await asyncio.gather(reading, return_exceptions=True)  # the thread must leave the file before it is closed
