"""Types of machines, items and projects."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import strawberry

from makrcave_analytics.metrics.display.names import EquipmentStatus
from makrcave_analytics.resolvers.entities import things
from makrcave_analytics.schema.common.fields import of_row, resolved
from makrcave_analytics.schema.common.makerspace import OpeningHours
from makrcave_analytics.schema.entities.members import Member

strawberry.enum(EquipmentStatus, description="Whether a machine can be used, as it was last synced.")


def _quantity(attribute: str, description: str) -> Any:
    return resolved(things.quantity(attribute), description, float | None)


def _money(attribute: str, description: str) -> Any:
    return resolved(things.money(attribute), f"{description} Null without READ_MONEY.", Decimal | None)


@strawberry.type(description="A machine. Entities carry makerspaceId: ids are the caller's, unique only within it.")
class Equipment:
    """A machine."""

    makerspace_id = resolved(things.makerspace_id, "The makerspace that it stands in.", strawberry.ID)
    id = of_row("id", "The caller's own.", strawberry.ID)
    name = of_row("label", "The name, else the id.", str)
    category = of_row("category", "What kind of machine it is.", str | None)
    status = resolved(
        things.equipment_status, "As last synced; AVAILABLE where nobody said otherwise.", EquipmentStatus
    )
    hourly_rate = _money("hourly_rate", "What an hour costs, in the makerspace's currency.")
    in_service_from = of_row("in_service_from", "The first day in service.", date | None)
    in_service_until = of_row("in_service_until", "The last day in service.", date | None)
    opening_hours = resolved(
        things.opening_hours, "When it may be used: its own hours, else the makerspace's.", list[OpeningHours]
    )


@strawberry.type(description="An item of the stock, as last synced.")
class InventoryItem:
    """An item of the stock."""

    makerspace_id = resolved(things.makerspace_id, "The makerspace that keeps it.", strawberry.ID)
    id = of_row("id", "The caller's own.", strawberry.ID)
    name = of_row("label", "The name, else the id.", str)
    unit = resolved(things.item_unit, "What it is counted in; empty where nobody said.", str)
    category = of_row("category", "What kind of item it is.", str | None)
    supplier_type = of_row("supplier_type", "Where it comes from.", str | None)
    location = of_row("location", "Where it lies.", str | None)
    on_hand = _quantity("on_hand", "How much there is.")
    on_hand_at = of_row("on_hand_at", "When that was counted.", datetime | None)
    unit_cost = _money("unit_cost", "What one costs, in the makerspace's currency.")
    reorder_point = _quantity("reorder_point", "At how much it is to be ordered.")


@strawberry.type(description="A project, as last synced.")
class Project:
    """A project."""

    makerspace_id = resolved(things.makerspace_id, "The makerspace that it is made in.", strawberry.ID)
    id = of_row("id", "The caller's own.", strawberry.ID)
    name = of_row("label", "The name, else the id.", str)
    status = of_row("status", 'How far it is, as last synced; "unknown" where nobody synced it.', str)
    category = of_row("category", "What kind of project it is.", str | None)
    owner = resolved(things.owner, "Whose it is.", Member | None)
    progress = _quantity("progress", "How far it is, as last synced.")
    started_at = of_row("started_at", "When it began.", datetime | None)
    due_at = of_row("due_at", "When it should be done.", datetime | None)
    completed_at = of_row("completed_at", "When it was done.", datetime | None)
    cancelled_at = of_row("cancelled_at", "When it was given up.", datetime | None)
    total_cost = _money("total_cost", "What it cost, in the makerspace's currency.")
    bom_items = of_row("bom_items", "Items of its bill of materials.", int)
    external_items = of_row("external_items", "Those of them that come from outside.", int)
    collaborators = of_row("collaborators", "How many work on it.", int)
