"""The sync mutations: omitted fields stay, null clears; and permissions."""

from typing import Any

import pytest

COUNTS = "{ recorded updated duplicates rejected dataVersion results { id status error { code path } } }"


def document(field: str, type_: str) -> str:
    return f"mutation ($m: ID, $in: [{type_}!]!) {{ it: {field}(makerspaceId: $m, input: $in) {COUNTS} }}"


MEMBERS = document("syncMembers", "MemberInput")
MACHINES = document("syncEquipment", "EquipmentInput")
ITEMS = document("syncInventoryItems", "InventoryItemInput")
PROJECTS = document("syncProjects", "ProjectInput")

MEMBER = {
    "userId": "asha", "displayName": "Asha", "plan": "basic", "joinedOn": "2025-01-01", "leftOn": "2026-02-28",
    "updatedAt": "2026-02-01T00:00:00Z",
}  # fmt: skip
MACHINE = {
    "id": "m1", "name": "Laser", "category": "cutting", "status": "OFFLINE", "hourlyRate": "12.50",
    "inServiceFrom": "2025-01-01", "maintenanceIntervalHours": 100, "maintenanceIntervalDays": 90,
    "openingHours": [{"day": "TUESDAY", "from": "09:00", "to": "24:00"}], "updatedAt": "2026-02-01T00:00:00Z",
}  # fmt: skip
ITEM = {
    "id": "i1", "name": "Plywood", "unit": "m²", "category": "wood", "supplierType": "local", "location": "Shelf 2",
    "onHand": 12.5, "onHandAt": "2026-02-01T00:00:00Z", "unitCost": "0.0375", "reorderPoint": 3,
}  # fmt: skip
PROJECT = {
    "id": "p1", "name": "Boat", "status": "in-progress", "ownerId": "asha", "progress": 62.5,
    "startedAt": "2026-02-01T00:00:00Z", "totalCost": "99.50", "bomItems": 12, "externalItems": 3, "collaborators": 4,
}  # fmt: skip
ALL = {
    "members": (MEMBERS, MEMBER, "members"),
    "machines": (MACHINES, MACHINE, "equipment"),
    "items": (ITEMS, ITEM, "inventory_items"),
    "projects": (PROJECTS, PROJECT, "project_analytics"),
}


def statuses(answer: dict[str, Any]) -> list[str]:
    return [one["error"]["code"] if one["error"] else one["status"] for one in answer["it"]["results"]]


@pytest.mark.parametrize("kind", ALL)
async def test_what_is_left_out_stays_and_null_clears(api, make_makerspace, owner, kind: str) -> None:
    makerspace = await make_makerspace()
    mutation, entry, table = ALL[kind]
    only_id = {name: entry[name] for name in ("id", "userId") if name in entry}
    made = await api.ask(mutation, makerspace, **{"in": [entry]})
    assert (statuses(made), made["it"]["dataVersion"]) == (["RECORDED"], 1)
    row = dict(await owner.fetchrow(f"SELECT * FROM {table}"))
    same = await api.ask(mutation, makerspace, **{"in": [only_id, entry]})
    assert (statuses(same), same["it"]["dataVersion"]) == (["DUPLICATE", "DUPLICATE"], 1)
    assert dict(await owner.fetchrow(f"SELECT * FROM {table}")) == row

    nulls = dict.fromkeys(entry.keys() - only_id.keys())
    assert statuses(await api.ask(mutation, makerspace, **{"in": [only_id | nulls]})) == ["UPDATED"]
    cleared = dict(await owner.fetchrow(f"SELECT * FROM {table}"))
    kept = {"makerspace_id", "number", "pseudonym", "is_synced", *(name for name in row if name.endswith("_id"))}
    kept -= {"owner_id"}
    initial = {None, 0, "AVAILABLE", "planned"}
    assert {name for name, value in cleared.items() if value not in initial} <= kept


async def test_a_bad_value_refuses_only_its_item(api, make_makerspace) -> None:
    makerspace = await make_makerspace()
    batch = [MEMBER | {"joinedOn": "2026-02-30"}, MEMBER | {"leftOn": "2024-01-01"}, MEMBER]
    answer = await api.ask(MEMBERS, makerspace, **{"in": batch})
    assert statuses(answer) == ["INVALID", "INVALID", "RECORDED"]
    assert [one["error"]["path"][-1] for one in answer["it"]["results"][:2]] == ["joinedOn", "leftOn"]
    refused = await api.run(MACHINES, makerspace, **{"in": [MACHINE | {"status": "broken"}]})
    assert "data" not in refused.body


async def test_synced_entities_are_listed(api, make_makerspace) -> None:
    makerspace = await make_makerspace()
    await api.ask(MEMBERS, makerspace, **{"in": [MEMBER]})
    shown = await api.ask("{ members { nodes { id displayName plan joinedOn leftOn } } }", makerspace)
    expected = {name: MEMBER[name] for name in ("displayName", "plan", "joinedOn", "leftOn")}
    assert shown["members"]["nodes"] == [{"id": "asha", **expected}]


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("role", ["finance", "operations", "analyst", "member"])
async def test_syncing_needs_record(api, make_makerspace, kind: str, role: str) -> None:
    makerspace = await make_makerspace()
    mutation, entry, _ = ALL[kind]
    refused = await api.refusals(mutation, makerspace, role=role, **{"in": [entry]})
    assert [code for code, _ in refused] == ["FORBIDDEN"]
    foreign = await api.refusals(mutation, await make_makerspace(), **{"m": str(makerspace), "in": [entry]})
    assert [code for code, _ in foreign] == ["NOT_FOUND"]
