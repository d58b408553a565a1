"""A poll: one reading for all who listen, never an old state, never one that is missed."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from makrcave_analytics.errors import Unavailable
from makrcave_analytics.polling import Poll

LONG = 600.0
"""Seconds that no test waits for."""


@dataclass
class World:
    """What is read, and each reading of it."""

    states: dict[str, int] = field(default_factory=lambda: {"a": 1, "b": 1})
    readings: list[list[str]] = field(default_factory=list)
    error: Exception | None = None
    now: float = 0.0
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    was_read: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    async def read(self, keys: Sequence[str]) -> Mapping[str, int]:
        self.readings.append(sorted(keys))
        self.was_read.set()
        if self.error is not None:
            raise self.error
        read = dict(self.states)
        await self.gate.wait()
        return {key: read[key] for key in keys if key in read}

    async def read_times(self, times: int) -> None:
        """Wait until there were so many readings."""
        async with asyncio.timeout(20):
            while len(self.readings) < times:
                self.was_read.clear()
                await self.was_read.wait()

    def poll(self, seconds: float = LONG) -> Poll[str, int]:
        return Poll(self.read, seconds=seconds, gathering_seconds=0.001, clock=lambda: self.now)


@pytest.fixture
def world() -> World:
    return World()


async def test_whoever_comes_at_once_shares_a_reading(world: World) -> None:
    poll = world.poll()

    async def first(key: str) -> int | None:
        with poll.watch(key) as watch:
            return await anext(watch)

    assert await asyncio.gather(*(first(key) for key in "ab" * 100)) == [1] * 200
    assert world.readings == [["a", "b"]]


async def test_nobody_who_comes_later_gets_what_was_read_before(world: World) -> None:
    poll = world.poll()
    with poll.watch("a") as early:
        assert await anext(early) == 1
        world.states["a"] = 2  # nobody is told of it
        with poll.watch("a") as late:
            assert await anext(late) == 2
        assert await anext(early) == 2


@pytest.mark.parametrize("state", [1, 2])
async def test_a_reading_that_has_begun_is_not_for_whoever_comes_now(world: World, state: int) -> None:
    poll = world.poll()
    world.gate.clear()
    with poll.watch("a") as early:
        waiting = asyncio.ensure_future(anext(early))
        await world.read_times(1)
        world.states["a"] = state
        with poll.watch("a") as late:
            world.gate.set()
            async with asyncio.timeout(20):
                assert await anext(late) == state
        assert len(world.readings) == 2
        assert await waiting in (1, state)


async def test_a_change_is_seen_at_the_usual_time_and_told_once(world: World) -> None:
    poll = world.poll(seconds=0.01)
    with poll.watch("a") as watch:
        for state in (1, 2, 3):
            world.states["a"] = state
            assert await anext(watch) == state
        again = asyncio.ensure_future(anext(watch))
        await world.read_times(len(world.readings) + 3)
        assert not again.done()
        again.cancel()


async def test_a_wake_makes_it_sooner_and_only_where_nothing_was_told_just_now(world: World) -> None:
    poll = world.poll()
    with poll.watch("a") as watch:
        assert await anext(watch) == 1
        world.states["a"] = 2
        poll.wake("a")  # it changed just now, by its clock: that waits
        poll.wake("b")  # nobody watches it
        await asyncio.sleep(0.02)
        assert len(world.readings) == 1
        world.now += LONG
        poll.wake("a")
        assert await anext(watch) == 2


async def test_between_two_states_lies_the_pause_and_the_last_one_comes(world: World) -> None:
    poll = world.poll(seconds=0.001)
    clock = asyncio.get_running_loop().time
    with poll.watch("a", pause=0.05) as watch:
        assert await anext(watch) == 1
        told = clock()
        for state in (2, 3, 4):
            world.states["a"] = state
            await asyncio.sleep(0.005)
        assert await anext(watch) == 4
        assert clock() - told >= 0.05


async def test_what_is_not_there_is_none(world: World) -> None:
    poll = world.poll(seconds=0.01)
    with poll.watch("c") as watch:
        assert await anext(watch) is None
        world.states["c"] = 1
        assert await anext(watch) == 1
        del world.states["c"]
        assert await anext(watch) is None


@pytest.mark.parametrize("error", [Unavailable("away"), RuntimeError("unforeseen")])
async def test_listeners_stay_while_reading_fails(
    world: World, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    poll = world.poll(seconds=0.001)
    world.error = error
    with poll.watch("a") as early, poll.watch("b") as other:
        await world.read_times(3)
        world.error = None
        assert (await anext(early), await anext(other)) == (1, 1)
        world.error = error
        await world.read_times(len(world.readings) + 3)
        world.states["a"] = 2
        world.error = None
        assert await anext(early) == 2
    assert caplog.text.count("cannot read watched states") == 2


async def test_while_nobody_listens_nothing_is_read(world: World) -> None:
    poll = world.poll(seconds=0.001)
    for _ in range(2):
        with poll.watch("a") as watch:
            await anext(watch)
        if poll._task is not None:
            await asyncio.wait([poll._task])
        read = len(world.readings)
        await asyncio.sleep(0.01)
        assert len(world.readings) == read
    assert poll._subjects == {}


async def test_closed_it_reads_no_more(world: World) -> None:
    poll = world.poll(seconds=0.001)
    with poll.watch("a") as watch:
        await anext(watch)
        await poll.close()
        read = len(world.readings)
        await asyncio.sleep(0.01)
        assert len(world.readings) == read
    await poll.close()
