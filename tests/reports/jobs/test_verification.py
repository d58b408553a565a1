"""Proof of a file: what lies there is what was written, whole, and with as many rows as were counted."""

import csv
import io
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.plugins.database import mint

from makrcave_analytics.reports.jobs.verification import verify_file
from makrcave_analytics.reports.rendering.formats.csv import CsvRecordCounter
from makrcave_analytics.reports.requests.queries import find_report
from makrcave_analytics.reports.storage.base import StorageError
from makrcave_analytics.reports.vocabulary import ReportFormat, ReportStatus

SPACE, FILE = mint(UUID(int=1)), UUID(int=2)
CELLS = st.text(alphabet="a\",\r\n'é", max_size=6)


@settings(max_examples=60)
@given(st.lists(st.tuples(CELLS, CELLS), max_size=8), st.integers(1, 9))
def test_records_are_counted_as_a_reader_of_csv_counts_them(rows, size) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows([("a", "b"), *rows])
    data, counted = text.getvalue().encode(), CsvRecordCounter()
    for at in range(0, len(data), size):
        counted.feed(data[at : at + size])
    assert counted.count == len(list(csv.reader(io.StringIO(text.getvalue(), newline=""))))


@pytest.fixture
def proven(storage):
    async def run(data: bytes, format_: ReportFormat, rows: int, *, lie=lambda facts: facts) -> None:
        async with storage.writing(SPACE, FILE) as sink:
            await sink.write(data)
            facts = await sink.finish()
        stored = await storage.open(SPACE, FILE)
        try:
            await verify_file(stored, lie(facts), format_, rows)
        finally:
            stored.close()

    return run


async def test_a_good_file_of_each_format_is_proven(proven, storage) -> None:
    for data, format_, rows in (
        (b'a\r\n"1\r\n2"\r\n3\r\n', ReportFormat.CSV, 2),
        (b"PK\x03\x04rest", ReportFormat.XLSX, 9),
        (b"%PDF-1.7", ReportFormat.PDF, 9),
    ):
        await proven(data, format_, rows)
        await storage.delete(SPACE, FILE)


@pytest.mark.parametrize(
    ("data", "format_", "rows", "lie"),
    [
        (b"a\r\n1\r\n", ReportFormat.CSV, 2, lambda facts: facts),
        (b"a\r\n1\r\n", ReportFormat.CSV, 1, lambda facts: replace(facts, sha256="00")),
        (b"a\r\n1\r\n", ReportFormat.CSV, 1, lambda facts: replace(facts, size_bytes=7)),
        (b"%PDF-1.7", ReportFormat.XLSX, 1, lambda facts: facts),
        (b"", ReportFormat.PDF, 0, lambda facts: facts),
    ],
)
async def test_what_is_not_what_was_written_is_refused(proven, data, format_, rows, lie) -> None:
    with pytest.raises(StorageError):
        await proven(data, format_, rows, lie=lie)


async def test_a_report_whose_file_changed_on_its_way_fails_and_leaves_none(
    ask, runner, berlin, database, folder, owner
) -> None:
    """The disk gives back other bytes than it was given."""

    class Forgetful(type(runner.storage)):
        async def open(self, makerspace, file_id):
            path = folder / str(makerspace) / str(file_id)
            path.write_bytes(path.read_bytes()[:-3] + b"x\r\n")
            return await super().open(makerspace, file_id)

    report = await ask(berlin)
    await replace(runner, storage=Forgetful(folder)).make(berlin, report.id)
    known = await find_report(database, berlin, report.id)
    assert (known.status, known.error.code) == (ReportStatus.FAILED, "STORAGE_FAILED")
    assert list(folder.glob("*/*")) == []
    assert await owner.fetchval("SELECT count(*) FROM report_files") == 0
