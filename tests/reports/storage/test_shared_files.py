"""Shared files: the same request at the same data version gets the existing file, and no other."""

import asyncio
import shutil
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest
from tests.reports.plugin import FINANCE, MANAGER
from tests.reports.slow_storage import names

from makrcave_analytics.models import report_requests
from makrcave_analytics.period import Comparison, DateRange, PeriodInput, PeriodPreset
from makrcave_analytics.reports.content import sharing
from makrcave_analytics.reports.content.sharing import sharing_key
from makrcave_analytics.reports.inputs import ReportFilters
from makrcave_analytics.reports.jobs.claims import MAX_ATTEMPTS
from makrcave_analytics.reports.requests.changes import delete_report
from makrcave_analytics.reports.requests.context import Requester
from makrcave_analytics.reports.requests.queries import ReportsAsked, find_report
from makrcave_analytics.reports.vocabulary import ReportStatus


@pytest.fixture
async def first(ask, runner, berlin, database):
    report = await ask(berlin)
    await runner.make(berlin, report.id)
    return await find_report(database, berlin, report.id)


async def test_the_same_request_is_a_new_row_with_the_same_file(first, ask, berlin, folder, database) -> None:
    second = await ask(berlin, Requester("bea", "Bea", MANAGER.permissions))
    assert second.id != first.id
    assert (second.requested_by, second.status, second.progress) == ("bea", ReportStatus.COMPLETED, 1.0)
    assert (second.file, second.data_version, second.expires_at) == (first.file, 7, first.expires_at)
    assert second.completed_at is not None
    assert second.attempts == 0
    assert names(folder) == [str(first.file.id)]
    assert await find_report(database, berlin, second.id) == second


OTHER_QUESTIONS = [
    (MANAGER, {"period": PeriodInput(range=DateRange(date(2026, 3, 1), date(2026, 3, 30)))}),
    (MANAGER, {"period": PeriodInput(preset=PeriodPreset.PREVIOUS_MONTH)}),  # the same days by another question
    (MANAGER, {"compare_to": Comparison.PREVIOUS_PERIOD}),
    (MANAGER, {"currency": "USD"}),
    (MANAGER, {"filters": ReportFilters(event_types=["login"])}),
    (FINANCE, {}),
]


@pytest.mark.parametrize(("requester", "changes"), OTHER_QUESTIONS)
async def test_another_question_or_other_permissions_get_another_file(first, ask, berlin, requester, changes) -> None:
    assert (await ask(berlin, requester, **changes)).status is ReportStatus.PENDING


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE makerspaces SET data_version = data_version + 1",
        "UPDATE makerspaces SET name = 'Other'",
        "UPDATE makerspaces SET locale = 'de'",
        "UPDATE makerspaces SET brand_color = '#123456'",
        "UPDATE makerspaces SET logo = 'x'::bytea",
        "UPDATE report_requests SET expires_at = now()",
        "UPDATE report_files SET deleted_at = now()",
    ],
)
async def test_files_with_other_data_or_looks_and_deleted_files_are_not_shared(
    first, ask, berlin, owner, change
) -> None:
    await owner.execute(change)
    assert (await ask(berlin)).status is ReportStatus.PENDING


async def test_a_file_of_another_local_day_is_not_shared(ask, runner, berlin, owner) -> None:
    yesterday = await ask(berlin)
    await owner.execute("UPDATE report_requests SET requested_at = requested_at - interval '1 day'")
    await runner.make(berlin, yesterday.id)
    assert (await ask(berlin)).status is ReportStatus.PENDING


async def test_the_files_of_another_makerspace_are_not_shared(first, ask, make_makerspace) -> None:
    other = await make_makerspace("Europe/Berlin", name="Werkstatt Süd", data_version=7)
    assert (await ask(other)).status is ReportStatus.PENDING


async def test_a_file_rendered_during_writes_belongs_to_the_version_of_its_snapshot(ask, runner, berlin, owner) -> None:
    report = await ask(berlin)
    await owner.execute("UPDATE makerspaces SET data_version = 8")
    await runner.make(berlin, report.id)
    assert (await ask(berlin)).data_version == 8
    await owner.execute("UPDATE makerspaces SET data_version = 9")
    assert (await ask(berlin)).status is ReportStatus.PENDING


async def test_a_file_of_other_code_is_not_shared(first, ask, berlin, monkeypatch) -> None:
    monkeypatch.setattr(sharing, "template_version", lambda: "of another release")
    assert (await ask(berlin)).status is ReportStatus.PENDING


def test_the_version_of_the_templates_is_that_of_the_code_that_makes_files(monkeypatch) -> None:
    version = sharing.template_version()
    monkeypatch.setattr(sharing, "_MAKERS", sharing._MAKERS[:1])
    sharing.template_version.cache_clear()
    assert sharing.template_version() != version
    monkeypatch.undo()
    sharing.template_version.cache_clear()
    assert sharing.template_version() == version


@pytest.mark.parametrize(
    "module",
    ["reports/content/templates/usage.py", "metrics/catalog/usage.py", "period/label.py", "models/currency.py"],
)
def test_a_changed_module_that_makes_files_is_another_version(module, tmp_path: Path, monkeypatch) -> None:
    copies = {package: tmp_path / package.rpartition(".")[2] for package in sharing._MAKERS}
    for package, copy in copies.items():
        shutil.copytree(Path(str(files(package))), copy)
    monkeypatch.setattr(sharing, "files", copies.__getitem__)
    version = sharing.template_version.__wrapped__()
    assert sharing.template_version.__wrapped__() == version
    changed = tmp_path / module
    changed.write_text(changed.read_text(encoding="utf-8") + "# changed\n", encoding="utf-8")
    assert sharing.template_version.__wrapped__() != version


async def test_member_data_is_never_shared(first, ask, berlin, owner, database) -> None:
    await owner.execute("UPDATE report_requests SET type = 'MEMBER_DATA'")
    asked = await find_report(database, berlin, first.id)
    async with database.write(berlin) as connection:
        assert await sharing_key(connection, asked, 7) is None


async def test_sharing_and_deleting_at_once_never_leave_a_report_without_its_file(
    ask, database, runner, berlin, owner
) -> None:
    for _ in range(10):
        first = await ask(berlin)
        if first.status is ReportStatus.PENDING:
            await runner.make(berlin, first.id)
        second, _ = await asyncio.gather(ask(berlin), delete_report(database, berlin, first.id, ReportsAsked(None)))
        lost = await owner.fetchval(
            "SELECT count(*) FROM report_requests r JOIN report_files f ON f.id = r.file_id "
            "WHERE r.status = 'COMPLETED' AND f.deleted_at IS NOT NULL"
        )
        assert lost == 0
        await delete_report(database, berlin, second.id, ReportsAsked(None))


def test_the_tables_default_of_attempts_is_the_constant() -> None:
    assert report_requests.c.attempts_allowed.server_default.arg == str(MAX_ATTEMPTS)
