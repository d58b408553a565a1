"""Judges one input at a time: a checked fact comes out, or the error that it gets. Pure: no I/O, now is passed in."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from makrcave_analytics.errors import AnalyticsError, ErrorCode, Forbidden, Invalid
from makrcave_analytics.recording.ids import stored_id
from makrcave_analytics.recording.inputs import UsageEventInput
from makrcave_analytics.recording.metadata import metadata_text
from makrcave_analytics.recording.names import CATEGORIES, OLDER
from makrcave_analytics.recording.outcome import FactKind, UserError
from makrcave_analytics.recording.values import Malformed

MAX_ID = 100
"""Characters of an id that the caller chose."""
MAX_WORD = 64
"""Characters of an event type or category."""
AHEAD = timedelta(minutes=5)
"""How far senders' clocks may be ahead of ours."""
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)

_NIL = UUID(int=0)
_WORDS = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True)
class Bounds:
    """What holds for every input of a batch."""

    makerspace_id: UUID
    now: datetime
    oldest: datetime | None = None
    """Facts before this instant are refused; None: back to 1970."""
    only_user: str | None = None
    """The only person whom facts may name; None: anybody."""
    default_user: str | None = None
    """Whom facts are about that name nobody."""


class CheckedEvent(NamedTuple):
    """An event as it is stored. A tuple: a thousand of them turn into columns at once."""

    id: UUID
    user_id: str | None
    event_type: str
    event_category: str
    equipment_id: str | None
    item_id: str | None
    project_id: str | None
    metadata: str | None
    timestamp: datetime
    is_timed: bool
    """Whether the sender gave the timestamp; only then it counts for sameness."""


def check_event(raw: UsageEventInput, bounds: Bounds, fresh: Callable[[], UUID]) -> CheckedEvent:
    """Check one event; `fresh` makes its id where the sender gave none.

    Raises: Invalid or Forbidden, naming the field as the API calls it.
    """
    event_type = word(OLDER.get(raw.event_type, raw.event_type), "eventType")
    metadata = metadata_text(raw.metadata)
    return CheckedEvent(
        fact_id(raw.id, FactKind.EVENT, bounds, fresh),
        person(raw.user_id, bounds),
        event_type,
        _category(raw.event_category, event_type),
        identifier(raw.equipment_id, "equipmentId") or _mentioned(raw.metadata, "equipment_id", "equipmentId"),
        identifier(raw.item_id, "itemId") or _mentioned(raw.metadata, "item_id", "itemId"),
        identifier(raw.project_id, "projectId") or _mentioned(raw.metadata, "project_id", "projectId"),
        metadata,
        instant(raw.timestamp, bounds) if raw.timestamp is not None else bounds.now,
        raw.timestamp is not None,
    )


def refusal(index: int, error: AnalyticsError) -> UserError:
    """Say which input an error is about."""
    return UserError(ErrorCode(error.code), error.message, ("input", str(index), *error.path))


def fact_id(raw: str | None, kind: FactKind, bounds: Bounds, fresh: Callable[[], UUID]) -> UUID:
    """Give the UUID of a fact, from the sender's id or a fresh one."""
    if raw is None:
        return fresh()
    given = stored_id(bounds.makerspace_id, kind, _short(raw, "id"))
    if given == _NIL:
        raise Invalid("The nil UUID identifies nothing.", path=("id",))
    return given


def person(raw: str | None, bounds: Bounds) -> str | None:
    """Give the person a fact is about."""
    if raw is None:
        return identifier(bounds.default_user, "userId")
    if bounds.only_user is not None and raw != bounds.only_user:
        raise Forbidden("Members record events of their own only.", path=("userId",))
    return identifier(raw, "userId")


def identifier(raw: str | None, field: str) -> str | None:
    """Check an id that the caller chose."""
    return raw if raw is None else _short(raw, field)


def word(raw: str, field: str) -> str:
    """Check a type or category: lower-case words joined by underscores."""
    if len(raw) > MAX_WORD or not _WORDS.fullmatch(raw):
        raise Invalid(
            f"Must be lower-case letters and digits, words joined by _, at most {MAX_WORD} characters.", path=(field,)
        )
    return raw


def instant(raw: datetime | Malformed, bounds: Bounds) -> datetime:
    """Check when a fact happened."""
    if isinstance(raw, Malformed):
        raise Invalid(raw.why, path=("timestamp",))
    if raw.utcoffset() is None:
        raise Invalid("A timestamp needs an offset.", path=("timestamp",))
    if raw > bounds.now + AHEAD:
        raise Invalid("The timestamp lies more than 5 minutes ahead.", path=("timestamp",))
    if raw < EARLIEST:
        raise Invalid("The timestamp lies before 1970.", path=("timestamp",))
    if bounds.oldest is not None and raw < bounds.oldest:
        raise too_old()
    return raw


def too_old() -> Invalid:
    """Make the error of facts from before the time that is kept."""
    return Invalid("The timestamp lies before the time for which events are kept.", path=("timestamp",))


def _category(raw: str | None, event_type: str) -> str:
    if raw is not None:
        return word(raw, "eventCategory")
    known = CATEGORIES.get(event_type)
    if known is None:
        raise Invalid("eventCategory is needed, as this eventType is not a known one.", path=("eventCategory",))
    return known


def _short(raw: str, field: str) -> str:
    if not 0 < len(raw) <= MAX_ID:
        raise Invalid(f"Must have 1 to {MAX_ID} characters.", path=(field,))
    if _UNPRINTABLE.search(raw):
        raise Invalid("Must not hold control characters or halves of surrogate pairs.", path=(field,))
    return raw


def _mentioned(metadata: Any, *names: str) -> str | None:
    """Find the id that metadata gives; what could not be an id is only metadata."""
    for name in names if metadata else ():
        value = metadata.get(name)
        if isinstance(value, str) and 0 < len(value) <= MAX_ID and not _UNPRINTABLE.search(value):
            return value
    return None
