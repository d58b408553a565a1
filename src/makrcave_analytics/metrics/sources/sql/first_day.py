"""The local day of the first fact of a makerspace, of any kind: ALL_TIME begins on it. SQL only."""

from typing import Any

from sqlalchemy import ColumnElement, Date, Text, Uuid, cast, func, literal, select

from makrcave_analytics.models import equipment_usage_logs, event_hours, inventory_analytics, revenue_analytics
from makrcave_analytics.models.makerspace import Makerspace


def select_first_day(makerspace_id: Any, zone: Any) -> ColumnElement[Any]:
    """Return the local day of the first fact, or null. One index lookup per kind of fact."""
    begun = cast(func.timezone(zone, func.min(equipment_usage_logs.c.start_time)), Date)
    firsts = (
        select(func.min(event_hours.c.local_day)).where(event_hours.c.makerspace_id == makerspace_id),
        *(
            select(first).where(table.c.makerspace_id == makerspace_id, table.c.voided_at.is_(None))
            for table, first in (
                (equipment_usage_logs, begun),
                (inventory_analytics, func.min(inventory_analytics.c.date)),
                (revenue_analytics, func.min(revenue_analytics.c.transaction_date)),
            )
        ),
    )
    return func.least(*(first.scalar_subquery() for first in firsts))


def first_day_of(makerspace: Makerspace) -> ColumnElement[Any]:
    """Return the local day of the first fact of one makerspace, or null."""
    return select_first_day(literal(makerspace.id, Uuid), literal(makerspace.time_zone, Text))
