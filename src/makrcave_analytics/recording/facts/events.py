"""The kind of usage events: who did what, where and when."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from makrcave_analytics.auth import RecordKind
from makrcave_analytics.errors import Invalid
from makrcave_analytics.models.fact_kind import FactKind
from makrcave_analytics.models.makerspace import Section
from makrcave_analytics.recording.checks.fields import (
    MAX_ID,
    Bounds,
    fact_id,
    identifier,
    identifier_word,
    instant,
    is_printable,
    person,
)
from makrcave_analytics.recording.checks.metadata import metadata_text
from makrcave_analytics.recording.event_types import CATEGORIES, OLDER
from makrcave_analytics.recording.fact_inputs import UsageEventInput
from makrcave_analytics.recording.facts.kind import FactColumn, Kind
from makrcave_analytics.recording.rollups import definitions


class CheckedEvent(NamedTuple):
    """An event as it is stored."""

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
    """Whether the sender gave the timestamp; only then it is compared."""


_NAMED = frozenset({"equipment_id", "equipmentId", "item_id", "itemId", "project_id", "projectId"})


def check_event(raw: UsageEventInput, bounds: Bounds, fresh: Callable[[], UUID]) -> CheckedEvent:
    """Check one event; `fresh` makes an id where the sender gave none.

    Raises: Invalid or Forbidden, with the field's API name.
    """
    event_type = identifier_word(OLDER.get(raw.event_type, raw.event_type), "eventType")
    metadata = metadata_text(raw.metadata)
    naming = raw.metadata if raw.metadata and not _NAMED.isdisjoint(raw.metadata) else {}
    return CheckedEvent(
        fact_id(raw.id, FactKind.EVENT, bounds, fresh),
        person(raw.user_id, bounds),
        event_type,
        _category(raw.event_category, event_type),
        identifier(raw.equipment_id, "equipmentId") or _mentioned(naming, "equipment_id", "equipmentId"),
        identifier(raw.item_id, "itemId") or _mentioned(naming, "item_id", "itemId"),
        identifier(raw.project_id, "projectId") or _mentioned(naming, "project_id", "projectId"),
        metadata,
        instant(raw.timestamp, bounds) if raw.timestamp is not None else bounds.now,
        raw.timestamp is not None,
    )


def _category(raw: str | None, event_type: str) -> str:
    if raw is not None:
        return identifier_word(raw, "eventCategory")
    known = CATEGORIES.get(event_type)
    if known is None:
        raise Invalid("eventCategory is needed, as this eventType is not a known one.", path=("eventCategory",))
    return known


def _mentioned(metadata: Any, *names: str) -> str | None:
    """Return the id that metadata names; a value that cannot be an id stays mere metadata."""
    for name in names if metadata else ():
        value = metadata.get(name)
        if isinstance(value, str) and 0 < len(value) <= MAX_ID and is_printable(value):
            return value
    return None


_TOUCHED = {
    (False, False): frozenset({Section.USAGE}),
    (True, False): frozenset({Section.USAGE, Section.EQUIPMENT}),
    (False, True): frozenset({Section.USAGE, Section.PROJECTS}),
    (True, True): frozenset({Section.USAGE, Section.EQUIPMENT, Section.PROJECTS}),
}


def _touches(event: CheckedEvent) -> frozenset[Section]:
    """Return USAGE, and the sections of the machine and the project that the event names."""
    return _TOUCHED[event.equipment_id is not None, event.project_id is not None]


EVENTS = Kind(
    FactKind.EVENT,
    RecordKind.EVENTS,
    UsageEventInput,
    columns=(
        FactColumn("id", "uuid"),
        FactColumn("user_id"),
        FactColumn("event_type"),
        FactColumn("event_category"),
        FactColumn("equipment_id"),
        FactColumn("item_id"),
        FactColumn("project_id"),
        FactColumn("metadata", stored_as="jsonb"),
        FactColumn("timestamp", "timestamptz", compared_if="u.is_timed"),
    ),
    flags=("is_timed",),
    check=check_event,
    days_of=definitions.days_of_events,
    sections=frozenset({Section.USAGE, Section.EQUIPMENT, Section.PROJECTS}),
    touches=_touches,
    has_hours=True,
    has_retention=True,
    marks_presence=True,
)
