"""Expiry: on time, without breaking downloads, and files that no row names are swept."""

import os
from uuid import UUID, uuid4

import pytest
from tests.reports.plugin import FINANCE, NOW, content
from tests.reports.slow_storage import names

from makrcave_analytics.reports.requests.download import FileGone, download_link, open_download
from makrcave_analytics.reports.requests.queries import find_report
from makrcave_analytics.reports.storage.expiry import expire_reports, sweep_orphans
from makrcave_analytics.reports.vocabulary import ReportStatus


@pytest.fixture
async def report(ask, runner, berlin, database):
    asked = await ask(berlin)
    await runner.make(berlin, asked.id)
    return await find_report(database, berlin, asked.id)


@pytest.fixture
def opened(database, storage, keys):
    async def run(report):
        link = download_link(keys, report.makerspace, report.id, NOW)
        sealed, signature = link.path.split("/")[-2], link.path.partition("?signature=")[2]
        return await open_download(database, storage, keys, sealed, signature, NOW)

    return run


OVER = "UPDATE report_requests SET expires_at = now() WHERE id = $1"


async def test_reports_past_their_time_expire_and_their_files_are_deleted(
    report, ask, runner, berlin, database, storage, folder, owner
) -> None:
    other = await ask(berlin, FINANCE)
    await runner.make(berlin, other.id)
    await owner.execute(OVER, report.id)
    assert await expire_reports(database, storage) == 1
    assert await owner.fetchval("SELECT status FROM report_requests WHERE id = $1", report.id) == "EXPIRED"
    assert names(folder) == [str((await find_report(database, berlin, other.id)).file.id)]
    assert await expire_reports(database, storage) == 0


async def test_a_file_stays_while_a_living_report_names_it(
    report, ask, berlin, database, storage, folder, owner
) -> None:
    second = await ask(berlin)
    assert second.file == report.file
    await owner.execute(OVER, report.id)
    assert await expire_reports(database, storage) == 1
    assert names(folder) == [str(report.file.id)]
    await owner.execute(OVER, second.id)
    assert await expire_reports(database, storage) == 1
    assert names(folder) == []


async def test_a_running_download_completes_and_the_next_finds_the_file_gone(
    report, opened, database, storage, folder, owner
) -> None:
    download, whole = await opened(report), content(folder, report)
    await owner.execute(OVER, report.id)
    await expire_reports(database, storage)
    assert b"".join([chunk async for chunk in download.stored.chunks()]) == whole
    download.stored.close()
    with pytest.raises(FileGone):
        await opened(report)


async def test_unnamed_files_are_swept_and_young_or_named_ones_stay(
    report, berlin, database, storage, folder, make_makerspace
) -> None:
    empty = await make_makerspace()
    stranger = UUID(int=77)
    for space in (empty, stranger):
        (folder / str(space)).mkdir()
    orphans = [folder / str(berlin) / str(uuid4()), folder / str(empty) / str(uuid4())]
    others = [folder / str(stranger) / str(uuid4()), folder / str(berlin) / "notes.txt"]
    part, young = folder / str(berlin) / f".{uuid4()}.part", folder / str(berlin) / str(uuid4())
    for path in (*orphans, *others, part, young):
        path.write_bytes(b"x")
    for path in (*orphans, *others, part, folder / str(berlin) / str(report.file.id)):
        os.utime(path, (0, 0))
    assert await sweep_orphans(database, storage, 3600) == 3
    left = sorted([*(path.name for path in others), young.name, str(report.file.id)])
    assert names(folder) == left


async def test_a_crash_between_row_and_file_is_repaired(report, database, storage, folder, owner, monkeypatch) -> None:
    await owner.execute(OVER, report.id)
    with monkeypatch.context() as crashed:

        async def crash(*_: object) -> None:
            raise SystemExit

        crashed.setattr("makrcave_analytics.reports.storage.expiry.delete_files", crash)
        with pytest.raises(SystemExit):
            await expire_reports(database, storage)
    assert names(folder) == [str(report.file.id)]
    assert (await find_report(database, report.makerspace, report.id)).status is ReportStatus.EXPIRED
    assert await expire_reports(database, storage) == 0
    assert await sweep_orphans(database, storage, -1) == 1
    assert names(folder) == []


async def test_sent_notifications_are_deleted_with_the_file_and_owed_ones_stay(
    report, database, storage, owner
) -> None:
    for owed in ("NULL", "now()"):
        await owner.execute(
            "INSERT INTO deliveries (makerspace_id, id, report_id, kind, target, next_attempt_at) "
            f"VALUES ($1, gen_random_uuid(), $2, 'email', 'a@b.example', {owed})",
            report.makerspace.value,
            report.id,
        )
    await owner.execute(OVER, report.id)
    await expire_reports(database, storage)
    assert await owner.fetchval("SELECT array_agg(next_attempt_at IS NOT NULL) FROM deliveries") == [True]
