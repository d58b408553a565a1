"""Checks of single fields. Pure: no I/O, and the time is passed in.

Each returns the value as it is stored, or raises Invalid with a path of the field's API name.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import TypeVar
from uuid import UUID

from makrcave_analytics.errors import Forbidden, Invalid
from makrcave_analytics.models.fact_kind import FactKind
from makrcave_analytics.recording.ids import stored_id
from makrcave_analytics.recording.parsing import Malformed

MAX_ID = 100
"""The most characters of an id that the sender chose."""
MAX_WORD = 64
"""The most characters of an event type or category."""
AHEAD = timedelta(minutes=5)
"""How far a timestamp may lie ahead, as clocks of senders differ."""
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST_ZONE = timedelta(hours=14)
"""The largest offset ahead of UTC: the day of a fact may be the day that has begun there."""
MOST_MONEY = 10**14
"""Amounts are smaller, and larger than its negative: so many digits are stored."""

T = TypeVar("T")

_NIL = UUID(int=0)
_WORDS = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")


@dataclass(frozen=True)
class Bounds:
    """Limits for every input of a batch."""

    makerspace_id: UUID
    now: datetime
    oldest: datetime | None = None
    """Facts before this instant are refused; None: back to 1970."""
    only_user: str | None = None
    """The only person whom facts may name; None: anyone."""
    default_user: str | None = None
    """The person of facts that name no one."""


def fact_id(raw: str | None, kind: FactKind, bounds: Bounds, fresh: Callable[[], UUID]) -> UUID:
    """Return the UUID of a fact: from the sender's id, or a fresh one."""
    return fresh() if raw is None else given_id(raw, kind, bounds)


def given_id(raw: str, kind: FactKind, bounds: Bounds) -> UUID:
    """Return the UUID under which a fact with the sender's id is stored."""
    given = stored_id(bounds.makerspace_id, kind, _short(raw, "id"))
    if given == _NIL:
        raise Invalid("The nil UUID identifies nothing.", path=("id",))
    return given


def person(raw: str | None, bounds: Bounds) -> str | None:
    """Check the person whom a fact is about."""
    if raw is None:
        return identifier(bounds.default_user, "userId")
    if bounds.only_user is not None and raw != bounds.only_user:
        raise Forbidden("Members record events of their own only.", path=("userId",))
    return identifier(raw, "userId")


def identifier(raw: str | None, field: str) -> str | None:
    """Check an id that the sender chose."""
    return raw if raw is None else _short(raw, field)


def identifier_word(raw: str, field: str) -> str:
    """Check a type or category: lower-case words joined by underscores."""
    if not _is_word(raw):
        raise Invalid(
            f"Must be lower-case letters and digits, words joined by _, at most {MAX_WORD} characters.", path=(field,)
        )
    return raw


@lru_cache(maxsize=4096)
def _is_word(raw: str) -> bool:
    return len(raw) <= MAX_WORD and _WORDS.fullmatch(raw) is not None


def short_text(raw: str, field: str, most: int = MAX_WORD) -> str:
    """Check a short text for people: a name, a source, a method."""
    return _short(raw, field, most)


def long_text(raw: str, field: str, most: int) -> str:
    """Check a text that may have several lines."""
    if not 0 < len(raw) <= most or _UNSTORABLE.search(raw):
        raise Invalid(f"Must have 1 to {most} characters, no NUL and no halves of surrogate pairs.", path=(field,))
    return raw


def readable(raw: T | Malformed, field: str) -> T:
    """Refuse a malformed value, with its reason."""
    if isinstance(raw, Malformed):
        raise Invalid(raw.why, path=(field,))
    return raw


def instant(raw: datetime | Malformed, bounds: Bounds, field: str = "timestamp") -> datetime:
    """Check the instant of a fact."""
    value = moment(raw, field)
    if value > bounds.now + AHEAD:
        raise Invalid("The timestamp lies more than 5 minutes ahead.", path=(field,))
    if bounds.oldest is not None and value < bounds.oldest:
        raise too_old(field)
    return value


def moment(raw: datetime | Malformed, field: str) -> datetime:
    """Check an instant that may lie ahead: it has an offset and is not before 1970."""
    value = readable(raw, field)
    if value.utcoffset() is None:
        raise Invalid("A timestamp needs an offset.", path=(field,))
    if value < EARLIEST:
        raise Invalid("The timestamp lies before 1970.", path=(field,))
    return value


def too_old(field: str) -> Invalid:
    """Return the error of a fact from before the time for which events are kept."""
    return Invalid("The timestamp lies before the time for which events are kept.", path=(field,))


def past_day(raw: date | Malformed, bounds: Bounds, field: str) -> date:
    """Check the day of a fact: it has begun somewhere on Earth, and is not before 1970."""
    value = day(raw, field)
    if value > (bounds.now + LATEST_ZONE).date():
        raise Invalid("The day has not begun anywhere yet.", path=(field,))
    return value


def day(raw: date | Malformed, field: str) -> date:
    """Check a day that may lie ahead."""
    value = readable(raw, field)
    if not EARLIEST.year <= value.year < 3000:
        raise Invalid("The year must be 1970 to 2999.", path=(field,))
    return value


def number(raw: float | Decimal | Malformed, field: str, below: float, places: int = 6) -> Decimal:
    """Check a number from 0 to less than `below`; it is rounded half to even to `places` decimals."""
    if isinstance(raw, Malformed):
        raise Invalid(raw.why, path=(field,))
    exact = Decimal(repr(raw)) if isinstance(raw, float) else Decimal(raw)
    if not exact.is_finite() or not 0 <= exact < Decimal(below):
        raise Invalid(f"Must be a number from 0 to less than {below:g}.", path=(field,))
    return exact.quantize(Decimal(1).scaleb(-places))


def share(raw: float | None, field: str) -> Decimal | None:
    """Check a percentage, 0 to 100."""
    if raw is None:
        return None
    value = number(raw, field, 101)
    if value > 100:
        raise Invalid("Must be a number from 0 to 100.", path=(field,))
    return value


def money(raw: Decimal | Malformed, field: str, decimals: int = 4) -> Decimal:
    """Check an amount of money; `decimals` is the number of the currency's decimals."""
    value = readable(raw, field)
    if not value.is_finite() or abs(value) >= MOST_MONEY:
        raise Invalid(f"Must be an amount of less than {MOST_MONEY:,}.", path=(field,))
    rounded = value.quantize(Decimal(1).scaleb(-decimals))
    if rounded != value:
        raise Invalid(f"The currency has {decimals} decimals.", path=(field,))
    return rounded


def whole(raw: int, field: str, most: int = 2**31 - 1) -> int:
    """Check a whole number from 0 to `most`."""
    if not 0 <= raw <= most:
        raise Invalid(f"Must be a whole number from 0 to {most}.", path=(field,))
    return raw


def is_printable(raw: str) -> bool:
    """Return whether a text has no control characters and no halves of surrogate pairs."""
    return raw.isprintable() or _UNPRINTABLE.search(raw) is None  # isprintable refuses more, and is ten times as fast


def _short(raw: str, field: str, most: int = MAX_ID) -> str:
    if not 0 < len(raw) <= most:
        raise Invalid(f"Must have 1 to {most} characters.", path=(field,))
    if not is_printable(raw):
        raise Invalid("Must not hold control characters or halves of surrogate pairs.", path=(field,))
    return raw
