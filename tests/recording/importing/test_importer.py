"""A bad row is refused alone and kept; a dry run writes nothing; a run that broke off is completed by the next."""

import csv
import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from tests.plugins.database import mint
from tests.recording.importing.conftest import counts
from tests.recording.importing.files import write, write_csv, write_ndjson

from makrcave_analytics.db import Database
from makrcave_analytics.errors import Invalid, NotFound, Unavailable
from makrcave_analytics.recording.importing import DryRunDatabase
from makrcave_analytics.recording.rollups.verify import verify_rollups

HEADER = "event_type,user_id,timestamp,metadata\n"
LINES = (
    "login,asha,2026-02-10 10:00,\n"
    'Login!,ben,2026-02-10 10:00,"{""a"": 1}"\n'
    "\n"
    "login,carl,2026-03-29 02:30,\n"
    "login,dora,2999-01-01 00:00,\n"
    "login,eve\n"
    ",,,\n"
    'login,"fred\nfred",2026-02-10 10:00,\n'
    "login,gus,2026-02-10 11:00,\n"
)
REASONS = [
    (3, "event_type: Must be lower-case letters and digits, words joined by _, at most 64 characters."),
    (5, "timestamp: The clock of Europe/Berlin skipped this time: write it with its offset."),
    (6, "timestamp: The timestamp lies more than 5 minutes ahead."),
    (7, "The row has 2 cells and the header 4."),
    (9, "user_id: Must not hold control characters or halves of surrogate pairs."),
]


@pytest.mark.parametrize("batch", [1, 2, 1000])
async def test_a_bad_row_is_refused_alone_with_a_reason(importing, make_makerspace, owner, tmp_path, batch) -> None:
    path = tmp_path / "door.csv"
    path.write_text(HEADER + LINES)
    makerspace = await make_makerspace()
    summary = await importing(path, "events", makerspace, batch=batch)
    assert (summary.rows, counts(summary), summary.reasons) == (7, (2, 0, 0, 5), REASONS)
    assert summary.rejects == tmp_path / "door.rejects.csv"
    with summary.rejects.open(newline="") as file:
        header, *written = csv.reader(file)
    assert header == ["line", "reason", "event_type", "user_id", "timestamp", "metadata"]
    assert [(int(line), reason) for line, reason, *_ in written] == REASONS
    assert written[0][2:] == ["Login!", "ben", "2026-02-10 10:00", '{"a": 1}']


async def test_rejects_can_be_corrected_and_imported(importing, make_makerspace, owner, tmp_path) -> None:
    path = tmp_path / "door.csv"
    path.write_text(HEADER + LINES)
    makerspace = await make_makerspace()
    rejects = (await importing(path, "events", makerspace)).rejects
    rejects.write_text(rejects.read_text().replace("Login!", "login").replace("2999-01-01", "2026-01-01"))
    summary = await importing(rejects, "events", makerspace)
    assert (counts(summary), summary.unknown_columns) == ((2, 0, 0, 3), ())
    assert summary.rejects == tmp_path / "door.rejects.rejects.csv"


async def test_rejects_of_ndjson_are_the_lines_as_they_were(importing, make_makerspace, owner, tmp_path) -> None:
    path = tmp_path / "paid.ndjson"
    path.write_text(
        '{"transaction_id": "a", "transaction_date": "2026-02-10", "revenue_source": "x", "payment_method": "card",'
        ' "amount": 1.10}\n'
        '{"transaction_id": "b", "transaction_date": "2026-02-10", "revenue_source": "x", "payment_method": "card",'
        ' "amount": 1.100000000000000000001}\n'
        "{}\n"
        "[1]\n"
        "{nonsense\n" + '{"a": "' + "x" * 70_000 + '"}\n'
        '{"amount": NaN}\n'
    )
    makerspace = await make_makerspace()
    summary = await importing(path, "revenue", makerspace)
    assert counts(summary) == (1, 0, 0, 6)
    assert [line for line, _ in summary.reasons] == [2, 3, 4, 5, 6, 7]
    assert await owner.fetchval("SELECT amount::text FROM revenue_analytics") == "1.1000"
    lines = summary.rejects.read_text().splitlines()
    rejects = [json.loads(line) for line in lines]
    assert [one["reason"] for one in rejects[:5]] == [
        "amount: The currency has 4 decimals.",
        "amount: Must not be empty.",
        "The line is not a JSON object.",
        "The line is not JSON.",
        "The line is longer than 65536 bytes.",
    ]
    assert '"amount": 1.100000000000000000001}' in lines[0]
    assert rejects[2]["text"] == "[1]"


async def test_rejects_go_to_the_given_file_and_never_to_the_imported_one(importing, make_makerspace, tmp_path) -> None:
    path = tmp_path / "door.csv"
    path.write_text(HEADER + LINES)
    makerspace = await make_makerspace()
    summary = await importing(path, "events", makerspace, rejects=tmp_path / "why.csv")
    assert summary.rejects == tmp_path / "why.csv"
    for bad, why in ((path, "must be another"), (tmp_path / "no folder" / "x.csv", "cannot be written: No such file")):
        with pytest.raises(Invalid, match=why):
            await importing(path, "events", makerspace, rejects=bad)
    assert path.read_text() == HEADER + LINES


