"""Whatever is recorded, retried, contradicted or moved to another zone, on two connections at once: all adds up."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.recording.conftest import Record

from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.db import Database
from makrcave_analytics.recording import RecordStatus, UsageEventInput
from makrcave_analytics.recording.verify import verify
from makrcave_analytics.recording.zone import change_zone

ZONES = ("Europe/Berlin", "Asia/Kathmandu", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Kiritimati")
AUTUMN = datetime(2025, 10, 25, 20, tzinfo=UTC)
"""Half a day before clocks change in Berlin."""

maybe = st.none() | st.sampled_from(["asha", "ben", "carl"])
events = st.builds(
    UsageEventInput,
    event_type=st.sampled_from(["login", "check_in", "equipment_booked"]),
    id=st.none() | st.sampled_from([f"e{n}" for n in range(12)]),
    user_id=maybe,
    equipment_id=st.none() | st.just("m1"),
    metadata=st.none() | st.just({"a": 1}),
    timestamp=st.none()
    | st.integers(0, 12 * 60).map(lambda minutes: AUTUMN + timedelta(minutes=minutes))
    | st.just(datetime(2024, 2, 29, 23, 30, tzinfo=UTC))
    | st.just(datetime(2999, 1, 1, tzinfo=UTC)),
)
batches = st.lists(events, max_size=8)
retried = st.tuples(batches, st.integers(1, 3)).map(lambda pair: [pair[0]] * pair[1])
lanes = st.lists(retried | st.sampled_from(ZONES).map(lambda zone: [zone]), max_size=5).map(
    lambda parts: [step for part in parts for step in part]
)


class Lane:
    """One sender: records its steps one after the other and keeps what it was told."""

    def __init__(self, database: Database, record: Record, makerspace: MakerspaceId) -> None:
        self.database, self.record, self.makerspace = database, record, makerspace
        self.versions: list[int] = []
        self.changes: list[int] = []
        self.recorded: list[str] = []
        self.told: list[str] = []

    async def run(self, steps: list[str | list[UsageEventInput]]) -> None:
        for step in steps:
            if isinstance(step, str):
                self.versions.append(await change_zone(self.database, self.makerspace, step))
                continue
            outcome = await self.record(self.makerspace, [replace(event) for event in step])
            self.versions.append(outcome.data_version)
            if outcome.recorded:
                self.changes.append(outcome.data_version)
            self.recorded += [str(r.id) for r in outcome.results if r.status is RecordStatus.RECORDED]
            self.told += [str(r.id) for r in outcome.results if r.status is RecordStatus.DUPLICATE]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(lanes, lanes)
async def test_every_history_leaves_the_rollups_equal_to_the_facts(
    record, make_makerspace, owner, database, left, right
) -> None:
    makerspace = await make_makerspace("Europe/Berlin")
    both = [Lane(database, record, makerspace) for _ in range(2)]
    await asyncio.gather(both[0].run(left), both[1].run(right))

    assert await verify(database, makerspace) == []
    stored = {
        str(row["id"])
        for row in await owner.fetch("SELECT id FROM usage_events WHERE makerspace_id = $1", makerspace.value)
    }
    recorded = both[0].recorded + both[1].recorded
    assert sorted(recorded) == sorted(stored), "each stored event was acknowledged as new exactly once"
    assert stored.issuperset(both[0].told + both[1].told)

    changes = both[0].changes + both[1].changes
    assert len(set(changes)) == len(changes), "no version is given to two changes"
    for lane in both:
        assert lane.versions == sorted(lane.versions)
    last = await owner.fetchval("SELECT data_version FROM makerspaces WHERE id = $1", makerspace.value)
    assert last == max([0, *both[0].versions, *both[1].versions]), "the version grows by changes only"
    numbers = [
        row["number"]
        for row in await owner.fetch("SELECT number FROM members WHERE makerspace_id = $1 ORDER BY 1", makerspace.value)
    ]
    assert numbers == list(range(len(numbers)))
