"""A file that cannot be read is refused in one sentence, and nothing of it is recorded."""

import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import pytest
from tests.recording.importing.conftest import counts
from tests.recording.importing.files import write_xlsx

from makrcave_analytics.errors import Invalid

HEADER = "event_type,user_id,timestamp\n"
GOOD = "login,asha,2026-02-10T10:00:00Z\n"
ROW = {"event_type": "login", "user_id": "asha", "timestamp": "2026-02-10T10:00:00Z"}


def text(content: str | bytes, encoding: str = "utf-8") -> Callable[[Path], None]:
    return lambda path: path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding)) and None


def book(change: Callable[[Any], None]) -> Callable[[Path], None]:
    """Make a valid workbook with a change."""

    def make(path: Path) -> None:
        write_xlsx(path, [ROW, ROW])
        changed = openpyxl.load_workbook(path)
        change(changed)
        changed.save(path)

    return make


def fill(cell: str, value: object) -> Callable[[Path], None]:
    return book(lambda made: made.active.__setitem__(cell, value))


def parts(**content: bytes) -> Callable[[Path], None]:
    """Make a zip file of a workbook's parts, some of them replaced."""

    def make(path: Path) -> None:
        write_xlsx(path, [ROW])
        with ZipFile(path) as archive:
            kept = {name: archive.read(name) for name in archive.namelist()}
        with ZipFile(path, "w", ZIP_DEFLATED) as archive:
            for name, data in (kept | content).items():
                archive.writestr(name, data)

    return make


def another_zip(path: Path) -> None:
    with ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", "<document/>")


def bomb(path: Path) -> None:
    """Make a sheet of 64 MB of blanks, packed into 64 kB."""
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            for _ in range(64):
                sheet.write(b" " * (1 << 20))


def claims_two_gigabytes(path: Path) -> None:
    """Make a sheet that declares a huge size; it must not be unpacked."""
    write_xlsx(path, [ROW])
    raw = bytearray(path.read_bytes())
    with ZipFile(path) as archive:
        name = archive.getinfo("xl/worksheets/sheet1.xml").filename.encode()
    entry = raw.index(name, raw.index(zipfile.stringCentralDir)) - zipfile.sizeCentralDir
    raw[entry + 24 : entry + 28] = (2 * 10**9).to_bytes(4, "little")
    path.write_bytes(raw)


LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "' + b"ha" * 1000 + b'">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 100) for n in range(5))
    + b"]><worksheet>&f;</worksheet>"
)  # fmt: skip

