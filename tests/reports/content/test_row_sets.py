"""Rows of sessions, consumption and payments as CSV: exact bytes, filters, and hidden columns."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from tests.reports.plugin import insert
from tests.reports.report_files import render, report_of

from makrcave_analytics.auth import MakerspaceId, Permission
from makrcave_analytics.errors import Invalid
from makrcave_analytics.period import Calendar, DateRange
from makrcave_analytics.recording.rollups.definitions import rebuild_on
from makrcave_analytics.reports.vocabulary import ReportFormat, ReportType

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
CALENDAR = Calendar(ZoneInfo("Europe/Berlin"), 0, 1)
MARCH = DateRange(date(2026, 3, 1), date(2026, 3, 31))
WITHOUT_MONEY = frozenset({Permission.READ, Permission.READ_PEOPLE, Permission.REPORT})
WITHOUT_PEOPLE = frozenset({Permission.READ, Permission.READ_MONEY, Permission.REPORT})


@pytest.fixture
async def filled(berlin: MakerspaceId, owner) -> MakerspaceId:
    """Two sessions, two rows of consumption, four lines of payments; some of each outside March or voided."""

    def at(day: int, hour: int, month: int = 3) -> datetime:
        return datetime(2026, month, day, hour, tzinfo=UTC)

    log = {"equipment_id": "m1", "usage_type": "personal", "user_id": "u-ada"}
    used = {"item_id": "i1", "quantity_consumed": Decimal("2.500000"), "cost_consumed": Decimal("12.5000")}
    paid = {"line_id": "1", "revenue_source": "membership", "payment_method": "card", "currency": "EUR"}
    yen = {"currency": "JPY", "amount": Decimal("1200.0000"), "revenue_source": "workshop"}
    rows: list[tuple[str, dict[str, Any]]] = [
        (
            "equipment_usage_logs",
            log
            | {
                "id": UUID(int=1),
                # 23:00 UTC is midnight in Berlin: the first instant of March, and of summer time's last hour before.
                "start_time": at(28, 23, 2),
                "end_time": at(1, 1),
                "duration_minutes": 120,
                "succeeded": True,
                "energy_kwh": Decimal("1.250000"),
                "materials_used": '{"pla": 3}',
            },
        ),
        (
            "equipment_usage_logs",
            {"id": UUID(int=2), "equipment_id": "m9", "usage_type": "repair", "start_time": at(31, 21)},
        ),
        ("equipment_usage_logs", log | {"id": UUID(int=3), "start_time": at(31, 22)}),
        ("equipment_usage_logs", log | {"id": UUID(int=4), "start_time": at(5, 9), "voided_at": NOW}),
        (
            "inventory_analytics",
            used | {"id": UUID(int=1), "date": date(2026, 3, 1), "user_id": "u-ada", "waste_percentage": 10},
        ),
        ("inventory_analytics", used | {"id": UUID(int=2), "date": date(2026, 3, 31), "item_id": "i9"}),
        ("inventory_analytics", used | {"id": UUID(int=3), "date": date(2026, 4, 1)}),
        (
            "revenue_analytics",
            paid
            | {
                "transaction_id": "t1",
                "transaction_date": date(2026, 3, 1),
                "amount": Decimal("59.5000"),
                "tax_amount": Decimal("9.5000"),
                "customer_id": "u-ada",
                "is_recurring": True,
                "service_from": date(2026, 3, 1),
                "service_until": date(2026, 3, 31),
            },
        ),
        (
            "revenue_analytics",
            paid
            | {
                "transaction_id": "t2",
                "transaction_date": date(2026, 3, 31),
                "amount": Decimal("-10.1250"),
                "refund_of": "t1",
                "equipment_id": "m1",
            },
        ),
        ("revenue_analytics", paid | yen | {"transaction_id": "t3", "transaction_date": date(2026, 3, 31)}),
        (
            "revenue_analytics",
            paid | {"transaction_id": "t4", "transaction_date": date(2026, 4, 1), "amount": Decimal(1)},
        ),
    ]
    for table, row in rows:
        await insert(owner, table, {"makerspace_id": berlin.value} | row)
    await rebuild_on(owner, berlin.value, "Europe/Berlin")
    return berlin


async def written(database, makerspace: MakerspaceId, type_: ReportType, **changes: Any) -> bytes:
    report = report_of(makerspace, CALENDAR, NOW, type_, ReportFormat.CSV, MARCH, **changes)
    return (await render(database, report)).data


def rows_of(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


async def test_the_file_of_sessions_is_exact(database, filled) -> None:
    assert await written(database, filled, ReportType.EQUIPMENT) == (
        b"start_time,end_time,duration_minutes,usage_type,equipment_id,equipment_name,equipment_category,user_id,"
        b"member_name,project_id,project_name,succeeded,energy_kwh,materials_used,id\r\n"
        b'2026-03-01T00:00:00+01:00,2026-03-01T02:00:00+01:00,120,personal,m1,Laser,cutting,u-ada,"Ada, ""Countess""",'
        b',,true,1.25,"{""pla"": 3}",00000000-0000-0000-0000-000000000001\r\n'
        b"2026-03-31T23:00:00+02:00,,,repair,m9,,,,,,,,,,00000000-0000-0000-0000-000000000002\r\n"
    )


