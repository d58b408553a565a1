"""The kinds of entities, declared: members, machines, items and projects, which other services sync.

upsert.py reads from here what differs between them.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, TypeAlias

from makrcave_analytics.errors import Invalid
from makrcave_analytics.letter_case import to_camel
from makrcave_analytics.models.makerspace import Section
from makrcave_analytics.recording.checks.fields import (
    MAX_ID,
    day,
    identifier,
    identifier_word,
    moment,
    money,
    number,
    share,
    short_text,
    whole,
)
from makrcave_analytics.recording.checks.opening_hours import check_opening_hours
from makrcave_analytics.recording.event_types import EQUIPMENT_STATUSES, PROJECT_STATUSES
from makrcave_analytics.recording.parsing import Malformed

Row: TypeAlias = dict[str, Any]
"""The values of an entity, by column."""

MAX_NAME = 200
MAX_QUANTITY = 10**12


@dataclass(frozen=True)
class Field:
    """A field of an entity that may be left out."""

    name: str
    type: str
    """The SQL type."""
    check: Callable[[Any, str], Any]
    """Returns the stored value of one that is not null, or raises Invalid naming the field."""
    cleared: Any = None
    """The value that null stores, and the initial value."""
    column: str = ""

    @property
    def stored(self) -> str:
        """The column's name."""
        return self.column or self.name

    @property
    def api(self) -> str:
        """The API's name."""
        return to_camel(self.name)

    def judge(self, raw: Any) -> Any:
        """Check a value, null included."""
        return self.cleared if raw is None else self.check(raw, self.api)

    def written(self, value: Any) -> Any:
        """Return a value as the driver takes it: JSON as text."""
        return json.dumps(value) if self.type == "jsonb" and value is not None else value


@dataclass(frozen=True, eq=False)
class EntityKind:
    """One kind of entity."""

    table: str
    id_name: str
    """The input's field of the id."""
    id_column: str
    fields: tuple[Field, ...]
    sections: frozenset[Section]
    """The sections whose numbers or names a change may affect."""
    person: str | None = None
    """The column of a person who must not have been erased."""
    in_order: tuple[tuple[str, str], ...] = ()
    """Pairs of columns: the second is not before the first."""
    in_currency: tuple[str, ...] = ()
    """Columns of amounts in the makerspace's currency, which rates are not."""
    has_numbers: bool = False
    """Whether entities have numbers, and may exist from facts before they are synced."""

    @cached_property
    def empty(self) -> Row:
        """An entity without any value."""
        return {field.stored: field.cleared for field in self.fields}

    def api_name(self, column: str) -> str:
        """Return the API's name of a column."""
        id_field = Field(self.id_name, "text", short_text)
        return next((field.api for field in self.fields if field.stored == column), id_field.api)


def _name(raw: str, field: str) -> str:
    return short_text(raw, field, MAX_NAME)


def _word(raw: str, field: str) -> str:
    return short_text(raw, field, MAX_ID)


def _day(raw: date | Malformed, field: str) -> date:
    return day(raw, field)


def _moment(raw: datetime | Malformed, field: str) -> datetime:
    return moment(raw, field)


def _quantity(raw: float, field: str) -> Decimal:
    return number(raw, field, MAX_QUANTITY)


def _rate(raw: Decimal | Malformed, field: str) -> Decimal:
    """Check the price of one unit or hour: up to four decimals in any currency."""
    value = money(raw, field)
    if value < 0:
        raise Invalid("Must not be negative.", path=(field,))
    return value


def _equipment_status(raw: str, field: str) -> str:
    if raw not in EQUIPMENT_STATUSES:
        raise Invalid("There is no such status.", path=(field,))
    return str(raw)


def _project_status(raw: str, field: str) -> str:
    return identifier_word(PROJECT_STATUSES.get(raw, raw), field)


_UPDATED_AT = Field("updated_at", "timestamptz", _moment)

MEMBERS = EntityKind(
    "members",
    "user_id",
    "user_id",
    (
        Field("display_name", "text", _name),
        Field("joined_on", "date", _day),
        Field("left_on", "date", _day),
        Field("plan", "text", _word),
        _UPDATED_AT,
    ),
    # Every section shows names or plans of members.
    frozenset(Section),
    person="user_id",
    in_order=(("joined_on", "left_on"),),
    has_numbers=True,
)

MACHINES = EntityKind(
    "equipment",
    "id",
    "equipment_id",
    (
        Field("name", "text", _name),
        Field("category", "text", _word),
        Field("status", "text", _equipment_status, "AVAILABLE"),
        Field("hourly_rate", "numeric", _rate),
        Field("in_service_from", "date", _day),
        Field("in_service_until", "date", _day),
        Field("next_maintenance_on", "date", _day),
        Field("maintenance_interval_hours", "numeric", _quantity),
        Field("maintenance_interval_days", "int", whole),
        Field("opening_hours", "jsonb", check_opening_hours),
        _UPDATED_AT,
    ),
    frozenset({Section.EQUIPMENT, Section.USAGE, Section.PROJECTS, Section.REVENUE}),
    in_order=(("in_service_from", "in_service_until"),),
)

ITEMS = EntityKind(
    "inventory_items",
    "id",
    "item_id",
    (
        Field("name", "text", _name),
        Field("unit", "text", _word),
        Field("category", "text", _word),
        Field("supplier_type", "text", _word),
        Field("location", "text", _name),
        Field("on_hand", "numeric", _quantity),
        Field("on_hand_at", "timestamptz", _moment),
        Field("unit_cost", "numeric", _rate),
        Field("reorder_point", "numeric", _quantity),
        _UPDATED_AT,
    ),
    frozenset({Section.INVENTORY, Section.USAGE}),
)

PROJECTS = EntityKind(
    "project_analytics",
    "id",
    "project_id",
    (
        Field("name", "text", _name),
        Field("status", "text", _project_status, "planned"),
        Field("category", "text", _word),
        Field("owner_id", "text", identifier),
        Field("progress", "numeric", share),
        Field("started_at", "timestamptz", _moment),
        Field("due_at", "timestamptz", _moment),
        Field("completed_at", "timestamptz", _moment),
        Field("cancelled_at", "timestamptz", _moment),
        Field("total_cost", "numeric", _rate),
        Field("bom_items", "int", whole, 0, "bom_items_count"),
        Field("external_items", "int", whole, 0, "external_items_count"),
        Field("collaborators", "int", whole, 0),
        _UPDATED_AT,
    ),
    frozenset({Section.PROJECTS, Section.USAGE, Section.EQUIPMENT, Section.INVENTORY}),
    person="owner_id",
    in_order=(("started_at", "completed_at"), ("started_at", "cancelled_at")),
    in_currency=("total_cost",),
)
