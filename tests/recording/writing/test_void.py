"""Voided facts are in no number, stay stored, and do not come back."""

from datetime import UTC, datetime

import asyncpg
import pytest
from tests.recording.factories import HOUR, TEN, item_use, login, payment, session, statuses, void_input

from makrcave_analytics.errors import LimitExceeded, NotFound
from makrcave_analytics.models.fact_kind import FactKind
from makrcave_analytics.recording.fact_inputs import UsageEventInput
from makrcave_analytics.recording.rollups.verify import verify_rollups

EVENT, SESSION, INVENTORY, REVENUE = FactKind
TABLES = {
    EVENT: "usage_events",
    SESSION: "equipment_usage_logs",
    INVENTORY: "inventory_analytics",
    REVENUE: "revenue_analytics",
}
MAKE = {EVENT: login, SESSION: session, INVENTORY: item_use, REVENUE: payment}
HOURS = "SELECT event_type, events FROM event_hours ORDER BY 1"
PRESENT = """
    SELECT p.local_day::text, p.kind, string_agg(n.user_id, ' ' ORDER BY n.user_id)
    FROM member_presence p JOIN members n ON get_bit(p.bits, n.number) = 1 GROUP BY 1, 2 ORDER BY 1, 2
"""


async def rows(owner, query: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in await owner.fetch(query)]


@pytest.mark.parametrize("kind", FactKind)
async def test_a_voided_fact_is_marked_and_in_no_number(
    record, void, make_makerspace, owner, database, now, kind
) -> None:
    makerspace = await make_makerspace()
    make = MAKE[kind]
    recorded = await record(makerspace, [make("f1"), make("f2")])
    outcome = await void(makerspace, [void_input("f1", kind)])
    assert (statuses(outcome), outcome.recorded, outcome.data_version) == (["VOIDED"], 1, 2)
    assert outcome.results[0].id == recorded.results[0].id
    marked = await owner.fetch(f"SELECT voided_at, void_reason FROM {TABLES[kind]} ORDER BY voided_at")
    assert [tuple(row) for row in marked] == [(now, "a test"), (None, None)]
    assert await verify_rollups(database, makerspace) == []
    # The other one by its stored id: no presence and no event remain.
    last = await void(makerspace, [void_input(recorded.results[1].id, kind)])
    assert statuses(last) == ["VOIDED"]
    assert await verify_rollups(database, makerspace) == []
    for empty in ("event_hours", "member_presence"):
        assert await owner.fetchval(f"SELECT count(*) FROM {empty}") == 0
    assert await rows(owner, "SELECT user_id, number, first_seen_on FROM members") == [("asha", 0, None)]


@pytest.mark.parametrize("kind", FactKind)
async def test_a_voided_fact_sent_again_stays_voided(record, void, make_makerspace, owner, kind) -> None:
    makerspace = await make_makerspace()
    fact = MAKE[kind]("f1")
    await record(makerspace, [fact])
    await void(makerspace, [void_input("f1", kind)])
    again = await record(makerspace, [fact])
    assert (statuses(again), again.data_version) == (["DUPLICATE"], 2)
    assert await owner.fetchval(f"SELECT count(*) FROM {TABLES[kind]} WHERE voided_at IS NULL") == 0
    twice = await void(makerspace, [void_input("f1", kind), void_input("f1", kind)])
    assert (statuses(twice), twice.data_version) == (["DUPLICATE", "DUPLICATE"], 2)


async def test_a_voided_open_session_is_not_closed(record, void, make_makerspace, owner, database) -> None:
    makerspace = await make_makerspace()
    await record(makerspace, [session("s1")])
    await void(makerspace, [void_input("s1", SESSION)])
    assert statuses(await record(makerspace, [session("s1", end_time=TEN + HOUR)])) == ["DUPLICATE"]
    assert await owner.fetchval("SELECT end_time FROM equipment_usage_logs") is None
    assert await verify_rollups(database, makerspace) == []


async def test_hours_lose_one_event_and_presence_only_days_without_other_facts(
    record, void, make_makerspace, owner, database
) -> None:
    makerspace = await make_makerspace("Europe/Berlin")
    late = datetime(2026, 2, 10, 22, 30, tzinfo=UTC)  # 23:30, so that its session of two hours touches two days
    await record(
        makerspace,
        [
            login("e1"),
            login("e2"),
            UsageEventInput("check_in", id="e3", user_id="asha", timestamp=TEN),
            login("e4", user_id="ben"),
        ],
    )
    await record(makerspace, [session("s1", start_time=late, end_time=late + 2 * HOUR)])
    both = [("2026-02-10", "any", "asha ben"), ("2026-02-10", "visit", "asha")]
    second = [("2026-02-11", "any", "asha"), ("2026-02-11", "visit", "asha")]
    assert await rows(owner, PRESENT) == both + second

    await void(makerspace, [void_input("e1"), void_input("e3")])
    assert await rows(owner, HOURS) == [("login", 2)]
    assert await rows(owner, PRESENT) == both + second, "another login, and the session, hold both kinds"
    await void(makerspace, [void_input("s1", SESSION)])
    assert await rows(owner, PRESENT) == [("2026-02-10", "any", "asha ben")]
    await void(makerspace, [void_input("e2")])
    assert await rows(owner, PRESENT) == [("2026-02-10", "any", "ben")]
    assert await verify_rollups(database, makerspace) == []


