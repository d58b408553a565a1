"""Inputs of members, machines, items and projects. A field that is left out keeps its value; null clears it."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import strawberry

from makrcave_analytics.metrics.display.names import EquipmentStatus
from makrcave_analytics.period import DayOfWeek
from makrcave_analytics.recording import entity_inputs, parsing
from makrcave_analytics.schema.common.fields import attribute


def keepable(description: str) -> Any:
    """Declare a field of an input for which leaving it out differs from null."""
    return strawberry.field(default=strawberry.UNSET, description=description)


class Keeping:
    """An input with keepable fields: a field that was left out is `ABSENT`."""

    def __post_init__(self) -> None:
        """Replace Strawberry's UNSET by ABSENT."""
        for name, value in list(vars(self).items()):
            if value is strawberry.UNSET:
                setattr(self, name, parsing.ABSENT)


@strawberry.input(description='Local times, "09:00" to "21:30"; to may be "24:00".')
class OpeningHoursInput(entity_inputs.OpeningHoursInput):
    """A stretch of a day."""

    day: DayOfWeek = attribute("The day of the week.")
    from_: str = strawberry.field(name="from", description="When it opens.")
    to: str = attribute("When it closes; after midnight, give a stretch for each day.")


_UPDATED_AT = "When it was changed at the source; what is older than what is there is ignored."


@strawberry.input(description="A member. What is left out stays as it is; null clears.")
class MemberInput(Keeping, entity_inputs.MemberInput):
    """A member."""

    user_id: strawberry.ID = attribute("As facts name them.")
    display_name: str | None = keepable("For people.")
    joined_on: date | None = keepable("The first day as a member.")
    left_on: date | None = keepable("The last day as a member.")
    plan: str | None = keepable("What they pay for.")
    updated_at: datetime | None = keepable(_UPDATED_AT)


@strawberry.input(description="A machine. What is left out stays as it is; null clears.")
class EquipmentInput(Keeping, entity_inputs.EquipmentInput):
    """A machine."""

    id: strawberry.ID = attribute("As facts name it.")
    name: str | None = keepable("For people.")
    category: str | None = keepable("What kind of machine it is.")
    status: EquipmentStatus | None = keepable("Whether it can be used. Default: AVAILABLE.")
    hourly_rate: Decimal | None = keepable("What an hour costs, in the makerspace's currency.")
    in_service_from: date | None = keepable("The first day in service.")
    in_service_until: date | None = keepable("The last day in service.")
    next_maintenance_on: date | None = keepable("The day on which maintenance is planned.")
    maintenance_interval_hours: float | None = keepable("Hours of use after which it is due.")
    maintenance_interval_days: int | None = keepable("Days after which it is due.")
    opening_hours: list[OpeningHoursInput] | None = keepable("Its own; null: the makerspace's.")
    updated_at: datetime | None = keepable(_UPDATED_AT)


@strawberry.input(description="An item of the stock. What is left out stays as it is; null clears.")
class InventoryItemInput(Keeping, entity_inputs.InventoryItemInput):
    """An item of the stock."""

    id: strawberry.ID = attribute("As facts name it.")
    name: str | None = keepable("For people.")
    unit: str | None = keepable("What it is counted in: kg, m, sheets …")
    category: str | None = keepable("What kind of item it is.")
    supplier_type: str | None = keepable("Where it comes from.")
    location: str | None = keepable("Where it lies.")
    on_hand: float | None = keepable("How much there is.")
    on_hand_at: datetime | None = keepable("When that was counted.")
    unit_cost: Decimal | None = keepable("What one unit costs, in the makerspace's currency.")
    reorder_point: float | None = keepable("The quantity at which more is ordered.")
    updated_at: datetime | None = keepable(_UPDATED_AT)


@strawberry.input(description="A project. What is left out stays as it is; null clears.")
class ProjectInput(Keeping, entity_inputs.ProjectInput):
    """A project."""

    id: strawberry.ID = attribute("As facts name it.")
    name: str | None = keepable("For people.")
    status: str | None = keepable("planned, in_progress, on_hold, completed, cancelled … Default: planned.")
    category: str | None = keepable("What kind of project it is.")
    owner_id: strawberry.ID | None = keepable("Whose it is.")
    progress: float | None = keepable("0 to 100.")
    started_at: datetime | None = keepable("When work began.")
    due_at: datetime | None = keepable("When it shall be done.")
    completed_at: datetime | None = keepable("When it was done.")
    cancelled_at: datetime | None = keepable("When it was given up.")
    total_cost: Decimal | None = keepable("What it cost, in the makerspace's currency.")
    bom_items: int | None = keepable("Lines of its bill of materials.")
    external_items: int | None = keepable("Of these, the ones bought elsewhere.")
    collaborators: int | None = keepable("People who work on it.")
    updated_at: datetime | None = keepable(_UPDATED_AT)
