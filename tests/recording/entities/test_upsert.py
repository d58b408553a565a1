"""Members, machines, items and projects: inserted, updated, kept, cleared."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.recording.factories import HOUR, TEN, login, statuses

from makrcave_analytics.errors import LimitExceeded, NotFound
from makrcave_analytics.period import DayOfWeek
from makrcave_analytics.recording.entity_inputs import (
    EquipmentInput,
    InventoryItemInput,
    MemberInput,
    OpeningHoursInput,
    ProjectInput,
)
from makrcave_analytics.recording.parsing import Malformed
from makrcave_analytics.recording.rollups.verify import verify_rollups

FULL = {
    "members": (
        MemberInput("asha", "Asha", date(2025, 1, 1), date(2025, 12, 31), "basic", TEN),
        {"user_id": "asha", "display_name": "Asha", "joined_on": date(2025, 1, 1), "left_on": date(2025, 12, 31),
         "plan": "basic", "updated_at": TEN, "is_synced": True, "number": 0},
        {"display_name": None, "joined_on": None, "left_on": None, "plan": None},
    ),
    "equipment": (
        EquipmentInput(
            "m1", "Laser", "cutting", "OFFLINE", Decimal("12.5000"), date(2025, 1, 1), date(2026, 1, 1),
            date(2025, 5, 5), 120.5, 90, [OpeningHoursInput(DayOfWeek.TUESDAY, "09:00", "24:00")], TEN,
        ),
        {"equipment_id": "m1", "name": "Laser", "category": "cutting", "status": "OFFLINE",
         "hourly_rate": Decimal("12.5"), "in_service_from": date(2025, 1, 1), "in_service_until": date(2026, 1, 1),
         "next_maintenance_on": date(2025, 5, 5), "maintenance_interval_hours": Decimal("120.5"),
         "maintenance_interval_days": 90, "opening_hours": '[{"to": "24:00", "day": 1, "from": "09:00"}]'},
        {"name": None, "status": "AVAILABLE", "hourly_rate": None, "in_service_from": None, "opening_hours": None,
         "maintenance_interval_hours": None},
    ),
    "inventory_items": (
        InventoryItemInput("i1", "Plywood", "m²", "wood", "local", "Shelf 2", 12.25, TEN, Decimal("0.0375"), 3.0, TEN),
        {"item_id": "i1", "name": "Plywood", "unit": "m²", "category": "wood", "supplier_type": "local",
         "location": "Shelf 2", "on_hand": Decimal("12.25"), "on_hand_at": TEN, "unit_cost": Decimal("0.0375"),
         "reorder_point": 3},
        {"name": None, "unit": None, "on_hand": None, "on_hand_at": None, "unit_cost": None, "reorder_point": None},
    ),
    "project_analytics": (
        ProjectInput("p1", "Boat", "in-progress", "wood", "asha", 62.5, TEN, TEN + HOUR, TEN + HOUR, None,
                     Decimal("99.50"), 12, 3, 4, TEN),
        {"project_id": "p1", "name": "Boat", "status": "in_progress", "category": "wood", "owner_id": "asha",
         "progress": Decimal("62.5"), "started_at": TEN, "due_at": TEN + HOUR, "completed_at": TEN + HOUR,
         "cancelled_at": None, "total_cost": Decimal("99.5"), "bom_items_count": 12, "external_items_count": 3,
         "collaborators": 4},
        {"name": None, "status": "planned", "owner_id": None, "progress": None, "started_at": None,
         "total_cost": None, "bom_items_count": 0, "external_items_count": 0, "collaborators": 0},
    ),
}  # fmt: skip


def with_id(raw: Any, **fields: Any) -> Any:
    """An input of the same kind and id, of which only `fields` are sent."""
    return type(raw)(raw.user_id if isinstance(raw, MemberInput) else raw.id, **fields)


@pytest.mark.parametrize("table", FULL)
async def test_an_entity_is_stored_kept_and_cleared(sync_entries, make_makerspace, owner, table) -> None:
    makerspace = await make_makerspace()
    raw, stored, cleared = FULL[table]
    made = await sync_entries(makerspace, [raw])
    assert (statuses(made), made.results[0].id, made.data_version) == (["RECORDED"], next(iter(stored.values())), 1)
    row = dict(await owner.fetchrow(f"SELECT * FROM {table}"))
    assert {name: row[name] for name in stored} == stored

    same = await sync_entries(makerspace, [raw, with_id(raw)])
    assert (statuses(same), same.data_version) == (["DUPLICATE", "DUPLICATE"], 1)

    first = next(name for name in vars(raw) if name not in ("id", "user_id"))
    changed = await sync_entries(makerspace, [with_id(raw, **{first: "Other"})])
    assert (statuses(changed), changed.updated, changed.data_version) == (["UPDATED"], 1, 2)
    assert dict(await owner.fetchrow(f"SELECT * FROM {table}")) == row | {first: "Other"}

    nulls = {name: None for name in vars(raw) if name not in ("id", "user_id", "updated_at")}
    assert statuses(await sync_entries(makerspace, [with_id(raw, **nulls)])) == ["UPDATED"]
    row = dict(await owner.fetchrow(f"SELECT * FROM {table}"))
    assert {name: row[name] for name in cleared} == cleared
    assert row["updated_at"] == TEN


@pytest.mark.parametrize("table", FULL)
async def test_an_id_alone_leaves_the_other_fields_empty(sync_entries, make_makerspace, owner, table) -> None:
    makerspace, other = await make_makerspace(), await make_makerspace()
    raw, _, cleared = FULL[table]
    assert statuses(await sync_entries(makerspace, [with_id(raw)])) == ["RECORDED"]
    row = dict(await owner.fetchrow(f"SELECT * FROM {table}"))
    assert {name: row[name] for name in cleared} == cleared
    assert statuses(await sync_entries(other, [with_id(raw)])) == ["RECORDED"]


async def test_an_input_older_than_the_stored_entity_is_ignored(sync_entries, make_makerspace, owner) -> None:
    makerspace = await make_makerspace()
    await sync_entries(makerspace, [MemberInput("asha", plan="new", updated_at=TEN)])
    late = await sync_entries(makerspace, [MemberInput("asha", plan="old", updated_at=TEN - HOUR)])
    assert (statuses(late), late.data_version) == (["DUPLICATE"], 1)
    batch = [
        MemberInput("asha", plan="newer", updated_at=TEN),
        MemberInput("asha", plan="unsaid"),
        MemberInput("asha", plan="older", updated_at=TEN - HOUR),
        MemberInput("ben", plan="b", updated_at=TEN),
        MemberInput("ben", plan="a", updated_at=TEN - HOUR),
    ]
    outcome = await sync_entries(makerspace, batch)
    assert statuses(outcome) == ["UPDATED", "UPDATED", "DUPLICATE", "RECORDED", "DUPLICATE"]
    rows = await owner.fetch("SELECT user_id, plan, updated_at FROM members ORDER BY 1")
    assert [tuple(row) for row in rows] == [("asha", "unsaid", TEN), ("ben", "b", TEN)]


async def test_members_known_from_facts_keep_number_and_first_day(
    sync_entries, record, make_makerspace, owner, database
) -> None:
    makerspace = await make_makerspace()
    await record(makerspace, [login(user_id="zoe")])
    outcome = await sync_entries(makerspace, [MemberInput(who) for who in ("carl", "zoe", "asha")])
    assert statuses(outcome) == ["RECORDED"] * 3
    await record(makerspace, [login(user_id="ben"), login(user_id="asha")])
    rows = await owner.fetch(
        "SELECT number, user_id, is_synced, first_seen_on::text, pseudonym FROM members ORDER BY 1"
    )
    prefix = f"p_{makerspace.value.hex[:4]}_"
    assert [tuple(row) for row in rows] == [
        (0, "zoe", True, "2026-02-10", prefix + "zoe"),
        (1, "asha", True, "2026-02-10", prefix + "asha"),
        (2, "carl", True, None, prefix + "carl"),
        (3, "ben", False, "2026-02-10", prefix + "ben"),
    ]
    assert await verify_rollups(database, makerspace) == []


BAD: dict[str, tuple[Any, str]] = {
    "member without an id": (MemberInput(""), "userId"),
    "member with a name of 201 characters": (MemberInput("a", "x" * 201), "displayName"),
    "member whose day is malformed": (MemberInput("a", joined_on=Malformed("x", "No.")), "joinedOn"),
    "member who left before joining": (
        MemberInput("a", joined_on=date(2026, 1, 2), left_on=date(2026, 1, 1)),
        "leftOn",
    ),
    "member changed at no instant": (MemberInput("a", updated_at=Malformed("x", "No.")), "updatedAt"),
    "machine with a control character": (EquipmentInput("m\n"), "id"),
    "machine of unknown status": (EquipmentInput("m", status="BROKEN"), "status"),
    "machine with a negative rate": (EquipmentInput("m", hourly_rate=Decimal(-1)), "hourlyRate"),
    "machine with a rate of five decimals": (EquipmentInput("m", hourly_rate=Decimal("1.00001")), "hourlyRate"),
    "machine with negative hours": (EquipmentInput("m", maintenance_interval_hours=-1.0), "maintenanceIntervalHours"),
    "machine with negative days": (EquipmentInput("m", maintenance_interval_days=-1), "maintenanceIntervalDays"),
    "machine out of service before": (
        EquipmentInput("m", in_service_from=date(2026, 1, 2), in_service_until=date(2026, 1, 1)),
        "inServiceUntil",
    ),
    "machine open at 25:00": (
        EquipmentInput("m", opening_hours=[OpeningHoursInput(DayOfWeek.MONDAY, "09:00", "25:00")]),
        "openingHours",
    ),
    "machine open over midnight": (
        EquipmentInput("m", opening_hours=[OpeningHoursInput(DayOfWeek.MONDAY, "22:00", "02:00")]),
        "openingHours",
    ),
    "machine open from 24:00": (
        EquipmentInput("m", opening_hours=[OpeningHoursInput(DayOfWeek.MONDAY, "24:00", "24:00")]),
        "openingHours",
    ),
    "machine open 101 times": (
        EquipmentInput("m", opening_hours=[OpeningHoursInput(DayOfWeek.MONDAY, "09:00", "10:00")] * 101),
        "openingHours",
    ),
    "item with a negative stock": (InventoryItemInput("i", on_hand=-1.0), "onHand"),
    "item with an infinite stock": (InventoryItemInput("i", on_hand=float("inf")), "onHand"),
    "item with a cost that is none": (InventoryItemInput("i", unit_cost=Malformed("1e5", "No.")), "unitCost"),
    "project of a status of two words": (ProjectInput("p", status="On Hold"), "status"),
    "project of 101 per cent": (ProjectInput("p", progress=101.0), "progress"),
    "project with an owner of no characters": (ProjectInput("p", owner_id=""), "ownerId"),
    "project done before it was begun": (ProjectInput("p", started_at=TEN, completed_at=TEN - HOUR), "completedAt"),
    "project with negative items": (ProjectInput("p", bom_items=-1), "bomItems"),
    "project with a cost of three decimals": (ProjectInput("p", total_cost=Decimal("1.001")), "totalCost"),
}


@pytest.mark.parametrize(("raw", "at_fault"), BAD.values(), ids=BAD)
async def test_a_bad_field_refuses_only_its_item_and_is_named(sync_entries, make_makerspace, raw, at_fault) -> None:
    makerspace = await make_makerspace()
    good = type(raw)("fine")
    outcome = await sync_entries(makerspace, [raw, good])
    assert statuses(outcome) == ["INVALID", "RECORDED"]
    assert outcome.user_errors[0].path == ("input", "0", at_fault)
    alone = await sync_entries(makerspace, [raw])
    assert (alone.rejected, alone.data_version) == (1, 1)


async def test_an_input_that_contradicts_the_stored_entity_is_refused(sync_entries, make_makerspace) -> None:
    makerspace = await make_makerspace()
    await sync_entries(makerspace, [MemberInput("asha", joined_on=date(2026, 1, 2))])
    assert statuses(await sync_entries(makerspace, [MemberInput("asha", left_on=date(2026, 1, 1))])) == ["INVALID"]


@pytest.mark.parametrize(("older", "name"), [("complete", "completed"), ("in-progress", "in_progress"), ("x", "x")])
async def test_older_statuses_become_the_current_ones(sync_entries, make_makerspace, owner, older, name) -> None:
    makerspace = await make_makerspace()
    await sync_entries(makerspace, [ProjectInput("p1", status=older)])
    assert await owner.fetchval("SELECT status FROM project_analytics") == name


async def test_limits_and_unknown_makerspaces(sync_entries, make_makerspace, unknown_makerspace) -> None:
    makerspace = await make_makerspace()
    with pytest.raises(LimitExceeded):
        await sync_entries(makerspace, [MemberInput("a")] * 3, batch_limit=2)
    for member in (MemberInput("a"), MemberInput("")):
        with pytest.raises(NotFound):
            await sync_entries(unknown_makerspace, [member])


async def test_the_versions_of_the_sections_that_show_an_entity_rise(sync_entries, make_makerspace, owner) -> None:
    makerspace = await make_makerspace()
    await sync_entries(makerspace, [InventoryItemInput("i1", updated_at=datetime.now(UTC) + timedelta(days=1))])
    assert await owner.fetchval("SELECT section_versions FROM makerspaces") == '{"USAGE": 1, "INVENTORY": 1}'
