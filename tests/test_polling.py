"""A poll: one read for all listeners, no outdated state, no missed change."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from makrcave_analytics.errors import Unavailable
from makrcave_analytics.polling import Poll

LONG = 600.0
"""More seconds than any test takes."""


@dataclass
class Source:
    """The states that a poll reads, and the keys of each read."""

    states: dict[str, int] = field(default_factory=lambda: {"a": 1, "b": 1})
    reads: list[list[str]] = field(default_factory=list)
    error: Exception | None = None
    now: float = 0.0
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    was_read: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    async def read(self, keys: Sequence[str]) -> Mapping[str, int]:
        self.reads.append(sorted(keys))
        self.was_read.set()
        if self.error is not None:
            raise self.error
        read = dict(self.states)
        await self.gate.wait()
        return {key: read[key] for key in keys if key in read}

    async def read_times(self, times: int) -> None:
        """Wait for this number of reads."""
        async with asyncio.timeout(20):
            while len(self.reads) < times:
                self.was_read.clear()
                await self.was_read.wait()

    def poll(self, seconds: float = LONG) -> Poll[str, int]:
        return Poll(self.read, seconds=seconds, gathering_seconds=0.001, clock=lambda: self.now)


@pytest.fixture
def source() -> Source:
    return Source()


async def test_concurrent_listeners_share_a_read(source: Source) -> None:
    poll = source.poll()

    async def first(key: str) -> int | None:
        with poll.watch(key) as watch:
            return await anext(watch)

    assert await asyncio.gather(*(first(key) for key in "ab" * 100)) == [1] * 200
    assert source.reads == [["a", "b"]]


async def test_a_later_listener_gets_no_earlier_state(source: Source) -> None:
    poll = source.poll()
    with poll.watch("a") as early:
        assert await anext(early) == 1
        source.states["a"] = 2  # without a wake-up
        with poll.watch("a") as late:
            assert await anext(late) == 2
        assert await anext(early) == 2


@pytest.mark.parametrize("state", [1, 2])
async def test_a_new_listener_waits_for_a_read_that_begins_after_it(source: Source, state: int) -> None:
    poll = source.poll()
    source.gate.clear()
    with poll.watch("a") as early:
        waiting = asyncio.ensure_future(anext(early))
        await source.read_times(1)
        source.states["a"] = state
        with poll.watch("a") as late:
            source.gate.set()
            async with asyncio.timeout(20):
                assert await anext(late) == state
        assert len(source.reads) == 2
        assert await waiting in (1, state)


async def test_a_change_is_seen_at_the_next_read_and_yielded_once(source: Source) -> None:
    poll = source.poll(seconds=0.01)
    with poll.watch("a") as watch:
        for state in (1, 2, 3):
            source.states["a"] = state
            assert await anext(watch) == state
        again = asyncio.ensure_future(anext(watch))
        await source.read_times(len(source.reads) + 3)
        assert not again.done()
        again.cancel()


async def test_a_wake_up_makes_a_read_earlier_unless_the_key_has_just_changed(source: Source) -> None:
    poll = source.poll()
    with poll.watch("a") as watch:
        assert await anext(watch) == 1
        source.states["a"] = 2
        poll.wake("a")  # it has just changed, by the clock, so this waits
        poll.wake("b")  # not watched
        await asyncio.sleep(0.02)
        assert len(source.reads) == 1
        source.now += LONG
        poll.wake("a")
        assert await anext(watch) == 2


async def test_between_two_states_is_the_pause_and_the_latest_is_yielded(source: Source) -> None:
    poll = source.poll(seconds=0.001)
    clock = asyncio.get_running_loop().time
    with poll.watch("a", pause=0.05) as watch:
        assert await anext(watch) == 1
        yielded_at = clock()
        for state in (2, 3, 4):
            source.states["a"] = state
            await asyncio.sleep(0.005)
        assert await anext(watch) == 4
        assert clock() - yielded_at >= 0.05


async def test_an_absent_key_is_none(source: Source) -> None:
    poll = source.poll(seconds=0.01)
    with poll.watch("c") as watch:
        assert await anext(watch) is None
        source.states["c"] = 1
        assert await anext(watch) == 1
        del source.states["c"]
        assert await anext(watch) is None


@pytest.mark.parametrize("error", [Unavailable("away"), RuntimeError("unforeseen")])
async def test_listeners_stay_while_reads_fail(
    source: Source, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    poll = source.poll(seconds=0.001)
    source.error = error
    with poll.watch("a") as early, poll.watch("b") as other:
        await source.read_times(3)
        source.error = None
        assert (await anext(early), await anext(other)) == (1, 1)
        source.error = error
        await source.read_times(len(source.reads) + 3)
        source.states["a"] = 2
        source.error = None
        assert await anext(early) == 2
    assert caplog.text.count("cannot read watched states") == 2


async def test_without_listeners_nothing_is_read(source: Source) -> None:
    poll = source.poll(seconds=0.001)
    for _ in range(2):
        with poll.watch("a") as watch:
            await anext(watch)
        if poll._task is not None:
            await asyncio.wait([poll._task])
        read = len(source.reads)
        await asyncio.sleep(0.01)
        assert len(source.reads) == read
    assert poll._subjects == {}


async def test_a_closed_poll_reads_no_more(source: Source) -> None:
    poll = source.poll(seconds=0.001)
    with poll.watch("a") as watch:
        await anext(watch)
        await poll.close()
        read = len(source.reads)
        await asyncio.sleep(0.01)
        assert len(source.reads) == read
    await poll.close()
