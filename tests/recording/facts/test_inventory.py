"""Inventory usage: checks, storing once, and the person."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from tests.recording.factories import item_use, statuses

from makrcave_analytics.errors import Invalid
from makrcave_analytics.recording.checks.fields import Bounds
from makrcave_analytics.recording.facts.inventory import check_inventory_usage
from makrcave_analytics.recording.parsing import Malformed
from makrcave_analytics.recording.rollups.verify import verify_rollups

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)

BAD = {
    "item empty": ({"item_id": ""}, "itemId"),
    "nil id": ({"id": "00000000-0000-0000-0000-000000000000"}, "id"),
    "day malformed": ({"date": Malformed("30 Feb", "There is no such day.")}, "date"),
    "day before 1970": ({"date": date(1969, 12, 31)}, "date"),
    "day that has begun nowhere": ({"date": date(2026, 3, 3)}, "date"),
    "negative quantity": ({"quantity_consumed": -1.0}, "quantityConsumed"),
    "quantity not a number": ({"quantity_consumed": float("nan")}, "quantityConsumed"),
    "quantity of 1e12": ({"quantity_consumed": 1e12}, "quantityConsumed"),
    "negative cost": ({"cost_consumed": Decimal("-0.01")}, "costConsumed"),
    "cost not a number": ({"cost_consumed": Decimal("NaN")}, "costConsumed"),
    "cost of 1e14": ({"cost_consumed": Decimal(10**14)}, "costConsumed"),
    "cost in exponent form": ({"cost_consumed": Malformed("1e5", "No.")}, "costConsumed"),
    "efficiency above 100": ({"efficiency_score": 100.5}, "efficiencyScore"),
    "efficiency of 1e30": ({"efficiency_score": 1e30}, "efficiencyScore"),
    "negative waste": ({"waste_percentage": -0.1}, "wastePercentage"),
    "user empty": ({"user_id": ""}, "userId"),
    "project of 101 characters": ({"project_id": "p" * 101}, "projectId"),
}


@pytest.mark.parametrize(("fields", "at_fault"), BAD.values(), ids=BAD)
def test_a_bad_field_is_refused_by_its_name(fields: dict[str, Any], at_fault: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_inventory_usage(item_use(**fields), Bounds(UUID(int=1), NOW), lambda: UUID(int=7))
    assert refused.value.path == (at_fault,)


async def test_a_row_is_stored_as_it_was_sent_and_names_its_person(record, make_makerspace, owner, database) -> None:
    makerspace = await make_makerspace()
    sent = item_use("u1", efficiency_score=100.0, waste_percentage=2.5, reorder_triggered=True, project_id="p1")
    outcome = await record(makerspace, [sent, item_use("u2", user_id=None)])
    assert (statuses(outcome), outcome.data_version) == (["RECORDED", "RECORDED"], 1)
    row = await owner.fetchrow("SELECT * FROM inventory_analytics WHERE user_id = 'asha'")
    assert (row["item_id"], row["date"], row["project_id"]) == ("i1", date(2026, 2, 10), "p1")
    assert (row["quantity_consumed"], row["cost_consumed"]) == (Decimal("1.5"), Decimal("12.5"))
    assert (row["efficiency_score"], row["waste_percentage"], row["reorder_triggered"]) == (100, Decimal("2.5"), True)
    assert await owner.fetchval("SELECT first_seen_on::text FROM members") == "2026-02-10"
    assert await owner.fetchval("SELECT count(*) FROM member_presence") == 0
    # Midnight in Berlin.
    assert await owner.fetchval("SELECT last_fact_at FROM freshness") == datetime(2026, 2, 9, 23, tzinfo=UTC)
    assert await owner.fetchval("SELECT section_versions FROM makerspaces") == '{"USAGE": 1, "INVENTORY": 1}'
    assert await verify_rollups(database, makerspace) == []


@pytest.mark.parametrize(
    "other",
    [
        {"item_id": "i2"},
        {"date": date(2026, 2, 11)},
        {"quantity_consumed": 1.4},
        {"cost_consumed": Decimal("12.51")},
        {"efficiency_score": None},
        {"waste_percentage": 1.0},
        {"reorder_triggered": True},
        {"user_id": None},
        {"project_id": "p1"},
    ],
)
async def test_equal_content_is_a_duplicate_and_other_content_a_conflict(record, make_makerspace, other) -> None:
    makerspace = await make_makerspace()
    sent = {"efficiency_score": 90.0}
    await record(makerspace, [item_use("u1", **sent)])
    again = await record(
        makerspace, [item_use("u1", **sent | {"cost_consumed": Decimal("12.5")}), item_use("u1", **sent | other)]
    )
    assert (statuses(again), again.data_version) == (["DUPLICATE", "IDEMPOTENCY_CONFLICT"], 1)


async def test_costs_are_whole_minor_units_of_the_makerspaces_currency(record, make_makerspace) -> None:
    euro, yen, dinar = [await make_makerspace(currency=code) for code in ("EUR", "JPY", "KWD")]
    batch = [item_use(cost_consumed=Decimal(cost)) for cost in ("1", "1.50", "1.5000", "1.505", "1.5055")]
    assert statuses(await record(euro, batch)) == ["RECORDED"] * 3 + ["INVALID"] * 2
    assert statuses(await record(yen, batch)) == ["RECORDED"] + ["INVALID"] * 4
    assert statuses(await record(dinar, batch)) == ["RECORDED"] * 4 + ["INVALID"]
