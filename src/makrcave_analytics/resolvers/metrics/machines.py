"""Resolvers of the list of machines: those synced, and those that a fact names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from makrcave_analytics.metrics.analyses.maintenance_status import MachineMaintenance, select_maintenance_status
from makrcave_analytics.metrics.catalog import equipment
from makrcave_analytics.metrics.catalog.equipment import SECONDS_PER_HOUR
from makrcave_analytics.metrics.display.names import Entity, EquipmentStatus
from makrcave_analytics.metrics.metric import divide
from makrcave_analytics.metrics.results.number import Value
from makrcave_analytics.metrics.vocabulary import Dimension
from makrcave_analytics.period import local
from makrcave_analytics.resolvers.common.paging import Page
from makrcave_analytics.resolvers.metrics.lists import EntityList, ListRow, Order, ThingFilter
from makrcave_analytics.resolvers.metrics.metric import as_float
from makrcave_analytics.resolvers.metrics.scope import Question


class MachineOrder(StrEnum):
    """Orders of machines."""

    NAME = "NAME"
    USED_HOURS = "USED_HOURS"
    UTILIZATION = "UTILIZATION"
    REVENUE = "REVENUE"
    MAINTENANCE_DUE = "MAINTENANCE_DUE"


@dataclass
class MachineFilter(ThingFilter):
    """Filter of machines."""

    category: str | None = None
    status: EquipmentStatus | None = None
    is_overdue: bool | None = None


@dataclass(frozen=True)
class MaintenanceStatus:
    """Maintenance of a machine: the last one and the next one due."""

    last_at: datetime | None
    due_on: date | None
    hours_since_last: float | None
    interval_hours: float | None
    interval_days: int | None
    is_overdue: bool


async def page(
    root: Question,
    filter: MachineFilter | None = None,  # noqa: A002 - the contract's name
    first: int = 50,
    after: str | None = None,
    order_by: MachineOrder = MachineOrder.USED_HOURS,
    descending: bool | None = None,
) -> Page[ListRow[MachineMaintenance]]:
    """Return a page of machines."""
    return await MACHINES.page(root, filter, order_by, descending, first, after)


async def maintenance(root: ListRow[MachineMaintenance]) -> MaintenanceStatus:
    """Return the last maintenance of a machine and when the next is due."""
    of = await root.detail()
    zone = root.question.scope.makerspace.calendar.zone
    return MaintenanceStatus(
        last_at=None if of.last_at is None else local(of.last_at, zone),
        due_on=of.due_on,
        hours_since_last=as_float(divide(of.seconds, SECONDS_PER_HOUR)),
        interval_hours=as_float(of.maintenance_interval_hours),
        interval_days=of.maintenance_interval_days,
        is_overdue=of.is_overdue,
    )


async def _upkeep(root: Question, ids: Sequence[str]) -> Mapping[str, MachineMaintenance]:
    statement = select_maintenance_status(root.scope.makerspace, root.scope.period.now, ids)
    return {row["equipment_id"]: MachineMaintenance(**row) for row in await root.reading.fetch(statement)}


def _due(of: MachineMaintenance) -> Value:
    return None if of.due_on is None else Decimal(of.due_on.toordinal())


_ORDERS: Mapping[StrEnum, Order[MachineMaintenance]] = {
    MachineOrder.NAME: Order(is_descending=False),
    MachineOrder.USED_HOURS: Order(equipment.used_hours),
    MachineOrder.UTILIZATION: Order(equipment.utilization),
    MachineOrder.REVENUE: Order(equipment.revenue),
    MachineOrder.MAINTENANCE_DUE: Order(detail=_due, is_descending=False),
}
MACHINES = EntityList(
    name="machines",
    entity=Entity.EQUIPMENT,
    dimension=Dimension.EQUIPMENT,
    orders=_ORDERS,
    details=_upkeep,
    flag=("is_overdue", lambda of: of.is_overdue),
)
