"""Batches: who asks in the same turns of the loop is answered by one fetch; who gives up takes it from nobody else."""

import asyncio

import pytest

from makrcave_analytics.metrics.execution.dataloader import DataLoader


class Fetched:
    """Answers with the length of each key; keeps what it was asked for."""

    def __init__(self, gate: asyncio.Event | None = None) -> None:
        self.batches: list[list[str]] = []
        self._gate = gate

    async def __call__(self, keys: list[str]) -> dict[str, int]:
        self.batches.append(keys)
        if self._gate is not None:
            await self._gate.wait()
        if "bad" in keys:
            raise ValueError("bad")
        return {key: len(key) for key in keys}


async def test_what_is_asked_for_together_is_fetched_together_and_once() -> None:
    fetch = Fetched()
    batch: DataLoader[str, int] = DataLoader(fetch)
    asked = [batch.load(key) for key in ("a", "bb", "a")]  # asked for before anybody waits
    assert [await value for value in asked] == [1, 2, 1]
    assert await batch.load_many(["bb", "a"]) == [2, 1]
    assert await batch.load("ccc") == 3
    assert fetch.batches == [["a", "bb"], ["ccc"]]


async def test_who_asks_some_turns_later_is_still_in_time() -> None:
    fetch = Fetched()
    batch: DataLoader[str, int] = DataLoader(fetch)

    async def later(turns: int) -> int:
        for _ in range(turns):
            await asyncio.sleep(0)
        return await batch.load("x" * turns)

    assert await asyncio.gather(*map(later, range(1, 6))) == [1, 2, 3, 4, 5]
    assert len(fetch.batches) == 1


async def test_an_error_is_everybodys_who_waits() -> None:
    batch: DataLoader[str, int] = DataLoader(Fetched())
    asked = [batch.load("bad"), batch.load("good")]
    for value in asked:
        with pytest.raises(ValueError, match="bad"):
            await value


async def test_one_who_gives_up_takes_the_value_from_nobody() -> None:
    gate = asyncio.Event()
    batch: DataLoader[str, int] = DataLoader(Fetched(gate))

    async def wait() -> int:
        return await batch.load("a")

    first, second = asyncio.create_task(wait()), asyncio.create_task(wait())
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    gate.set()
    assert await second == 1