async def test_a_conflict_keeps_the_first_and_names_the_column(importing, make_makerspace, owner, tmp_path) -> None:
    row = {"reference_id": "r1", "date": "2026-02-10", "revenue_type": "cafe", "payment_method": "cash", "amount": 4}
    makerspace = await make_makerspace()
    summary = await importing(write(tmp_path, "workbook", [row, row | {"amount": 5}, row]), "revenue", makerspace)
    assert counts(summary) == (1, 0, 1, 1)
    assert summary.reasons == [(3, "id: A fact with this id and other content is there, and stays.")]
    assert await owner.fetchval("SELECT amount FROM revenue_analytics") == 4


async def test_rows_of_another_makerspace_are_refused(importing, make_makerspace, owner, tmp_path) -> None:
    here, there = await make_makerspace(), await make_makerspace()
    row = {"event_type": "login", "timestamp": "2026-02-10 10:00", "makerspace_id": str(here).upper()}
    path = write(tmp_path, "commas", [row, row | {"makerspace_id": str(there)}, row | {"makerspace_id": None}])
    summary = await importing(path, "events", here)
    assert (counts(summary), summary.unknown_columns) == ((2, 0, 0, 1), ())
    assert summary.reasons == [(3, "makerspace_id: The row belongs to another makerspace.")]
    assert await owner.fetchval("SELECT count(*) FROM usage_events WHERE makerspace_id = $1", there.value) == 0


async def test_an_unknown_makerspace_is_not_found(importing, tmp_path) -> None:
    path = tmp_path / "door.csv"
    path.write_text(HEADER + LINES)
    with pytest.raises(NotFound):
        await importing(path, "events", mint(uuid4()))


async def test_a_dry_run_judges_every_row_and_writes_nothing(
    importing, make_makerspace, owner, migrated_url, tmp_path
) -> None:
    rows: list[dict[str, Any]] = [
        {
            "id": str(n),
            "date": "2026-02-10",
            "item_id": "pla",
            "quantity_consumed": 1,
            "cost_consumed": "0.125"[: 4 + n],
        }
        for n in range(2)
    ]
    path, makerspace = write(tmp_path, "commas", rows), await make_makerspace()
    before = await owner.fetch("SELECT * FROM makerspaces")
    dry_run = DryRunDatabase(migrated_url)
    try:
        for _ in range(2):
            summary = await importing(path, "inventory", makerspace, database=dry_run, keep_rejects=False)
            assert counts(summary) == (1, 0, 0, 1)
            assert summary.reasons == [(3, "cost_consumed: The currency has 2 decimals.")]
        assert await owner.fetch("SELECT * FROM makerspaces") == before
        assert await owner.fetchval("SELECT count(*) FROM inventory_analytics") == 0
        assert list(tmp_path.iterdir()) == [path]
        await importing(path, "inventory", makerspace)
        there = await importing(path, "inventory", makerspace, database=dry_run, keep_rejects=False)
        assert counts(there) == (0, 0, 1, 1)
    finally:
        await dry_run.dispose()


async def test_progress_is_reported_per_batch(importing, make_makerspace, tmp_path) -> None:
    rows = [{"event_type": "login", "timestamp": "2026-02-10 10:00"}] * 5
    reported: list[tuple[str, int, int | None]] = []
    await importing(
        write_csv(tmp_path / "a.csv", rows), "events", await make_makerspace(), batch=2,
        progress=lambda *now: reported.append(now),
    )  # fmt: skip
    assert reported == [("checking", 5, 5), ("recording", 2, 5), ("recording", 4, 5), ("recording", 5, 5)]


class Fails(Database):
    """A database that goes away at the third batch."""

    batches = 0

    def write(self, *arguments: Any, **options: Any) -> Any:
        self.batches += 1
        if self.batches == 3:
            raise Unavailable("The database is not available at the moment.")
        return super().write(*arguments, **options)


async def test_rows_that_an_outage_left_out_are_recorded_by_the_next_run(
    importing, make_makerspace, owner, database, migrated_url, tmp_path: Path
) -> None:
    rows = [{"event_type": "login", "timestamp": f"2026-02-10 10:00:0{n // 2}"} for n in range(8)]
    path, makerspace = write_ndjson(tmp_path / "a.ndjson", rows), await make_makerspace()
    failing = Fails(migrated_url)
    with pytest.raises(Unavailable, match=r"after 4 rows of 8\. Run the same command again"):
        await importing(path, "events", makerspace, batch=2, database=failing)
    await failing.dispose()
    assert counts(await importing(path, "events", makerspace, batch=2)) == (4, 0, 4, 0)
    assert await verify_rollups(database, makerspace) == []


async def test_recorded_rows_are_skipped_without_waiting_for_other_writers(
    importing, make_makerspace, owner, migrated_url, tmp_path
) -> None:
    rows = [{"event_type": "login", "timestamp": "2026-02-10 10:00"}] * 5
    path, makerspace = write_csv(tmp_path / "a.csv", rows), await make_makerspace()
    await importing(path, "events", makerspace)
    other = await asyncpg.connect(migrated_url)
    try:
        async with other.transaction():
            await other.execute("SELECT FROM makerspaces FOR UPDATE")
            assert counts(await importing(path, "events", makerspace)) == (0, 0, 5, 0)
    finally:
        await other.close()
