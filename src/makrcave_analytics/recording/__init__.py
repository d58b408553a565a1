"""Facts in: checked one by one, written once, counted at once.

    inputs, values    what senders hand in
    check, metadata   what is good of it; names and ids: what it is called
    lock              one writer of a makerspace at a time, and its version
    events            the write of events
    rollups           what is kept beside the facts, as SQL; rebuild
    zone, verify      a change of zone; the roll-ups against the facts
    outcome           what the sender gets back

Knows no GraphQL, no HTTP and no queue.
"""

from makrcave_analytics.models.makerspace import Section
from makrcave_analytics.recording.events import Recorder, record_events
from makrcave_analytics.recording.inputs import UsageEventInput
from makrcave_analytics.recording.outcome import FactKind, RecordOutcome, RecordResult, RecordStatus, UserError
from makrcave_analytics.recording.rollups import rebuild
from makrcave_analytics.recording.values import Malformed
from makrcave_analytics.recording.zone import change_zone

__all__ = [
    "FactKind",
    "Malformed",
    "RecordOutcome",
    "RecordResult",
    "RecordStatus",
    "Recorder",
    "Section",
    "UsageEventInput",
    "UserError",
    "change_zone",
    "rebuild",
    "record_events",
]
