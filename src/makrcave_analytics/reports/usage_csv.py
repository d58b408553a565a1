"""USAGE as CSV: every event of the period, a row each, names beside ids. Voided events are not in it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from makrcave_analytics.auth import Permission
from makrcave_analytics.models import event_hours
from makrcave_analytics.period import Span
from makrcave_analytics.reports.csv import copy, instant_cell, set_time_zone, text_cell
from makrcave_analytics.reports.making import Made, Making, file_name
from makrcave_analytics.reports.row import Report

_NARROWED: Mapping[str, tuple[str, str]] = {
    "event_types": ("eventTypes", "e.event_type"),
    "equipment_ids": ("equipmentIds", "e.equipment_id"),
    "equipment_categories": ("equipmentCategories", "machine.category"),
    "item_ids": ("itemIds", "e.item_id"),
    "item_categories": ("itemCategories", "item.category"),
}
FILTERS = frozenset(_NARROWED)

# Names are made into cells where they are few, before they are joined to events.
_NAMES = f"""
LEFT JOIN (
    SELECT user_id, {text_cell("display_name")} AS name, pseudonym,
        'Member ' || upper(substr(pseudonym, 3, 4) || '-' || substr(pseudonym, 7, 4)) AS alias
    FROM members WHERE makerspace_id = $1
) person ON person.user_id = e.user_id
LEFT JOIN (
    SELECT equipment_id, {text_cell("name")} AS name, category FROM equipment WHERE makerspace_id = $1
) machine ON machine.equipment_id = e.equipment_id
LEFT JOIN (
    SELECT item_id, {text_cell("name")} AS name, category FROM inventory_items WHERE makerspace_id = $1
) item ON item.item_id = e.item_id
LEFT JOIN (
    SELECT project_id, {text_cell("name")} AS name FROM project_analytics WHERE makerspace_id = $1
) project ON project.project_id = e.project_id
"""  # noqa: S608 - of our own words only


async def make(making: Making) -> Made:
    """Write the file, all of it from one snapshot."""
    report = making.report
    async with making.snapshot() as (connection, makerspace):
        making.progress.stage = "Reading events"
        span = report.period(makerspace.calendar).span()
        expected = await connection.scalar(_expected(report, span))

        def counted(lines: int) -> None:
            making.progress.fraction = min(0.99, lines / max(int(expected or 0), lines))

        await set_time_zone(connection, makerspace.time_zone)
        query, arguments = usage_query(report, span.since, span.until)
        rows = await copy(connection, query, arguments, making.sink, counted)
        return Made(file_name(report, makerspace), rows, makerspace.data_version)


def usage_query(report: Report, since: datetime, until: datetime) -> tuple[str, tuple[Any, ...]]:
    """Return the SELECT of a report's rows over the half-open [since, until), and its arguments."""
    arguments: list[UUID | datetime | list[str]] = [report.makerspace.value, since, until]
    conditions = ["e.makerspace_id = $1", "e.timestamp >= $2", "e.timestamp < $3", "e.voided_at IS NULL"]
    for key, column in _NARROWED.values():
        if wanted := (report.filters or {}).get(key):
            arguments.append(wanted)
            conditions.append(f"{column} = ANY (${len(arguments)}::text[])")
    columns = ",\n    ".join(
        f"{cell} AS {name}" for name, cell in _columns(Permission.READ_PEOPLE in report.permissions).items()
    )
    where = " AND ".join(conditions)
    query = f"SELECT\n    {columns}\nFROM usage_events e{_NAMES}WHERE {where}\nORDER BY e.timestamp, e.id"
    return query, tuple(arguments)


def _columns(shows_people: bool) -> Mapping[str, str]:
    """Name the columns, in order, with the SQL of each."""
    return {
        "timestamp": instant_cell("e.timestamp"),
        "event_type": text_cell("e.event_type"),
        "event_category": text_cell("e.event_category"),
        "user_id": text_cell("e.user_id") if shows_people else "person.pseudonym",
        "member_name": "person.name" if shows_people else "person.alias",
        "equipment_id": text_cell("e.equipment_id"),
        "equipment_name": "machine.name",
        "item_id": text_cell("e.item_id"),
        "item_name": "item.name",
        "project_id": text_cell("e.project_id"),
        "project_name": "project.name",
        "metadata": "e.metadata" if shows_people else "NULL",
        "id": "e.id",
    }


def _expected(report: Report, span: Span) -> Any:
    """Select how many rows there will be, or somewhat more; for the progress only."""
    hours = event_hours.c
    events = select(func.sum(hours.events)).where(
        hours.makerspace_id == report.makerspace.value, hours.hour_start >= span.since, hours.hour_start < span.until
    )
    types = (report.filters or {}).get("eventTypes")
    return events.where(hours.event_type.in_(types)) if types else events
