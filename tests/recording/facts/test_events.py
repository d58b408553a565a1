"""Writing a batch of events: the outcome, and the stored rows."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.errors import LimitExceeded, NotFound
from makrcave_analytics.recording.fact_inputs import UsageEventInput
from makrcave_analytics.recording.outcome import RecordOutcome

KNOWN = "0190aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee"


def login(id: str | None = None, user_id: str | None = "asha", **fields: object) -> UsageEventInput:  # noqa: A002
    return UsageEventInput("login", id=id, user_id=user_id, **fields)  # type: ignore[arg-type]


def statuses(outcome: RecordOutcome) -> list[str]:
    return [r.error.code.value if r.error else r.status.value for r in outcome.results]


async def test_an_event_is_stored_as_it_was_sent(record, make_makerspace, owner, now) -> None:
    makerspace = await make_makerspace()
    at = now - timedelta(hours=1, microseconds=1)
    outcome = await record(
        makerspace,
        [
            UsageEventInput(
                "equipment_booked", KNOWN.upper(), "asha", None, None, "i1", None, {"equipmentId": "m1", "n": 1}, at
            )
        ],
    )
    assert (outcome.recorded, outcome.data_version) == (1, 1)
    assert outcome.results[0].id == KNOWN
    row = await owner.fetchrow("SELECT *, metadata->>'n' AS n FROM usage_events")
    assert (row["makerspace_id"], row["id"]) == (makerspace.value, UUID(KNOWN))
    assert (row["user_id"], row["event_type"], row["event_category"]) == ("asha", "equipment_reservation", "equipment")
    assert (row["equipment_id"], row["item_id"], row["project_id"], row["n"]) == ("m1", "i1", None, "1")
    assert (row["timestamp"], row["recorded_at"], row["voided_at"]) == (at, now, None)


async def test_events_without_an_id_each_count_and_get_one_of_version_7(record, make_makerspace) -> None:
    makerspace = await make_makerspace()
    outcome = await record(makerspace, [login(), login()])
    first, second = (UUID(r.id) for r in outcome.results)
    assert first != second
    assert (first.version, second.version) == (7, 7)
    assert statuses(await record(makerspace, [login()])) == ["RECORDED"]


async def test_an_empty_batch_returns_the_version(record, make_makerspace) -> None:
    makerspace = await make_makerspace(data_version=41)
    outcome = await record(makerspace, [])
    assert (outcome.recorded, outcome.results, outcome.data_version) == (0, (), 41)


async def test_a_batch_of_bad_inputs_keeps_the_version(record, make_makerspace) -> None:
    makerspace = await make_makerspace(data_version=41)
    outcome = await record(makerspace, [login(id="")])
    assert (outcome.rejected, outcome.data_version) == (1, 41)


async def test_a_batch_over_the_limit_is_refused_whole(record, make_makerspace, owner) -> None:
    makerspace = await make_makerspace()
    assert (await record(makerspace, [login(), login()], batch_limit=2)).recorded == 2
    with pytest.raises(LimitExceeded):
        await record(makerspace, [login()] * 3, batch_limit=2)
    assert await owner.fetchval("SELECT count(*) FROM usage_events") == 2


@pytest.mark.parametrize("inputs", [[], [login()], [login(id="")]])
async def test_an_unknown_makerspace_is_not_found(record, unknown_makerspace: MakerspaceId, owner, inputs) -> None:
    with pytest.raises(NotFound, match=r"^No such makerspace\.$"):
        await record(unknown_makerspace, inputs)
    assert await owner.fetchval("SELECT count(*) FROM usage_events") == 0


async def test_of_500_events_with_50_bad_ones_450_are_stored(record, make_makerspace, owner, now) -> None:
    makerspace = await make_makerspace()
    bad = set(range(3, 500, 10))
    inputs = [login(f"e{n}", timestamp=now + timedelta(hours=n % 10 if n in bad else -1)) for n in range(500)]
    outcome = await record(makerspace, inputs)
    assert (outcome.recorded, outcome.rejected, len(outcome.results)) == (450, 50, 500)
    assert {r.index for r in outcome.results if r.error} == bad
    assert [e.path for e in outcome.user_errors] == [("input", str(n), "timestamp") for n in sorted(bad)]
    assert await owner.fetchval("SELECT count(*) FROM usage_events") == 450
    assert await owner.fetchval("SELECT sum(events) FROM event_hours") == 450


async def test_a_retry_counts_once_and_keeps_the_version(record, make_makerspace, owner, now) -> None:
    makerspace = await make_makerspace()
    batch = [login(KNOWN, timestamp=now), login("badge 17", metadata={"a": 1, "b": [2.0]}), login("third", None)]
    first = await record(makerspace, batch)
    # An hour later: the timestamps that were left out are another now, and are not compared.
    again = [
        login(KNOWN.upper(), timestamp=now),
        login("badge 17", metadata={"b": [2], "a": 1.0}),
        login("third", None),
    ]
    second = await record(makerspace, again, now=now + timedelta(hours=1))
    assert statuses(second) == ["DUPLICATE"] * 3
    assert [r.id for r in second.results] == [r.id for r in first.results]
    assert (second.duplicates, second.data_version) == (3, first.data_version)
    assert await owner.fetchval("SELECT sum(events) FROM event_hours") == 3


@pytest.mark.parametrize(
    "other",
    [
        {"user_id": "ben"},
        {"user_id": None},
        {"event_category": "kiosk"},
        {"equipment_id": "m1"},
        {"item_id": "i1"},
        {"project_id": "p1"},
        {"metadata": {"a": 2}},
        {"metadata": None},
        {"timestamp": datetime(2026, 3, 1, 11, 59, tzinfo=UTC)},
    ],
)
async def test_other_content_under_a_known_id_is_a_conflict_and_the_first_stays(
    record, make_makerspace, owner, now, other
) -> None:
    makerspace = await make_makerspace()
    sent = {"id": "e1", "metadata": {"a": 1}, "timestamp": now}
    await record(makerspace, [login(**sent)])
    before = await owner.fetchrow("SELECT * FROM usage_events")
    outcome = await record(makerspace, [login("e2"), login(**sent | other), login(**sent)])
    assert statuses(outcome) == ["RECORDED", "IDEMPOTENCY_CONFLICT", "DUPLICATE"]
    assert outcome.user_errors[0].path == ("input", "1", "id")
    assert await owner.fetchrow("SELECT * FROM usage_events WHERE id = $1", before["id"]) == before


async def test_of_inputs_with_one_id_the_first_good_one_counts(record, make_makerspace, owner) -> None:
    makerspace = await make_makerspace()
    bad = UsageEventInput("Login", id=KNOWN)
    outcome = await record(makerspace, [bad, login(KNOWN), login(KNOWN, "ben"), login(KNOWN.upper())])
    assert statuses(outcome) == ["INVALID", "RECORDED", "IDEMPOTENCY_CONFLICT", "DUPLICATE"]
    assert await owner.fetchval("SELECT user_id FROM usage_events") == "asha"
    # The same when the first is itself a retry.
    again = await record(makerspace, [login(KNOWN), login(KNOWN), login(KNOWN, "ben")])
    assert statuses(again) == ["DUPLICATE", "DUPLICATE", "IDEMPOTENCY_CONFLICT"]


@pytest.mark.parametrize("id", [KNOWN, "badge 17"])
async def test_one_id_in_two_makerspaces_is_two_events(record, make_makerspace, owner, id) -> None:  # noqa: A002
    here, there = await make_makerspace(), await make_makerspace()
    assert statuses(await record(here, [login(id)])) == ["RECORDED"]
    assert statuses(await record(there, [login(id, "ben")])) == ["RECORDED"]
    assert await owner.fetchval("SELECT count(*) FROM usage_events") == 2


async def test_items_of_a_member_that_name_others_are_refused(record, make_makerspace, owner) -> None:
    makerspace = await make_makerspace()
    outcome = await record(makerspace, [login(user_id=None), login(user_id="ben")], user_id="asha")
    assert statuses(outcome) == ["RECORDED", "FORBIDDEN"]
    assert await owner.fetchval("SELECT user_id FROM usage_events") == "asha"


async def test_the_recorders_default_person_is_used_where_an_event_names_none(record, make_makerspace, owner) -> None:
    makerspace = await make_makerspace()
    await record(makerspace, [login(user_id=None), login(user_id="ben")], default_user_id="admin")
    assert {r["user_id"] for r in await owner.fetch("SELECT user_id FROM usage_events")} == {"admin", "ben"}


async def test_events_from_before_the_first_kept_event_are_refused(record, make_makerspace, now) -> None:
    makerspace = await make_makerspace(events_kept_since=now - timedelta(days=2))
    batch = [login(timestamp=now - timedelta(days=days)) for days in (2, 3, 1)]
    assert statuses(await record(makerspace, batch)) == ["RECORDED", "INVALID", "RECORDED"]
    assert statuses(await record(makerspace, batch[:1], event_retention=timedelta(days=1))) == ["INVALID"]
    only_old = await record(makerspace, batch[1:2])
    assert (statuses(only_old), only_old.data_version) == (["INVALID"], 1)


async def test_a_voided_event_sent_again_stays_voided(record, make_makerspace, owner, now) -> None:
    makerspace = await make_makerspace()
    await record(makerspace, [login("e1", timestamp=now)])
    await owner.execute("UPDATE usage_events SET voided_at = $1", now)
    assert statuses(await record(makerspace, [login("e1", timestamp=now)])) == ["DUPLICATE"]


async def test_the_versions_of_the_sections_that_a_write_touches_rise(record, make_makerspace, owner) -> None:
    makerspace = await make_makerspace()
    versions = "SELECT section_versions FROM makerspaces"
    await record(makerspace, [login()])
    assert await owner.fetchval(versions) == '{"USAGE": 1}'
    await record(makerspace, [login(equipment_id="m1")])
    await record(makerspace, [login(project_id="p1", id="e1")])
    await record(makerspace, [login(project_id="p1", id="e1")])
    assert await owner.fetchval(versions) == '{"USAGE": 3, "PROJECTS": 3, "EQUIPMENT": 2}'


async def test_freshness_has_the_last_recording_and_the_latest_event(record, make_makerspace, owner, now) -> None:
    makerspace = await make_makerspace()
    later = now + timedelta(hours=1)
    await record(makerspace, [login(timestamp=now), login(timestamp=now - timedelta(days=1))])
    await record(makerspace, [login(timestamp=now - timedelta(days=9))], now=later)
    row = await owner.fetchrow("SELECT kind, last_recorded_at, last_fact_at FROM freshness")
    assert tuple(row) == ("EVENT", later, now)


async def test_new_people_get_the_next_numbers_and_their_first_day(
    record, make_makerspace, owner: asyncpg.Connection, now
) -> None:
    makerspace = await make_makerspace()
    await record(makerspace, [login(user_id="ben"), login(user_id="asha"), login(user_id=None)])
    # 23:30 UTC on 26 February is the 27th in Berlin; asha is known, zoe and carl are not.
    late = datetime(2026, 2, 26, 23, 30, tzinfo=UTC)
    await record(makerspace, [login(user_id="zoe"), login(user_id="asha", timestamp=late), login(user_id="carl")])
    await record(makerspace, [login(user_id="asha", timestamp=now)])
    rows = await owner.fetch(
        "SELECT user_id, number, pseudonym, first_seen_on::text, is_synced FROM members ORDER BY 2"
    )
    prefix = f"p_{makerspace.value.hex[:4]}_"
    assert [tuple(row) for row in rows] == [
        ("asha", 0, prefix + "asha", "2026-02-27", False),
        ("ben", 1, prefix + "ben", "2026-03-01", False),
        ("carl", 2, prefix + "carl", "2026-03-01", False),
        ("zoe", 3, prefix + "zoe", "2026-03-01", False),
    ]
