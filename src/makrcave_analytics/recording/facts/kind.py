"""A kind of fact, declared: where it is stored, how it is checked, and what is counted from it.

The one write path (write.py), voids and statements.py read everything that differs between kinds from here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeAlias, TypeVar
from uuid import UUID

from makrcave_analytics.models.fact_kind import FactKind
from makrcave_analytics.models.makerspace import Section
from makrcave_analytics.recording.checks.fields import Bounds
from makrcave_analytics.recording.locking import Locked

Raw = TypeVar("Raw")
Fact: TypeAlias = Any
"""A checked fact: a NamedTuple of its kind's columns in their order, then its flags. A thousand of them turn into
arrays at once."""
Check: TypeAlias = Callable[[Raw, Bounds, Callable[[], UUID]], Fact]


@dataclass(frozen=True)
class FactColumn:
    """A column of a kind's table, as senders fill it."""

    name: str
    type: str = "text"
    """In SQL, of the parameter."""
    stored_as: str = ""
    """In SQL, where it is another type than the parameter's."""
    compared_if: str = "true"
    """SQL over the fact `u` as sent: whether the column counts when it is judged if two facts are the same."""
    may_follow: bool = False
    """Whether a fact may be sent without it first, and with it when it is closed."""

    @property
    def sent(self) -> str:
        """The value of a fact `u` as it is stored, in SQL."""
        return f"u.{self.name}::{self.stored_as}" if self.stored_as else f"u.{self.name}"


def optional_later(name: str, type_: str = "text", stored_as: str = "") -> FactColumn:
    """Declare a column that may come later; where it was left out, it is not compared."""
    return FactColumn(name, type_, stored_as, f"u.{name} IS NOT NULL", may_follow=True)


def unchanged(fact: Fact, _: Locked) -> Fact:
    """Give the fact that was checked: nothing of the makerspace is needed to finish it."""
    return fact


@dataclass(frozen=True, eq=False)
class Kind(Generic[Raw]):
    """One kind of fact."""

    fact: FactKind
    table: str
    keys: int
    """How many of the columns are its id; the first of these is what senders are told."""
    columns: tuple[FactColumn, ...]
    check: Check[Raw]
    days: Callable[[str], str]
    """Selects (user_id, local_day, is_visit) for a relation of its rows, in SQL; is_visit null: named, not present."""
    last: str
    """The instant of a row `f`, in SQL: for when the source was last heard of."""
    sections: frozenset[Section]
    """Whose numbers it may change at most."""
    touches: Callable[[Fact], frozenset[Section]]
    """Whose numbers one fact changes."""
    person: str
    """The column of the person it is about."""
    person_field: str
    """The same, as the API calls it."""
    flags: tuple[str, ...] = ()
    """What else the check says of a fact, for `compared_if`."""
    settle: Callable[[Fact, Locked], Fact] = unchanged
    """Finishes a checked fact by what the makerspace is under the lock; may raise Invalid."""
    at: Callable[[Fact], datetime] | None = None
    """When it was, where presence or hours are counted from it: those from before the kept events are refused."""
    at_field: str = "timestamp"
    has_hours: bool = False
    marks_presence: bool = False
    closed_by: str | None = None
    """The column whose first value closes a fact that was open; None: facts never change."""

    @property
    def key_columns(self) -> tuple[FactColumn, ...]:
        """The columns of its id, within a makerspace."""
        return self.columns[: self.keys]

    def key(self, fact: Fact) -> tuple[Any, ...]:
        """Give the id of a fact."""
        return tuple(fact[: self.keys])

    def person_of(self, fact: Fact) -> str | None:
        """Give whom a fact is about."""
        person: str | None = getattr(fact, self.person)
        return person
