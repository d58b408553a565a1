"""Maintenance status: when each machine was maintained and when it is due, as of now. SQL only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import DateTime, Select, and_, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from makrcave_analytics.metrics.sources.machines import serves
from makrcave_analytics.metrics.sources.maintenance import select_maintenance
from makrcave_analytics.models.base import Identifier
from makrcave_analytics.models.makerspace import Makerspace


@dataclass(frozen=True)
class MachineMaintenance:
    """The maintenance status of one machine."""

    equipment_id: str
    last_at: datetime | None
    """The end of its last maintenance; now while it goes on."""
    seconds: int
    """Seconds of use since then; of all use where there was no maintenance."""
    due_on: date | None
    maintenance_interval_hours: Decimal | None
    maintenance_interval_days: int | None
    is_overdue: bool
    """True only for machines in service."""


def select_maintenance_status(makerspace: Makerspace, now: datetime, ids: Sequence[str]) -> Select[Any]:
    """Select the fields of MachineMaintenance for each of the ids, synced or not."""
    instant, zone = literal(now, DateTime(timezone=True)), literal(makerspace.time_zone, Text)
    of = select_maintenance(makerspace.id, zone, instant, literal(list(ids), ARRAY(Identifier))).c
    return select(
        of.equipment_id,
        of.last_at,
        of.seconds,
        of.due_on,
        of.maintenance_interval_hours,
        of.maintenance_interval_days,
        and_(of.is_overdue, serves(of, instant, zone)).label("is_overdue"),
    )
