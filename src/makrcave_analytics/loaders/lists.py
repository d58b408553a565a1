"""Lists of machines, items and projects. SQL only; arguments are checked before.

A list also has the entities that were never synced, where a fact that is not voided names them.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any
from uuid import UUID

from sqlalchemy import Column, FromClause, Select, any_, cast, func, literal, select, union_all
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from makrcave_analytics.metrics.display.names import Entity, select_rows, unknown
from makrcave_analytics.models import equipment_usage_logs, inventory_analytics, revenue_analytics, usage_events
from makrcave_analytics.models.base import Identifier

SORTED_BY = 100
"""Characters of a name that it is sorted by; a cursor holds them."""

_NAMED_BY: dict[Entity, tuple[Column[Any], ...]] = {
    Entity.EQUIPMENT: (
        equipment_usage_logs.c.equipment_id,
        revenue_analytics.c.equipment_id,
        usage_events.c.equipment_id,
    ),
    Entity.ITEM: (inventory_analytics.c.item_id,),
}
"""The columns of facts that name entities which may not be synced; each is first in an index after the makerspace."""


@dataclass(frozen=True)
class ThingsAsked:
    """The entities of a kind that meet all conditions that are given."""

    ids: tuple[str, ...] = ()
    search: str | None = None
    """Part of the name or id, in any letter case."""
    equal: tuple[tuple[str, str], ...] = ()
    """Field of the row and the value that it must have."""

    def select(self, entity: Entity, makerspace_id: UUID, within: Callable[[Any], Any] | None = None) -> Select[Any]:
        """Select `id` and `label`, without an order; `within` turns the columns into a further condition."""
        thing = _known(entity, makerspace_id).c
        conditions = [thing[name] == value for name, value in self.equal]
        if within is not None:
            conditions.append(within(thing))
        if self.ids:
            conditions.append(thing.id == any_(literal(list(self.ids), ARRAY(Identifier))))
        if self.search is not None:
            conditions.append(contains(func.concat_ws("\n", thing.name, thing.id), self.search))
        return select(thing.id, func.coalesce(func.nullif(thing.name, ""), thing.id).label("label")).where(*conditions)


def contains(shown: Any, search: str) -> Any:
    """Return the condition that a text contains a part, in any letter case."""
    return func.strpos(func.lower(shown), func.lower(literal(search, Text))) > 0


def _known(entity: Entity, makerspace_id: UUID) -> FromClause:
    """Return the entities that were synced or that a fact names."""
    synced = select_rows(entity, makerspace_id)
    if entity not in _NAMED_BY:
        return synced.subquery()
    rows = synced.cte()  # without a name: one statement may hold several lists
    named = union_all(*(_named_by(column, makerspace_id) for column in _NAMED_BY[entity])).subquery()
    unsynced = select(named.c.id).where(named.c.id.not_in(select(rows.c.id))).distinct().subquery()
    blank = unknown(entity, "")
    columns = [
        unsynced.c.id if each.name == "id" else cast(literal(getattr(blank, each.name)), rows.c[each.name].type)
        for each in fields(blank)
    ]
    return union_all(select(rows), select(*columns)).subquery()


def _named_by(column: Column[Any], makerspace_id: UUID) -> Select[Any]:
    """Select each `id` in a column of facts that are not voided. One index lookup per id."""
    fact = column.table.c
    of_tenant = (fact.makerspace_id == makerspace_id, column.is_not(None))
    found = select(func.min(column).label("id")).where(*of_tenant).cte(recursive=True)
    following = select(func.min(column)).where(*of_tenant, column > found.c.id).correlate(found).scalar_subquery()
    found = found.union_all(select(following).where(found.c.id.is_not(None)))
    counts = select(column).where(*of_tenant, column == found.c.id, fact.voided_at.is_(None)).correlate(found).exists()
    return select(found.c.id).where(counts)
