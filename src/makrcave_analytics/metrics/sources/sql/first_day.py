"""The local day of the first fact of a makerspace, of any kind: ALL_TIME begins on it. SQL only."""

from typing import Any

from sqlalchemy import ColumnElement, Date, Select, Text, Uuid, cast, func, literal, select

from makrcave_analytics.models import FACT_TABLES, FactTable, event_hours
from makrcave_analytics.models.fact_kind import FactKind
from makrcave_analytics.models.makerspace import Makerspace


def select_first_day(makerspace_id: Any, zone: Any) -> ColumnElement[Any]:
    """Return the local day of the first fact, or null. One index lookup per kind."""
    return func.least(*(first.scalar_subquery() for first in select_first_days(makerspace_id, zone)))


def select_first_days(makerspace_id: Any, zone: Any, *, with_voided: bool = False) -> list[Select[Any]]:
    """Select the local day of the first fact of each kind. Of events, the first with an hour in the roll-up."""
    return [
        select(func.min(event_hours.c.local_day)).where(event_hours.c.makerspace_id == makerspace_id)
        if kind is FactKind.EVENT
        else _first_of(stored, makerspace_id, zone, with_voided=with_voided)
        for kind, stored in FACT_TABLES.items()
    ]


def _first_of(stored: FactTable, makerspace_id: Any, zone: Any, *, with_voided: bool) -> Select[Any]:
    column = stored.table.c
    first = func.min(column[stored.when])
    day = first if stored.has_days else cast(func.timezone(zone, first), Date)
    found = select(day).where(column.makerspace_id == makerspace_id)
    return found if with_voided else found.where(column.voided_at.is_(None))


def first_day_of(makerspace: Makerspace) -> ColumnElement[Any]:
    """Return the local day of the first fact of one makerspace, or null."""
    return select_first_day(literal(makerspace.id, Uuid), literal(makerspace.time_zone, Text))
