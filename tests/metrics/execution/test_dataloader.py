"""DataLoader: keys of the same turns share one fetch, and cancelling one waiter does not cancel the others."""

import asyncio

import pytest

from makrcave_analytics.metrics.execution.dataloader import DataLoader


class LengthFetcher:
    """Answers with the length of each key and records the batches."""

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


async def test_keys_of_the_same_turn_are_fetched_together_and_once() -> None:
    fetch = LengthFetcher()
    loader: DataLoader[str, int] = DataLoader(fetch)
    asked = [loader.load(key) for key in ("a", "bb", "a")]  # all are asked for before the first is awaited
    assert [await value for value in asked] == [1, 2, 1]
    assert await loader.load_many(["bb", "a"]) == [2, 1]
    assert await loader.load("ccc") == 3
    assert fetch.batches == [["a", "bb"], ["ccc"]]


async def test_a_key_some_turns_later_is_in_the_same_batch() -> None:
    fetch = LengthFetcher()
    loader: DataLoader[str, int] = DataLoader(fetch)

    async def later(turns: int) -> int:
        for _ in range(turns):
            await asyncio.sleep(0)
        return await loader.load("x" * turns)

    assert await asyncio.gather(*map(later, range(1, 6))) == [1, 2, 3, 4, 5]
    assert len(fetch.batches) == 1


async def test_every_waiter_gets_the_error() -> None:
    loader: DataLoader[str, int] = DataLoader(LengthFetcher())
    asked = [loader.load("bad"), loader.load("good")]
    for value in asked:
        with pytest.raises(ValueError, match="bad"):
            await value


async def test_cancelling_one_waiter_does_not_cancel_the_others() -> None:
    gate = asyncio.Event()
    loader: DataLoader[str, int] = DataLoader(LengthFetcher(gate))

    async def wait() -> int:
        return await loader.load("a")

    first, second = asyncio.create_task(wait()), asyncio.create_task(wait())
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    gate.set()
    assert await second == 1
