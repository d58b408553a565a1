"""Counts as of now that no metric measures: projects, items, machines in use. SQL only."""

from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, Select, and_, func, literal, literal_column, or_, select, union
from sqlalchemy.types import Text

from makrcave_analytics.metrics.sources.machines import serves
from makrcave_analytics.metrics.sources.sessions import IS_DOWNTIME, OPEN_HOURS, REACH
from makrcave_analytics.metrics.sources.sql.first_day import first_day_of
from makrcave_analytics.models import (
    equipment,
    equipment_usage_logs,
    inventory_analytics,
    inventory_items,
    project_analytics,
)
from makrcave_analytics.models.makerspace import Makerspace


def select_current_counts(makerspace: Makerspace, now: datetime) -> Select[Any]:
    """Select one row: how many `projects` and `items` there are, machines `in_use`, and the `first_day` with a fact."""
    projects = select(func.count()).where(project_analytics.c.makerspace_id == makerspace.id)
    counted = {
        "projects": projects,
        "items": _select_count(_select_items(makerspace)),
        "in_use": _select_count(_select_machines_in_use(makerspace, now)),
    }
    values: dict[str, Any] = {name: count.scalar_subquery() for name, count in counted.items()}
    values["first_day"] = first_day_of(makerspace)
    return select(*(value.label(name) for name, value in values.items()))


def _select_count(ids: Any) -> Select[Any]:
    return select(func.count()).select_from(ids.subquery())


def _select_items(makerspace: Makerspace) -> Any:
    """Select the ids of items that were synced or consumed."""
    used = inventory_analytics.c
    return union(
        select(inventory_items.c.item_id).where(inventory_items.c.makerspace_id == makerspace.id),
        select(used.item_id).where(used.makerspace_id == makerspace.id, used.voided_at.is_(None)),
    )


def _select_machines_in_use(makerspace: Makerspace, now: datetime) -> Any:
    """Select the machines with a session that covers now, or with the status IN_USE.

    A session without an end counts for OPEN_HOURS only; after that it was forgotten.
    """
    log, machine = equipment_usage_logs.c, equipment.c
    at: Any = literal(now, DateTime(timezone=True))
    day: Any = literal_column(f"interval '{OPEN_HOURS} hours'")
    runs = and_(log.end_time.is_(None), log.start_time > at - day)
    return union(
        select(log.equipment_id).where(
            log.makerspace_id == makerspace.id,
            log.voided_at.is_(None),
            ~IS_DOWNTIME,
            log.start_time > at - REACH,
            log.start_time <= at,
            or_(log.end_time > at, runs),
        ),
        select(machine.equipment_id).where(
            machine.makerspace_id == makerspace.id,
            machine.status == literal_column("'IN_USE'"),
            serves(machine, at, literal(makerspace.time_zone, Text)),
        ),
    )
