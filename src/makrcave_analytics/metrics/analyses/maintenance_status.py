"""How machines are kept up: when each was maintained and when it is due, as of now. SQL only."""

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
    """How one machine is kept up."""

    equipment_id: str
    last_at: datetime | None
    """When its last maintenance ended; now while it goes on."""
    seconds: int
    """Of use since then; of all use where there was none."""
    due_on: date | None
    maintenance_interval_hours: Decimal | None
    maintenance_interval_days: int | None
    is_overdue: bool
    """Only of machines in service."""


def select_maintenance_status(makerspace: Makerspace, now: datetime, ids: Sequence[str]) -> Select[Any]:
    """Select the upkeep of each of the ids, whether somebody synced it or not."""
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
