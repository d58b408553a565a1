"""The lists of stored facts other than events: what viewers see of a row, filters, pages. Rows are literal."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.plugins.api import Api
from tests.plugins.database import MakeMakerspace

from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.crypto import Keys, display_pseudonym

AT = datetime(2026, 3, 1, 10, tzinfo=UTC)
VOIDED = datetime(2026, 3, 2, tzinfo=UTC)


@dataclass(frozen=True, eq=False)
class Kind:
    """A list, and the rows that a test stores in it."""

    field: str
    table: str
    id: str
    """The field of a node's id."""
    day: str
    """The column of its day or instant."""
    usual: dict[str, Any]
    person: str = "user_id"

    def row(self, n: int, **columns: Any) -> dict[str, Any]:
        return {self.day: AT} | self.usual | {"id": UUID(int=n)} | columns

    @property
    def document(self) -> str:
        return f"""query ($filter: FactFilter, $first: Int, $after: String) {{
            {self.field}(filter: $filter, first: $first, after: $after) {{
                nodes {{ {self.id} isVoided }} pageInfo {{ hasNextPage endCursor }} totalCount
            }} }}"""

    def number(self, node: dict[str, Any]) -> int:
        return int(node[self.id]) if self.id == "transactionId" else UUID(node[self.id]).int


class Paid(Kind):
    """Lines of revenue. Their ids are texts of equal length, so that they sort like numbers."""

    def row(self, n: int, **columns: Any) -> dict[str, Any]:
        return self.usual | {"transaction_id": f"{n:05}", "line_id": "1"} | columns


LOGS = Kind(
    "equipmentLogs", "equipment_usage_logs", "id", "start_time",
    {"equipment_id": "laser", "user_id": "ada", "usage_type": "production", "project_id": None, "voided_at": None},
)  # fmt: skip
ROWS = Kind(
    "inventoryRows", "inventory_analytics", "id", "date",
    {"item_id": "ply", "date": date(2026, 3, 1), "quantity_consumed": 2, "cost_consumed": 3, "user_id": "ada"}
    | {"project_id": None, "voided_at": None},
)  # fmt: skip
PAID = Paid(
    "transactions", "revenue_analytics", "transactionId", "transaction_date",
    {"transaction_date": date(2026, 3, 1), "revenue_source": "workshop", "amount": 119, "tax_amount": 19}
    | {"currency": "EUR", "payment_method": "card", "customer_id": "ada", "equipment_id": None, "voided_at": None},
    "customer_id",
)  # fmt: skip
KINDS = (LOGS, ROWS, PAID)
each = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.field)
Store = Callable[..., Any]


@pytest.fixture
def store(insert: Any) -> Store:
    """Stores rows of a kind: {number: columns}."""

    async def rows(kind: Kind, makerspace: MakerspaceId, facts: dict[int, dict[str, Any]]) -> None:
        of = {"makerspace_id": makerspace.value}
        await insert(kind.table, *(of | kind.row(n, **columns) for n, columns in facts.items()))

    return rows


async def numbers(api: Api, kind: Kind, makerspace: MakerspaceId, role: str = "admin", **filter_: Any) -> list[int]:
    """Return the facts that pass a filter, in their order."""
    found = (await api.ask(kind.document, makerspace, role=role, filter=filter_))[kind.field]
    assert found["totalCount"] == len(found["nodes"])
    return [kind.number(node) for node in found["nodes"]]