async def test_the_file_of_consumption_is_exact(database, filled) -> None:
    assert await written(database, filled, ReportType.INVENTORY) == (
        b"date,item_id,item_name,item_category,quantity_consumed,unit,cost_consumed,waste_percentage,efficiency_score,"
        b"reorder_triggered,user_id,member_name,project_id,project_name,id\r\n"
        b'2026-03-01,i1,Plywood,,2.5,,12.50,10,,false,u-ada,"Ada, ""Countess""",,,'
        b"00000000-0000-0000-0000-000000000001\r\n"
        b"2026-03-31,i9,,,2.5,,12.50,,,false,,,,,00000000-0000-0000-0000-000000000002\r\n"
    )


async def test_the_file_of_payments_is_exact_with_the_decimals_of_each_currency(database, filled) -> None:
    assert await written(database, filled, ReportType.REVENUE) == (
        b"transaction_date,transaction_id,line_id,revenue_source,payment_method,amount,tax_amount,currency,customer_id,"
        b"customer_name,equipment_id,equipment_name,is_recurring,service_from,service_until,refund_of\r\n"
        b'2026-03-01,t1,1,membership,card,59.50,9.50,EUR,u-ada,"Ada, ""Countess""",,,true,2026-03-01,2026-03-31,\r\n'
        b"2026-03-31,t2,1,membership,card,-10.125,0.00,EUR,,,m1,Laser,false,,,t1\r\n"
        b"2026-03-31,t3,1,workshop,card,1200,0,JPY,,,,,false,,,\r\n"
    )


async def test_costs_and_people_are_hidden_without_permission(database, filled) -> None:
    (first, _) = rows_of(await written(database, filled, ReportType.INVENTORY, permissions=WITHOUT_MONEY))
    assert (first["cost_consumed"], first["user_id"]) == ("", "u-ada")
    (first, _) = rows_of(await written(database, filled, ReportType.INVENTORY, permissions=WITHOUT_PEOPLE))
    assert (first["cost_consumed"], first["user_id"]) == ("12.50", "p_7f3k2qxd00000000000")
    payments = rows_of(await written(database, filled, ReportType.REVENUE, permissions=WITHOUT_PEOPLE))
    assert [row["customer_name"] for row in payments] == ["Member 7F3K-2QXD", "", ""]
    sessions = rows_of(await written(database, filled, ReportType.EQUIPMENT, permissions=WITHOUT_PEOPLE))
    assert [row["materials_used"] for row in sessions] == ["", ""]


NARROWED = [
    (ReportType.EQUIPMENT, {"equipmentIds": ["m9"]}, ["m9"]),
    (ReportType.EQUIPMENT, {"equipmentCategories": ["cutting"]}, ["m1"]),
    (ReportType.INVENTORY, {"itemIds": ["i9", "i1"]}, ["i1", "i9"]),
    (ReportType.INVENTORY, {"itemCategories": ["wood"]}, []),
    (ReportType.REVENUE, {"revenueSources": ["workshop"]}, ["t3"]),
    (ReportType.REVENUE, {"equipmentIds": ["m1"], "revenueSources": ["membership"]}, ["t2"]),
]


