"""Lists of stored facts: which facts, in which order, and where a page goes on. SQL only; arguments are checked before.

A list has the columns of its kind's table (`models.FACT_TABLES`); declared here is what clients may filter it by.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ColumnElement, Select, Table, any_, literal, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY

from makrcave_analytics.models import FACT_TABLES, members
from makrcave_analytics.models.fact_kind import FactKind

_NOT_SHOWN = frozenset({"makerspace_id", "void_reason"})


class StoredFact(SimpleNamespace):
    """A row of a fact table, with the columns of its kind as attributes."""

    @property
    def is_voided(self) -> bool:
        """Whether the fact was voided, and is in no number."""
        return self.voided_at is not None


@dataclass(frozen=True)
class FactList:
    """A list of stored facts, the latest first."""

    name: str
    """The API's name, which cursors are bound to."""
    kind: FactKind
    filters: Mapping[str, str]
    """Field of the filter → column, in addition to the days and the person, which every list can be filtered by."""

    @property
    def table(self) -> Table:
        """The table of the facts."""
        return FACT_TABLES[self.kind].table

    @property
    def has_days(self) -> bool:
        """Whether facts have a day and no time."""
        return FACT_TABLES[self.kind].has_days

    @property
    def person(self) -> str:
        """The column of the person whom a fact is about."""
        return FACT_TABLES[self.kind].person

    @property
    def order(self) -> tuple[str, ...]:
        """The columns that the list is ordered by: the instant or day, then the key."""
        stored = FACT_TABLES[self.kind]
        return (stored.when, *stored.key)

    @property
    def columns(self) -> list[Column[Any]]:
        """The columns of a row."""
        return [column for column in self.table.c if column.name not in _NOT_SHOWN]

    def position(self, fact: StoredFact) -> Sequence[str]:
        """Return the position of a fact in the order, as texts for a cursor."""
        when, *id_ = (getattr(fact, name) for name in self.order)
        return [when.isoformat(), *map(str, id_)]

    def values_at(self, position: Sequence[str]) -> tuple[Any, ...]:
        """Return the values of the order's columns at a position."""
        when = date.fromisoformat(position[0]) if self.has_days else datetime.fromisoformat(position[0])
        types = (self.table.c[name].type.python_type for name in self.order[1:])
        return when, *(type_(text) for type_, text in zip(types, position[1:], strict=True))


EVENTS = FactList(
    "events",
    FactKind.EVENT,
    {
        "event_types": "event_type",
        "event_categories": "event_category",
        "equipment_id": "equipment_id",
        "project_id": "project_id",
    },
)
EQUIPMENT_LOGS = FactList(
    "equipmentLogs",
    FactKind.EQUIPMENT_USAGE,
    {"ids": "id", "equipment_id": "equipment_id", "project_id": "project_id"},
)
INVENTORY_ROWS = FactList(
    "inventoryRows", FactKind.INVENTORY_USAGE, {"ids": "id", "item_id": "item_id", "project_id": "project_id"}
)
TRANSACTIONS = FactList("transactions", FactKind.REVENUE, {"ids": "transaction_id", "equipment_id": "equipment_id"})


@dataclass(frozen=True)
class FactsAsked:
    """The facts of a list that meet all conditions that are given. `since` and `until` are half-open."""

    of: FactList = field(repr=False)
    since: datetime | date | None = None
    until: datetime | date | None = None
    any_of: tuple[tuple[str, tuple[str | UUID, ...]], ...] = ()
    """Column and values, of which it must have one."""
    person: str | None = None
    is_pseudonym: bool = False
    """Whether `person` is a pseudonym."""
    includes_voided: bool = False

    def select(self, makerspace_id: UUID) -> Select[Any]:
        """Select the facts, without an order."""
        column = self.of.table.c
        when = column[self.of.order[0]]
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
        return select(*self.of.columns).where(column.makerspace_id == makerspace_id, *conditions)

    def latest_first(self, makerspace_id: UUID, after: Sequence[str] | None) -> Select[Any]:
        """Select the facts in order; `after` is the position at which the last page ended."""
        found = self.select(makerspace_id)
        columns = [self.of.table.c[name] for name in self.of.order]
        if after is not None:
            found = found.where(tuple_(*columns) < tuple_(*self.of.values_at(after)))
        return found.order_by(*(column.desc() for column in columns))


def _is_any(column: Column[Any], values: tuple[str | UUID, ...]) -> ColumnElement[bool]:
    return column == any_(literal(list(values), ARRAY(column.type)))


def _person(makerspace_id: UUID, pseudonym: str) -> Any:
    """Select the person of a pseudonym; a scalar subquery, run once."""
    known = select(members.c.user_id).where(members.c.makerspace_id == makerspace_id, members.c.pseudonym == pseudonym)
    return known.limit(1).scalar_subquery()