BAD: dict[str, tuple[str, Callable[[Path], None], str]] = {
    "nothing": ("a.csv", text(""), "is empty"),
    "blanks": ("a.csv", text(" \n\n"), "is empty"),
    "a picture": ("a.csv", text(b"\x89PNG\r\n\x1a\n\x00\x00\x00"), "is neither CSV, XLSX nor NDJSON"),
    "another zip": ("a.xlsx", another_zip, "is no XLSX workbook"),
    "half a zip": ("a.xlsx", text(b"PK\x03\x04" + b"\x00" * 99), "is damaged"),
    "half a workbook": ("a.xlsx", parts(**{"xl/workbook.xml": b"<workbook"}), "is damaged"),
    "half a sheet": ("a.xlsx", parts(**{"xl/worksheets/sheet1.xml": b"<worksheet><sheetData><row>"}), "is damaged"),
    "entities": ("a.xlsx", parts(**{"xl/worksheets/sheet1.xml": LAUGHS}), "is (damaged|empty)"),
    "an old workbook": ("a.xls", text(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 999), "of before 2007"),
    "a password": (
        "a.xlsx",
        text(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 999 + "EncryptedPackage".encode("utf-16-le")),
        "is protected by a password",
    ),
    "a zip bomb": ("a.xlsx", bomb, "is too large to be read as a workbook"),
    "a huge sheet": ("a.xlsx", claims_two_gigabytes, r"is too large to be read as a workbook \(2,0\d\d MB"),
    "a formula": ("a.xlsx", fill("C3", '="2026-02-10T10:00:00Z"'), "holds a formula in C3"),
    "merged cells in the header": ("a.xlsx", book(lambda made: made.active.merge_cells("A1:B1")), r"merged.*A1:B1"),
    "an empty sheet": ("a.xlsx", book(lambda made: made.active.delete_rows(1, 3)), "is empty"),
    "no header": ("a.xlsx", book(lambda made: made.active.delete_rows(1)), "has no columns event_type, timestamp"),
    "rows below row 1048576": (
        "a.xlsx",
        parts(
            **{
                "xl/worksheets/sheet1.xml": b"""<worksheet
            xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>
            <row r="1"><c r="A1" t="str"><v>event_type</v></c><c r="B1" t="str"><v>timestamp</v></c></row>
            <row r="99999999999"><c t="str"><v>x</v></c></row></sheetData></worksheet>"""
            }
        ),
        "has more than 1,048,576 rows",
    ),
    "two sheets": (
        "a.xlsx",
        book(lambda made: made.create_sheet("Other").append(["event_type"])),
        "holds several sheets: name one of Sheet, Other",
    ),
    "missing columns": ("a.csv", text("event_type,who\nlogin,asha\n"), "has no column timestamp; a file of events may"),
    "two names for one": (
        "a.csv",
        text("event_type,timestamp,metadata,event_data\n"),
        "The columns metadata and event_data are the same",
    ),
    "Latin-1": ("a.csv", text(HEADER + GOOD + "login,Jürgen,2026-02-10T10:00:00Z\n", "latin-1"), "is not UTF-8"),
    "UTF-16 without a mark": ("a.csv", text(HEADER + GOOD, "utf-16-le"), "is neither CSV, XLSX nor NDJSON"),
    "an open quote": ("a.csv", text(HEADER + GOOD + 'login,"asha,2026-02-10T10:00:00Z\n'), "a quote that opened"),
    "a stray quote": ("a.csv", text(HEADER + GOOD + 'login,"asha" x,2026-02-10T10:00:00Z\n'), "quotes stand where"),
    "a JSON array": ("a.ndjson.json", text('[{"event_type": "login"}]'), "is a JSON array"),
    "Latin-1 NDJSON": ("a.ndjson", text('{"event_type": "login", "user_id": "ü"}\n', "latin-1"), "is not UTF-8"),
    "UTF-16 NDJSON": ("a.ndjson", text('{"event_type": "login"}\n', "utf-16"), "is UTF-16"),
    "NDJSON of something else": ("a.ndjson", text('{"a": 1}\n'), "has no columns event_type, timestamp"),
}


@pytest.mark.parametrize("name", BAD)
async def test_a_bad_file_is_refused_whole(importing, make_makerspace, owner, tmp_path, name) -> None:
    file_name, make, why = BAD[name]
    makerspace = await make_makerspace()
    path = tmp_path / file_name
    make(path)
    with pytest.raises(Invalid, match=why) as refused:
        await importing(path, "events", makerspace, batch=1)
    assert re.match(r"\S+ (is|has|holds|cannot) ", refused.value.message)
    assert "\n" not in refused.value.message
    assert await owner.fetchval("SELECT count(*) FROM usage_events") == 0
    assert list(tmp_path.iterdir()) == [path]


async def test_a_path_that_is_no_file_is_refused(importing, make_makerspace, tmp_path) -> None:
    makerspace = await make_makerspace()
    for path, why in ((tmp_path, "is no file"), (tmp_path / "absent.csv", "cannot be read: No such file")):
        with pytest.raises(Invalid, match=why):
            await importing(path, "events", makerspace)


async def test_a_formula_outside_the_columns_that_are_read_is_ignored(importing, make_makerspace, tmp_path) -> None:
    path = tmp_path / "a.xlsx"
    write_xlsx(path, [ROW | {"helper": "=1+1"}])
    assert counts(await importing(path, "events", await make_makerspace())) == (1, 0, 0, 0)


async def test_a_sheet_may_be_chosen(importing, make_makerspace, tmp_path) -> None:
    path = tmp_path / "a.xlsx"
    book(lambda made: made.create_sheet("Other").append(["event_type"]))(path)
    makerspace = await make_makerspace()
    assert counts(await importing(path, "events", makerspace, sheet="Sheet")) == (2, 0, 0, 0)
    for sheet, why in (("Nowhere", "has no such sheet"), ("Other", "has no column timestamp")):
        with pytest.raises(Invalid, match=why):
            await importing(path, "events", makerspace, sheet=sheet)


async def test_a_header_without_rows_records_nothing(importing, make_makerspace, tmp_path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(HEADER)
    assert counts(await importing(path, "events", await make_makerspace())) == (0, 0, 0, 0)
