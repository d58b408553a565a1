"""Resolvers of the mutations that put facts in, and take wrong ones out."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import strawberry

from makrcave_analytics import recording as room
from makrcave_analytics.auth import MakerspaceId, RecordKind, Viewer
from makrcave_analytics.auth import Recorder as Right
from makrcave_analytics.recording import (
    EquipmentUsageInput,
    InventoryUsageInput,
    Recorder,
    RecordOutcome,
    RevenueInput,
    UsageEventInput,
    VoidInput,
)
from makrcave_analytics.recording.events import EVENTS
from makrcave_analytics.resolvers.context import Context, Info, Services

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
    return await _record(info.context, makerspace_id, RecordKind.EQUIPMENT, room.record_equipment_usage, input)


async def record_inventory_usage(
    info: Info,
    input: list[InventoryUsageInput],  # noqa: A002
    makerspace_id: strawberry.ID | None = None,
) -> RecordOutcome:
    """Record what was used up."""
    return await _record(info.context, makerspace_id, RecordKind.INVENTORY, room.record_inventory_usage, input)


async def record_revenue(
    info: Info,
    input: list[RevenueInput],  # noqa: A002
    makerspace_id: strawberry.ID | None = None,
) -> RecordOutcome:
    """Record what was paid."""
    return await _record(info.context, makerspace_id, RecordKind.REVENUE, room.record_revenue, input)


async def void_facts(
    info: Info,
    input: list[VoidInput],  # noqa: A002
    makerspace_id: strawberry.ID | None = None,
) -> RecordOutcome:
    """Take wrong facts out of every number."""
    void = partial(room.void_facts, user_id=info.context.viewer.user_id)
    return await _record(info.context, makerspace_id, RecordKind.VOID, void, input)


async def _record(
    context: Context,
    makerspace_id: str | None,
    kind: RecordKind,
    write: Callable[..., Awaitable[RecordOutcome]],
    inputs: Sequence[object],
) -> RecordOutcome:
    right = context.viewer.recorder(makerspace_id, kind)
    recorder = recorder_of(context.services, right)
    return await write(context.services.database, right.makerspace, inputs, recorder=recorder, now=context.now)


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
        return await self.services.intake.record(
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


def recorder_of(services: Services, right: Right) -> Recorder:
    """Say on whose behalf facts come in."""
    return Recorder(
        user_id=right.only_user,
        default_user_id=right.default_user,
        pseudonym=services.keys.pseudonym,
        tombstone=services.keys.tombstone,
        batch_limit=services.batch_size,
    )
