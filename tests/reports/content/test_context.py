"""From the request to the file: pages and workbooks are rendered by the runner like CSV, with progress."""

import asyncio
import io

import openpyxl
import pypdf
import pytest
from tests.reports.plugin import content

from makrcave_analytics.metrics.explore.inputs import TableInput
from makrcave_analytics.metrics.vocabulary import Dimension
from makrcave_analytics.period import Grain
from makrcave_analytics.recording.rollups.definitions import rebuild_on
from makrcave_analytics.reports.content.context import Progress, ReportJob
from makrcave_analytics.reports.rendering import staging
from makrcave_analytics.reports.rendering.render import build
from makrcave_analytics.reports.requests.queries import find_report
from makrcave_analytics.reports.vocabulary import ReportFormat, ReportStatus, ReportType

TABLE = TableInput(["events"], [Dimension.EVENT_TYPE], Grain.WEEK)


async def made(runner, report):
    assert await runner.make(report.makerspace, report.id)
    found = await find_report(runner.database, report.makerspace, report.id)
    assert found.status is ReportStatus.COMPLETED, found.error
    return found


async def test_a_workbook_and_pages_are_rendered_as_requested(ask, runner, berlin, folder) -> None:
    book = await made(runner, await ask(berlin, format=ReportFormat.XLSX))
    opened = openpyxl.load_workbook(io.BytesIO(content(folder, book)))
    assert opened.sheetnames[0] == "Summary"
    assert opened.sheetnames[-2:] == ["Events", "Sources"]
    assert book.file.name == "werkstatt-sud-usage-2026-03-01-to-2026-03-31.xlsx"
    assert (book.file.rows, opened["Events"].max_row) == (3, 4)
    pages = await made(runner, await ask(berlin, format=ReportFormat.PDF))
    text = pypdf.PdfReader(io.BytesIO(content(folder, pages))).pages[0].extract_text()
    assert "Werkstatt Süd" in text
    assert "Mar 2026" in text


async def test_table_and_subject_are_stored_with_the_request(ask, runner, berlin, folder, owner) -> None:
    await rebuild_on(owner, berlin.value, "Europe/Berlin")
    table = await made(runner, await ask(berlin, type=ReportType.CUSTOM, table=TABLE))
    assert content(folder, table) == (
        b"start,event_type,events\r\n2026-03-01,Door,1\r\n2026-03-23,Equipment reservation,1\r\n2026-03-23,Login,1\r\n"
    )
    person = await made(runner, await ask(berlin, type=ReportType.MEMBER_DATA, user_id="u-ada"))
    kinds = [line.split(",")[0] for line in content(folder, person).decode().splitlines()]
    assert kinds == ["kind", "member", "presence", "event", "report_about"]


async def test_the_event_loop_goes_on_while_pages_are_drawn(ask, runner, berlin, storage, monkeypatch) -> None:
    report = await ask(berlin, format=ReportFormat.PDF)
    drawing, turns = asyncio.Event(), 0
    loop, to_thread = asyncio.get_running_loop(), asyncio.to_thread

    async def noting(function, *arguments):
        if getattr(function, "__name__", "") == "write":
            loop.call_soon(drawing.set)
        return await to_thread(function, *arguments)

    monkeypatch.setattr(staging.asyncio, "to_thread", noting)
    progress, stages = Progress(), set()
    async with storage.writing(report.makerspace, report.id) as sink:
        task = asyncio.create_task(build(ReportJob(runner.database, report, sink, progress)))
        while not task.done():
            stages.add(progress.stage)
            turns += drawing.is_set()
            await asyncio.sleep(0.001)
        await task
    assert turns > 10
    assert {"Reading numbers", "Drawing charts"} <= stages
    assert progress.fraction == pytest.approx(0.9)
