"""Group commit: batches that wait together are committed together, and each sender gets its own outcome."""

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID

import pytest
from tests.plugins.proxy import Cut, Proxy
from tests.recording.conftest import NOW, pseudonym, recorder
from tests.recording.factories import login, statuses
from tests.recording.test_faults import holding, until_one_waits

from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.db import Database
from makrcave_analytics.errors import NotFound, RateLimited, Unavailable, Uncertain
from makrcave_analytics.recording import locking as lock_module
from makrcave_analytics.recording.fact_inputs import UsageEventInput
from makrcave_analytics.recording.facts.events import EVENTS
from makrcave_analytics.recording.outcome import RecordOutcome
from makrcave_analytics.recording.rollups.verify import verify_rollups
from makrcave_analytics.recording.writing import group_commit
from makrcave_analytics.recording.writing.group_commit import GroupCommitter
from makrcave_analytics.recording.writing.write import record

HOLD = "SELECT FROM makerspaces FOR UPDATE"


class Senders:
    """Sends batches to a group committer."""

    def __init__(self, database: Database) -> None:
        self.group_committer = GroupCommitter(database)

    async def send(self, makerspace: MakerspaceId, *inputs: UsageEventInput, **changes: Any) -> RecordOutcome:
        return await self.group_committer.record(EVENTS, makerspace, inputs, recorder=recorder(**changes), now=NOW)

    def begin(
        self, makerspace: MakerspaceId, *batches: Sequence[UsageEventInput], **changes: Any
    ) -> list["asyncio.Task[RecordOutcome]"]:
        return [asyncio.create_task(self.send(makerspace, *batch, **changes)) for batch in batches]


@pytest.fixture
async def senders(database: Database) -> AsyncIterator[Senders]:
    made = Senders(database)
    yield made
    await made.group_committer.close()


@pytest.fixture
async def proxied(proxy: Proxy) -> AsyncIterator[Senders]:
    """Senders whose connections to PostgreSQL can be cut."""
    database = Database(proxy.url, pool_size=2)
    made = Senders(database)
    yield made
    await made.group_committer.close()
    await database.dispose()


async def test_batches_sent_together_share_a_transaction(senders, make_makerspace, owner, database) -> None:
    makerspace = await make_makerspace()
    batches = [[login(f"a{n}"), login(""), login(f"b{n}", user_id=f"u{n}")] for n in range(20)]
    outcomes = await asyncio.gather(*senders.begin(makerspace, *batches))
    for n, outcome in enumerate(outcomes):
        assert (statuses(outcome), outcome.data_version) == (["RECORDED", "INVALID", "RECORDED"], 1)
        assert outcome.user_errors[0].path == ("input", "1", "id")
        stored = await owner.fetchval("SELECT user_id FROM usage_events WHERE id = $1", UUID(outcome.results[2].id))
        assert stored == f"u{n}"
    assert await verify_rollups(database, makerspace) == []


async def test_batches_sent_during_a_write_share_the_next_transaction(
    senders, make_makerspace, migrated_url, owner
) -> None:
    here, there = await make_makerspace(), await make_makerspace()
    async with holding(migrated_url, f"{HOLD}"):
        first = senders.begin(here, [login("first")])
        await until_one_waits(owner)
        rest = senders.begin(here, *([login(f"e{n}")] for n in range(10)))
        await asyncio.sleep(0)
        assert not any(task.done() for task in [*first, *rest])
    assert [(await task).data_version for task in first] == [1]
    assert {(await task).data_version for task in rest} == {2}
    assert (await senders.send(there, login("e1"))).data_version == 1


async def test_one_id_of_two_senders_counts_once_and_both_are_answered(senders, make_makerspace) -> None:
    tasks = senders.begin(await make_makerspace(), [login("e")], [login("e")], [login("e", user_id="ben")])
    assert [statuses(await task) for task in tasks] == [["RECORDED"], ["DUPLICATE"], ["IDEMPOTENCY_CONFLICT"]]


async def test_a_batch_that_fails_does_not_affect_others(senders, make_makerspace, owner) -> None:
    makerspace = await make_makerspace()

    def failing_pseudonym(makerspace_id: UUID, user_id: str) -> str:
        if user_id == "bad":
            raise ArithmeticError
        return pseudonym(makerspace_id, user_id)

    batches = [[login("a")], [login("b", user_id="bad")], [login("c", user_id="ben")]]
    good, bad, other = senders.begin(makerspace, *batches, pseudonym=failing_pseudonym)
    with pytest.raises(ArithmeticError):
        await bad
    assert [statuses(await task) for task in (good, other)] == [["RECORDED"], ["RECORDED"]]
    assert await owner.fetchval("SELECT count(*) FROM usage_events") == 2


async def test_an_unknown_makerspace_is_not_found(senders, unknown_makerspace) -> None:
    for task in senders.begin(unknown_makerspace, [login("a")], [login("b")], [login("")]):
        with pytest.raises(NotFound):
            await task


