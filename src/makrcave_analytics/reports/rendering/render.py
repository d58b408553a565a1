"""From a report to its file, all of it from one snapshot: which part of it is written, and by what."""

import asyncio
import importlib
import tempfile
from pathlib import Path
from typing import Any

from makrcave_analytics.reports.content.context import Made, Making, ReportContext, file_name, open_context
from makrcave_analytics.reports.content.document import Document, Section
from makrcave_analytics.reports.content.fact_rows import FACTS
from makrcave_analytics.reports.content.templates import LISTINGS, compose
from makrcave_analytics.reports.rendering.csv import write_rows, write_table
from makrcave_analytics.reports.vocabulary import ReportFormat, ReportType

_PIECE_BYTES = 1 << 20
_LISTED = frozenset({ReportType.PROJECTS, ReportType.MEMBERS})
"""Types whose workbook has a row each of what they are about, which would be too much on paper."""


async def build(making: Making) -> Made:
    """Write the file of a report, all of it from one snapshot."""
    report = making.report
    async with open_context(making) as inquiry:
        match report.format:
            case ReportFormat.CSV:
                rows = await _write_csv(inquiry)
            case ReportFormat.XLSX:
                rows = await _write_workbook(inquiry)
            case ReportFormat.PDF:
                rows = await _write_pages(inquiry)
        return Made(file_name(report, inquiry.makerspace), rows, inquiry.makerspace.data_version)


async def _write_csv(inquiry: ReportContext) -> int:
    type_ = inquiry.report.type
    if type_ in FACTS:
        return await write_rows(inquiry, FACTS[type_])
    inquiry.stage("Reading rows", 0.1)
    return await write_table(inquiry, await LISTINGS[type_](inquiry))


async def _write_workbook(inquiry: ReportContext) -> int:
    type_ = inquiry.report.type
    document, facts, frame = await compose(inquiry), FACTS.get(type_), None
    if type_ in _LISTED:
        table = await LISTINGS[type_](inquiry)
        document = document.with_section(Section(table.title, (table,)))
    if facts is not None:
        inquiry.stage(facts.stage, 0.4)
        frame = await (await _drawer("xlsx.frame")).read_rows(inquiry, facts)
        document = document.noting(inquiry.notes)
    inquiry.stage("Writing sheets", 0.6)
    await _write(inquiry, "xlsx.workbook", document, frame, facts.title if facts else "")
    return document.rows if frame is None else int(frame.height)


async def _write_pages(inquiry: ReportContext) -> int:
    document = await compose(inquiry)
    inquiry.stage("Drawing charts", 0.4)
    await _write(inquiry, "pdf.document", document)
    return document.rows


async def _write(inquiry: ReportContext, module: str, document: Document, *further: Any) -> None:
    """Let a module write a document to a file, beside the event loop, and take the file into the storage."""
    drawer = await _drawer(module)
    with tempfile.TemporaryDirectory(prefix="makrcave-report-") as folder:
        path = Path(folder) / "file"
        await asyncio.to_thread(drawer.write, *(document, *further, path))
        inquiry.stage("Storing", 0.9)
        with path.open("rb") as file:
            while piece := await asyncio.to_thread(file.read, _PIECE_BYTES):
                await inquiry.making.sink.write(piece)


async def _drawer(module: str) -> Any:
    """Import what draws, once it is needed: it would double the memory of processes that never draw."""
    return await asyncio.to_thread(importlib.import_module, f"{__package__}.{module}")
