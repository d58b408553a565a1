"""The kind of inventory usage: how much of which item was used up on which day, and its cost."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from makrcave_analytics.auth import RecordKind
from makrcave_analytics.errors import Invalid
from makrcave_analytics.models.currency import minor_units
from makrcave_analytics.models.fact_kind import FactKind
from makrcave_analytics.models.makerspace import Section
from makrcave_analytics.recording.checks.fields import (
    Bounds,
    fact_id,
    identifier,
    money,
    number,
    past_day,
    share,
    short_text,
)
from makrcave_analytics.recording.fact_inputs import InventoryUsageInput
from makrcave_analytics.recording.facts.kind import FactColumn, Kind
from makrcave_analytics.recording.locking import Locked

MAX_QUANTITY = 10**12


class CheckedInventoryUsage(NamedTuple):
    """Inventory usage as it is stored."""

    id: UUID
    item_id: str
    date: date
    quantity_consumed: Decimal
    cost_consumed: Decimal
    efficiency_score: Decimal | None
    waste_percentage: Decimal | None
    reorder_triggered: bool
    user_id: str | None
    project_id: str | None


def check_inventory_usage(raw: InventoryUsageInput, bounds: Bounds, fresh: Callable[[], UUID]) -> CheckedInventoryUsage:
    """Check one row; `fresh` makes an id where the sender gave none.

    Raises: Invalid, with the field's API name.
    """
    cost = money(raw.cost_consumed, "costConsumed")
    if cost < 0:
        raise Invalid("Must not be negative.", path=("costConsumed",))
    return CheckedInventoryUsage(
        fact_id(raw.id, FactKind.INVENTORY_USAGE, bounds, fresh),
        short_text(raw.item_id, "itemId", most=100),
        past_day(raw.date, bounds, "date"),
        number(raw.quantity_consumed, "quantityConsumed", MAX_QUANTITY),
        cost,
        share(raw.efficiency_score, "efficiencyScore"),
        share(raw.waste_percentage, "wastePercentage"),
        bool(raw.reorder_triggered),
        identifier(raw.user_id, "userId"),
        identifier(raw.project_id, "projectId"),
    )


def _check_currency(row: CheckedInventoryUsage, locked: Locked) -> CheckedInventoryUsage:
    money(row.cost_consumed, "costConsumed", minor_units(locked.currency))
    return row


def _touches(row: CheckedInventoryUsage) -> frozenset[Section]:
    return frozenset({Section.INVENTORY} | ({Section.USAGE} if row.user_id is not None else set()))


INVENTORY_USAGE = Kind(
    FactKind.INVENTORY_USAGE,
    RecordKind.INVENTORY,
    InventoryUsageInput,
    columns=(
        FactColumn("id", "uuid"),
        FactColumn("item_id"),
        FactColumn("date", "date"),
        FactColumn("quantity_consumed", "numeric"),
        FactColumn("cost_consumed", "numeric"),
        FactColumn("efficiency_score", "numeric"),
        FactColumn("waste_percentage", "numeric"),
        FactColumn("reorder_triggered", "bool"),
        FactColumn("user_id"),
        FactColumn("project_id"),
    ),
    check=check_inventory_usage,
    settle=_check_currency,
    sections=frozenset({Section.INVENTORY, Section.USAGE}),
    touches=_touches,
)
