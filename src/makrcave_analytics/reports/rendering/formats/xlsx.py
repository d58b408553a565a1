"""XLSX: a workbook of the document, its listing where the type wants it, and its fact rows."""

from makrcave_analytics.reports.content.composition import compose
from makrcave_analytics.reports.content.context import ReportContext
from makrcave_analytics.reports.content.document import Chapter
from makrcave_analytics.reports.content.registry import definition_of
from makrcave_analytics.reports.rendering.file_format import FirstBytes, Format
from makrcave_analytics.reports.rendering.staging import load_writer, write_staged
from makrcave_analytics.reports.vocabulary import ReportFormat


async def write(context: ReportContext) -> int:
    """Write the workbook; counted are the fact rows, or the rows of its tables where it has none."""
    definition = definition_of(context.report.type)
    document, facts, frame = await compose(context), definition.facts, None
    if definition.lists_in_workbook and definition.listing is not None:
        table = await definition.listing(context)
        document = document.with_section(Chapter(table.title, (table,)))
    if facts is not None:
        context.stage(facts.stage, 0.4)
        frame = await (await load_writer("xlsx.frame")).read_rows(context, facts)
        document = document.noting(context.notes)
    context.stage("Writing sheets", 0.6)
    await write_staged(context, await load_writer("xlsx.workbook"), document, frame, facts.title if facts else "")
    return document.rows if frame is None else int(frame.height)


XLSX = Format(
    ReportFormat.XLSX,
    extension="xlsx",
    content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    write=write,
    check=lambda: FirstBytes(ReportFormat.XLSX, b"PK\x03\x04"),
)
