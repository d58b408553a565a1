"""EQUIPMENT: how much machines are used and when, their revenue, and when maintenance is due."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import literal, select
from sqlalchemy.types import Text

from makrcave_analytics.metrics.analyses.maintenance_status import MachineMaintenance, select_maintenance_status
from makrcave_analytics.metrics.catalog import equipment
from makrcave_analytics.metrics.catalog.registry import section_metrics
from makrcave_analytics.metrics.display.names import Entity, Equipment, rows_from, select_rows
from makrcave_analytics.metrics.notes.equipment import select_session_quality, session_notes
from makrcave_analytics.metrics.sources.machines import select_machines
from makrcave_analytics.metrics.vocabulary import Dimension, Section
from makrcave_analytics.reports.content import document
from makrcave_analytics.reports.content.context import ReportContext
from makrcave_analytics.reports.content.definition import ReportDefinition
from makrcave_analytics.reports.content.document import Column, DocumentTable, Value
from makrcave_analytics.reports.content.fact_rows import SESSIONS
from makrcave_analytics.reports.content.templates import parts, tables
from makrcave_analytics.reports.vocabulary import ReportType

_OF_MACHINE = (
    equipment.used_hours,
    equipment.sessions,
    equipment.machine_users,
    equipment.utilization,
    equipment.uptime,
    equipment.revenue,
    equipment.revenue_per_used_hour,
)


async def template(context: ReportContext) -> Sequence[document.Chapter]:
    """Put the report together."""
    await note(context)
    context.money_note()
    whole, over_time, heatmap, each = await asyncio.gather(
        parts.totals(context, section_metrics(Section.EQUIPMENT)),
        parts.over_time(context, "Used hours per", (equipment.used_hours,), parts.by_day(context.scope)),
        parts.heatmap(context, "Used hours by weekday and hour", equipment.used_hours, "Mean used hours in the hour"),
        _machines(context),
    )
    return (
        document.Chapter("Equipment", parts.blocks(whole)),
        document.Chapter("Over time", parts.blocks(over_time)),
        document.Chapter("Hours of the week", parts.blocks(heatmap)),
        document.Chapter("Machines", parts.blocks(each, tables.bars(each, "Used hours by machine", 3))),
    )


async def note(context: ReportContext) -> None:
    """Add the notes on machine sessions."""
    scope = context.scope
    statement = select_session_quality(scope.makerspace, scope.period.span(), scope.period.now)
    (found,) = await context.reading.snapshot.fetch(statement)
    context.note(*session_notes(found))


async def registry(context: ReportContext) -> list[Equipment]:
    """Return the machines that the report is about, by name."""
    rows = rows_from(Entity.EQUIPMENT, await context.reading.snapshot.fetch(_select(context)))
    return sorted(rows, key=lambda row: (row.label.casefold(), row.id))


async def upkeep(context: ReportContext, ids: Sequence[str]) -> Mapping[str, MachineMaintenance]:
    """Return the maintenance status of machines by id."""
    rows = await context.reading.snapshot.fetch(
        select_maintenance_status(context.makerspace, context.scope.period.now, ids)
    )
    return {row["equipment_id"]: MachineMaintenance(**row) for row in rows}


def _select(context: ReportContext) -> Any:
    filters = context.report.filters or {}
    statement = select_rows(Entity.EQUIPMENT, context.makerspace.id)
    key, category = statement.selected_columns["id"], statement.selected_columns["category"]
    if "equipmentIds" in filters:
        statement = statement.where(key.in_(filters["equipmentIds"]))
    return (
        statement.where(category.in_(filters["equipmentCategories"])) if "equipmentCategories" in filters else statement
    )


async def _every(context: ReportContext) -> list[str]:
    """Return the ids of all machines that the report is about, also those that only facts name."""
    filters = context.report.filters or {}
    every = select_machines(context.makerspace.id, literal(context.makerspace.time_zone, Text)).c
    statement = select(every.equipment_id)
    if "equipmentIds" in filters:
        statement = statement.where(every.equipment_id.in_(filters["equipmentIds"]))
    if "equipmentCategories" in filters:
        statement = statement.where(every.category.in_(filters["equipmentCategories"]))
    rows = await context.reading.snapshot.fetch(statement.order_by(every.equipment_id))
    return [row["equipment_id"] for row in rows]


async def _machines(context: ReportContext) -> DocumentTable:
    """List every machine, those used most first, the others by name."""
    by = Dimension.EQUIPMENT
    numbers = context.numbers(_OF_MACHINE, by)
    keys = await _every(context)
    found = await asyncio.gather(*(tables.values_by(context, number, by) for number in numbers))
    due, names = await asyncio.gather(
        upkeep(context, keys), context.reading.names.load_many((Entity.EQUIPMENT, k) for k in keys)
    )
    nothing = [number.metric.combine((None,) * len(number.metric.measures)) for number in numbers]
    rows: list[tuple[Value, ...]] = []
    for row in names:
        values = [each.get(row.id, none) for each, none in zip(found, nothing, strict=True)]
        one = due.get(row.id)
        state: tuple[Value, ...] = (one.due_on, one.is_overdue) if one else (None, None)
        category = row.category if isinstance(row, Equipment) else None
        rows.append((row.label, row.id, category, *values, *state))
    rows.sort(key=lambda row: -(row[3] or 0))  # type: ignore[operator]  # hours, or None
    columns = (
        Column("equipment_name", "Machine", is_wide=True),
        Column("equipment_id", "Id", is_wide=True),
        Column("category", "Category", is_wide=True),
        *(parts.metric_column(number.metric) for number in numbers),
        Column("maintenance_due_on", "Due on"),
        Column("is_overdue", "Overdue"),
    )
    return DocumentTable("Machines", columns, rows)


DEFINITION = ReportDefinition(
    type=ReportType.EQUIPMENT,
    title="Equipment",
    template=template,
    facts=SESSIONS,
)