async def test_a_session_shows_all_that_was_recorded(
    api: Api, make_makerspace: MakeMakerspace, store: Store, insert: Any
) -> None:
    makerspace = await make_makerspace("Asia/Kathmandu")
    await insert("equipment", {"makerspace_id": makerspace.value, "equipment_id": "laser", "name": "Laser"})
    done = {"end_time": datetime(2026, 3, 1, 11, 2, 59, tzinfo=UTC), "materials_used": '{"ply": 2}'}
    sent = {"project_id": "boat", "succeeded": True, "energy_kwh": Decimal("1.25")}
    await store(LOGS, makerspace, {1: done | sent | {"duration_minutes": None}})
    await store(LOGS, makerspace, {2: {"user_id": None}})
    document = """{ equipmentLogs { nodes {
        id equipment { name } userId member { displayName } startTime endTime durationMinutes usageType materialsUsed
        project { id } succeeded energyKwh isVoided } } }"""
    running, ended = (await api.ask(document, makerspace))["equipmentLogs"]["nodes"]
    # 10:00 Z is 15:45 in Kathmandu; 62 minutes and 59 seconds are 62 whole ones.
    assert ended == {
        "id": str(UUID(int=1)), "equipment": {"name": "Laser"}, "userId": "ada", "member": {"displayName": "ada"},
        "startTime": "2026-03-01T15:45:00+05:45", "endTime": "2026-03-01T16:47:59+05:45", "durationMinutes": 62,
        "usageType": "production", "materialsUsed": {"ply": 2}, "project": {"id": "boat"}, "succeeded": True,
        "energyKwh": 1.25, "isVoided": False,
    }  # fmt: skip
    nothing = dict.fromkeys(("userId", "member", "endTime", "durationMinutes", "materialsUsed", "project", "succeeded"))
    assert running == ended | nothing | {"id": str(UUID(int=2)), "energyKwh": None}


async def test_a_row_of_the_stock_shows_all_that_was_recorded(
    api: Api, make_makerspace: MakeMakerspace, store: Store, insert: Any
) -> None:
    makerspace = await make_makerspace()
    ply = {"makerspace_id": makerspace.value, "item_id": "ply", "name": "Plywood", "unit": "m²"}
    await insert("inventory_items", ply)
    stated = {"efficiency_score": Decimal("92.5"), "waste_percentage": Decimal(10), "reorder_triggered": True}
    amounts = {"quantity_consumed": Decimal("2.5"), "cost_consumed": Decimal("31.5"), "project_id": "boat"}
    await store(ROWS, makerspace, {1: stated | amounts})
    document = """{ inventoryRows { nodes {
        id item { name unit } date quantityConsumed costConsumed efficiencyScore wastePercentage reorderTriggered
        userId project { id } isVoided } } }"""
    expected = {
        "id": str(UUID(int=1)), "item": {"name": "Plywood", "unit": "m²"}, "date": "2026-03-01",
        "quantityConsumed": 2.5, "costConsumed": "31.50", "efficiencyScore": 92.5, "wastePercentage": 10.0,
        "reorderTriggered": True, "userId": "ada", "project": {"id": "boat"}, "isVoided": False,
    }  # fmt: skip
    assert (await api.ask(document, makerspace))["inventoryRows"]["nodes"] == [expected]


async def test_a_transaction_shows_all_that_was_recorded_in_its_own_currency(
    api: Api, make_makerspace: MakeMakerspace, store: Store
) -> None:
    makerspace = await make_makerspace(currency="EUR")
    year = {"is_recurring": True, "service_from": date(2026, 3, 1), "service_until": date(2027, 2, 28)}
    await store(PAID, makerspace, {1: year | {"equipment_id": "laser"}})
    await store(PAID, makerspace, {2: {"currency": "JPY", "amount": -500, "tax_amount": 0, "refund_of": "00001"}})
    document = """{ transactions { nodes {
        transactionId lineId transactionDate revenueSource amount taxAmount currency paymentMethod customerId
        equipment { id name } isRecurring serviceFrom serviceUntil refundOf isVoided } } }"""
    refund, paid = (await api.ask(document, makerspace))["transactions"]["nodes"]
    assert paid == {
        "transactionId": "00001", "lineId": "1", "transactionDate": "2026-03-01", "revenueSource": "workshop",
        "amount": "119.00", "taxAmount": "19.00", "currency": "EUR", "paymentMethod": "card", "customerId": "ada",
        "equipment": {"id": "laser", "name": "laser"}, "isRecurring": True, "serviceFrom": "2026-03-01",
        "serviceUntil": "2027-02-28", "refundOf": None, "isVoided": False,
    }  # fmt: skip
    other = {"transactionId": "00002", "amount": "-500", "taxAmount": "0", "currency": "JPY", "refundOf": "00001"}
    none = {"equipment": None, "isRecurring": False, "serviceFrom": None, "serviceUntil": None}
    assert refund == paid | other | none


