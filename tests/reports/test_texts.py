"""Foreign texts in every format: the file opens, no text is a formula, cuts are visible."""

import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from tests.reports.plugin import insert
from tests.reports.rendering.test_csv import CELLS
from tests.reports.report_files import Rendered, render, report_of

from makrcave_analytics.auth import MakerspaceId, Permission
from makrcave_analytics.period import Calendar, PeriodPreset
from makrcave_analytics.reports.rendering.file_names import file_name
from makrcave_analytics.reports.rendering.sanitize import CUT, REPLACED, fit, in_sight, safe_cell
from makrcave_analytics.reports.vocabulary import ReportFormat, ReportType

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
CALENDAR = Calendar(ZoneInfo("Europe/Berlin"), 0, 1)
NAME = "a/b[c]*?:\\"
ODD = {
    "control": "a\x01b\x1fc",
    "no character": "a\ufffeb\uffff",
    "escape": "_x000D_",
    "override": "\u202egnp.exe",
    "emoji": "\U0001f469\u200d\U0001f52c",
    "tower": "e" + "\u0301" * 1000,
    "long": "x" * 40_000,
    "long word": "y" * 5_000,
    "cyrillic": "Пила",
    "devanagari": "खराद श्रेष्ठ",
    "arabic": "مخرطة",
    "japanese": "旋盤",
    "lines": "two\nlines\ttab",
}


@pytest.fixture
async def odd(make_makerspace, owner) -> MakerspaceId:
    """A makerspace with odd names and an invalid logo; each machine is used for an hour."""
    logo = b"<svg xmlns='http://www.w3.org/2000/svg'/>"
    makerspace = await make_makerspace("Europe/Berlin", name=NAME, logo=logo, brand_color="url(#x)")
    for at, name in enumerate([*CELLS, *ODD.values()]):
        machine, start = f"m{at:02}", NOW - timedelta(days=2, minutes=at)
        tenant = {"makerspace_id": makerspace.value, "equipment_id": machine}
        await insert(owner, "equipment", tenant | {"name": name})
        times = {"start_time": start, "end_time": start + timedelta(hours=1), "usage_type": "use"}
        await insert(owner, "equipment_usage_logs", tenant | {"id": UUID(int=at + 1)} | times)
    return makerspace


async def made(
    database, makerspace: MakerspaceId, type_: ReportType, format_: ReportFormat, **changes: Any
) -> Rendered:
    return await render(
        database, report_of(makerspace, CALENDAR, NOW, type_, format_, PeriodPreset.LAST_7_DAYS, **changes)
    )


def column(sheet: Any, head: str) -> list[Any]:
    header, *rows = sheet.iter_rows()
    place = [cell.value for cell in header].index(head)
    return [row[place] for row in rows]


async def test_in_a_workbook_foreign_texts_are_text(database, odd) -> None:
    rendered = await made(database, odd, ReportType.EQUIPMENT, ReportFormat.XLSX)
    cells = sorted(
        zip(
            column(rendered.workbook["Sessions"], "equipment_id"),
            column(rendered.workbook["Sessions"], "equipment_name"),
            strict=True,
        ),
        key=lambda pair: pair[0].value,
    )
    names = [name for _, name in cells]
    assert {cell.data_type for cell in names if cell.value is not None} == {"s"}
    # Workbooks keep line breaks and empty texts in their own way.
    shown = [cell.value or "" for cell in names[: len(CELLS)]]
    assert shown == [fit(name, 32_767) if "\r" not in name else shown[at] for at, name in enumerate(CELLS)]
    odd_names = dict(zip(ODD, (cell.value for cell in names[len(CELLS) :]), strict=True))
    assert odd_names["control"] == f"a{REPLACED}b{REPLACED}c"
    assert odd_names["no character"] == f"a{REPLACED}b{REPLACED}"
    assert odd_names["escape"] == "_x000D_"
    assert odd_names["long"] == "x" * (32_767 - len(CUT)) + CUT
    same = ("override", "emoji", "tower", "cyrillic", "devanagari", "arabic", "japanese")
    assert {key: odd_names[key] for key in same} == {key: ODD[key] for key in same}
    listed = [row[0].value for row in rendered.workbook["Machines"].iter_rows() if row[1].value in ("m00", "m01")]
    assert sorted(listed) == ["+1", "=1+1"]
    assert rendered.workbook["Summary"]["A1"].value == NAME


async def test_in_csv_foreign_texts_are_no_formulas(database, odd) -> None:
    rendered = await made(database, odd, ReportType.EQUIPMENT_LIST, ReportFormat.CSV)
    rows = {row["equipment_id"]: row for row in csv.DictReader(io.StringIO(rendered.data.decode(), newline=""))}
    found = [rows[f"m{at:02}"]["equipment_name"] for at in range(len(CELLS))]
    # A machine without a name is named by its id.
    assert found == [cell if name else f"m{at:02}" for at, (name, cell) in enumerate(CELLS.items())]
    assert rows[f"m{len(CELLS) + list(ODD).index('lines'):02}"]["equipment_name"] == "two\r\nlines\ttab"


