"""The kind of equipment usage: machine sessions, maintenance and repairs.

A session without an end is still running. The same id with an end closes it, and may add fields that were left out.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from makrcave_analytics.auth import RecordKind
from makrcave_analytics.errors import Invalid
from makrcave_analytics.models.fact_kind import FactKind
from makrcave_analytics.models.makerspace import Section
from makrcave_analytics.recording.checks.fields import Bounds, fact_id, identifier, instant, number, short_text, whole
from makrcave_analytics.recording.checks.metadata import materials_text
from makrcave_analytics.recording.event_types import DOWNTIME
from makrcave_analytics.recording.fact_inputs import EquipmentUsageInput
from makrcave_analytics.recording.facts.kind import FactColumn, Kind, optional_later
from makrcave_analytics.recording.rollups import definitions

LONGEST_USE = timedelta(days=31)
"""The longest use; downtime has no limit."""
MAX_MINUTES = 100 * 366 * 24 * 60
MAX_KWH = 10**9
_MINUTE = timedelta(minutes=1)


class CheckedSession(NamedTuple):
    """A session as it is stored, in whole seconds."""

    id: UUID
    equipment_id: str
    user_id: str | None
    start_time: datetime
    end_time: datetime | None
    duration_minutes: int | None
    """As it was sent."""
    usage_type: str
    materials_used: str | None
    project_id: str | None
    succeeded: bool | None
    energy_kwh: Decimal | None


def check_session(raw: EquipmentUsageInput, bounds: Bounds, fresh: Callable[[], UUID]) -> CheckedSession:
    """Check one session; `fresh` makes an id where the sender gave none.

    Raises: Invalid, with the field's API name.
    """
    usage_type = _usage_type(raw.usage_type)
    start = instant(raw.start_time, bounds, "startTime").replace(microsecond=0)
    minutes = None if raw.duration_minutes is None else whole(raw.duration_minutes, "durationMinutes", MAX_MINUTES)
    return CheckedSession(
        fact_id(raw.id, FactKind.EQUIPMENT_USAGE, bounds, fresh),
        short_text(raw.equipment_id, "equipmentId", most=100),
        identifier(raw.user_id, "userId"),
        start,
        _end(raw, bounds, start, minutes, usage_type),
        minutes,
        usage_type,
        materials_text(raw.materials_used),
        identifier(raw.project_id, "projectId"),
        raw.succeeded,
        None if raw.energy_kwh is None else number(raw.energy_kwh, "energyKwh", MAX_KWH),
    )


def _usage_type(raw: str) -> str:
    """Check the usage type; types of downtime become lower-case."""
    name = short_text(raw, "usageType")
    return name.lower() if name.lower() in DOWNTIME else name


def _end(
    raw: EquipmentUsageInput, bounds: Bounds, start: datetime, minutes: int | None, usage_type: str
) -> datetime | None:
    """Return the end, as sent or from the duration; None: still running."""
    field = "endTime"
    if raw.end_time is not None:
        end = instant(raw.end_time, bounds, field).replace(microsecond=0)
        if minutes is not None and abs(end - start - minutes * _MINUTE) >= _MINUTE:
            raise Invalid("durationMinutes and endTime do not agree.", path=("durationMinutes",))
    elif minutes is not None:
        field = "durationMinutes"
        end = instant(start + minutes * _MINUTE, bounds, field)
    else:
        return None
    if end < start:
        raise Invalid("The end lies before the start.", path=(field,))
    if usage_type not in DOWNTIME and end - start > LONGEST_USE:
        raise Invalid(f"A use lasts at most {LONGEST_USE.days} days.", path=(field,))
    return end


def _touches(session: CheckedSession) -> frozenset[Section]:
    if session.end_time is not None:  # the session that it closes may name a person or a project that it leaves out
        return SESSIONS.sections
    named = {Section.USAGE: session.user_id, Section.PROJECTS: session.project_id}
    return frozenset({Section.EQUIPMENT, *(section for section, of in named.items() if of is not None)})


SESSIONS = Kind(
    FactKind.EQUIPMENT_USAGE,
    RecordKind.EQUIPMENT,
    EquipmentUsageInput,
    columns=(
        FactColumn("id", "uuid"),
        FactColumn("equipment_id"),
        optional_later("user_id"),
        FactColumn("start_time", "timestamptz"),
        optional_later("end_time", "timestamptz"),
        # Rounded by the sender; end_time holds the exact value.
        FactColumn("duration_minutes", "int", compared_if="false", may_follow=True),
        FactColumn("usage_type"),
        optional_later("materials_used", stored_as="jsonb"),
        optional_later("project_id"),
        optional_later("succeeded", "bool"),
        optional_later("energy_kwh", "numeric"),
    ),
    check=check_session,
    days_of=definitions.days_of_sessions,
    sections=frozenset({Section.EQUIPMENT, Section.USAGE, Section.PROJECTS}),
    touches=_touches,
    marks_presence=True,
    closed_by="end_time",
)
