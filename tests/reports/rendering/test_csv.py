"""The file of a USAGE report, to the byte."""

import csv
import hashlib
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from tests.reports.plugin import FINANCE, MANAGER, content, insert

from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.db import Database
from makrcave_analytics.reports.inputs import ReportFilters
from makrcave_analytics.reports.jobs.runner import ReportRunner
from makrcave_analytics.reports.report import Report
from makrcave_analytics.reports.requests.queries import find_report
from makrcave_analytics.reports.vocabulary import ReportStatus

HEADER = (
    b"timestamp,event_type,event_category,user_id,member_name,equipment_id,equipment_name,item_id,item_name,"
    b"project_id,project_name,metadata,id\r\n"
)
AT = datetime(2026, 3, 10, 12, tzinfo=UTC)


async def made(runner: ReportRunner, report: Report) -> Report:
    assert await runner.make(report.makerspace, report.id)
    found = await find_report(runner.database, report.makerspace, report.id)
    assert found.status is ReportStatus.COMPLETED, found.error
    return found


def rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


async def test_the_file_of_three_events_is_exact(ask, runner, berlin, folder: Path) -> None:
    # 23:00 UTC is midnight in Berlin: the first instant of March. 00:30 UTC is 01:30 on the 29th, 01:30 UTC is
    # 03:30, the hour between having been left out.
    report = await made(runner, await ask(berlin))
    data = content(folder, report)
    assert data == (
        HEADER
        + b"2026-03-01T00:00:00+01:00,door,access,,,m9,,,,,,,00000000-0000-0000-0000-000000000001\r\n"
        + b'2026-03-29T01:30:00+01:00,equipment_reservation,equipment,u-ada,"Ada, ""Countess""",m1,Laser,i1,Plywood,p1,'
        + b'Chair,"{""note"": ""a \\""b\\""\\nc""}",00000000-0000-0000-0000-000000000002\r\n'
        + b"2026-03-29T03:30:00.25+02:00,login,authentication,u-bo,,,,,,,,,00000000-0000-0000-0000-000000000003\r\n"
    )
    assert report.file is not None
    assert (report.file.rows, report.file.size_bytes) == (3, len(data))
    assert report.file.sha256 == hashlib.sha256(data).hexdigest()
    assert report.file.name == "werkstatt-sud-usage-2026-03-01-to-2026-03-31.csv"
    assert (report.data_version, report.progress, report.attempts) == (7, 1.0, 1)


async def test_without_read_people_persons_are_pseudonyms_and_metadata_is_empty(ask, runner, berlin, folder) -> None:
    report = await made(runner, await ask(berlin, FINANCE))
    seen = [(row["user_id"], row["member_name"], row["metadata"]) for row in rows(content(folder, report))]
    assert seen == [
        ("", "", ""),
        ("p_7f3k2qxd00000000000", "Member 7F3K-2QXD", ""),
        ("p_aaaabbbb00000000000", "Member AAAA-BBBB", ""),
    ]


async def test_a_file_without_events_is_a_header(ask, runner, make_makerspace, folder) -> None:
    report = await made(runner, await ask(await make_makerspace()))
    assert content(folder, report) == HEADER
    assert report.file is not None
    assert report.file.rows == 0


async def test_only_unvoided_events_of_the_period_are_included(
    ask, runner, make_makerspace, add_events, folder
) -> None:
    makerspace = await make_makerspace("Asia/Kathmandu")
    # Kathmandu is 5:45 ahead: March begins at 18:15 UTC of 28 February and ends at 18:15 UTC of the 31st.
    await add_events(
        makerspace,
        {"event_type": "before", "timestamp": datetime(2026, 2, 28, 18, 14, 59, tzinfo=UTC)},
        {"event_type": "first", "timestamp": datetime(2026, 2, 28, 18, 15, tzinfo=UTC)},
        {"event_type": "last", "timestamp": datetime(2026, 3, 31, 18, 14, 59, 999_999, tzinfo=UTC)},
        {"event_type": "after", "timestamp": datetime(2026, 3, 31, 18, 15, tzinfo=UTC)},
        {"event_type": "voided", "timestamp": AT, "voided_at": AT},
    )
    report = await made(runner, await ask(makerspace))
    assert [(row["timestamp"], row["event_type"]) for row in rows(content(folder, report))] == [
        ("2026-03-01T00:00:00+05:45", "first"),
        ("2026-03-31T23:59:59.999999+05:45", "last"),
    ]


