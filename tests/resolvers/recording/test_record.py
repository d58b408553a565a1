"""The mutations that record and void facts: requests of clients, and permissions."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.plugins.api import Api
from tests.recording.test_faults import holding, until_one_waits

from makrcave_analytics.recording.writing import group_commit as group_committer

COUNTS = "{ recorded updated duplicates rejected dataVersion results { index id status error { code path } } }"
EVENTS = f"mutation ($m: ID, $in: [UsageEventInput!]!) {{ it: recordEvents(makerspaceId: $m, input: $in) {COUNTS} }}"
SESSIONS = (
    "mutation ($m: ID, $in: [EquipmentUsageInput!]!) "
    f"{{ it: recordEquipmentUsage(makerspaceId: $m, input: $in) {COUNTS} }}"
)
INVENTORY = (
    "mutation ($m: ID, $in: [InventoryUsageInput!]!) "
    f"{{ it: recordInventoryUsage(makerspaceId: $m, input: $in) {COUNTS} }}"
)
REVENUE = f"mutation ($m: ID, $in: [RevenueInput!]!) {{ it: recordRevenue(makerspaceId: $m, input: $in) {COUNTS} }}"
VOID = f"mutation ($m: ID, $in: [VoidInput!]!) {{ it: voidFacts(makerspaceId: $m, input: $in) {COUNTS} }}"

EVENT = {"id": "e1", "eventType": "login", "userId": "asha", "timestamp": "2026-02-10T10:00:00Z"}
SESSION = {"id": "s1", "equipmentId": "m1", "startTime": "2026-02-10T10:00:00Z", "usageType": "personal"}
USED = {"id": "u1", "itemId": "i1", "date": "2026-02-10", "quantityConsumed": 1.5, "costConsumed": "12.50"}
PAID = {
    "transactionId": "t1", "transactionDate": "2026-02-10", "revenueSource": "workshop", "amount": "119.00",
    "taxAmount": "19.00", "paymentMethod": "card", "customerId": "asha",
}  # fmt: skip
WRONG = {"kind": "EVENT", "id": "e1", "reason": "entered twice"}
ALL = {
    "events": (EVENTS, EVENT),
    "equipment": (SESSIONS, SESSION),
    "inventory": (INVENTORY, USED),
    "revenue": (REVENUE, PAID),
    "void": (VOID, WRONG),
}


def statuses(answer: dict[str, Any]) -> list[str]:
    return [one["error"]["code"] if one["error"] else one["status"] for one in answer["it"]["results"]]


async def test_every_kind_is_recorded_on_a_first_day(api, make_makerspace, owner) -> None:
    makerspace = await make_makerspace()
    for version, (document, item) in enumerate(list(ALL.values())[:4], 1):
        answer = await api.ask(document, makerspace, **{"in": [item]})
        assert (statuses(answer), answer["it"]["dataVersion"]) == (["RECORDED"], version)
    again = await api.ask(REVENUE, makerspace, **{"in": [PAID, PAID | {"lineId": None}, PAID | {"lineId": "2"}]})
    assert statuses(again) == ["DUPLICATE", "DUPLICATE", "RECORDED"]
    assert again["it"]["results"][0]["id"] == "t1"
    closed = await api.ask(SESSIONS, makerspace, **{"in": [SESSION | {"durationMinutes": 90, "energyKwh": 1.5}]})
    assert (statuses(closed), closed["it"]["updated"]) == (["UPDATED"], 1)
    voided = await api.ask(VOID, makerspace, **{"in": [WRONG, WRONG | {"kind": "REVENUE", "id": "t1", "lineId": "2"}]})
    assert (statuses(voided), voided["it"]["recorded"]) == (["VOIDED", "VOIDED"], 2)
    assert await owner.fetchval("SELECT count(*) FROM event_hours") == 0
    assert await owner.fetchval("SELECT user_id FROM audit_log") == "ada"
    shown = await api.ask("{ makerspace { dataVersion sources { kind lastFactAt } } }", makerspace)
    assert shown["makerspace"]["dataVersion"] == 7
    assert [source["lastFactAt"] for source in shown["makerspace"]["sources"]] == [
        "2026-02-10T11:00:00+01:00", "2026-02-10T12:30:00+01:00", "2026-02-10T00:00:00+01:00",
        "2026-02-10T00:00:00+01:00",
    ]  # fmt: skip


MALFORMED = [
    (EVENTS, EVENT, {"timestamp": "2026-02-10T10:00:00"}, "timestamp"),
    (EVENTS, EVENT, {"timestamp": "2026-06-30T23:59:60Z"}, "timestamp"),
    (SESSIONS, SESSION, {"startTime": "yesterday"}, "startTime"),
    (SESSIONS, SESSION, {"endTime": "2026-02-10"}, "endTime"),
    (SESSIONS, SESSION, {"durationMinutes": -1}, "durationMinutes"),
    (INVENTORY, USED, {"date": "2026-02-30"}, "date"),
    (INVENTORY, USED, {"costConsumed": 12.5}, "costConsumed"),
    (REVENUE, PAID, {"amount": "1e5"}, "amount"),
    (REVENUE, PAID, {"amount": "NaN"}, "amount"),
    (REVENUE, PAID, {"amount": "1000000000000000"}, "amount"),
    (REVENUE, PAID, {"amount": "119.005"}, "amount"),
    (REVENUE, PAID, {"serviceFrom": "2026-13-01", "serviceUntil": "2026-12-01"}, "serviceFrom"),
    (VOID, WRONG, {"reason": ""}, "reason"),
]


@pytest.mark.parametrize(("document", "item", "change", "at_fault"), MALFORMED)
async def test_a_malformed_value_refuses_only_its_item(api, make_makerspace, document, item, change, at_fault) -> None:
    makerspace = await make_makerspace()
    await api.ask(EVENTS, makerspace, **{"in": [EVENT]})
    answer = await api.ask(document, makerspace, **{"in": [item | change, item]})
    refused = answer["it"]["results"][0]["error"]
    assert (refused["code"], refused["path"]) == ("INVALID", ["input", "0", at_fault])
    assert answer["it"]["rejected"] == 1


MISSING = [
    (EVENTS, EVENT, "eventType"),
    (SESSIONS, SESSION, "startTime"),
    (INVENTORY, USED, "itemId"),
    (REVENUE, PAID, "amount"),
    (VOID, WRONG, "reason"),
]


@pytest.mark.parametrize(("document", "item", "field"), MISSING)
async def test_a_missing_field_or_a_wrong_kind_of_value_refuses_the_request(
    api, make_makerspace, owner, document, item, field
) -> None:
    makerspace = await make_makerspace()
    without = {name: value for name, value in item.items() if name != field}
    for bad in (without, item | {field: [[]]}, item | {field: None}, item | {"surprise": 1}, "x", 5):
        if bad == item | {field: [[]]} and field in ("startTime", "amount"):
            continue  # scalars that are judged item by item
        outcome = await api.run(document, makerspace, **{"in": [bad]})
        assert "data" not in outcome.body, bad
    assert await owner.fetchval("SELECT data_version FROM makerspaces") == 0


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("role", ["finance", "operations", "analyst", "member"])
async def test_viewers_without_record_are_refused(api, make_makerspace, kind: str, role: str) -> None:
    makerspace = await make_makerspace()
    document, item = ALL[kind]
    refused = await api.refusals(document, makerspace, role=role, **{"in": [item]})
    if role == "member" and kind == "events":
        assert refused == []  # for themselves: this item names another, and is refused by itself
    else:
        assert [code for code, _ in refused] == ["FORBIDDEN"]


@pytest.mark.parametrize("kind", ALL)
async def test_another_makerspace_is_not_found(api, make_makerspace, owner, kind: str) -> None:
    mine, other = await make_makerspace(), await make_makerspace()
    document, item = ALL[kind]
    refused = await api.refusals(document, mine, **{"m": str(other), "in": [item]})
    assert [code for code, _ in refused] == ["NOT_FOUND"]
    assert await owner.fetchval("SELECT sum(data_version) FROM makerspaces") == 0


async def test_the_sender_is_no_default_for_customers_and_users(api, make_makerspace, owner) -> None:
    makerspace = await make_makerspace()
    await api.ask(SESSIONS, makerspace, **{"in": [SESSION]})
    await api.ask(INVENTORY, makerspace, **{"in": [USED]})
    await api.ask(REVENUE, makerspace, **{"in": [{**PAID, "customerId": None}]})
    assert await owner.fetchval("SELECT count(*) FROM members") == 0


async def test_events_from_before_the_retention_are_refused_though_none_were_removed_yet(api, make_makerspace) -> None:
    makerspace = await make_makerspace()
    kept = Api(replace(api.services, event_retention=timedelta(days=10)))
    batch = [EVENT, EVENT | {"id": "e2", "timestamp": "2026-02-20T00:00:00Z"}]
    assert statuses(await kept.ask(EVENTS, makerspace, **{"in": batch})) == ["INVALID", "RECORDED"]


async def test_a_service_records_every_kind_unless_its_claim_narrows_it(api, make_makerspace) -> None:
    makerspace = await make_makerspace()
    for kind, (document, item) in ALL.items():
        assert statuses(await api.ask(document, makerspace, role="service", **{"in": [item]}))[0] in (
            "RECORDED",
            "VOIDED",
        ), kind


async def test_a_full_queue_refuses_the_batch(api, make_makerspace, migrated_url, owner, monkeypatch) -> None:
    monkeypatch.setattr(group_committer, "MOST_WAITING", 0)
    makerspace = await make_makerspace()
    async with holding(migrated_url, "SELECT FROM makerspaces FOR UPDATE"):
        taken = asyncio.create_task(api.ask(EVENTS, makerspace, **{"in": [EVENT]}))
        await until_one_waits(owner)
        refused = await api.refusals(EVENTS, makerspace, **{"in": [EVENT | {"id": "e2"}]})
    assert [code for code, _ in refused] == ["RATE_LIMITED"]
    assert statuses(await taken) == ["RECORDED"]
    assert await owner.fetchval("SELECT count(*) FROM usage_events") == 1
