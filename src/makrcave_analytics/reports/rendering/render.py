"""From a report to its file, all of it from one snapshot: which part of it is written, and by what."""

import asyncio
import importlib
import tempfile
from pathlib import Path
from typing import Any

from makrcave_analytics.reports.content.context import Made, ReportContext, ReportJob, file_name, open_context
from makrcave_analytics.reports.content.document import Document, Section
from makrcave_analytics.reports.content.fact_rows import FACTS
from makrcave_analytics.reports.content.templates import LISTINGS, compose
from makrcave_analytics.reports.rendering.csv import write_rows, write_table
from makrcave_analytics.reports.vocabulary import ReportFormat, ReportType

_PIECE_BYTES = 1 << 20
_LISTED = frozenset({ReportType.PROJECTS, ReportType.MEMBERS})
"""Types whose workbook has a row each of what they are about, which would be too much on paper."""


async def build(job: ReportJob) -> Made:
    """Write the file of a report, all of it from one snapshot."""
    report = job.report
    async with open_context(job) as context:
        match report.format:
            case ReportFormat.CSV:
                rows = await _write_csv(context)
            case ReportFormat.XLSX:
                rows = await _write_workbook(context)
            case ReportFormat.PDF:
                rows = await _write_pages(context)
        return Made(file_name(report, context.makerspace), rows, context.makerspace.data_version)


async def _write_csv(context: ReportContext) -> int:
    type_ = context.report.type
    if type_ in FACTS:
        return await write_rows(context, FACTS[type_])
    context.stage("Reading rows", 0.1)
    return await write_table(context, await LISTINGS[type_](context))


async def _write_workbook(context: ReportContext) -> int:
    type_ = context.report.type
    document, facts, frame = await compose(context), FACTS.get(type_), None
    if type_ in _LISTED:
        table = await LISTINGS[type_](context)
        document = document.with_section(Section(table.title, (table,)))
    if facts is not None:
        context.stage(facts.stage, 0.4)
        frame = await (await _drawer("xlsx.frame")).read_rows(context, facts)
        document = document.noting(context.notes)
    context.stage("Writing sheets", 0.6)
    await _write(context, "xlsx.workbook", document, frame, facts.title if facts else "")
    return document.rows if frame is None else int(frame.height)


async def _write_pages(context: ReportContext) -> int:
    document = await compose(context)
    context.stage("Drawing charts", 0.4)
    await _write(context, "pdf.document", document)
    return document.rows


async def _write(context: ReportContext, module: str, document: Document, *further: Any) -> None:
    """Let a module write a document to a file, beside the event loop, and take the file into the storage."""
    drawer = await _drawer(module)
    with tempfile.TemporaryDirectory(prefix="makrcave-report-") as folder:
        path = Path(folder) / "file"
        await asyncio.to_thread(drawer.write, *(document, *further, path))
        context.stage("Storing", 0.9)
        with path.open("rb") as file:
            while piece := await asyncio.to_thread(file.read, _PIECE_BYTES):
                await context.job.sink.write(piece)


async def _drawer(module: str) -> Any:
    """Import what draws, once it is needed: it would double the memory of processes that never draw."""
    return await asyncio.to_thread(importlib.import_module, f"{__package__}.{module}")
