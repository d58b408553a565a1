"""From a report to its file, written by its format from one snapshot."""

from makrcave_analytics.reports.content.context import Made, ReportJob, open_context
from makrcave_analytics.reports.rendering.file_names import file_name
from makrcave_analytics.reports.rendering.registry import format_of


async def build(job: ReportJob) -> Made:
    """Write the file of a report, all of it from one snapshot."""
    async with open_context(job) as context:
        rows = await format_of(job.report.format).write(context)
        return Made(file_name(job.report, context.makerspace), rows, context.makerspace.data_version)
