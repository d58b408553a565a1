"""A kind of fact, declared: how it is checked, where it is stored, and what is counted from it.

The one write path (writing/write.py), voids, imports and the SQL of statements.py read from here what differs
between kinds. What a kind leaves out follows from its table (`models.FACT_TABLES`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from operator import attrgetter
from typing import Any, Generic, TypeAlias, TypeVar
from uuid import UUID

from makrcave_analytics.auth import RecordKind
from makrcave_analytics.errors import Invalid
from makrcave_analytics.letter_case import to_camel
from makrcave_analytics.models import FACT_TABLES, FactTable
from makrcave_analytics.models.fact_kind import FactKind
from makrcave_analytics.models.makerspace import Section
from makrcave_analytics.recording.checks.fields import Bounds, given_id
from makrcave_analytics.recording.fact_inputs import VoidInput
from makrcave_analytics.recording.locking import Locked
from makrcave_analytics.recording.rollups import definitions

Raw = TypeVar("Raw")
Fact: TypeAlias = Any
"""A checked fact: a NamedTuple of its kind's columns in their order, then its flags. A list of them is transposed into
one array per column."""
Check: TypeAlias = Callable[[Raw, Bounds, Callable[[], UUID]], Fact]


@dataclass(frozen=True)
class FactColumn:
    """A column of a kind's table that senders fill."""

    name: str
    type: str = "text"
    """The SQL type of the parameter."""
    stored_as: str = ""
    """The SQL type of the column, where it differs from the parameter's."""
    compared_if: str = "true"
    """SQL over the fact `u` as sent: whether the column is compared to judge if two facts are the same."""
    may_follow: bool = False
    """Whether a fact may be sent without it first, and with it when the fact is closed."""

    @property
    def sent(self) -> str:
        """SQL of the column's value in a fact `u` as sent, cast to the stored type."""
        return f"u.{self.name}::{self.stored_as}" if self.stored_as else f"u.{self.name}"


def optional_later(name: str, type_: str = "text", stored_as: str = "") -> FactColumn:
    """Declare a column that may come later. It is not compared where the sender left it out."""
    return FactColumn(name, type_, stored_as, f"u.{name} IS NOT NULL", may_follow=True)


def unchanged(fact: Fact, _: Locked) -> Fact:
    """Return the fact unchanged; this kind needs nothing from the makerspace."""
    return fact


def key_by_id(raw: VoidInput, bounds: Bounds) -> tuple[Any, ...]:
    """Return the key of the fact to void, of a kind whose id is one UUID.

    Raises: Invalid.
    """
    if raw.line_id is not None:
        raise Invalid("Only revenue has lines.", path=("lineId",))
    return (given_id(raw.id, raw.kind, bounds),)


@dataclass(frozen=True, eq=False)
class Kind(Generic[Raw]):
    """One kind of fact."""

    fact: FactKind
    claim: RecordKind
    """The word of the token's claim `record` that allows recording it; imports call the kind by it too."""
    input: type[Raw]
    columns: tuple[FactColumn, ...]
    """The key's columns first."""
    check: Check[Raw]
    sections: frozenset[Section]
    """All sections whose numbers a fact of this kind may change."""
    touches: Callable[[Fact], frozenset[Section]]
    """The sections whose numbers one fact changes."""
    flags: tuple[str, ...] = ()
    """Further fields of the checked fact, which `compared_if` may use."""
    settle: Callable[[Fact, Locked], Fact] = unchanged
    """Completes a checked fact with the makerspace's values under the lock; may raise Invalid."""
    key_of_void: Callable[[VoidInput, Bounds], tuple[Any, ...]] = key_by_id
    """Reads the key of the fact to void; may raise Invalid."""
    days_of: Callable[[str], str] | None = None
    """Writes `days`, of kinds that know instants."""
    has_hours: bool = False
    """Whether facts are counted in event_hours."""
    has_retention: bool = False
    """Whether facts older than the retention of raw events are refused."""
    marks_presence: bool = False
    """Whether facts mark their person as present."""
    closed_by: str | None = None
    """The column whose first value closes an open fact; None: facts of this kind never change."""

    @cached_property
    def stored(self) -> FactTable:
        """The table, and its columns of the key, the time and the person."""
        return FACT_TABLES[self.fact]

    @cached_property
    def table(self) -> str:
        """The table's name."""
        return self.stored.table.name

    @cached_property
    def keys(self) -> int:
        """How many columns the key has. Senders get the first of them as the id."""
        return len(self.stored.key)

    @cached_property
    def key_columns(self) -> tuple[FactColumn, ...]:
        """The columns of the key, within a makerspace."""
        return self.columns[: self.keys]

    @cached_property
    def person_field(self) -> str:
        """The API's name of the person's field."""
        return to_camel(self.stored.person)

    @cached_property
    def time_field(self) -> str:
        """The API's name of the field of the instant or day."""
        return to_camel(self.stored.when)

    @cached_property
    def instant_of(self) -> Callable[[Fact], datetime] | None:
        """Returns the instant of a fact; None for kinds that know only days.

        Where presence or hours are counted, facts from before the first kept event are refused.
        """
        return None if self.stored.has_days else attrgetter(self.stored.when)

    @cached_property
    def person_of(self) -> Callable[[Fact], str | None]:
        """Returns the id of the person whom a fact is about."""
        return attrgetter(self.stored.person)

    @cached_property
    def latest(self) -> str:
        """SQL of the latest instant of a row `f`, for the freshness of the source. $2 is the zone."""
        if self.stored.has_days:
            return f"f.{self.stored.when}::timestamp AT TIME ZONE $2"
        return (
            f"f.{self.stored.when}" if self.closed_by is None else f"greatest(f.{self.stored.when}, f.{self.closed_by})"
        )

    def key(self, fact: Fact) -> tuple[Any, ...]:
        """Return the key of a fact."""
        return tuple(fact[: self.keys])

    def days(self, rows: str) -> str:
        """Write a SELECT of (user_id, local_day, is_visit) for a relation of rows.

        is_visit is null where the fact names a person and says nothing of presence.
        """
        if self.days_of is not None:
            return self.days_of(rows)
        return definitions.days_of_dates(rows, self.stored.person, self.stored.when)
