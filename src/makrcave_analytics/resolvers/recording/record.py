"""Resolvers of the mutations that put facts in, and take wrong ones out."""

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
from makrcave_analytics.recording.writing import void, write
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
    """Record sessions at machines, and close open ones."""
    return await _record(info.context, makerspace_id, RecordKind.EQUIPMENT, SESSIONS, input)


async def record_inventory_usage(
    info: Info,
    input: list[InventoryUsageInput],  # noqa: A002
    makerspace_id: strawberry.ID | None = None,
) -> RecordOutcome:
    """Record what was used up."""
    return await _record(info.context, makerspace_id, RecordKind.INVENTORY, INVENTORY_USAGE, input)


async def record_revenue(
    info: Info,
    input: list[RevenueInput],  # noqa: A002
    makerspace_id: strawberry.ID | None = None,
) -> RecordOutcome:
    """Record what was paid."""
    return await _record(info.context, makerspace_id, RecordKind.REVENUE, REVENUE, input)


async def void_facts(
    info: Info,
    input: list[VoidInput],  # noqa: A002
    makerspace_id: strawberry.ID | None = None,
) -> RecordOutcome:
    """Take wrong facts out of every number."""
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


async def _record(
    context: Context, makerspace_id: str | None, named: RecordKind, kind: Kind[Any], inputs: Sequence[Any]
) -> RecordOutcome:
    makerspace, recorder = admitted(context, makerspace_id, named)
    database = context.services.database
    return await write.record(database, kind, makerspace, inputs, recorder=recorder, now=context.now)


def admitted(context: Context, makerspace_id: str | None, named: RecordKind) -> tuple[MakerspaceId, Recorder]:
    """Let the viewer put in what is named, and say on whose behalf it comes.

    Raises: what `Viewer.recorder` raises.
    """
    right = context.viewer.recorder(makerspace_id, named)
    return right.makerspace, recorder_of(context.services, right)


@dataclass(frozen=True)
class EventRecording:
    """Somebody who may record events in a makerspace, by whichever door they came."""

    makerspace: MakerspaceId
    recorder: Recorder
    services: Services

    async def record(self, inputs: Sequence[UsageEventInput], now: datetime) -> RecordOutcome:
        """Record a batch; answers once it is committed.

        Raises: what `Intake.record` raises.
        """
        kept = self.services.event_retention
        return await self.services.group_committer.record(
            EVENTS,
            self.makerspace,
            inputs,
            recorder=self.recorder,
            now=now,
            oldest=None if kept is None else now - kept,
        )


def event_recording(services: Services, viewer: Viewer, makerspace_id: str | None) -> EventRecording:
    """Let a viewer record events in the makerspace that is named; None: in the token's only one.

    Raises: what `Viewer.recorder` raises.
    """
    right = viewer.recorder(makerspace_id, RecordKind.EVENTS)
    return EventRecording(right.makerspace, recorder_of(services, right), services)


def recorder_of(services: Services, right: RecordingRight) -> Recorder:
    """Say on whose behalf facts come in."""
    return Recorder(
        user_id=right.only_user,
        default_user_id=right.default_user,
        pseudonym=services.keys.pseudonym,
        tombstone=services.keys.tombstone,
        batch_limit=services.batch_size,
    )