async def test_rows_and_names_of_another_makerspace_are_left_out(
    ask, runner, make_makerspace, berlin, add_events, folder
) -> None:
    other = await make_makerspace()
    await add_events(other, {"event_type": "login", "user_id": "u-ada", "equipment_id": "m1", "timestamp": AT})
    report = await made(runner, await ask(other))
    assert [(row["user_id"], row["member_name"], row["equipment_name"]) for row in rows(content(folder, report))] == [
        ("u-ada", "", "")
    ]


@pytest.mark.parametrize(
    ("filters", "types"),
    [
        (ReportFilters(event_types=["login", "door"]), ["door", "login"]),
        (ReportFilters(equipment_ids=["m1"]), ["equipment_reservation"]),
        (ReportFilters(equipment_categories=["cutting"]), ["equipment_reservation"]),
        (ReportFilters(item_ids=["i1"], event_types=["login"]), []),
        (ReportFilters(event_types=["'; DROP TABLE usage_events; --", "$1"]), []),
        (ReportFilters(event_types=[]), ["door", "equipment_reservation", "login"]),
    ],
)
async def test_filters_narrow(ask, runner, berlin: MakerspaceId, folder, filters, types) -> None:
    report = await made(runner, await ask(berlin, filters=filters))
    assert [row["event_type"] for row in rows(content(folder, report))] == types


CELLS = {
    "=1+1": "'=1+1",
    "+1": "'+1",
    "-1": "'-1",
    "@SUM(A1)": "'@SUM(A1)",
    "\t=1": "'\t=1",
    "\tx": "'\tx",
    "\r=1": "'\r=1",
    " =1": "' =1",
    "\u00a0\ufeff=1": "'\u00a0\ufeff=1",
    "\x01=1": "'\x01=1",
    "＝1": "'＝1",
    "＠x": "'＠x",
    "'=1": "''=1",
    "=cmd|' /C calc'!A1": "'=cmd|' /C calc'!A1",
    '=HYPERLINK("http://x")': '\'=HYPERLINK("http://x")',
    '=WEBSERVICE("http://x")': '\'=WEBSERVICE("http://x")',
    "a=1": "a=1",
    "3-axis mill": "3-axis mill",
    "O'Neil": "O'Neil",
    "'quoted'": "'quoted'",
    "Größe": "Größe",
    "खराद": "खराद",
    "\u202egnp.exe": "\u202egnp.exe",
    "\U0001f469\u200d\U0001f52c": "\U0001f469\u200d\U0001f52c",
    "": "",
}


async def test_formulas_become_text(ask, runner, make_makerspace, owner, add_events, folder) -> None:
    makerspace = await make_makerspace()
    for at, name in enumerate(CELLS):
        await insert(owner, "equipment", {"makerspace_id": makerspace.value, "equipment_id": name, "name": name})
        row = {"event_type": "login", "equipment_id": name, "item_id": name, "timestamp": AT + timedelta(seconds=at)}
        await add_events(makerspace, row)
    report = await made(runner, await ask(makerspace))
    found = [(r["equipment_id"], r["equipment_name"], r["item_id"]) for r in rows(content(folder, report))]
    assert found == [(cell, cell, cell) for cell in CELLS.values()]


async def test_a_line_break_stays_in_its_cell(ask, runner, make_makerspace, owner, add_events, folder) -> None:
    makerspace = await make_makerspace()
    await insert(owner, "equipment", {"makerspace_id": makerspace.value, "equipment_id": "m", "name": "two\nlines"})
    await add_events(makerspace, {"event_type": "login", "equipment_id": "m", "timestamp": AT, "id": UUID(int=1)})
    report = await made(runner, await ask(makerspace))
    assert b',m,"two\r\nlines",' in content(folder, report)
    assert report.file is not None
    assert report.file.rows == 1


async def test_ten_thousand_rows_are_complete_and_in_order(ask, runner, make_makerspace, owner, folder) -> None:
    makerspace = await make_makerspace()
    await owner.execute(
        "INSERT INTO usage_events (makerspace_id, id, event_type, event_category, timestamp) "
        "SELECT $1, gen_random_uuid(), 'login', 'authentication', "
        "timestamptz '2026-03-02' + ((i * 7919) % 10000) * interval '1 minute' FROM generate_series(0, 9999) i",
        makerspace.value,
    )
    report = await made(runner, await ask(makerspace))
    data = rows(content(folder, report))
    assert len(data) == 10_000
    assert [row["timestamp"] for row in data] == sorted(row["timestamp"] for row in data)


async def test_the_file_has_the_permissions_of_the_requester(ask, runner, berlin, database: Database) -> None:
    report = await ask(berlin, FINANCE)
    assert report.permissions == FINANCE.permissions != MANAGER.permissions
    assert (await find_report(database, berlin, report.id)).permissions == FINANCE.permissions
