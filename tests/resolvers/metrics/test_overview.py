"""The cards at the top of the first screen: literal rows to literal numbers."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.metrics.scenario import (
    insert,
    insert_consumption,
    insert_event,
    insert_members,
    insert_payment,
    insert_project,
    insert_session,
    roll_up,
)
from tests.plugins.database import mint
from tests.plugins.sample import SAMPLE_NOW

from makrcave_analytics import sample
from makrcave_analytics.loaders.read_sessions import ReadSessions
from makrcave_analytics.metrics.notes import common as noted

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 18, 15, tzinfo=BERLIN)
"""A Wednesday."""
COUNTS = (
    "totalMembers", "activeMembersToday", "activeMembersThisWeek", "totalProjects", "activeProjects", "totalEquipment",
    "equipmentInUse", "machinesOverdue", "totalInventoryItems", "lowStockItems",
)  # fmt: skip
MONEY = "totalRevenue { decimal previous } revenueThisMonth { decimal previous }"
OVERVIEW = f"overview {{ {' '.join(COUNTS)} {MONEY} }}"


def at(day: int, clock: int = 12, month: int = 3) -> datetime:
    return datetime(2026, month, day, clock, tzinfo=BERLIN).astimezone(UTC)


async def _ask(api: Any, makerspace: Any, **who: Any) -> dict[str, Any]:
    answer: dict[str, Any] = (await api.ask(f"{{ {OVERVIEW} }}", makerspace, **who))["overview"]
    return answer


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The number of statements of each operation."""
    counts: list[int] = []
    close = ReadSessions.close

    async def counting(self: ReadSessions) -> int:
        counts.append(await close(self))
        return counts[-1]

    monkeypatch.setattr(ReadSessions, "close", counting)
    return counts


async def test_without_facts_every_card_is_zero(api: Any, make_makerspace: Any) -> None:
    answer = await _ask(api, await make_makerspace())
    assert answer == dict.fromkeys(COUNTS, 0) | {
        "totalRevenue": {"decimal": "0.00", "previous": None}, "revenueThisMonth": {"decimal": "0.00", "previous": 0.0},
    }  # fmt: skip


async def test_the_cards_of_literal_rows(api: Any, owner: Any, database: Any, make_makerspace: Any) -> None:
    api.now = NOW
    makerspace = await make_makerspace()
    for name, left in (("ada", None), ("ben", None), ("cleo", date(2026, 3, 17)), ("dan", date(2026, 3, 18))):
        await insert_members(
            owner, makerspace, name, joined_on=date(2025, 1, 1), left_on=left, is_synced=True,
            first_seen_on=date(2025, 1, 1),
        )  # fmt: skip
    await insert_event(owner, makerspace, at(18, 9), "ada", "check_in")
    await insert_event(owner, makerspace, at(16, 0), "cleo", "check_in")  # Monday, as the week begins
    await insert_event(owner, makerspace, at(15, 23), "dan", "check_in")  # on Sunday

    await insert_project(owner, makerspace, "boat", at(1))
    await insert_project(owner, makerspace, "lamp", at(1), at(18, 9))  # done this morning
    await insert_project(owner, makerspace, "plan", None)
    await insert_project(owner, makerspace, "stage", at(18, 16))  # begins in an hour

    for name, columns in (
        ("laser", {}),
        ("lathe", {"status": "IN_USE"}),
        ("mill", {"next_maintenance_on": date(2026, 3, 17)}),
        ("press", {"in_service_until": date(2026, 3, 17), "status": "IN_USE"}),
        ("saw", {"status": "UNDER_MAINTENANCE"}),
    ):
        await insert(owner, "equipment", makerspace.value, equipment_id=name, **columns)
    await insert_session(owner, makerspace, "ada", at(18, 14), None)
    await insert_session(owner, makerspace, "ada", at(18, 14), at(18, 17), equipment_id="drill")  # nobody synced it
    await insert_session(owner, makerspace, "ada", at(17, 14), None, equipment_id="mill")  # nobody ended it
    await insert_session(owner, makerspace, "ada", at(18, 14), at(18, 15), equipment_id="mill")  # ends now
    await insert_session(owner, makerspace, None, at(18, 14), None, equipment_id="saw", usage_type="repair")

    for item, on_hand in (("pla", 4), ("petg", 5), ("screw", 6), ("felt", None)):
        stock = {"on_hand": None if on_hand is None else Decimal(on_hand), "reorder_point": Decimal(5)}
        await insert(owner, "inventory_items", makerspace.value, item_id=item, **stock)
    await insert_consumption(owner, makerspace, date(2026, 3, 1), "offcut", "1", "2")

    await insert_payment(
        owner, makerspace, date(2024, 6, 30), "119.00", tax_amount=Decimal(19)
    )  # long before the first event
    await insert_payment(owner, makerspace, date(2026, 2, 18), "50.00")
    await insert_payment(owner, makerspace, date(2026, 2, 19), "70.00")  # after what March so far is compared with
    await insert_payment(owner, makerspace, date(2026, 3, 2), "30.50")
    await insert_payment(owner, makerspace, date(2026, 3, 3), "-10.00")
    await insert_payment(owner, makerspace, date(2026, 3, 4), "999.00", currency="USD")
    await roll_up(database, makerspace, "Europe/Berlin")

    assert await _ask(api, makerspace) == {
        "totalMembers": 3,  # today is dan's last day
        "activeMembersToday": 1,
        "activeMembersThisWeek": 2,
        "totalProjects": 4,
        "activeProjects": 1,  # the boat
        "totalEquipment": 5,  # all but the press, and the drill
        "equipmentInUse": 3,  # laser drill lathe
        "machinesOverdue": 1,
        "totalInventoryItems": 5,
        "lowStockItems": 2,
        "totalRevenue": {"decimal": "240.50", "previous": None},  # 100 + 50 + 70 + 30.50 − 10
        "revenueThisMonth": {"decimal": "20.50", "previous": 50.0},
    }
    document = "{ overview { totalRevenue { series(grain: YEAR) { label value } } meta { period { startDate } } } }"
    revenue = (await api.ask(document, makerspace))["overview"]
    years = [(year["label"], year["value"]) for year in revenue["totalRevenue"]["series"]]
    assert years == [("2024", 100.0), ("2025", 0.0), ("2026", 140.5)]
    assert revenue["meta"]["period"] == {"startDate": "2026-03-18"}


