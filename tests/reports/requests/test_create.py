"""Requests: what is refused, what is committed, and how often."""

import asyncio
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from tests.plugins.database import mint
from tests.reports.plugin import FINANCE, MANAGER, insert

from makrcave_analytics.auth import Permission
from makrcave_analytics.db import Database
from makrcave_analytics.errors import Forbidden, IdempotencyConflict, Invalid, NotFound
from makrcave_analytics.metrics.explore.inputs import TableInput
from makrcave_analytics.period import Comparison, DateRange, PeriodInput, PeriodPreset
from makrcave_analytics.reports.inputs import NotifyInput, ReportFilters
from makrcave_analytics.reports.requests.context import Requester
from makrcave_analytics.reports.requests.queries import find_report
from makrcave_analytics.reports.vocabulary import ReportStatus, ReportType

NOBODY = mint(UUID("99999999-9999-4999-8999-999999999999"))


async def test_a_request_is_committed_before_it_is_answered(ask, database: Database, make_makerspace) -> None:
    makerspace = await make_makerspace()
    report = await ask(makerspace, filters=ReportFilters(event_types=["login"]), compare_to=Comparison.PREVIOUS_YEAR)
    assert await find_report(database, makerspace, report.id) == report
    assert (report.status, report.progress, report.attempts) == (ReportStatus.PENDING, 0.0, 0)
    assert (report.days, report.spec.preset) == (DateRange(date(2026, 3, 1), date(2026, 3, 31)), None)
    assert (report.requested_by, report.requested_by_name) == ("mira", "Mira Manager")
    assert report.filters == {"eventTypes": ["login"]}
    assert report.id.version == 7


async def test_the_default_period_is_the_last_30_local_days(ask, make_makerspace) -> None:
    # Noon UTC of 1 April is 1 April in Kathmandu too; 30 days that end with it begin on 3 March.
    report = await ask(await make_makerspace("Asia/Kathmandu"), period=None)
    assert report.spec.preset is PeriodPreset.LAST_30_DAYS
    assert report.days == DateRange(date(2026, 3, 3), date(2026, 4, 1))


async def test_all_time_begins_with_the_first_fact(ask, make_makerspace, owner) -> None:
    makerspace = await make_makerspace()
    await owner.execute(
        "INSERT INTO event_hours VALUES ($1, '2025-11-05T09:00Z', 'login', 'authentication', '2025-11-05', 10, 1)",
        makerspace.value,
    )
    report = await ask(makerspace, period=PeriodInput(preset=PeriodPreset.ALL_TIME))
    assert report.days == DateRange(date(2025, 11, 5), date(2026, 4, 1))
    # As everywhere else, a fact of any kind counts.
    await insert(owner, "revenue_analytics", {
        "makerspace_id": makerspace.value, "transaction_id": "t1", "line_id": "1", "currency": "EUR", "amount": 1,
        "transaction_date": date(2025, 6, 1), "revenue_source": "membership", "payment_method": "card",
    })  # fmt: skip
    report = await ask(makerspace, period=PeriodInput(preset=PeriodPreset.ALL_TIME))
    assert report.days.start_date == date(2025, 6, 1)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"type": ReportType.CUSTOM}, "input.table"),
        ({"type": ReportType.MEMBER_DATA}, "input.userId"),
        ({"type": ReportType.CUSTOM, "table": TableInput(["logins", "netRevenue"])}, "input.table.metrics"),
        ({"table": TableInput(["logins"])}, "input.table"),
        ({"notify": NotifyInput(emails=["a@example.org"])}, "input.notify.emails"),
        ({"user_id": "u-ada"}, "input.userId"),
        ({"currency": "eur"}, "input.currency"),
        ({"period": PeriodInput()}, "input.period"),
        ({"period": PeriodInput(PeriodPreset.TODAY, DateRange(date(2026, 3, 1), date(2026, 3, 1)))}, "input.period"),
        ({"period": PeriodInput(range=DateRange(date(2026, 3, 2), date(2026, 3, 1)))}, "period.range.endDate"),
        ({"filters": ReportFilters(revenue_sources=["membership"])}, "input.filters.revenueSources"),
        ({"filters": ReportFilters(event_types=["x"] * 101)}, "input.filters.eventTypes"),
        ({"filters": ReportFilters(event_types=["login", ""])}, "input.filters.eventTypes.1"),
        ({"filters": ReportFilters(event_types=["\x00"])}, "input.filters.eventTypes.0"),
        ({"idempotency_key": ""}, "input.idempotencyKey"),
        ({"idempotency_key": "k" * 101}, "input.idempotencyKey"),
        ({"idempotency_key": "\ud800"}, "input.idempotencyKey"),
    ],
)
async def test_an_invalid_request_is_refused_with_its_field(ask, make_makerspace, owner, changes, field) -> None:
    with pytest.raises(Invalid) as refused:
        await ask(await make_makerspace(), **changes)
    assert refused.value.extensions["field"] == field
    assert await owner.fetchval("SELECT count(*) FROM report_requests") == 0


@pytest.mark.parametrize(
    ("type_", "permissions", "missing"),
    [
        (ReportType.USAGE, {Permission.READ}, "REPORT"),
        (ReportType.REVENUE, {Permission.READ, Permission.REPORT}, "READ_MONEY"),
        (ReportType.MEMBER_DATA, {Permission.REPORT, Permission.READ_PEOPLE}, "MANAGE"),
    ],
)
async def test_permissions_are_needed(ask, make_makerspace, type_, permissions, missing) -> None:
    with pytest.raises(Forbidden) as refused:
        await ask(await make_makerspace(), Requester("u", "U", frozenset(permissions)), type=type_)
    assert refused.value.extensions["permission"] == missing


async def test_an_unknown_makerspace_is_not_found(ask, database: Database) -> None:
    with pytest.raises(NotFound):
        await ask(NOBODY)


async def test_fifty_concurrent_requests_with_one_key_are_one_report(ask, make_makerspace, owner) -> None:
    makerspace = await make_makerspace()
    reports = await asyncio.gather(*(ask(makerspace, idempotency_key="monday") for _ in range(50)))
    assert len({report.id for report in reports}) == 1
    assert await owner.fetchval("SELECT count(*) FROM report_requests") == 1


@pytest.mark.parametrize(
    ("requester", "changes"),
    [
        (MANAGER, {"period": PeriodInput(preset=PeriodPreset.TODAY)}),
        (MANAGER, {"filters": ReportFilters(event_types=["login"])}),
        (MANAGER, {"compare_to": Comparison.PREVIOUS_YEAR}),
        (FINANCE, {}),
    ],
)
async def test_a_key_belongs_to_one_question_of_one_person(ask, make_makerspace, requester, changes: Any) -> None:
    makerspace = await make_makerspace()
    await ask(makerspace, idempotency_key="monday")
    with pytest.raises(IdempotencyConflict):
        await ask(makerspace, requester, idempotency_key="monday", **changes)


async def test_a_key_is_known_in_its_makerspace_only(ask, make_makerspace) -> None:
    first = await ask(await make_makerspace(), idempotency_key="monday")
    second = await ask(await make_makerspace(), idempotency_key="monday")
    assert first.id != second.id


async def test_without_a_key_each_request_is_a_report(ask, make_makerspace) -> None:
    makerspace = await make_makerspace()
    assert (await ask(makerspace)).id != (await ask(makerspace)).id
