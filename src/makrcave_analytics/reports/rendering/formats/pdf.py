"""PDF: the document on pages."""

from makrcave_analytics.reports.content.composition import compose
from makrcave_analytics.reports.content.context import ReportContext
from makrcave_analytics.reports.rendering.file_format import FirstBytes, Format
from makrcave_analytics.reports.rendering.staging import load_writer, write_staged
from makrcave_analytics.reports.vocabulary import ReportFormat


async def write(context: ReportContext) -> int:
    """Write the pages; counted are the rows of its tables."""
    document = await compose(context)
    context.stage("Drawing charts", 0.4)
    await write_staged(context, await load_writer("pdf.document"), document)
    return document.rows


PDF = Format(
    ReportFormat.PDF,
    extension="pdf",
    content_type="application/pdf",
    write=write,
    check=lambda: FirstBytes(ReportFormat.PDF, b"%PDF-"),
)
