"""Rows of members, machines, items and projects, by the ids that facts contain.

An id that was never synced has a row too, with the id alone and the defaults of its kind.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Select, Table, any_, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from makrcave_analytics.models import equipment, inventory_items, members, project_analytics
from makrcave_analytics.models.base import Identifier


class Entity(StrEnum):
    """The kinds of things that have an id and a name."""

    MEMBER = "MEMBER"
    EQUIPMENT = "EQUIPMENT"
    ITEM = "ITEM"
    PROJECT = "PROJECT"


class EquipmentStatus(StrEnum):
    """Whether a machine can be used, as last synced."""

    AVAILABLE = "AVAILABLE"
    IN_USE = "IN_USE"
    UNDER_MAINTENANCE = "UNDER_MAINTENANCE"
    OFFLINE = "OFFLINE"


@dataclass(frozen=True)
class Named:
    """An id with its name; None where it was never synced."""

    id: str
    name: str | None = None

    @property
    def label(self) -> str:
        """The name, else the id."""
        return self.name or self.id


@dataclass(frozen=True)
class Member(Named):
    """A person. `pseudonym` is None where no fact names them and they were never synced."""

    plan: str | None = None
    joined_on: date | None = None
    left_on: date | None = None
    pseudonym: str | None = None


@dataclass(frozen=True)
class Equipment(Named):
    """A machine, as last synced. `opening_hours` are as stored with makerspaces; None means the makerspace's own."""

    category: str | None = None
    status: str = EquipmentStatus.AVAILABLE
    hourly_rate: Decimal | None = None
    in_service_from: date | None = None
    in_service_until: date | None = None
    opening_hours: list[dict[str, Any]] | None = None


@dataclass(frozen=True)
class InventoryItem(Named):
    """An inventory item, as last synced."""

    unit: str | None = None
    category: str | None = None
    supplier_type: str | None = None
    location: str | None = None
    on_hand: Decimal | None = None
    on_hand_at: datetime | None = None
    unit_cost: Decimal | None = None
    reorder_point: Decimal | None = None


@dataclass(frozen=True)
class Project(Named):
    """A project, as last synced."""

    status: str = "unknown"
    category: str | None = None
    owner_id: str | None = None
    progress: Decimal | None = None
    started_at: datetime | None = None
    due_at: datetime | None = None
    completed_at: datetime | None = None
    cancelled_at: datetime | None = None
    total_cost: Decimal | None = None
    bom_items: int = 0
    external_items: int = 0
    collaborators: int = 0


@dataclass(frozen=True)
class _Kind:
    """The row class of an entity, and where its rows are stored."""

    row: type[Named]
    columns: Mapping[str, Column[Any]]
    """By the field of the row class."""


def _kind(row: type[Named], table: Table, **renamed: str) -> _Kind:
    names = [field.name for field in fields(row)]
    return _Kind(row, {name: table.c[renamed.get(name, name)] for name in names})


_KINDS = {
    Entity.MEMBER: _kind(Member, members, id="user_id", name="display_name"),
    Entity.EQUIPMENT: _kind(Equipment, equipment, id="equipment_id"),
    Entity.ITEM: _kind(InventoryItem, inventory_items, id="item_id"),
    Entity.PROJECT: _kind(
        Project,
        project_analytics,
        id="project_id",
        bom_items="bom_items_count",
        external_items="external_items_count",
    ),
}


def select_rows(entity: Entity, makerspace_id: UUID) -> Select[Any]:
    """Select the rows of an entity in one makerspace, for `rows_from`. The caller adds which of them."""
    columns = _KINDS[entity].columns
    tenant = columns["id"].table.c.makerspace_id
    return select(*(column.label(name) for name, column in columns.items())).where(tenant == makerspace_id)


def select_named(entity: Entity, makerspace_id: UUID, ids: Sequence[str]) -> Select[Any]:
    """Select the rows of those of the ids that are stored."""
    key = _KINDS[entity].columns["id"]
    return select_rows(entity, makerspace_id).where(key == any_(literal(list(ids), ARRAY(Identifier))))


def rows_from(entity: Entity, found: Iterable[Mapping[str, Any]]) -> list[Any]:
    """Build the rows of an entity from the result of `select_rows`."""
    return [_KINDS[entity].row(**columns) for columns in found]


def unknown(entity: Entity, id_: str) -> Named:
    """Build the row of an id that was never synced."""
    return _KINDS[entity].row(id_)
