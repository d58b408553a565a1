"""PROJECTS: started and completed projects, their cost, and the largest ones."""

import asyncio
from collections.abc import Sequence
from decimal import Decimal

from makrcave_analytics.metrics.catalog import projects
from makrcave_analytics.metrics.catalog.registry import section_metrics
from makrcave_analytics.metrics.display.names import Entity, Project, rows_from, select_rows
from makrcave_analytics.metrics.vocabulary import Dimension, Section, Unit
from makrcave_analytics.period import local
from makrcave_analytics.reports.content import document
from makrcave_analytics.reports.content.context import ReportContext
from makrcave_analytics.reports.content.definition import ReportDefinition
from makrcave_analytics.reports.content.document import Column, DocumentTable, Mark, Value
from makrcave_analytics.reports.content.templates import parts, tables
from makrcave_analytics.reports.vocabulary import ReportType

_TOP = 15
_STARTED = (projects.projects_started, projects.completion_rate, projects.total_cost)


async def template(context: ReportContext) -> Sequence[document.Chapter]:
    """Put the report together."""
    context.money_note()
    grain = parts.by_month(context.scope)
    whole, over_time, statuses, categories = await asyncio.gather(
        parts.totals(context, section_metrics(Section.PROJECTS)),
        parts.over_time(context, "Projects completed per", (projects.completed_projects,), grain, Mark.COLUMN),
        tables.breakdown(context, "By status", _STARTED[:1], Dimension.PROJECT_STATUS),
        tables.breakdown(context, "By category", _STARTED, Dimension.PROJECT_CATEGORY),
    )
    costly, large, long = await asyncio.gather(
        tables.breakdown(context, "Costliest", (projects.total_cost,), Dimension.PROJECT, _TOP),
        tables.breakdown(context, "Largest bills of materials", (projects.bom_items,), Dimension.PROJECT, _TOP),
        tables.breakdown(context, "Most machine hours", (projects.machine_hours,), Dimension.PROJECT, _TOP),
    )
    return (
        document.Chapter("Projects", parts.blocks(whole)),
        document.Chapter("Completed", parts.blocks(over_time)),
        document.Chapter("Status and category", parts.blocks(statuses, categories)),
        document.Chapter("Largest projects", parts.blocks(costly, large, long)),
    )


async def listing(context: ReportContext) -> DocumentTable:
    """List all projects with their machine hours of the period."""
    found = rows_from(
        Entity.PROJECT, await context.reading.snapshot.fetch(select_rows(Entity.PROJECT, context.makerspace.id))
    )
    number = context.number(projects.machine_hours, Dimension.PROJECT)
    hours = await tables.values_by(context, number, Dimension.PROJECT) if number else {}
    owners = {row.owner_id for row in found if row.owner_id is not None}
    named = await tables.named(context, Dimension.MEMBER, sorted(owners))
    rows = [_row(context, row, named.get(row.owner_id or ""), hours.get(row.id) or Decimal(0)) for row in found]
    rows.sort(key=lambda row: (str(row[1]).casefold(), str(row[0])))
    return DocumentTable("All projects", _COLUMNS, rows)


def _row(context: ReportContext, row: Project, owner: tuple[str, str] | None, hours: Decimal) -> tuple[Value, ...]:
    zone = context.makerspace.calendar.zone
    moments = (row.started_at, row.due_at, row.completed_at, row.cancelled_at)
    return (
        row.id,
        row.label,
        row.status,
        row.category,
        *(owner or (None, None)),
        row.progress,
        *(None if moment is None else local(moment, zone) for moment in moments),
        row.total_cost if context.visibility.money else None,
        Decimal(row.bom_items),
        Decimal(row.external_items),
        Decimal(row.collaborators),
        hours,
    )


_COLUMNS = (
    Column("project_id", "Id", is_wide=True),
    Column("project_name", "Project", is_wide=True),
    Column("status", "Status"),
    Column("category", "Category"),
    Column("owner_id", "Owner's id"),
    Column("owner_name", "Owner", is_wide=True),
    Column("progress", "Progress", Unit.PERCENT),
    Column("started_at", "Started"),
    Column("due_at", "Due"),
    Column("completed_at", "Completed"),
    Column("cancelled_at", "Cancelled"),
    Column("total_cost", "Cost", Unit.MONEY),
    Column("bom_items", "Items", Unit.COUNT),
    Column("external_items", "External", Unit.COUNT),
    Column("collaborators", "People", Unit.COUNT),
    Column("machine_hours", "Machine hours", Unit.HOURS),
)


DEFINITION = ReportDefinition(
    type=ReportType.PROJECTS,
    title="Projects",
    template=template,
    listing=listing,
    lists_in_workbook=True,
)
