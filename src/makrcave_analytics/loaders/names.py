"""Names beside ids: which table knows the name of what."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Select, any_, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from makrcave_analytics.models import equipment, inventory_items, members, project_analytics
from makrcave_analytics.models.base import Identifier


class Entity(StrEnum):
    """What has a name."""

    MEMBER = "MEMBER"
    EQUIPMENT = "EQUIPMENT"
    ITEM = "ITEM"
    PROJECT = "PROJECT"


@dataclass(frozen=True)
class Named:
    """An id with its name; None where nobody synced it."""

    id: str
    name: str | None

    @property
    def label(self) -> str:
        """The name, else the id."""
        return self.name or self.id


_COLUMNS: dict[Entity, tuple[Column[Any], Column[Any]]] = {
    Entity.MEMBER: (members.c.user_id, members.c.display_name),
    Entity.EQUIPMENT: (equipment.c.equipment_id, equipment.c.name),
    Entity.ITEM: (inventory_items.c.item_id, inventory_items.c.name),
    Entity.PROJECT: (project_analytics.c.project_id, project_analytics.c.name),
}


def select_names(entity: Entity, makerspace_id: UUID, ids: Sequence[str]) -> Select[Any]:
    """Select (id, name) of those of the ids that somebody synced."""
    key, name = _COLUMNS[entity]
    tenant = key.table.c.makerspace_id
    return select(key.label("id"), name.label("name")).where(
        tenant == makerspace_id, key == any_(literal(list(ids), ARRAY(Identifier)))
    )