async def test_the_first_day_of_a_person_moves(record, void, make_makerspace, owner, database) -> None:
    makerspace = await make_makerspace()
    await record(makerspace, [login("e1"), login("e2", timestamp=TEN + 48 * HOUR)])
    await record(makerspace, [payment("t1")])
    first_seen = "SELECT first_seen_on::text FROM members"
    await void(makerspace, [void_input("e1")])
    assert await owner.fetchval(first_seen) == "2026-02-10", "the payment was that day too"
    await void(makerspace, [void_input("t1", REVENUE)])
    assert await owner.fetchval(first_seen) == "2026-02-12"
    assert await verify_rollups(database, makerspace) == []


async def test_a_line_is_voided_by_its_transaction_and_line(record, void, make_makerspace, owner) -> None:
    makerspace = await make_makerspace()
    await record(makerspace, [payment("t1"), payment("t1", line_id="2")])
    outcome = await void(
        makerspace,
        [void_input("t1", REVENUE), void_input("t1", REVENUE, line_id="2"), void_input("t1", REVENUE, line_id="3")],
    )
    assert statuses(outcome) == ["VOIDED", "VOIDED", "NOT_FOUND"]


async def test_each_input_is_judged_on_its_own(record, void, make_makerspace, owner) -> None:
    makerspace, other = await make_makerspace(), await make_makerspace()
    await record(makerspace, [login("e1"), login("e2")])
    await record(other, [login("e9")])
    batch = [
        void_input("e1"),
        void_input("e9"),
        void_input("e1", SESSION),
        void_input(""),
        void_input("e2", reason=""),
        void_input("e2", reason="x" * 501),
        void_input("e2", line_id="1"),
        void_input("00000000-0000-0000-0000-000000000000"),
        void_input("e1", reason="again"),
    ]
    outcome = await void(makerspace, batch)
    assert statuses(outcome) == ["VOIDED", "NOT_FOUND", "NOT_FOUND", *["INVALID"] * 5, "DUPLICATE"]
    assert [error.path[-1] for error in outcome.user_errors] == ["id", "id", "id", "reason", "reason", "lineId", "id"]
    assert await owner.fetchval("SELECT void_reason FROM usage_events WHERE voided_at IS NOT NULL") == "a test"
    nothing = await void(makerspace, batch[1:8])
    assert (nothing.rejected, nothing.data_version) == (7, 2)


async def test_voids_are_in_the_audit_log(record, void, make_makerspace, owner) -> None:
    makerspace = await make_makerspace()
    await record(makerspace, [login("e1")])
    await record(makerspace, [payment("t1"), payment("t2")])
    await void(
        makerspace, [void_input("e1"), void_input("t1", REVENUE), void_input("t2", REVENUE), void_input("t2", REVENUE)]
    )
    await void(makerspace, [void_input("e1")])
    noted = await rows(owner, "SELECT user_id, action, details->>'EVENT', details->>'REVENUE' FROM audit_log")
    assert noted == [("ada", "voidFacts", "1", "2")]


async def test_the_limit_and_unknown_makerspaces(void, make_makerspace, unknown_makerspace) -> None:
    makerspace = await make_makerspace(data_version=7)
    with pytest.raises(LimitExceeded):
        await void(makerspace, [void_input("e1")] * 3, batch_limit=2)
    assert (await void(makerspace, [])).data_version == 7
    for batch in ([], [void_input("e1")]):
        with pytest.raises(NotFound):
            await void(unknown_makerspace, batch)


async def test_rollups_from_before_the_kept_events_stay(record, void, make_makerspace, owner, database) -> None:
    makerspace = await make_makerspace("UTC")
    await record(makerspace, [session("s1", end_time=TEN + 48 * HOUR)])
    await owner.execute("UPDATE makerspaces SET events_kept_since = '2026-02-11T00:00Z'")
    await void(makerspace, [void_input("s1", SESSION)])
    assert await rows(owner, PRESENT) == [("2026-02-10", "any", "asha"), ("2026-02-10", "visit", "asha")]
    assert await owner.fetchval("SELECT first_seen_on::text FROM members") == "2026-02-10"
    assert await verify_rollups(database, makerspace) == []


async def test_a_void_that_fails_at_its_end_changes_nothing(record, void, make_makerspace, owner, database) -> None:
    makerspace = await make_makerspace()
    await record(makerspace, [login("e1")])
    await owner.execute("ALTER TABLE audit_log ADD CHECK (false)")
    with pytest.raises(asyncpg.CheckViolationError):
        await void(makerspace, [void_input("e1")])
    assert await rows(owner, HOURS) == [("login", 1)]
    assert await owner.fetchval("SELECT count(*) FROM usage_events WHERE voided_at IS NULL") == 1
    assert await owner.fetchval("SELECT data_version FROM makerspaces") == 1
    assert await verify_rollups(database, makerspace) == []


async def test_a_reason_may_have_several_lines(record, void, make_makerspace) -> None:
    makerspace = await make_makerspace()
    await record(makerspace, [login("e1")])
    batch = [void_input("e1", reason="a\0"), void_input("e1", reason="entered twice:\n- by Asha\n- by Ben")]
    assert statuses(await void(makerspace, batch)) == ["INVALID", "VOIDED"]
