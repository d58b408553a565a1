"""Stored facts, row by row: which of them, in which order, where a page goes on. SQL only; what is asked is checked.

A kind of fact is declared once, as the list that clients turn the pages of.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import Column, ColumnElement, Date, Select, Table, any_, literal, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY

from makrcave_analytics.models import (
    equipment_usage_logs,
    inventory_analytics,
    members,
    revenue_analytics,
    usage_events,
)
from makrcave_analytics.models.fact_kind import FactKind

R = TypeVar("R")
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Fact:
    """A stored row; who it is about is another column in each kind."""

    voided_at: datetime | None

    @property
    def is_voided(self) -> bool:
        """Whether it was taken out of every number."""
        return self.voided_at is not None


@dataclass(frozen=True)
class UsageEvent(Fact):
    """A stored event."""

    id: UUID
    user_id: str | None
    event_type: str
    event_category: str
    equipment_id: str | None
    item_id: str | None
    project_id: str | None
    metadata: Any
    timestamp: datetime
    recorded_at: datetime


@dataclass(frozen=True)
class EquipmentLog(Fact):
    """A stored session at a machine, maintenance or repair."""

    id: UUID
    equipment_id: str
    user_id: str | None
    start_time: datetime
    end_time: datetime | None
    duration_minutes: int | None
    usage_type: str
    materials_used: Any
    project_id: str | None
    succeeded: bool | None
    energy_kwh: Decimal | None

    @property
    def minutes(self) -> int | None:
        """How long it lasted, as it was sent, else in whole minutes; None: still running."""
        if self.duration_minutes is not None or self.end_time is None:
            return self.duration_minutes
        return (self.end_time - self.start_time) // _MINUTE


@dataclass(frozen=True)
class InventoryRow(Fact):
    """A stored row of what was used up."""

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


@dataclass(frozen=True)
class Transaction(Fact):
    """A stored line of a transaction."""

    transaction_id: str
    line_id: str
    transaction_date: date
    revenue_source: str
    amount: Decimal
    tax_amount: Decimal
    currency: str
    payment_method: str
    customer_id: str | None
    equipment_id: str | None
    is_recurring: bool
    service_from: date | None
    service_until: date | None
    refund_of: str | None


@dataclass(frozen=True)
class FactList(Generic[R]):
    """A list of stored facts, the latest first."""

    name: str
    """As clients call it; their cursors are bound to it."""
    kind: FactKind
    table: Table
    row: type[R]
    place: tuple[str, ...]
    """The columns that it is ordered by, latest first: when it was, then the id."""
    person: str
    """The column of the person it is about."""
    narrowed_by: Mapping[str, str]
    """The column that a field of the filter is about, beside days and person."""

    @property
    def has_days(self) -> bool:
        """Whether facts have a day and no time."""
        return isinstance(self.table.c[self.place[0]].type, Date)

    def position(self, fact: R) -> Sequence[str]:
        """Return where a fact stands in the order, as a cursor holds it."""
        when, *id_ = (getattr(fact, name) for name in self.place)
        return [when.isoformat(), *map(str, id_)]

    def _position(self, kept: Sequence[str]) -> tuple[Any, ...]:
        when = date.fromisoformat(kept[0]) if self.has_days else datetime.fromisoformat(kept[0])
        types = (self.table.c[name].type.python_type for name in self.place[1:])
        return when, *(type_(text) for type_, text in zip(types, kept[1:], strict=True))


EVENTS = FactList(
    name="events",
    kind=FactKind.EVENT,
    table=usage_events,
    row=UsageEvent,
    place=("timestamp", "id"),
    person="user_id",
    narrowed_by={
        "event_types": "event_type",
        "event_categories": "event_category",
        "equipment_id": "equipment_id",
        "project_id": "project_id",
    },
)
EQUIPMENT_LOGS = FactList(
    name="equipmentLogs",
    kind=FactKind.EQUIPMENT_USAGE,
    table=equipment_usage_logs,
    row=EquipmentLog,
    place=("start_time", "id"),
    person="user_id",
    narrowed_by={"ids": "id", "equipment_id": "equipment_id", "project_id": "project_id"},
)
INVENTORY_ROWS = FactList(
    name="inventoryRows",
    kind=FactKind.INVENTORY_USAGE,
    table=inventory_analytics,
    row=InventoryRow,
    place=("date", "id"),
    person="user_id",
    narrowed_by={"ids": "id", "item_id": "item_id", "project_id": "project_id"},
)
TRANSACTIONS = FactList(
    name="transactions",
    kind=FactKind.REVENUE,
    table=revenue_analytics,
    row=Transaction,
    place=("transaction_date", "transaction_id", "line_id"),
    person="customer_id",
    narrowed_by={"ids": "transaction_id", "equipment_id": "equipment_id"},
)


@dataclass(frozen=True)
class FactsAsked(Generic[R]):
    """Which facts of a list: of the half-open [since, until), and each of the others that is given."""

    of: FactList[R] = field(repr=False)
    since: datetime | date | None = None
    until: datetime | date | None = None
    any_of: tuple[tuple[str, tuple[str | UUID, ...]], ...] = ()
    """By column, any of these values."""
    person: str | None = None
    is_pseudonym: bool = False
    """Whether `person` is one."""
    includes_voided: bool = False

    def select(self, makerspace_id: UUID) -> Select[Any]:
        """Select them, without an order."""
        column = self.of.table.c
        when = column[self.of.place[0]]
        conditions = [_is_any(column[name], values) for name, values in self.any_of]
        if self.since is not None:
            conditions.append(when >= self.since)
        if self.until is not None:
            conditions.append(when < self.until)
        if self.person is not None:
            whom = _person(makerspace_id, self.person) if self.is_pseudonym else self.person
            conditions.append(column[self.of.person] == whom)
        if not self.includes_voided:
            conditions.append(column.voided_at.is_(None))
        columns = [column[each.name] for each in fields(self.of.row)]  # type: ignore[arg-type]
        return select(*columns).where(column.makerspace_id == makerspace_id, *conditions)

    def latest_first(self, makerspace_id: UUID, after: Sequence[str] | None) -> Select[Any]:
        """Select them in order; `after` is where the last page ended."""
        found = self.select(makerspace_id)
        columns = [self.of.table.c[name] for name in self.of.place]
        if after is not None:
            found = found.where(tuple_(*columns) < tuple_(*self.of._position(after)))  # noqa: SLF001 - of one file
        return found.order_by(*(column.desc() for column in columns))


def _is_any(column: Column[Any], values: tuple[str | UUID, ...]) -> ColumnElement[bool]:
    return column == any_(literal(list(values), ARRAY(column.type)))


def _person(makerspace_id: UUID, pseudonym: str) -> Any:
    """Whom a pseudonym stands for; looked up once, before the facts are."""
    known = select(members.c.user_id).where(members.c.makerspace_id == makerspace_id, members.c.pseudonym == pseudonym)
    return known.limit(1).scalar_subquery()
