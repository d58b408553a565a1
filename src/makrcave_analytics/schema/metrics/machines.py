"""Machines, each with its own numbers."""

from datetime import date, datetime

import strawberry
from strawberry.tools import create_type

from makrcave_analytics.metrics.catalog.equipment import used_hours
from makrcave_analytics.metrics.catalog.registry import section_metrics
from makrcave_analytics.metrics.catalog.usage import equipment_reservations
from makrcave_analytics.metrics.display.names import Entity, EquipmentStatus
from makrcave_analytics.metrics.vocabulary import Dimension, Section
from makrcave_analytics.resolvers.metrics import heatmap, lists, machines
from makrcave_analytics.resolvers.metrics.machines import MachineOrder
from makrcave_analytics.schema.common.connections import connection, listed, named
from makrcave_analytics.schema.common.fields import attribute, optional
from makrcave_analytics.schema.entities.things import Equipment
from makrcave_analytics.schema.metrics.heatmap import HourOfWeekCell
from makrcave_analytics.schema.metrics.metric import fields_of

strawberry.enum(
    MachineOrder,
    description="What machines are ordered by; those without a value last. NAME and MAINTENANCE_DUE ascending where "
    "nothing else is asked, others descending.",
)


@strawberry.input(description="Which machines; each field that is given narrows them further, an empty list does not.")
class MachineFilter(machines.MachineFilter):
    """Filter of machines."""

    ids: list[strawberry.ID] | None = optional("Any of these; at most 100.")
    search: str | None = optional("A part of the name or the id, in any case.")
    category: str | None = optional("The category, as synced.")
    status: EquipmentStatus | None = optional("As last synced; AVAILABLE where nobody said otherwise.")
    is_overdue: bool | None = optional("Whether maintenance is overdue, now.")


@strawberry.type(description="When a machine was maintained and when it is due, as of now.")
class MaintenanceStatus:
    """Maintenance of a machine: the last one and the next one due."""

    last_at: datetime | None = attribute("When the last maintenance ended; now while it goes on.")
    due_on: date | None = attribute("The day on which it is due; null where nothing says so.")
    hours_since_last: float | None = attribute("Hours of use since then; of all use where there was none.")
    interval_hours: float | None = attribute("Hours of use after which it is due.")
    interval_days: int | None = attribute("Days after which it is due.")
    is_overdue: bool = attribute("Whether that day has passed or the hours are reached; never of one out of service.")


_METRICS = [m for m in section_metrics(Section.EQUIPMENT) if Dimension.EQUIPMENT in m.dimensions]

Machine = create_type(
    "Machine",
    [
        named("equipment", Equipment, "The machine.", lists.thing(Entity.EQUIPMENT)),
        *fields_of([*_METRICS, equipment_reservations], lists.alone),
        named(
            "heatmap",
            list[HourOfWeekCell] | None,
            "Mean used hours of the machine per such hour of the week; 168 cells, Monday 0 h first.",
            lists.alone(heatmap.resolve_heatmap(used_hours)),
        ),
        named("maintenance", MaintenanceStatus, "When it was maintained and when it is due.", machines.maintenance),
    ],
    description="A machine, and the section's numbers of it alone.",
)

FIELD = listed(
    "machines",
    machines.page,
    connection("Machine", Machine),
    MachineFilter,
    "One row a machine, each number of it alone; those that nobody synced and a fact names too.",
)