@pytest.mark.parametrize(
    ("role", "people", "money"),
    [("admin", True, True), ("operations", True, False), ("finance", False, True), ("analyst", False, False)],
)
async def test_viewers_without_people_and_money_get_pseudonyms_and_null(
    api: Api, make_makerspace: MakeMakerspace, store: Store, keys: Keys, role: str, people: bool, money: bool
) -> None:
    makerspace = await make_makerspace()
    await store(LOGS, makerspace, {1: {"materials_used": '{"for": "Ada"}'}})
    await store(ROWS, makerspace, {1: {}})
    await store(PAID, makerspace, {1: {}})
    document = """{
        equipmentLogs { nodes { userId member { id displayName } materialsUsed } }
        inventoryRows { nodes { userId costConsumed quantityConsumed } }
        transactions { nodes { customerId amount taxAmount } } }"""
    found = await api.ask(document, makerspace, role=role)
    (log,), (row,), (paid,) = (found[kind.field]["nodes"] for kind in KINDS)
    ada = "ada" if people else keys.pseudonym(makerspace.value, "ada")
    name = "ada" if people else display_pseudonym(ada)
    used = {"for": "Ada"} if people else None
    assert log == {"userId": ada, "member": {"id": ada, "displayName": name}, "materialsUsed": used}
    assert row == {"userId": ada, "costConsumed": "3.00" if money else None, "quantityConsumed": 2.0}
    assert paid == {
        "customerId": ada,
        "amount": "119.00" if money else None,
        "taxAmount": "19.00" if money else None,
    }


