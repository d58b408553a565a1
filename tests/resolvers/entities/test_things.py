"""Entities that facts name: names by permission, loaded by one statement per kind of entity and round."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from tests.plugins.api import Api
from tests.plugins.database import MakeMakerspace

from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.crypto import Keys, display_pseudonym

EVENTS = """
{
  events(first: 100) {
    nodes {
      userId metadata
      member { makerspaceId id displayName plan joinedOn leftOn }
      equipment {
        makerspaceId id name category status hourlyRate inServiceFrom inServiceUntil
        openingHours { day from to }
      }
      item { makerspaceId id name unit category supplierType location onHand onHandAt unitCost reorderPoint }
      project {
        makerspaceId id name status category progress startedAt dueAt completedAt cancelledAt totalCost
        bomItems externalItems collaborators
        owner { id displayName }
      }
    }
  }
}
"""
AT = datetime(2026, 3, 1, 10, tzinfo=UTC)
HOURS = '[{"day": 0, "from": "09:00", "to": "21:30"}]'
OWN_HOURS = '[{"day": 6, "from": "10:00", "to": "24:00"}]'


async def store_event(insert: Any, makerspace: MakerspaceId, n: int = 1, **named: str) -> None:
    row = {"makerspace_id": makerspace.value, "id": UUID(int=n), "timestamp": AT + timedelta(seconds=n)}
    row |= {"event_type": "check_in", "event_category": "access", "metadata": '{"badge": 1}'}
    await insert("usage_events", row | named)


ALL_FOUR = {"user_id": "ada", "equipment_id": "laser", "item_id": "ply", "project_id": "boat"}


async def sync(insert: Any, makerspace: MakerspaceId, keys: Keys, prefix: str = "") -> None:
    """Store one entity of each kind, named with a prefix."""
    of = {"makerspace_id": makerspace.value}
    for n, (user, name) in enumerate((("ada", "Ada"), ("bob", "Bob"))):
        person = {"user_id": user, "number": n, "display_name": prefix + name, "plan": "maker"}
        person |= {"joined_on": date(2025, 1, 31), "pseudonym": keys.pseudonym(makerspace.value, user)}
        await insert("members", of | person)
    machine = {"equipment_id": "laser", "name": prefix + "Laser", "category": "cutter", "status": "OFFLINE"}
    machine |= {"hourly_rate": Decimal("12.5"), "in_service_from": date(2024, 2, 29), "opening_hours": OWN_HOURS}
    await insert("equipment", of | machine)
    item = {"item_id": "ply", "name": prefix + "Plywood", "unit": "m²", "category": "wood", "supplier_type": "local"}
    item |= {"location": "A1", "on_hand": Decimal("2.5"), "on_hand_at": AT, "unit_cost": Decimal("0.125")}
    await insert("inventory_items", of | item | {"reorder_point": Decimal(4)})
    project = {"project_id": "boat", "name": prefix + "Boat", "status": "in_progress", "category": "wood"}
    project |= {"owner_id": "bob", "progress": Decimal("0.5"), "started_at": AT, "total_cost": Decimal(1200)}
    await insert("project_analytics", of | project | {"bom_items_count": 7, "external_items_count": 2})


async def test_entities_show_all_that_was_synced(
    api: Api, make_makerspace: MakeMakerspace, insert: Any, keys: Keys
) -> None:
    makerspace = await make_makerspace("Europe/Berlin", currency="EUR", opening_hours=HOURS)
    await sync(insert, makerspace, keys)
    await store_event(insert, makerspace, **ALL_FOUR)
    (node,) = (await api.ask(EVENTS, makerspace))["events"]["nodes"]
    here = {"makerspaceId": str(makerspace)}
    ada = {"id": "ada", "displayName": "Ada", "plan": "maker", "joinedOn": "2025-01-31", "leftOn": None}
    assert node == {
        "userId": "ada",
        "metadata": {"badge": 1},
        "member": here | ada,
        "equipment": here
        | {"id": "laser", "name": "Laser", "category": "cutter", "status": "OFFLINE", "hourlyRate": "12.50"}
        | {"inServiceFrom": "2024-02-29", "inServiceUntil": None}
        | {"openingHours": [{"day": "SUNDAY", "from": "10:00", "to": "24:00"}]},
        "item": here
        | {"id": "ply", "name": "Plywood", "unit": "m²", "category": "wood", "supplierType": "local"}
        | {"location": "A1", "onHand": 2.5, "onHandAt": "2026-03-01T11:00:00+01:00", "unitCost": "0.125"}
        | {"reorderPoint": 4.0},
        "project": here
        | {"id": "boat", "name": "Boat", "status": "in_progress", "category": "wood", "progress": 0.5}
        | {"startedAt": "2026-03-01T11:00:00+01:00", "dueAt": None, "completedAt": None, "cancelledAt": None}
        | {"totalCost": "1200.00", "bomItems": 7, "externalItems": 2, "collaborators": 0}
        | {"owner": {"id": "bob", "displayName": "Bob"}},
    }


async def test_entities_that_were_never_synced_have_their_id_as_name(
    api: Api, make_makerspace: MakeMakerspace, insert: Any
) -> None:
    makerspace = await make_makerspace(opening_hours=HOURS)
    await store_event(insert, makerspace, **ALL_FOUR)
    (node,) = (await api.ask(EVENTS, makerspace))["events"]["nodes"]
    assert (node["member"]["id"], node["member"]["displayName"]) == ("ada", "ada")
    assert (node["equipment"]["name"], node["equipment"]["status"]) == ("laser", "AVAILABLE")
    assert node["equipment"]["openingHours"] == [{"day": "MONDAY", "from": "09:00", "to": "21:30"}]
    assert (node["item"]["name"], node["item"]["unit"], node["item"]["onHand"]) == ("ply", "", None)
    assert (node["project"]["name"], node["project"]["status"]) == ("boat", "unknown")
    assert (node["project"]["owner"], node["project"]["bomItems"]) == (None, 0)


async def test_what_a_fact_does_not_name_is_null(api: Api, make_makerspace: MakeMakerspace, insert: Any) -> None:
    makerspace = await make_makerspace()
    await store_event(insert, makerspace)
    (node,) = (await api.ask(EVENTS, makerspace))["events"]["nodes"]
    named = ("userId", "member", "equipment", "item", "project")
    assert node == dict.fromkeys(named) | {"metadata": {"badge": 1}}


async def test_money_is_null_without_its_permission(
    api: Api, make_makerspace: MakeMakerspace, insert: Any, keys: Keys
) -> None:
    makerspace = await make_makerspace()
    await sync(insert, makerspace, keys)
    await store_event(insert, makerspace, **ALL_FOUR)
    seen = {"finance": ("12.50", "0.125", "1200.00"), "operations": (None, None, None), "analyst": (None, None, None)}
    for role, amounts in seen.items():
        (node,) = (await api.ask(EVENTS, makerspace, role=role))["events"]["nodes"]
        assert (node["equipment"]["hourlyRate"], node["item"]["unitCost"], node["project"]["totalCost"]) == amounts
        assert node["item"]["onHand"] == 2.5


async def test_money_has_the_digits_of_its_currency(api: Api, make_makerspace: MakeMakerspace, insert: Any) -> None:
    for currency, rate, shown in (("JPY", "1500", "1500"), ("KWD", "1.5", "1.500"), ("INR", "99.1234", "99.1234")):
        makerspace = await make_makerspace(currency=currency)
        row = {"makerspace_id": makerspace.value, "equipment_id": "laser", "hourly_rate": Decimal(rate)}
        await insert("equipment", row)
        await store_event(insert, makerspace, equipment_id="laser")
        (node,) = (await api.ask(EVENTS, makerspace))["events"]["nodes"]
        assert node["equipment"]["hourlyRate"] == shown


@pytest.mark.parametrize("role", ["analyst", "finance"])
async def test_people_are_pseudonyms_without_their_permission(
    api: Api, make_makerspace: MakeMakerspace, insert: Any, keys: Keys, role: str
) -> None:
    makerspace = await make_makerspace()
    await sync(insert, makerspace, keys)
    await store_event(insert, makerspace, **ALL_FOUR)
    (node,) = (await api.ask(EVENTS, makerspace, role=role))["events"]["nodes"]
    ada, bob = (keys.pseudonym(makerspace.value, user) for user in ("ada", "bob"))
    assert node["userId"] == node["member"]["id"] == ada
    assert node["member"]["displayName"] == display_pseudonym(ada)
    assert node["project"]["owner"] == {"id": bob, "displayName": display_pseudonym(bob)}
    assert node["metadata"] is None
    assert node["member"]["plan"] == "maker"


async def test_a_stored_pseudonym_stays_and_a_missing_one_is_made(
    api: Api, make_makerspace: MakeMakerspace, insert: Any, keys: Keys
) -> None:
    """Filters look up the pseudonym that is shown, also after a change of the secret."""
    makerspace = await make_makerspace()
    older = "p_7f3k2qxd000000000000"
    await insert("members", {"makerspace_id": makerspace.value, "user_id": "ada", "number": 0, "pseudonym": older})
    await store_event(insert, makerspace, 1, user_id="ada")
    await store_event(insert, makerspace, 2, user_id="unknown")
    unknown, ada = (await api.ask(EVENTS, makerspace, role="analyst"))["events"]["nodes"]
    assert (ada["userId"], ada["member"]["displayName"]) == (older, "Member 7F3K-2QXD")
    assert unknown["userId"] == unknown["member"]["id"] == keys.pseudonym(makerspace.value, "unknown")


async def test_the_same_ids_in_another_makerspace_are_other_entities(
    api: Api, make_makerspace: MakeMakerspace, insert: Any, keys: Keys
) -> None:
    here, there, nowhere = [await make_makerspace() for _ in range(3)]
    await sync(insert, here, keys)
    await sync(insert, there, keys, prefix="Other ")
    for makerspace in (here, there, nowhere):
        await store_event(insert, makerspace, **ALL_FOUR)
    names = {}
    for makerspace in (here, there, nowhere):
        (node,) = (await api.ask(EVENTS, makerspace))["events"]["nodes"]
        names[makerspace] = [
            node["member"]["displayName"],
            *(node[of]["name"] for of in ("equipment", "item", "project")),
        ]
    assert names[here] == ["Ada", "Laser", "Plywood", "Boat"]
    assert names[there] == ["Other Ada", "Other Laser", "Other Plywood", "Other Boat"]
    assert names[nowhere] == ["ada", "laser", "ply", "boat"]


@pytest.mark.parametrize("role", ["admin", "analyst"])
async def test_the_number_of_statements_does_not_grow_with_the_rows(
    api: Api, make_makerspace: MakeMakerspace, insert: Any, statements: list[str], role: str
) -> None:
    """The makerspace, the events, then all entities at once; owners of projects take another round."""
    makerspace = await make_makerspace()
    sent = []
    for until in (1, 100):
        for n in range(1 if until == 1 else 2, until + 1):
            project = {"makerspace_id": makerspace.value, "project_id": f"p{n}", "owner_id": f"owner{n}"}
            await insert("project_analytics", project)
            named = {"user_id": f"u{n}", "equipment_id": f"m{n}", "item_id": f"i{n}", "project_id": f"p{n}"}
            await store_event(insert, makerspace, n, **named)
        statements.clear()
        nodes = (await api.ask(EVENTS, makerspace, role=role))["events"]["nodes"]
        assert len(nodes) == until
        sent.append([set(re.findall(r"FROM ([a-z_]+)", statement)) for statement in statements])
    entities = {"equipment", "inventory_items", "members", "project_analytics"}
    assert sent == [[{"makerspaces"}, {"usage_events"}, entities, {"members"}]] * 2
