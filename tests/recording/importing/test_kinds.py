"""Every kind of file in every format is recorded, and the second time adds nothing."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from tests.recording.importing.conftest import counts
from tests.recording.importing.files import FORMATS, write

from makrcave_analytics.recording.rollups.verify import verify_rollups

NINE = datetime(2026, 2, 10, 9, 15)  # noqa: DTZ001 - by the makerspace's clock: 08:15 in UTC
TEN = datetime(2026, 2, 10, 10, 45)  # noqa: DTZ001
DAY = date(2026, 2, 10)

every_format = pytest.mark.parametrize("format_", FORMATS)

FILES: dict[str, tuple[list[dict[str, Any]], str, list[tuple[Any, ...]]]] = {
    "events": (
        [
            {"event_type": "login", "user_id": "asha", "timestamp": NINE, "event_category": None, "metadata": None},
            {
                "event_type": "equipment_booked",
                "user_id": 4711,
                "timestamp": TEN,
                "event_category": None,
                "metadata": {"equipment_id": "m1", "hours": 1.5},
            },
        ],
        "SELECT event_type, event_category, user_id, equipment_id, metadata, timestamp FROM usage_events ORDER BY 6",
        [
            ("login", "authentication", "asha", None, None, datetime(2026, 2, 10, 8, 15, tzinfo=UTC)),
            (
                "equipment_reservation",
                "equipment",
                "4711",
                "m1",
                '{"hours": 1.5, "equipment_id": "m1"}',
                datetime(2026, 2, 10, 9, 45, tzinfo=UTC),
            ),
        ],
    ),
    "equipment": (
        [
            {
                "id": "s1",
                "equipment_id": "laser",
                "user_id": "asha",
                "start_time": NINE,
                "end_time": TEN,
                "usage_type": "personal",
                "succeeded": True,
                "energy_kwh": Decimal("0.7"),
                "materials_used": [{"name": "plywood", "sheets": 2}],
            }
        ],
        """SELECT equipment_id, user_id, start_time, end_time, succeeded, energy_kwh, materials_used
           FROM equipment_usage_logs""",
        [
            (
                "laser",
                "asha",
                datetime(2026, 2, 10, 8, 15, tzinfo=UTC),
                datetime(2026, 2, 10, 9, 45, tzinfo=UTC),
                True,
                Decimal("0.7"),
                '[{"name": "plywood", "sheets": 2}]',
            )
        ],
    ),
    "inventory": (
        [
            {
                "item_id": "pla",
                "date": DAY,
                "quantity_consumed": Decimal("0.3"),
                "cost_consumed": Decimal("12.35"),
                "waste_percentage": 10,
                "reorder_triggered": False,
            }
        ],
        """SELECT item_id, date, quantity_consumed, cost_consumed, waste_percentage, reorder_triggered
           FROM inventory_analytics""",
        [("pla", DAY, Decimal("0.3"), Decimal("12.35"), Decimal(10), False)],
    ),
    "revenue": (
        [
            {
                "transaction_id": "r-1",
                "transaction_date": DAY,
                "revenue_source": "workshop",
                "amount": Decimal("1119.10"),
                "tax_amount": Decimal("178.68"),
                "payment_method": "card",
                "customer_id": "asha",
                "is_recurring": None,
            }
        ],
        """SELECT transaction_id, line_id, transaction_date, amount, tax_amount, currency, is_recurring
           FROM revenue_analytics""",
        [("r-1", "1", DAY, Decimal("1119.10"), Decimal("178.68"), "EUR", False)],
    ),
    "members": (
        [{"user_id": "asha", "display_name": "Asha Rao", "joined_on": DAY, "left_on": None, "plan": "full"}],
        "SELECT user_id, display_name, joined_on, left_on, plan, is_synced FROM members",
        [("asha", "Asha Rao", DAY, None, "full", True)],
    ),
    "projects": (
        [{"id": "p1", "name": "Kayak", "status": "in-progress", "started_at": NINE, "total_cost": Decimal("99.99")}],
        "SELECT project_id, name, status, started_at, total_cost, bom_items_count FROM project_analytics",
        [("p1", "Kayak", "in_progress", datetime(2026, 2, 10, 8, 15, tzinfo=UTC), Decimal("99.99"), 0)],
    ),
    "machines": (
        [
            {
                "id": "laser",
                "name": "Laser",
                "hourly_rate": Decimal("12.5"),
                "maintenance_interval_days": 30,
                "opening_hours": [{"day": "MONDAY", "from": "09:00", "to": "17:00"}],
            }
        ],
        """SELECT equipment_id, name, status, hourly_rate, maintenance_interval_days, opening_hours::text
           FROM equipment""",
        [("laser", "Laser", "AVAILABLE", Decimal("12.5"), 30, '[{"to": "17:00", "day": 0, "from": "09:00"}]')],
    ),
    "items": (
        [{"id": "pla", "unit": "kg", "on_hand": Decimal("2.25"), "unit_cost": Decimal("19.9"), "reorder_point": 1}],
        "SELECT item_id, unit, on_hand, unit_cost, reorder_point FROM inventory_items",
        [("pla", "kg", Decimal("2.25"), Decimal("19.9"), Decimal(1))],
    ),
}


@every_format
@pytest.mark.parametrize("kind", FILES)
async def test_a_file_is_recorded_once(importing, make_makerspace, owner, database, tmp_path, kind, format_) -> None:
    rows, query, expected = FILES[kind]
    makerspace = await make_makerspace()
    path = write(tmp_path, format_, rows)
    first = await importing(path, kind, makerspace)
    assert (counts(first), first.reasons, first.unknown_columns) == ((len(rows), 0, 0, 0), [], ())
    assert [tuple(row) for row in await owner.fetch(query)] == expected
    version = await owner.fetchval("SELECT data_version FROM makerspaces")
    assert counts(await importing(path, kind, makerspace)) == (0, 0, len(rows), 0)
    assert await owner.fetchval("SELECT data_version FROM makerspaces") == version
    assert await verify_rollups(database, makerspace) == []
    assert list(tmp_path.iterdir()) == [path], "no file of rejects where nothing was rejected"


OLDER = {
    "equipment": (
        {
            "equipment_id": "laser",
            "session_start": "2026-02-10T09:00:00Z",
            "session_end": "2026-02-10T10:00:00Z",
            "usage_type": "personal",
            "materials_consumed": '{"plywood": 1}',
            "job_id": "p1",
            "success_rate": 50,
            "power_consumption_kwh": 2,
        },
        """SELECT end_time - start_time = '1 hour', materials_used ->> 'plywood', project_id, succeeded, energy_kwh
           FROM equipment_usage_logs""",
        (True, "1", "p1", True, Decimal(2)),
    ),
    "events": (
        {"event_type": "login", "timestamp": "2026-02-10T09:00:00Z", "event_data": '{"a":1}', "resource_type": "door"},
        "SELECT metadata ->> 'a', event_category FROM usage_events",
        ("1", "door"),
    ),
    "inventory": (
        {"inventory_item_id": "pla", "date": DAY, "consumed_quantity": 2, "total_cost_consumed": 3},
        "SELECT item_id, quantity_consumed, cost_consumed FROM inventory_analytics",
        ("pla", Decimal(2), Decimal(3)),
    ),
    "revenue": (
        {
            "reference_id": "r1",
            "date": DAY,
            "revenue_type": "cafe",
            "user_id": "ben",
            "amount": 4,
            "payment_method": "cash",
        },
        "SELECT transaction_id, transaction_date, revenue_source, customer_id, amount FROM revenue_analytics",
        ("r1", DAY, "cafe", "ben", Decimal(4)),
    ),
    "projects": (
        {"project_id": "p1", "status": "complete"},
        "SELECT project_id, status FROM project_analytics",
        ("p1", "completed"),
    ),
}


@pytest.mark.parametrize("kind", OLDER)
async def test_older_names_of_columns_are_understood(importing, make_makerspace, owner, tmp_path, kind) -> None:
    row, query, expected = OLDER[kind]
    makerspace = await make_makerspace()
    summary = await importing(write(tmp_path, "commas", [row]), kind, makerspace)
    assert (counts(summary), summary.unknown_columns) == ((1, 0, 0, 0), ())
    assert tuple(await owner.fetchrow(query)) == expected


@pytest.mark.parametrize(("rate", "succeeded"), [("49.99", False), ("50", True), ("100", True), (None, None)])
async def test_a_success_rate_of_half_is_a_success(
    importing, make_makerspace, owner, tmp_path, rate, succeeded
) -> None:
    makerspace = await make_makerspace()
    row = {"equipment_id": "m", "usage_type": "job", "start_time": NINE, "duration_minutes": 5, "success_rate": rate}
    assert counts(await importing(write(tmp_path, "commas", [row]), "equipment", makerspace)) == (1, 0, 0, 0)
    assert await owner.fetchval("SELECT succeeded FROM equipment_usage_logs") is succeeded


async def test_column_names_are_understood_in_any_spelling(importing, make_makerspace, owner, tmp_path) -> None:
    makerspace = await make_makerspace()
    row = {"Event Type": "login", "userId": "asha", "TIMESTAMP": NINE, "event-category": "door", "Remark": "-"}
    summary = await importing(write(tmp_path, "workbook", [row]), "events", makerspace)
    assert (counts(summary), summary.unknown_columns) == ((1, 0, 0, 0), ("Remark",))
    assert await owner.fetchval("SELECT user_id || event_category FROM usage_events") == "ashadoor"


async def test_an_open_session_is_closed_by_a_later_file(importing, make_makerspace, owner, tmp_path) -> None:
    makerspace = await make_makerspace()
    row = {"id": "s1", "equipment_id": "m", "usage_type": "job", "start_time": NINE, "end_time": None}
    assert counts(await importing(write(tmp_path, "workbook", [row]), "equipment", makerspace)) == (1, 0, 0, 0)
    later = write(tmp_path, "commas", [row | {"end_time": TEN}])
    assert counts(await importing(later, "equipment", makerspace)) == (0, 1, 0, 0)
    assert await owner.fetchval("SELECT end_time - start_time = '90 minutes' FROM equipment_usage_logs")


async def test_an_empty_cell_clears_and_a_missing_column_keeps(importing, make_makerspace, owner, tmp_path) -> None:
    makerspace = await make_makerspace()
    first = {"user_id": "asha", "display_name": "Asha", "plan": "full"}
    await importing(write(tmp_path, "commas", [first]), "members", makerspace)
    summary = await importing(write(tmp_path, "commas", [{"user_id": "asha", "plan": None}]), "members", makerspace)
    assert counts(summary) == (0, 1, 0, 0)
    assert tuple(await owner.fetchrow("SELECT display_name, plan FROM members")) == ("Asha", None)
