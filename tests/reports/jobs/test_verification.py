"""Verification: a stored file equals what was written, and has the counted rows."""

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
def verified(storage):
    async def run(data: bytes, format_: ReportFormat, rows: int, *, changed=lambda facts: facts) -> None:
        async with storage.writing(SPACE, FILE) as sink:
            await sink.write(data)
            facts = await sink.finish()
        stored = await storage.open(SPACE, FILE)
        try:
            await verify_file(stored, changed(facts), format_, rows)
        finally:
            stored.close()

    return run


async def test_a_correct_file_of_each_format_is_accepted(verified, storage) -> None:
    for data, format_, rows in (
        (b'a\r\n"1\r\n2"\r\n3\r\n', ReportFormat.CSV, 2),
        (b"PK\x03\x04rest", ReportFormat.XLSX, 9),
        (b"%PDF-1.7", ReportFormat.PDF, 9),
    ):
        await verified(data, format_, rows)
        await storage.delete(SPACE, FILE)


@pytest.mark.parametrize(
    ("data", "format_", "rows", "changed"),
    [
        (b"a\r\n1\r\n", ReportFormat.CSV, 2, lambda facts: facts),
        (b"a\r\n1\r\n", ReportFormat.CSV, 1, lambda facts: replace(facts, sha256="00")),
        (b"a\r\n1\r\n", ReportFormat.CSV, 1, lambda facts: replace(facts, size_bytes=7)),
        (b"%PDF-1.7", ReportFormat.XLSX, 1, lambda facts: facts),
        (b"", ReportFormat.PDF, 0, lambda facts: facts),
    ],
)
async def test_a_file_that_differs_from_what_was_written_is_refused(verified, data, format_, rows, changed) -> None:
    with pytest.raises(StorageError):
        await verified(data, format_, rows, changed=changed)


async def test_a_report_whose_stored_file_differs_fails_and_leaves_no_file(
    ask, runner, berlin, database, folder, owner
) -> None:
    """The disk returns other bytes than were written."""

    class Corrupting(type(runner.storage)):
        async def open(self, makerspace, file_id):
            path = folder / str(makerspace) / str(file_id)
            path.write_bytes(path.read_bytes()[:-3] + b"x\r\n")
            return await super().open(makerspace, file_id)

    report = await ask(berlin)
    await replace(runner, storage=Corrupting(folder)).make(berlin, report.id)
    known = await find_report(database, berlin, report.id)
    assert (known.status, known.error.code) == (ReportStatus.FAILED, "STORAGE_FAILED")
    assert list(folder.glob("*/*")) == []
    assert await owner.fetchval("SELECT count(*) FROM report_files") == 0