async def test_a_cancelled_sender_does_not_cancel_others(senders, make_makerspace, migrated_url, owner) -> None:
    makerspace = await make_makerspace()
    async with holding(migrated_url, HOLD):
        (being_written,) = senders.begin(makerspace, [login("a")])
        await until_one_waits(owner)
        waiting, other = senders.begin(makerspace, [login("b")], [login("c")])
        await asyncio.sleep(0)
        for task in (being_written, waiting):
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
    assert statuses(await other) == ["RECORDED"]
    # a was not acknowledged, and may be recorded or not; b was not begun.
    assert await owner.fetchval("SELECT count(*) FROM usage_events") == 2
    assert statuses(await senders.send(makerspace, login("a"), login("b"))) == ["DUPLICATE", "RECORDED"]


async def test_a_full_queue_refuses_batches_until_there_is_room(
    senders, make_makerspace, migrated_url, owner, monkeypatch
) -> None:
    monkeypatch.setattr(group_commit, "MOST_WAITING", 5)
    makerspace = await make_makerspace()
    async with holding(migrated_url, HOLD):
        taken = senders.begin(makerspace, [login("a"), login("b")], [login("c", metadata={"a": "x" * 2_100})])
        await until_one_waits(owner)
        with pytest.raises(RateLimited):
            await senders.send(makerspace, login("d"))
    assert [statuses(await task) for task in taken] == [["RECORDED", "RECORDED"], ["RECORDED"]]
    assert statuses(await senders.send(makerspace, login("d"))) == ["RECORDED"]
    alone = [login(f"e{n}") for n in range(9)]
    assert (await senders.send(makerspace, *alone)).recorded == 9, "a batch is accepted when the queue is empty"


async def test_closing_writes_waiting_batches_and_refuses_further_ones(
    senders, make_makerspace, migrated_url, owner
) -> None:
    makerspace = await make_makerspace()
    async with holding(migrated_url, HOLD):
        tasks = senders.begin(makerspace, [login("a")])
        await until_one_waits(owner)
        tasks += senders.begin(makerspace, [login("b")])
        await asyncio.sleep(0)
        closing = asyncio.create_task(senders.group_committer.close())
        await asyncio.sleep(0)
        with pytest.raises(Unavailable):
            await senders.send(makerspace, login("c"))
    await closing
    assert [statuses(await task) for task in tasks] == [["RECORDED"], ["RECORDED"]]


@pytest.mark.parametrize("cuts", [[Cut.BEFORE], [Cut.AFTER], [Cut.BEFORE, Cut.AFTER], [Cut.AFTER, Cut.BEFORE]])
async def test_a_commit_without_an_answer_is_looked_up(proxied, proxy, make_makerspace, owner, database, cuts) -> None:
    makerspace = await make_makerspace()
    await proxied.send(makerspace, login("known"))
    proxy.cuts.extend(cuts)
    fresh, same, other = proxied.begin(
        makerspace, [login(), login("e"), login("known")], [login("e")], [login("", user_id="ben"), login("f")]
    )
    outcomes = [await task for task in (fresh, same, other)]
    assert [statuses(one) for one in outcomes] == [
        ["RECORDED", "RECORDED", "DUPLICATE"], ["DUPLICATE"], ["INVALID", "RECORDED"],
    ]  # fmt: skip
    assert {one.data_version for one in outcomes} == {2}
    assert await owner.fetchval("SELECT data_version FROM makerspaces") == 2
    assert await owner.fetchval("SELECT count(*) FROM usage_events") == 4
    assert await owner.fetchval("SELECT id FROM usage_events WHERE id = $1", UUID(outcomes[0].results[0].id))
    assert await verify_rollups(database, makerspace) == []


async def test_facts_recorded_by_another_sender_meanwhile_are_duplicates(
    proxied, proxy, make_makerspace, migrated_url
) -> None:
    makerspace = await make_makerspace()

    async def record_elsewhere() -> None:
        other = Database(migrated_url, pool_size=1)
        later = NOW.replace(microsecond=1)
        await record(other, EVENTS, makerspace, [login("e")], recorder=recorder(), now=later)
        await other.dispose()

    def record_in_thread(_: Cut) -> None:
        """Called by the proxy when it cuts; it blocks the proxy until it returns."""
        thread = threading.Thread(target=lambda: asyncio.run(record_elsewhere()))
        thread.start()
        thread.join()

    proxy.on_cut = record_in_thread
    proxy.cuts.append(Cut.BEFORE)
    assert statuses(await proxied.send(makerspace, login("e"))) == ["DUPLICATE"]


async def test_an_outage_after_the_commit_is_answered_as_uncertain(
    proxied, proxy, make_makerspace, monkeypatch
) -> None:
    monkeypatch.setattr(lock_module, "_RETRY_SECONDS", 0.1)
    makerspace = await make_makerspace()
    proxy.cuts.extend([Cut.BEFORE] * 20)
    for task in proxied.begin(makerspace, [login("e")], [login("f")]):
        with pytest.raises(Uncertain, match="is not known"):
            await task
    proxy.cuts.clear()
    assert statuses(await proxied.send(makerspace, login("e"), login("f"))) == ["RECORDED", "RECORDED"]
