"""Inputs of facts, as plain values. Nothing here is checked yet.

None: the field was left out or null. No slots: the API derives its input types from these classes.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from makrcave_analytics.models.fact_kind import FactKind
from makrcave_analytics.recording.parsing import Malformed


@dataclass
class UsageEventInput:
    """An event: who did what, where and when."""

    event_type: str
    id: str | None = None
    user_id: str | None = None
    event_category: str | None = None
    equipment_id: str | None = None
    item_id: str | None = None
    project_id: str | None = None
    metadata: Any = None
    """Parsed JSON; refused unless an object or None."""
    timestamp: datetime | Malformed | None = None


@dataclass
class EquipmentUsageInput:
    """A session at a machine, or its maintenance or repair. Without duration and end it is still running."""

    equipment_id: str
    start_time: datetime | Malformed
    usage_type: str
    id: str | None = None
    user_id: str | None = None
    duration_minutes: int | None = None
    end_time: datetime | Malformed | None = None
    materials_used: Any = None
    """Parsed JSON; refused unless an object, a list or None."""
    project_id: str | None = None
    succeeded: bool | None = None
    energy_kwh: float | None = None


@dataclass
class InventoryUsageInput:
    """A quantity of one item that was used up on one day."""

    item_id: str
    date: date | Malformed
    quantity_consumed: float
    cost_consumed: Decimal | Malformed
    """In the makerspace's currency."""
    id: str | None = None
    efficiency_score: float | None = None
    """0 to 100, like the waste."""
    waste_percentage: float | None = None
    reorder_triggered: bool | None = None
    user_id: str | None = None
    project_id: str | None = None


@dataclass
class RevenueInput:
    """A line of a transaction; its id is (transaction_id, line_id)."""

    transaction_id: str
    transaction_date: date | Malformed
    revenue_source: str
    amount: Decimal | Malformed
    """The amount paid, tax included; negative: a refund."""
    payment_method: str
    line_id: str | None = "1"
    tax_amount: Decimal | Malformed | None = None
    currency: str | None = None
    """None: the makerspace's."""
    customer_id: str | None = None
    equipment_id: str | None = None
    is_recurring: bool | None = None
    service_from: date | Malformed | None = None
    service_until: date | Malformed | None = None
    """The last day."""
    refund_of: str | None = None


@dataclass
class VoidInput:
    """A fact to void."""

    kind: FactKind
    id: str
    """The stored id, or the sender's own; of revenue the transaction's."""
    reason: str
    line_id: str | None = None
    """The line, of revenue only; None: "1", as in recording."""
