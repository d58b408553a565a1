"""Resolvers of the mutations that record and void facts, and the recording of events outside GraphQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import strawberry

from makrcave_analytics.auth import MakerspaceId, RecordingRight, RecordKind, Viewer
from makrcave_analytics.recording.fact_inputs import (
    EquipmentUsageInput,
    InventoryUsageInput,
    RevenueInput,
    UsageEventInput,
    VoidInput,
)
from makrcave_analytics.recording.facts.events import EVENTS
from makrcave_analytics.recording.facts.inventory import INVENTORY_USAGE
from makrcave_analytics.recording.facts.kind import Kind
from makrcave_analytics.recording.facts.revenue import REVENUE
from makrcave_analytics.recording.facts.sessions import SESSIONS
from makrcave_analytics.recording.outcome import RecordOutcome
from makrcave_analytics.recording.recorder import Recorder
from makrcave_analytics.recording.writing import void
from makrcave_analytics.recording.writing.write import record
from makrcave_analytics.resolvers.common.context import Context, Info, Services

# `input` is the contract's name of the argument.


async def record_events(
    info: Info,
    input: list[UsageEventInput],  # noqa: A002
    makerspace_id: strawberry.ID | None = None,
) -> RecordOutcome:
    """Record events; answers once they are committed."""
    context = info.context
    return await event_recording(context.services, context.viewer, makerspace_id).record(input, context.now)


async def record_equipment_usage(
    info: Info,
    input: list[EquipmentUsageInput],  # noqa: A002
    makerspace_id: strawberry.ID | None = None,
) -> RecordOutcome:
    """Record machine sessions, and close open ones."""
    return await _record(info.context, makerspace_id, SESSIONS, input)


async def record_inventory_usage(
    info: Info,
    input: list[InventoryUsageInput],  # noqa: A002
    makerspace_id: strawberry.ID | None = None,
) -> RecordOutcome:
    """Record items used up."""
    return await _record(info.context, makerspace_id, INVENTORY_USAGE, input)


async def record_revenue(
    info: Info,
    input: list[RevenueInput],  # noqa: A002
    makerspace_id: strawberry.ID | None = None,
) -> RecordOutcome:
    """Record payments."""
    return await _record(info.context, makerspace_id, REVENUE, input)


async def void_facts(
    info: Info,
    input: list[VoidInput],  # noqa: A002
    makerspace_id: strawberry.ID | None = None,
) -> RecordOutcome:
    """Void wrong facts."""
    context = info.context
    makerspace, recorder = admitted(context, makerspace_id, RecordKind.VOID)
    return await void.void_facts(
        context.services.database,
        makerspace,
        input,
        recorder=recorder,
        now=context.now,
        user_id=context.viewer.user_id,
    )


async def _record(context: Context, makerspace_id: str | None, kind: Kind[Any], inputs: Sequence[Any]) -> RecordOutcome:
    makerspace, recorder = admitted(context, makerspace_id, kind.claim)
    database = context.services.database
    return await record(database, kind, makerspace, inputs, recorder=recorder, now=context.now)


def admitted(context: Context, makerspace_id: str | None, claim: RecordKind) -> tuple[MakerspaceId, Recorder]:
    """Check that the viewer may record what the claim names; return the makerspace and the recorder.

    Raises: what `Viewer.recorder` raises.
    """
    right = context.viewer.recorder(makerspace_id, claim)
    return right.makerspace, recorder_of(context.services, right)


@dataclass(frozen=True)
class EventRecording:
    """The right to record events in a makerspace, checked; shared by GraphQL and the bulk endpoint."""

    makerspace: MakerspaceId
    recorder: Recorder
    services: Services

    async def record(self, inputs: Sequence[UsageEventInput], now: datetime) -> RecordOutcome:
        """Record a batch; answers once it is committed.

        Raises: what `GroupCommitter.record` raises.
        """
        committer = self.services.group_committer
        return await committer.record(EVENTS, self.makerspace, inputs, recorder=self.recorder, now=now)


def event_recording(services: Services, viewer: Viewer, makerspace_id: str | None) -> EventRecording:
    """Check that a viewer may record events in a makerspace; None: the token's only one.

    Raises: what `Viewer.recorder` raises.
    """
    right = viewer.recorder(makerspace_id, EVENTS.claim)
    return EventRecording(right.makerspace, recorder_of(services, right), services)


def recorder_of(services: Services, right: RecordingRight) -> Recorder:
    """Return the recorder of a right."""
    return Recorder(
        user_id=right.only_user,
        default_user_id=right.default_user,
        pseudonym=services.keys.pseudonym,
        tombstone=services.keys.tombstone,
        batch_limit=services.batch_size,
        event_retention=services.event_retention,
    )