async def test_days_are_local_and_both_are_included(api: Api, make_makerspace: MakeMakerspace, store: Store) -> None:
    """In Berlin 28 March ends at 23:00Z, and 29 March, an hour short, at 22:00Z; days are just days."""
    makerspace = await make_makerspace("Europe/Berlin")
    instants = ("2026-03-28T22:59:59", "2026-03-28T23:00:00", "2026-03-29T21:59:59", "2026-03-29T22:00:00")
    logs = {n: {"start_time": datetime.fromisoformat(f"{at}+00:00")} for n, at in enumerate(instants, 1)}
    await store(LOGS, makerspace, logs)
    for kind in (ROWS, PAID):
        days = {n: {kind.day: date(2026, 3, 27 + n // 2)} for n in range(2, 6)}
        await store(kind, makerspace, days)
    assert await numbers(api, LOGS, makerspace, startDate="2026-03-29", endDate="2026-03-29") == [3, 2]
    assert await numbers(api, LOGS, makerspace, startDate="2026-03-29") == [4, 3, 2]
    assert await numbers(api, LOGS, makerspace, endDate="2026-03-28") == [1]
    for kind in (ROWS, PAID):  # two of the 28th, two of the 29th
        assert await numbers(api, kind, makerspace, startDate="2026-03-29", endDate="2026-03-29") == [5, 4]
        assert await numbers(api, kind, makerspace, endDate="2026-03-28") == [3, 2]


@each
async def test_every_filter_narrows(api: Api, make_makerspace: MakeMakerspace, store: Store, kind: Kind) -> None:
    makerspace = await make_makerspace()
    given = {
        LOGS: {"equipment_id": "mill", "project_id": "boat"},
        ROWS: {"item_id": "nails", "project_id": "boat"},
        PAID: {"equipment_id": "mill"},
    }[kind]
    await store(kind, makerspace, {1: {}, 2: {kind.person: "bob"}, 3: {}})
    for n, (name, value) in enumerate(given.items(), 4):
        await store(kind, makerspace, {n: {name: value}})
        camel = {"equipment_id": "equipmentId", "item_id": "itemId", "project_id": "projectId"}[name]
        assert await numbers(api, kind, makerspace, **{camel: value}) == [n]
        assert await numbers(api, kind, makerspace, userId="bob", **{camel: value}) == []
    assert await numbers(api, kind, makerspace, userId="bob") == [2]
    ids = [f"{n:05}" if kind is PAID else str(UUID(int=n)).upper() for n in (1, 3, 99)]
    assert await numbers(api, kind, makerspace, ids=ids) == [3, 1]
    assert await numbers(api, kind, makerspace, ids=["nobody", "' OR 1=1 --"]) == []
    assert await numbers(api, kind, makerspace, ids=[], userId="'; DROP TABLE members; --") == []


async def test_the_senders_own_ids_find_the_recorded_facts(api: Api, make_makerspace: MakeMakerspace) -> None:
    makerspace = await make_makerspace()
    recorded = await api.ask(
        """mutation {
            recordEquipmentUsage(input: [{id: "job 7", equipmentId: "laser", startTime: "2026-03-01T10:00:00Z",
                durationMinutes: 5, usageType: "production"}]) { results { id } }
            recordInventoryUsage(input: [{id: "job 7", itemId: "ply", date: "2026-03-01", quantityConsumed: 1,
                costConsumed: "1"}]) { results { id } }
            recordRevenue(input: [{transactionId: "job 7", transactionDate: "2026-03-01", revenueSource: "workshop",
                amount: "1", paymentMethod: "card"}]) { results { id } } }""",
        makerspace,
    )
    document = """query ($filter: FactFilter) {
        equipmentLogs(filter: $filter) { nodes { id } }
        inventoryRows(filter: $filter) { nodes { id } }
        transactions(filter: $filter) { nodes { id: transactionId } } }"""
    found = await api.ask(document, makerspace, filter={"ids": ["job 7"]})
    assert [node["nodes"] for node in found.values()] == [payload["results"] for payload in recorded.values()]


@each
async def test_voided_facts_are_listed_only_on_request(
    api: Api, make_makerspace: MakeMakerspace, store: Store, kind: Kind
) -> None:
    makerspace = await make_makerspace()
    await store(kind, makerspace, {1: {}, 2: {"voided_at": VOIDED}})
    assert await numbers(api, kind, makerspace) == [1]
    assert await numbers(api, kind, makerspace, includeVoided=None) == [1]
    found = (await api.ask(kind.document, makerspace, filter={"includeVoided": True}))[kind.field]["nodes"]
    assert [(kind.number(node), node["isVoided"]) for node in found] == [(2, True), (1, False)]


@each
async def test_pages_neither_lose_nor_repeat_facts_during_recording(
    api: Api, make_makerspace: MakeMakerspace, store: Store, kind: Kind
) -> None:
    """25 facts of one moment. Before each further page come one of a later day and one that lies still ahead."""
    makerspace = await make_makerspace()
    await store(kind, makerspace, {n: {} for n in range(100, 125)})
    seen: list[int] = []
    after = None
    while True:
        page = (await api.ask(kind.document, makerspace, first=10, after=after))[kind.field]
        seen += [kind.number(node) for node in page["nodes"]]
        after, has_next = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
        if not has_next:
            break
        turn = len(seen) // 10
        later = {kind.day: datetime(2026, 3, 2, tzinfo=UTC) if kind is LOGS else date(2026, 3, 2)}
        await store(kind, makerspace, {1000 + turn: later, 50 - turn: {}})
    assert seen == [*range(124, 99, -1), 49, 48]


@each
async def test_without_people_a_filter_takes_only_the_pseudonym(
    api: Api, make_makerspace: MakeMakerspace, store: Store, insert: Any, keys: Keys, kind: Kind
) -> None:
    makerspace = await make_makerspace()
    pseudonym = keys.pseudonym(makerspace.value, "bob")
    bob = {"makerspace_id": makerspace.value, "user_id": "bob", "number": 0, "pseudonym": pseudonym}
    await insert("members", bob)
    await store(kind, makerspace, {1: {}, 2: {kind.person: "bob"}})
    assert await numbers(api, kind, makerspace, role="analyst", userId=pseudonym) == [2]
    assert await numbers(api, kind, makerspace, role="analyst", userId="bob") == []
    assert await numbers(api, kind, makerspace, userId=pseudonym) == []


BAD = {
    LOGS: {"itemId": "Accepted: ids, equipmentId, projectId."},
    ROWS: {"equipmentId": "Accepted: ids, itemId, projectId."},
    PAID: {"itemId": "Accepted: ids, equipmentId.", "projectId": "Accepted: ids, equipmentId."},
}


@pytest.mark.parametrize(
    ("kind", "field", "message"),
    [
        pytest.param(kind, field, f"{kind.field} have no {field}. {accepted}", id=f"{kind.field}-{field}")
        for kind, fields in BAD.items()
        for field, accepted in fields.items()
    ],
)
async def test_a_filter_that_a_list_does_not_have_is_refused(
    api: Api, make_makerspace: MakeMakerspace, kind: Kind, field: str, message: str
) -> None:
    makerspace = await make_makerspace()
    assert await api.refusals(kind.document, makerspace, filter={field: "x"}) == [("INVALID", message)]


@each
async def test_bad_arguments_are_named_and_fail_only_their_field(
    api: Api, make_makerspace: MakeMakerspace, store: Store, kind: Kind
) -> None:
    here, there = await make_makerspace(), await make_makerspace()
    for makerspace in (here, there):
        await store(kind, makerspace, {1: {}})
    cursor = (await api.ask(kind.document, here))[kind.field]["pageInfo"]["endCursor"]
    flipped = cursor[:30] + ("A" if cursor[30] != "A" else "B") + cursor[31:]
    bad = [
        *(({"first": first}, "first") for first in (0, -1, 501)),
        *(({"after": after}, "after") for after in ("", "x!", flipped, cursor * 100, cursor + "=")),
        ({"filter": {"userId": "bob"}, "after": cursor}, "after"),
        ({"filter": {"ids": ["x"] * 101}}, "filter.ids"),
        ({"filter": {"ids": [""]}}, "filter.ids"),
        ({"filter": {"userId": "a\0"}}, "filter.userId"),
        ({"filter": {"startDate": "2026-02-30"}}, "filter.startDate"),
        ({"filter": {"startDate": "2026-03-02", "endDate": "2026-03-01"}}, "filter.endDate"),
    ]
    document = kind.document.strip()[:-1] + " good: events { nodes { id } } }"
    for arguments, field in bad:
        body = (await api.run(document, here, **arguments)).body
        assert body["data"] == {kind.field: None, "good": {"nodes": []}}, arguments
        (error,) = body["errors"]
        assert error["extensions"] == {"code": "INVALID", "field": field}
    assert [code for code, _ in await api.refusals(kind.document, there, after=cursor)] == ["INVALID"]


async def test_a_cursor_of_another_list_is_refused(api: Api, make_makerspace: MakeMakerspace, store: Store) -> None:
    makerspace = await make_makerspace()
    cursors = {}
    for kind in KINDS:
        await store(kind, makerspace, {1: {}})
        cursors[kind.field] = (await api.ask(kind.document, makerspace))[kind.field]["pageInfo"]["endCursor"]
    no_cursor = [("INVALID", "after is not a cursor of this list.")]
    for kind in KINDS:
        for field, cursor in cursors.items():
            expected = [] if field == kind.field else no_cursor
            assert await api.refusals(kind.document, makerspace, after=cursor) == expected


@each
async def test_facts_of_another_makerspace_are_never_listed(
    api: Api, make_makerspace: MakeMakerspace, store: Store, kind: Kind
) -> None:
    here, there = await make_makerspace(), await make_makerspace()
    await store(kind, here, {1: {}})
    await store(kind, there, {1: {}, 2: {}})
    assert await numbers(api, kind, here) == [1]
    foreign = f"query ($there: ID) {{ {kind.field}(makerspaceId: $there) {{ nodes {{ isVoided }} }} }}"
    for unknown in (str(there), str(uuid4())):
        assert await api.refusals(foreign, here, there=unknown) == [("NOT_FOUND", "No such makerspace.")]


NAMED = {
    LOGS: ("member { id } equipment { name } project { name }", {"equipment", "members", "project_analytics"}),
    ROWS: ("item { name } userId project { name }", {"inventory_items", "members", "project_analytics"}),
    PAID: ("customerId equipment { name }", {"equipment", "members"}),
}


@each
async def test_the_number_of_statements_does_not_grow_with_the_rows(
    api: Api, make_makerspace: MakeMakerspace, store: Store, statements: list[str], kind: Kind
) -> None:
    makerspace = await make_makerspace()
    fields, tables = NAMED[kind]
    sent = []
    for of in (range(1, 2), range(2, 501)):
        named = [name for name in kind.usual if name.endswith("_id")]
        await store(kind, makerspace, {n: {name: f"{name}{n}" for name in named} for n in of})
        statements.clear()
        found = await api.ask(f"{{ {kind.field}(first: 500) {{ nodes {{ {fields} }} }} }}", makerspace, role="analyst")
        assert len(found[kind.field]["nodes"]) == of[-1]
        sent.append([set(re.findall(r"FROM (\w+)", statement)) for statement in statements])
    assert sent[0] == sent[1]
    assert sent[0] == [{"makerspaces"}, {kind.table}, tables], "all names by one statement"