@pytest.mark.parametrize(("type_", "filters", "kept"), NARROWED)
async def test_filters_narrow_rows(database, filled, type_, filters, kept) -> None:
    key = {ReportType.EQUIPMENT: "equipment_id", ReportType.INVENTORY: "item_id"}.get(type_, "transaction_id")
    rows = rows_of(await written(database, filled, type_, filters=filters))
    assert [row[key] for row in rows] == kept


async def test_filters_narrow_numbers_and_other_metrics_are_named(database, filled) -> None:
    filters = {"equipmentCategories": ["cutting"]}
    report = report_of(filled, CALENDAR, NOW, ReportType.EQUIPMENT, ReportFormat.XLSX, MARCH, filters=filters)
    book = (await render(database, report)).workbook
    summary = {row[0]: row[1] for row in book["Summary"].iter_rows(values_only=True, max_col=2)}
    # The laser only: two hours of use from midnight, and the refund for it.
    assert (summary["Used hours"], summary["Sessions"], summary["Machine revenue"]) == (2, 1, -10.125)
    report = report_of(filled, CALENDAR, NOW, ReportType.USAGE, ReportFormat.XLSX, MARCH, filters=filters)
    book = (await render(database, report)).workbook
    summary = {row[0]: row[1] for row in book["Summary"].iter_rows(values_only=True, max_col=2)}
    assert (summary["Events"], summary["Reservations"]) == (1, 1)
    assert "Visits" not in summary
    notes = [row[0] for row in book["Sources"].iter_rows(values_only=True, max_col=1)]
    (left_out,) = [note for note in notes if note and note.startswith("Left out")]
    assert "by equipmentCategories" in left_out
    assert "Visits" in left_out


@pytest.mark.parametrize(("permissions", "users"), [(WITHOUT_PEOPLE, None), (WITHOUT_MONEY, 1)])
async def test_small_groups_left_by_a_filter_are_hidden_without_permission(
    database, filled, permissions: frozenset[Permission], users: int | None
) -> None:
    rights = {"filters": {"equipmentIds": ["m1"]}, "permissions": permissions}
    report = report_of(filled, CALENDAR, NOW, ReportType.EQUIPMENT, ReportFormat.XLSX, MARCH, **rights)
    book = (await render(database, report)).workbook
    summary = {row[0]: row[1] for row in book["Summary"].iter_rows(values_only=True, max_col=2)}
    assert (summary["Sessions"], summary["Machine users"]) == (1, users)


async def test_money_is_in_the_requested_currency(database, filled) -> None:
    yen = {"currency": "JPY", "compare_to": None}
    report = report_of(filled, CALENDAR, NOW, ReportType.REVENUE, ReportFormat.XLSX, MARCH, **yen)
    book = (await render(database, report)).workbook
    summary = {row[0]: row[1] for row in book["Summary"].iter_rows(values_only=True, max_col=2)}
    assert (summary["Gross revenue"], summary["Currency"], summary["Revenue per active member"]) == (1200, "JPY", 600)
    with pytest.raises(Invalid, match=r"Accepted: EUR, JPY\."):
        await written(database, filled, ReportType.REVENUE, currency="CHF")


async def test_a_workbook_has_the_rows_in_local_time(database, filled) -> None:
    report = report_of(filled, CALENDAR, NOW, ReportType.EQUIPMENT, ReportFormat.XLSX, MARCH)
    header, first, second = (await render(database, report)).workbook["Sessions"].iter_rows(values_only=True)
    row = dict(zip(header, first, strict=True))
    assert (row["start_time"], row["start_time_offset"]) == (datetime(2026, 3, 1), "+01:00")  # noqa: DTZ001
    assert (row["energy_kwh"], row["succeeded"], row["equipment_name"]) == (1.25, True, "Laser")
    assert dict(zip(header, second, strict=True))["start_time_offset"] == "+02:00"
