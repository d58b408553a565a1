"""Machine sessions: opening, closing, and presence."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.recording.factories import HOUR, PRESENCE, TEN, session, statuses

from makrcave_analytics.errors import Invalid
from makrcave_analytics.recording.checks.fields import Bounds
from makrcave_analytics.recording.facts.sessions import CheckedSession, check_session
from makrcave_analytics.recording.parsing import Malformed
from makrcave_analytics.recording.rollups.verify import verify_rollups

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = 24 * HOUR


def check(**fields: Any) -> CheckedSession:
    return check_session(session(**fields), Bounds(UUID(int=1), NOW), lambda: UUID(int=7))


async def presence(owner) -> list[tuple[str, str, str]]:
    return [tuple(row) for row in await owner.fetch(PRESENCE)]


BAD = {
    "machine empty": ({"equipment_id": ""}, "equipmentId"),
    "machine of 101 characters": ({"equipment_id": "x" * 101}, "equipmentId"),
    "type empty": ({"usage_type": ""}, "usageType"),
    "type of 65 characters": ({"usage_type": "x" * 65}, "usageType"),
    "nil id": ({"id": "00000000-0000-0000-0000-000000000000"}, "id"),
    "user with a tab": ({"user_id": "a\tb"}, "userId"),
    "project empty": ({"project_id": ""}, "projectId"),
    "start malformed": ({"start_time": Malformed("x", "No.")}, "startTime"),
    "start ahead": ({"start_time": NOW + HOUR}, "startTime"),
    "start before 1970": ({"start_time": datetime(1969, 12, 31, tzinfo=UTC)}, "startTime"),
    "end before the start": ({"end_time": TEN - timedelta(seconds=1)}, "endTime"),
    "end ahead": ({"end_time": NOW + HOUR}, "endTime"),
    "end malformed": ({"end_time": Malformed("x", "No.")}, "endTime"),
    "end after 31 days": (
        {"start_time": NOW - 32 * DAY, "end_time": NOW - DAY + timedelta(seconds=1)},
        "endTime",
    ),
    "negative minutes": ({"duration_minutes": -1}, "durationMinutes"),
    "1e9 minutes": ({"duration_minutes": 10**9}, "durationMinutes"),
    "minutes that end ahead": ({"start_time": NOW, "duration_minutes": 60}, "durationMinutes"),
    "minutes of more than 31 days": (
        {"start_time": NOW - 40 * DAY, "duration_minutes": 31 * 24 * 60 + 1},
        "durationMinutes",
    ),
    "minutes and an end that disagree": ({"end_time": TEN + HOUR, "duration_minutes": 61}, "durationMinutes"),
    "materials of text": ({"materials_used": "wood"}, "materialsUsed"),
    "materials with NUL": ({"materials_used": [{"a": "\0"}]}, "materialsUsed"),
    "negative energy": ({"energy_kwh": -0.5}, "energyKwh"),
    "energy not a number": ({"energy_kwh": float("nan")}, "energyKwh"),
    "infinite energy": ({"energy_kwh": float("inf")}, "energyKwh"),
    "energy of 1e9": ({"energy_kwh": 1e9}, "energyKwh"),
}


@pytest.mark.parametrize(("fields", "at_fault"), BAD.values(), ids=BAD)
def test_a_bad_field_is_refused_by_its_name(fields: dict[str, Any], at_fault: str) -> None:
    with pytest.raises(Invalid) as refused:
        check(**fields)
    assert refused.value.path == (at_fault,)


def test_times_are_cut_to_whole_seconds() -> None:
    cut = check(start_time=TEN + timedelta(microseconds=999_999), end_time=TEN + HOUR + timedelta(milliseconds=1500))
    assert (cut.start_time, cut.end_time) == (TEN, TEN + HOUR + timedelta(seconds=1))


def test_the_end_follows_from_the_minutes_and_both_may_be_given() -> None:
    assert check(duration_minutes=60).end_time == TEN + HOUR
    assert check(duration_minutes=60, end_time=TEN + HOUR + timedelta(seconds=59)).duration_minutes == 60
    assert check().end_time is None


def test_a_use_lasts_at_most_31_days_and_downtime_has_no_limit() -> None:
    month = {"start_time": NOW - 100 * DAY, "end_time": NOW - 69 * DAY}
    assert check(**month).end_time == NOW - 69 * DAY
    assert check(**month | {"end_time": NOW, "usage_type": "Repair"}).usage_type == "repair"


async def test_a_session_is_stored_as_it_was_sent(record, make_makerspace, owner) -> None:
    makerspace = await make_makerspace()
    sent = session(
        "s1", duration_minutes=90, materials_used=[{"item": "i1", "n": 2}], project_id="p1", succeeded=False,
        energy_kwh=1.25,
    )  # fmt: skip
    outcome = await record(makerspace, [sent])
    assert (statuses(outcome), outcome.data_version) == (["RECORDED"], 1)
    row = await owner.fetchrow(
        "SELECT *, materials_used->0->>'n' AS n, energy_kwh::float AS kwh FROM equipment_usage_logs"
    )
    assert str(row["id"]) == outcome.results[0].id
    assert (row["equipment_id"], row["user_id"], row["project_id"]) == ("m1", "asha", "p1")
    assert (row["start_time"], row["end_time"], row["duration_minutes"]) == (TEN, TEN + 1.5 * HOUR, 90)
    assert (row["usage_type"], row["n"], row["succeeded"], row["kwh"]) == ("personal", "2", False, 1.25)
    assert (
        await owner.fetchval("SELECT section_versions FROM makerspaces")
        == '{"USAGE": 1, "PROJECTS": 1, "EQUIPMENT": 1}'
    )


async def test_the_same_id_with_an_end_closes_it_once(record, make_makerspace, owner) -> None:
    makerspace = await make_makerspace()
    first = await record(makerspace, [session("s1")])
    closing = session("s1", end_time=TEN + HOUR, energy_kwh=2.0, succeeded=True)
    closed = await record(makerspace, [closing])
    assert (statuses(closed), closed.updated, closed.data_version) == (["UPDATED"], 1, 2)
    assert closed.results[0].id == first.results[0].id
    # Once more; and the opening again, by a sender who had no answer.
    again = await record(makerspace, [closing, session("s1")])
    assert (statuses(again), again.data_version) == (["DUPLICATE", "DUPLICATE"], 2)
    row = await owner.fetchrow("SELECT end_time, succeeded, energy_kwh::float FROM equipment_usage_logs")
    assert tuple(row) == (TEN + HOUR, True, 2.0)


async def test_closing_a_session_may_leave_out_stored_fields_and_add_missing_ones(
    record, make_makerspace, owner, database
) -> None:
    makerspace = await make_makerspace()
    await record(makerspace, [session("s1", project_id="p1"), session("s2", user_id=None)])
    closing = [
        session("s1", user_id=None, duration_minutes=30),
        session("s2", user_id="ben", end_time=TEN + HOUR, materials_used={"i1": 1}),
    ]
    assert statuses(await record(makerspace, closing)) == ["UPDATED", "UPDATED"]
    assert statuses(await record(makerspace, closing)) == ["DUPLICATE", "DUPLICATE"]
    rows = await owner.fetch(
        "SELECT user_id, project_id, duration_minutes, materials_used FROM equipment_usage_logs ORDER BY 1"
    )
    assert [tuple(row) for row in rows] == [("asha", "p1", 30, None), ("ben", None, None, '{"i1": 1}')]
    assert await presence(owner) == [("2026-02-10", "any", "asha ben"), ("2026-02-10", "visit", "asha ben")]
    assert await verify_rollups(database, makerspace) == []


@pytest.mark.parametrize(
    "other",
    [
        {"equipment_id": "m2"},
        {"user_id": "ben"},
        {"start_time": TEN + timedelta(seconds=1)},
        {"usage_type": "training"},
        {"project_id": "p2"},
        {"materials_used": {"i1": 2}},
        {"succeeded": False},
        {"energy_kwh": 1.0},
    ],
)
@pytest.mark.parametrize("end", [None, TEN + HOUR])
async def test_other_content_neither_closes_nor_changes(record, make_makerspace, owner, other, end) -> None:
    makerspace = await make_makerspace()
    sent = {"project_id": "p1", "materials_used": {"i1": 1}, "succeeded": True, "energy_kwh": 2.0, "end_time": end}
    await record(makerspace, [session("s1", **sent)])
    before = await owner.fetchrow("SELECT * FROM equipment_usage_logs")
    later = sent | {"end_time": TEN + HOUR} | other
    assert statuses(await record(makerspace, [session("s1", **later)])) == ["IDEMPOTENCY_CONFLICT"]
    assert await owner.fetchrow("SELECT * FROM equipment_usage_logs") == before


async def test_a_closed_session_keeps_its_end(record, make_makerspace, owner) -> None:
    makerspace = await make_makerspace()
    await record(makerspace, [session("s1", end_time=TEN + HOUR)])
    assert statuses(await record(makerspace, [session("s1", end_time=TEN + 2 * HOUR)])) == ["IDEMPOTENCY_CONFLICT"]
    assert await owner.fetchval("SELECT end_time FROM equipment_usage_logs") == TEN + HOUR


async def test_opened_and_closed_within_one_batch(record, make_makerspace, owner, database) -> None:
    makerspace = await make_makerspace()
    ends = [TEN + HOUR, TEN + HOUR, TEN + 2 * HOUR]
    batch = [session("s1"), *(session("s1", end_time=end) for end in ends), session("s2", end_time=TEN), session("s2")]
    outcome = await record(makerspace, batch)
    assert statuses(outcome) == [
        "RECORDED", "UPDATED", "DUPLICATE", "IDEMPOTENCY_CONFLICT", "RECORDED", "DUPLICATE",
    ]  # fmt: skip
    assert outcome.data_version == 1
    assert await verify_rollups(database, makerspace) == []


async def test_an_open_session_marks_the_day_it_starts_and_closing_adds_the_rest(
    record, make_makerspace, owner, database
) -> None:
    makerspace = await make_makerspace("Europe/Berlin")
    start = datetime(2026, 2, 10, 22, 30, tzinfo=UTC)  # 23:30
    await record(makerspace, [session("s1", start_time=start)])
    assert await presence(owner) == [("2026-02-10", "any", "asha"), ("2026-02-10", "visit", "asha")]
    assert await verify_rollups(database, makerspace) == []
    await record(makerspace, [session("s1", start_time=start, end_time=start + 25 * HOUR)])
    days = ["2026-02-10", "2026-02-11", "2026-02-12"]
    assert await presence(owner) == [(day, kind, "asha") for day in days for kind in ("any", "visit")]
    assert await verify_rollups(database, makerspace) == []


async def test_maintenance_and_repair_name_people_without_marking_them_present(
    record, make_makerspace, owner, database
) -> None:
    makerspace = await make_makerspace()
    await record(
        makerspace,
        [session(usage_type="maintenance", end_time=TEN + 40 * DAY - 30 * DAY), session(usage_type="REPAIR")],
    )
    assert await presence(owner) == []
    assert await owner.fetchval("SELECT first_seen_on::text FROM members") == "2026-02-10"
    assert await verify_rollups(database, makerspace) == []


async def test_freshness_is_of_the_kind(record, make_makerspace, owner, now) -> None:
    makerspace = await make_makerspace()
    await record(makerspace, [session("s1"), session("s2", end_time=TEN + HOUR)])
    row = await owner.fetchrow("SELECT kind, last_recorded_at, last_fact_at FROM freshness")
    assert tuple(row) == ("EQUIPMENT_USAGE", now, TEN + HOUR)


async def test_sessions_from_before_the_kept_events_are_refused_and_open_ones_are_closed(
    record, make_makerspace, owner
) -> None:
    makerspace = await make_makerspace()
    await record(makerspace, [session("s1")])
    await owner.execute("UPDATE makerspaces SET events_kept_since = $1", TEN + DAY)
    closing = session("s1", end_time=TEN + HOUR)
    assert statuses(await record(makerspace, [closing, session("s2")])) == ["UPDATED", "INVALID"]
    refused = await record(makerspace, [session("s3")])
    assert refused.user_errors[0].path == ("input", "0", "startTime")


async def test_closing_a_session_touches_the_sections_that_the_session_named(record, make_makerspace, owner) -> None:
    makerspace = await make_makerspace()
    await record(makerspace, [session("s1", project_id="p1")])
    await record(makerspace, [session("s1", user_id=None, end_time=TEN + HOUR)])
    versions = await owner.fetchval("SELECT section_versions FROM makerspaces")
    assert versions == '{"USAGE": 2, "PROJECTS": 2, "EQUIPMENT": 2}'
