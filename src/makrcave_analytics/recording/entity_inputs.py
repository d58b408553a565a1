"""Inputs of synced entities and of makerspaces, as plain values. Nothing here is checked yet.

ABSENT: the field was left out, and the stored value stays. None clears it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from makrcave_analytics.period import DayOfWeek
from makrcave_analytics.recording.parsing import ABSENT, Absent, Malformed


@dataclass
class OpeningHoursInput:
    """A stretch of a day, local times: "09:00" to "24:00"."""

    day: DayOfWeek
    from_: str
    to: str


@dataclass
class MemberInput:
    """A member."""

    user_id: str
    display_name: str | Absent | None = ABSENT
    joined_on: date | Malformed | Absent | None = ABSENT
    left_on: date | Malformed | Absent | None = ABSENT
    """The last day as a member."""
    plan: str | Absent | None = ABSENT
    updated_at: datetime | Malformed | Absent | None = ABSENT


@dataclass
class EquipmentInput:
    """A machine."""

    id: str
    name: str | Absent | None = ABSENT
    category: str | Absent | None = ABSENT
    status: str | Absent | None = ABSENT
    hourly_rate: Decimal | Malformed | Absent | None = ABSENT
    in_service_from: date | Malformed | Absent | None = ABSENT
    in_service_until: date | Malformed | Absent | None = ABSENT
    """The last day in service."""
    next_maintenance_on: date | Malformed | Absent | None = ABSENT
    maintenance_interval_hours: float | Absent | None = ABSENT
    maintenance_interval_days: int | Absent | None = ABSENT
    opening_hours: Sequence[OpeningHoursInput] | Absent | None = ABSENT
    """None: the makerspace's."""
    updated_at: datetime | Malformed | Absent | None = ABSENT


@dataclass
class InventoryItemInput:
    """An item of the stock."""

    id: str
    name: str | Absent | None = ABSENT
    unit: str | Absent | None = ABSENT
    category: str | Absent | None = ABSENT
    supplier_type: str | Absent | None = ABSENT
    location: str | Absent | None = ABSENT
    on_hand: float | Absent | None = ABSENT
    on_hand_at: datetime | Malformed | Absent | None = ABSENT
    unit_cost: Decimal | Malformed | Absent | None = ABSENT
    reorder_point: float | Absent | None = ABSENT
    updated_at: datetime | Malformed | Absent | None = ABSENT


@dataclass
class ProjectInput:
    """A project."""

    id: str
    name: str | Absent | None = ABSENT
    status: str | Absent | None = ABSENT
    category: str | Absent | None = ABSENT
    owner_id: str | Absent | None = ABSENT
    progress: float | Absent | None = ABSENT
    """0 to 100."""
    started_at: datetime | Malformed | Absent | None = ABSENT
    due_at: datetime | Malformed | Absent | None = ABSENT
    completed_at: datetime | Malformed | Absent | None = ABSENT
    cancelled_at: datetime | Malformed | Absent | None = ABSENT
    total_cost: Decimal | Malformed | Absent | None = ABSENT
    bom_items: int | Absent | None = ABSENT
    external_items: int | Absent | None = ABSENT
    collaborators: int | Absent | None = ABSENT
    updated_at: datetime | Malformed | Absent | None = ABSENT


@dataclass
class MakerspaceInput:
    """A new makerspace."""

    name: str
    time_zone: str
    currency: str
    id: str | None = None
    """A UUID."""
    locale: str | None = None


@dataclass
class ClosureInput:
    """Closed days, both included."""

    start_date: date | Malformed
    end_date: date | Malformed
    name: str | None = None