async def test_on_pages_foreign_texts_are_visible_and_fit(database, odd) -> None:
    rendered = await made(database, odd, ReportType.EQUIPMENT, ReportFormat.PDF)
    text = rendered.read()
    assert "a/b[c]*?:\\" in text
    assert REPLACED in text
    assert "Пила" in text
    assert "gnp.exe" in text
    assert "…" in text
    assert len(rendered.pdf.pages) < 8


async def test_a_file_is_named_so_that_every_system_can_keep_it(database, odd, owner) -> None:
    rendered = await made(database, odd, ReportType.MEMBERS, ReportFormat.CSV)
    assert rendered.made.name == "a-b-c-members-2026-03-26-to-2026-04-01.csv"
    await owner.execute("UPDATE makerspaces SET name = $1", "N" * 300)
    rendered = await made(database, odd, ReportType.MEMBERS, ReportFormat.PDF)
    assert rendered.made.name == f"{'n' * 40}-members-2026-03-26-to-2026-04-01.pdf"
    assert file_name.__doc__


@pytest.mark.parametrize("format_", ReportFormat)
@pytest.mark.parametrize("type_", [t for t in ReportType if t is not ReportType.CUSTOM])
async def test_a_makerspace_without_facts_has_files_too(database, make_makerspace, type_, format_) -> None:
    rendered = await made(database, await make_makerspace(), type_, format_, subject="nobody")
    match format_:
        case ReportFormat.CSV:
            lines = rendered.data.decode().splitlines()
            assert len(lines) == 1 + rendered.made.rows
            assert rendered.made.rows == 0 or type_ is ReportType.EXECUTIVE
        case ReportFormat.XLSX:
            assert {"Summary", "Sources"} <= set(rendered.workbook.sheetnames)
        case ReportFormat.PDF:
            assert "What this was computed from" in rendered.read()


@pytest.mark.parametrize(
    "logo",
    [
        b"",
        b"no image",
        b"\x89PNG\r\n\x1a\n broken",
        # A PNG whose header claims 20,000 times 20,000 pixels.
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
        + (20_000).to_bytes(4, "big") * 2
        + b"\x08\x02\x00\x00\x00"
        + b"\x00" * 4,
        b"\xff\xd8\xff\xe0 no JPEG",
    ],
)
async def test_a_logo_that_is_no_image_is_left_out(database, make_makerspace, logo: bytes) -> None:
    makerspace = await make_makerspace(logo=logo)
    rendered = await made(database, makerspace, ReportType.EQUIPMENT_LIST, ReportFormat.PDF)
    assert not rendered.pdf.pages[0].images


def test_python_and_sql_find_the_same_formulas() -> None:
    assert {text: safe_cell(text) for text in CELLS} == CELLS


def test_many_combining_marks_and_direction_overrides_are_removed() -> None:
    assert in_sight(ODD["tower"], 2000) == "e" + "\u0301" * 4
    assert in_sight(ODD["override"], 100) == f"{REPLACED}gnp.exe"
    assert in_sight("a\n\n b\tc", 100) == "a b c"
    assert in_sight("x" * 50, 20) == "x" * (20 - len(CUT)) + CUT


async def test_people_and_money_are_in_no_format_without_permission(database, odd, owner, make_makerspace) -> None:
    makerspace = await make_makerspace()
    tenant = {"makerspace_id": makerspace.value}
    person = {"user_id": "u-ada", "number": 0, "display_name": "Ada Lovelace", "pseudonym": "p_7f3k2qxd00000000000"}
    await insert(owner, "members", tenant | person)
    event = {"id": UUID(int=1), "event_type": "login", "event_category": "authentication", "user_id": "u-ada"}
    await insert(owner, "usage_events", tenant | event | {"timestamp": NOW - timedelta(hours=3)})
    used = {"id": UUID(int=2), "item_id": "i1", "date": NOW.date(), "quantity_consumed": 1, "cost_consumed": 1234.5}
    await insert(owner, "inventory_analytics", tenant | used | {"user_id": "u-ada"})
    few = frozenset({Permission.READ, Permission.REPORT})
    for type_ in (ReportType.USAGE, ReportType.INVENTORY, ReportType.MEMBERS, ReportType.EXECUTIVE):
        for format_ in ReportFormat:
            rendered = await made(database, makerspace, type_, format_, permissions=few)
            text = _all_text(rendered)
            assert not [word for word in ("Ada", "u-ada", "1234.5", "1,234.50") if word in text], (type_, format_)
    pages = await made(database, makerspace, ReportType.USAGE, ReportFormat.PDF, permissions=few)
    assert "Member 7F3K-2QXD" in pages.read()


def _all_text(rendered: Rendered) -> str:
    match rendered.report.format:
        case ReportFormat.CSV:
            return rendered.data.decode()
        case ReportFormat.PDF:
            return rendered.read()
        case ReportFormat.XLSX:
            rows: Sequence[Any] = [row for sheet in rendered.workbook for row in sheet.iter_rows(values_only=True)]
            return " ".join(str(cell) for row in rows for cell in row)
