"""Factories of valid inputs; tests pass the fields that differ."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from makrcave_analytics.models.fact_kind import FactKind
from makrcave_analytics.recording.fact_inputs import (
    EquipmentUsageInput,
    InventoryUsageInput,
    RevenueInput,
    UsageEventInput,
    VoidInput,
)
from makrcave_analytics.recording.outcome import RecordOutcome

TEN = datetime(2026, 2, 10, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)
PRESENCE = """
    SELECT p.local_day::text, p.kind, string_agg(n.user_id, ' ' ORDER BY n.user_id) AS people
    FROM member_presence p
    JOIN members n ON n.makerspace_id = p.makerspace_id AND n.number / 4096 = p.chunk
         AND get_bit(p.bits, n.number % 4096) = 1
    GROUP BY 1, 2 ORDER BY 1, 2
"""
"""SELECT of the people present, by day and kind."""


def login(id: str | None = None, **fields: Any) -> UsageEventInput:  # noqa: A002
    return UsageEventInput(**{"event_type": "login", "user_id": "asha", "id": id, "timestamp": TEN} | fields)


def session(id: str | None = None, **fields: Any) -> EquipmentUsageInput:  # noqa: A002
    """A session, open unless an end is given."""
    usual = {"equipment_id": "m1", "start_time": TEN, "usage_type": "personal", "user_id": "asha", "id": id}
    return EquipmentUsageInput(**usual | fields)


def item_use(id: str | None = None, **fields: Any) -> InventoryUsageInput:  # noqa: A002
    usual = {"item_id": "i1", "date": date(2026, 2, 10), "quantity_consumed": 1.5, "cost_consumed": Decimal("12.50")}
    return InventoryUsageInput(**usual | {"id": id, "user_id": "asha"} | fields)


def payment(id: str = "t1", **fields: Any) -> RevenueInput:  # noqa: A002
    usual = {"transaction_date": date(2026, 2, 10), "revenue_source": "workshop", "amount": Decimal("119.00")}
    return RevenueInput(**{"transaction_id": id, "payment_method": "card", "customer_id": "asha"} | usual | fields)


def void_input(id: str, kind: FactKind = FactKind.EVENT, **fields: Any) -> VoidInput:  # noqa: A002
    return VoidInput(**{"kind": kind, "id": id, "reason": "a test"} | fields)


def statuses(outcome: RecordOutcome) -> list[str]:
    return [r.error.code.value if r.error else r.status.value for r in outcome.results]