async def test_unsynced_members_machines_items_and_projects_count(api: Any, make_makerspace: Any) -> None:
    """Facts from other services, without any sync of members, machines, items or projects."""
    api.now = NOW
    makerspace = await make_makerspace()
    stamp = {"timestamp": (NOW - timedelta(hours=1)).isoformat()}
    document = """mutation ($events: [UsageEventInput!]!, $uses: [EquipmentUsageInput!]!,
            $used: [InventoryUsageInput!]!, $paid: [RevenueInput!]!) {
        recordEvents(input: $events) { recorded }
        recordEquipmentUsage(input: $uses) { recorded }
        recordInventoryUsage(input: $used) { recorded }
        recordRevenue(input: $paid) { recorded }
    }"""
    use_ = {"usageType": "production", "startTime": (NOW - timedelta(hours=2)).isoformat(), "projectId": "boat"}
    paid = {"transactionDate": "2026-03-18", "revenueSource": "workshop", "paymentMethod": "card"}
    done = await api.ask(
        document, makerspace,
        events=[{"userId": "ada", "eventType": "check_in"} | stamp, {"userId": "ben", "eventType": "login"} | stamp],
        uses=[{"userId": "cleo", "equipmentId": "laser"} | use_],
        used=[{"itemId": item, "date": "2026-03-18", "quantityConsumed": 1, "costConsumed": "2"} for item in "ab"],
        paid=[{"transactionId": "1", "amount": "30", "customerId": "dan"} | paid],
    )  # fmt: skip
    assert [count["recorded"] for count in done.values()] == [2, 1, 2, 1]
    assert await _ask(api, makerspace) == {
        "totalMembers": 4, "activeMembersToday": 3, "activeMembersThisWeek": 3, "totalProjects": 0, "activeProjects": 0,
        "totalEquipment": 1, "equipmentInUse": 1, "machinesOverdue": 0, "totalInventoryItems": 2, "lowStockItems": 0,
        "totalRevenue": {"decimal": "30.00", "previous": None},
        "revenueThisMonth": {"decimal": "30.00", "previous": 0.0},
    }  # fmt: skip


async def test_money_needs_read_money(api: Any, make_makerspace: Any) -> None:
    makerspace = await make_makerspace()
    answer = await api.ask(f"{{ overview {{ totalMembers {MONEY} meta {{ notes }} }} }}", makerspace, role="operations")
    notes = answer["overview"].pop("meta")["notes"]
    assert noted.MONEY in notes
    assert answer["overview"] == {"totalMembers": 0, "totalRevenue": None, "revenueThisMonth": None}


async def test_the_cards_share_the_statements_of_a_dashboard(
    api: Any, make_makerspace: Any, statements: list[int]
) -> None:
    makerspace = await make_makerspace()
    metrics = """usage { activeMembers { value } members { value } } equipment { machineCount { value }
        machinesOverdue { value } } inventory { lowStockItems { value } } projects { activeProjects { value } }
        revenue { netRevenue { value } }"""
    for document in (
        f"{{ {OVERVIEW} }}",
        f"{{ dashboard {{ {metrics} }} }}",
        f"{{ dashboard {{ {metrics} {OVERVIEW} }} }}",
    ):
        await api.ask(document, makerspace)
    alone, without, with_overview = statements
    # The makerspace; the first day and what no metric measures; a statement a subject: presence, machines, stock,
    # projects, revenue; and revenue again: of all time is asked once the first day is known.
    assert alone == 8
    # The first day and the rest, and revenue again.
    assert with_overview - without == 2


async def test_the_dashboards_overview_is_the_same(make_api: Any, sample_database: Any) -> None:
    api = make_api(sample_database)
    api.now = SAMPLE_NOW
    for place in sample.MAKERSPACES:
        alone = await api.ask(f"{{ {OVERVIEW} }}", mint(place.id))
        held = await api.ask(f"{{ dashboard(period: {{preset: PREVIOUS_YEAR}}) {{ {OVERVIEW} }} }}", mint(place.id))
        assert held["dashboard"] == alone
        assert all(alone["overview"].values()), alone
