"""Any history of recording, closing, retrying, voiding, syncing and changing the zone on two connections leaves the
roll-ups equal to the facts."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.recording.conftest import KINDS, Record
from tests.recording.factories import item_use, payment, session

from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.db import Database
from makrcave_analytics.models.fact_kind import FactKind
from makrcave_analytics.recording.entity_inputs import MemberInput
from makrcave_analytics.recording.fact_inputs import UsageEventInput, VoidInput
from makrcave_analytics.recording.outcome import RecordOutcome, RecordStatus
from makrcave_analytics.recording.rollups.verify import verify_rollups
from makrcave_analytics.recording.settings.time_zone import change_zone

ZONES = ("Europe/Berlin", "Asia/Kathmandu", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Kiritimati")
AUTUMN = datetime(2025, 10, 25, 20, tzinfo=UTC)
"""Some hours before clocks change in Berlin."""
STORED = """
    SELECT 'EVENT' AS kind, id::text, voided_at IS NULL AS counts FROM usage_events WHERE makerspace_id = $1
    UNION ALL SELECT 'EQUIPMENT_USAGE', id::text, voided_at IS NULL FROM equipment_usage_logs WHERE makerspace_id = $1
    UNION ALL SELECT 'INVENTORY_USAGE', id::text, voided_at IS NULL FROM inventory_analytics WHERE makerspace_id = $1
    UNION ALL SELECT 'REVENUE', transaction_id, voided_at IS NULL FROM revenue_analytics WHERE makerspace_id = $1
"""

ids = st.sampled_from([f"f{n}" for n in range(9)])
people = st.sampled_from(["asha", "ben", "carl"])
maybe = st.none() | people
moments = st.integers(0, 12 * 60).map(lambda minutes: AUTUMN + timedelta(minutes=minutes))
days = st.integers(0, 3).map(lambda day: date(2025, 10, 24) + timedelta(days=day))
events = st.builds(
    UsageEventInput,
    event_type=st.sampled_from(["login", "check_in", "equipment_booked"]),
    id=st.none() | ids,
    user_id=maybe,
    equipment_id=st.none() | st.just("m1"),
    metadata=st.none() | st.just({"a": 1}),
    timestamp=st.none()
    | moments
    | st.just(datetime(2024, 2, 29, 23, 30, tzinfo=UTC))
    | st.just(datetime(2999, 1, 1, tzinfo=UTC)),
)
sessions = st.builds(
    session,
    id=ids,
    user_id=maybe,
    start_time=st.sampled_from([AUTUMN, AUTUMN + timedelta(hours=3)]),
    duration_minutes=st.none() | st.integers(0, 3000),
    usage_type=st.sampled_from(["personal", "personal", "repair"]),
)
taken = st.builds(item_use, id=ids, date=days, user_id=maybe)
payments = st.builds(payment, id=ids, transaction_date=days, customer_id=maybe, amount=st.integers(-2, 2).map(Decimal))
voids = st.builds(VoidInput, kind=st.sampled_from(FactKind), id=ids, reason=st.just("a test"))
members = st.builds(
    MemberInput, user_id=people | st.just("dora"), plan=st.sampled_from(["a", "b"]), updated_at=st.none() | moments
)
batches = st.one_of(*(st.lists(kind, max_size=6) for kind in (events, sessions, taken, payments, voids, members)))
retried = st.tuples(batches, st.integers(1, 3)).map(lambda pair: [pair[0]] * pair[1])
histories = st.lists(retried | st.sampled_from(ZONES).map(lambda zone: [zone]), max_size=6).map(
    lambda parts: [step for part in parts for step in part]
)


class Sender:
    """Sends steps one after the other, and keeps the outcomes."""

    def __init__(
        self, database: Database, record: Record, void: Record, sync_entries: Record, makerspace: MakerspaceId
    ) -> None:
        self.database, self.makerspace = database, makerspace
        self.actions = {VoidInput: void, MemberInput: sync_entries} | dict.fromkeys(KINDS, record)
        self.versions: list[int] = []
        self.changes: list[int] = []
        self.recorded: list[tuple[str, str]] = []
        self.voided: list[tuple[str, str]] = []
        self.known: list[tuple[str, str]] = []

    async def run(self, steps: list[str | list[Any]]) -> None:
        for step in steps:
            if isinstance(step, str):
                self.versions.append(await change_zone(self.database, self.makerspace, step))
            elif step:
                kind = type(step[0])
                self.keep(step, await self.actions[kind](self.makerspace, [replace(one) for one in step]))

    def keep(self, step: list[Any], outcome: RecordOutcome) -> None:
        self.versions.append(outcome.data_version)
        if outcome.is_change:
            self.changes.append(outcome.data_version)
        for raw, result in zip(step, outcome.results, strict=True):
            kind = raw.kind.value if isinstance(raw, VoidInput) else getattr(KINDS.get(type(raw)), "fact", None)
            entry = (str(kind), str(result.id))
            if kind is None:
                continue
            if result.status is RecordStatus.RECORDED:
                self.recorded.append(entry)
            elif result.status is RecordStatus.VOIDED:
                self.voided.append(entry)
            elif result.status in (RecordStatus.DUPLICATE, RecordStatus.UPDATED):
                self.known.append(entry)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(histories, histories)
async def test_every_history_leaves_the_rollups_equal_to_the_facts(
    record, void, sync_entries, make_makerspace, owner, database, left, right
) -> None:
    makerspace = await make_makerspace("Europe/Berlin")
    both = [Sender(database, record, void, sync_entries, makerspace) for _ in range(2)]
    await asyncio.gather(both[0].run(left), both[1].run(right))

    assert await verify_rollups(database, makerspace) == []
    stored = {(row["kind"], row["id"]): row["counts"] for row in await owner.fetch(STORED, makerspace.value)}
    recorded = both[0].recorded + both[1].recorded
    assert sorted(recorded) == sorted(stored), "each stored fact was acknowledged as new exactly once"
    voided = both[0].voided + both[1].voided
    gone = sorted(entry for entry, counts in stored.items() if not counts)
    assert sorted(voided) == gone, "each voided fact was acknowledged as voided exactly once"
    assert stored.keys() >= set(both[0].known + both[1].known)

    changes = both[0].changes + both[1].changes
    assert len(set(changes)) == len(changes), "no version is given to two changes"
    for sender in both:
        assert sender.versions == sorted(sender.versions)
    last = await owner.fetchval("SELECT data_version FROM makerspaces WHERE id = $1", makerspace.value)
    assert last == max([0, *both[0].versions, *both[1].versions]), "the version grows by changes only"
    numbers = [
        row["number"]
        for row in await owner.fetch("SELECT number FROM members WHERE makerspace_id = $1 ORDER BY 1", makerspace.value)
    ]
    assert numbers == list(range(len(numbers)))
