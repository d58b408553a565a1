"""Project status: cost, dates and team of each project as of now, and whether it has stalled. SQL only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Date, DateTime, Select, and_, any_, cast, func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from makrcave_analytics.metrics.sources.projects import is_over
from makrcave_analytics.models import equipment_usage_logs, inventory_analytics, project_analytics, usage_events
from makrcave_analytics.models.base import Identifier
from makrcave_analytics.models.makerspace import Makerspace

STALLED_AFTER = timedelta(days=30)
_LONGEST_USE = timedelta(days=32)


@dataclass(frozen=True)
class ProjectStatus:
    """The status of one project."""

    project_id: str
    total_cost: Decimal | None
    bom_items: int
    collaborators: int
    started_at: datetime | None
    due_at: datetime | None
    is_stalled: bool
    """Not over, begun more than 30 days ago, and named by no event, session or consumption of the last 30 days."""


def select_project_status(makerspace: Makerspace, now: datetime, ids: Sequence[str]) -> Select[Any]:
    """Select the fields of ProjectStatus for those of the ids that were synced."""
    project = project_analytics.c
    lately = literal(now - STALLED_AFTER, DateTime(timezone=True))
    is_young = func.coalesce(project.started_at > lately, literal(value=False))
    is_quiet = and_(*(~named.exists() for named in _select_recent_facts(makerspace, now)))
    return select(
        project.project_id,
        project.total_cost,
        project.bom_items_count.label("bom_items"),
        project.collaborators,
        project.started_at,
        project.due_at,
        and_(~func.coalesce(is_over(project), literal(value=False)), ~is_young, is_quiet).label("is_stalled"),
    ).where(
        project.makerspace_id == makerspace.id,
        project.project_id == any_(literal(list(ids), ARRAY(Identifier))),
    )


def _select_recent_facts(makerspace: Makerspace, now: datetime) -> list[Select[Any]]:
    """Select the facts of the last 30 days that name the project, one SELECT per kind of fact."""
    event, log, used = usage_events.c, equipment_usage_logs.c, inventory_analytics.c
    since = literal(now - STALLED_AFTER, DateTime(timezone=True))
    first_day = cast(func.timezone(literal(makerspace.time_zone, Text), since), Date)
    lately = {
        usage_events: event.timestamp >= since,
        # The index is on the start. A session without an end counts as recent.
        equipment_usage_logs: and_(
            log.start_time >= since - _LONGEST_USE,
            or_(func.coalesce(log.end_time, log.start_time) >= since, log.end_time.is_(None)),
        ),
        inventory_analytics: used.date >= first_day,
    }
    return [
        select(table.c.project_id).where(
            table.c.makerspace_id == makerspace.id,
            table.c.project_id == project_analytics.c.project_id,
            table.c.voided_at.is_(None),
            is_late,
        )
        for table, is_late in lately.items()
    ]
