"""Many writers at once, on one makerspace and on many: no deadlock, no fact twice, no version twice."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from tests.recording.conftest import NOW, recorder
from tests.recording.factories import HOUR, TEN, item_use, login, payment, session, void_input

from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.db import Database
from makrcave_analytics.models.fact_kind import FactKind
from makrcave_analytics.recording.entity_inputs import EquipmentInput, MemberInput, ProjectInput
from makrcave_analytics.recording.fact_inputs import UsageEventInput
from makrcave_analytics.recording.facts.events import EVENTS
from makrcave_analytics.recording.outcome import RecordOutcome
from makrcave_analytics.recording.rollups.verify import verify_rollups
from makrcave_analytics.recording.settings.time_zone import change_zone
from makrcave_analytics.recording.writing.group_commit import GroupCommitter

WRITERS = 8
ROUNDS = 4
PEOPLE = [f"u{n}" for n in range(30)]


@pytest.fixture
async def database(migrated_url: str) -> AsyncIterator[Database]:
    made = Database(migrated_url, pool_size=WRITERS)
    yield made
    await made.dispose()


@dataclass
class Versions:
    """Versions of changes: of transactions of one sender, and of events, which may share a transaction."""

    alone: list[int] = field(default_factory=list)
    events: list[int] = field(default_factory=list)


async def write(n: int, makerspace: MakerspaceId, record_events, record, void, sync_entries) -> Versions:
    """Send every kind of write, in an order of people and machines of its own; return the versions of changes."""
    versions = Versions()

    def keep(outcome: RecordOutcome, *, into: list[int] = versions.alone) -> None:
        assert outcome.rejected == 0, outcome.user_errors
        if outcome.is_change:
            into.append(outcome.data_version)

    async def send(*batches: list[UsageEventInput]) -> None:
        for outcome in await asyncio.gather(*(record_events(makerspace, batch) for batch in batches)):
            keep(outcome, into=versions.events)

    mine = PEOPLE[n:] + PEOPLE[:n]
    for r in range(ROUNDS):
        day = timedelta(days=(n * 3 + r) % 7)
        logins = [login(f"e{n}-{r}-{i}", user_id=who, timestamp=TEN + day) for i, who in enumerate(mine)]
        await send(logins[:20], logins[20:])
        keep(await record(makerspace, [session(f"s{n}-{r}-{i}", user_id=who) for i, who in enumerate(mine[:8])]))
        await send([login("shared", user_id="u0"), login("common", user_id="u1")])
        keep(await sync_entries(makerspace, [MemberInput(who, plan=f"p{n}{r}") for who in reversed(mine)]))
        ends = [session(f"s{n}-{r}-{i}", user_id=who, end_time=TEN + 20 * HOUR) for i, who in enumerate(mine[:8])]
        keep(await record(makerspace, ends))
        keep(await void(makerspace, [void_input(f"e{n}-{r}-{i}") for i in range(5)]))
        keep(await void(makerspace, [void_input(f"s{n}-{r}-0", FactKind.EQUIPMENT_USAGE)]))
        keep(await record(makerspace, [payment(f"t{n}-{r}", customer_id=mine[0])]))
        keep(await record(makerspace, [item_use(f"i{n}-{r}", user_id=mine[1])]))
        keep(await sync_entries(makerspace, [EquipmentInput(f"m{i}", name=f"{n}{r}") for i in range(3)]))
        keep(await sync_entries(makerspace, [ProjectInput(f"p{i}", name=f"{n}{r}") for i in range(3)]))
    return versions


@pytest.fixture
async def together(database: Database) -> AsyncIterator[Any]:
    """Record events through a shared group committer."""
    group_committer = GroupCommitter(database)

    async def send(makerspace: MakerspaceId, inputs: list[UsageEventInput]) -> RecordOutcome:
        return await group_committer.record(EVENTS, makerspace, inputs, recorder=recorder(), now=NOW)

    yield send
    await group_committer.close()


@pytest.mark.parametrize("shares", [False, True], ids=["each by itself", "together"])
@pytest.mark.parametrize("spaces", [1, WRITERS])
async def test_eight_writers(
    record, together, void, sync_entries, make_makerspace, owner, database, spaces: int, shares: bool
) -> None:
    makerspaces = [await make_makerspace("Europe/Berlin") for _ in range(spaces)]
    events = together if shares else record
    writing = [
        asyncio.create_task(write(n, makerspaces[n % spaces], events, record, void, sync_entries))
        for n in range(WRITERS)
    ]
    moved = await change_zone(database, makerspaces[0], "Asia/Kathmandu")
    by_writer = await asyncio.gather(*writing)
    for one, makerspace in enumerate(makerspaces):
        mine = by_writer[one::spaces]
        alone = [moved] * (one == 0) + [v for given in mine for v in given.alone]
        of_events = [v for given in mine for v in given.events]
        versions = sorted([*alone, *(set(of_events) if shares else of_events)])
        last = await owner.fetchval("SELECT data_version FROM makerspaces WHERE id = $1", makerspace.value)
        assert versions == list(range(1, last + 1)), "each change has a version of its own, and none is left out"
        assert await verify_rollups(database, makerspace) == []
    assert await owner.fetchval("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()") == 0
    counted = await owner.fetchval("SELECT count(*) FROM usage_events WHERE voided_at IS NULL")
    assert counted == WRITERS * ROUNDS * (len(PEOPLE) - 5) + 2 * spaces
    assert await owner.fetchval("SELECT sum(events) FROM event_hours") == counted
