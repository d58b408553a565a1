"""Resolvers of the mutations that put facts in, and take wrong ones out."""

import strawberry

from makrcave_analytics import recording as room
from makrcave_analytics.auth import Recorder as Right
from makrcave_analytics.auth import RecordKind
from makrcave_analytics.recording import (
    EquipmentUsageInput,
    InventoryUsageInput,
    Recorder,
    RecordOutcome,
    RevenueInput,
    UsageEventInput,
    VoidInput,
)
from makrcave_analytics.resolvers.context import Context, Info

# `input` is the contract's name of the argument.


async def record_events(
    info: Info,
    input: list[UsageEventInput],  # noqa: A002
    makerspace_id: strawberry.ID | None = None,
) -> RecordOutcome:
    """Record events; answers once they are committed."""
    context = info.context
    right = context.viewer.recorder(makerspace_id, RecordKind.EVENTS)
    kept = context.services.event_retention
    oldest = None if kept is None else context.now - kept
    return await room.record_events(
        context.services.database,
        right.makerspace,
        input,
        recorder=recorder_of(context, right),
        now=context.now,
        oldest=oldest,
    )


async def record_equipment_usage(
    info: Info,
    input: list[EquipmentUsageInput],  # noqa: A002
    makerspace_id: strawberry.ID | None = None,
) -> RecordOutcome:
    """Record sessions at machines, and close open ones."""
    context = info.context
    right = context.viewer.recorder(makerspace_id, RecordKind.EQUIPMENT)
    return await room.record_equipment_usage(
        context.services.database, right.makerspace, input, recorder=recorder_of(context, right), now=context.now
    )


async def record_inventory_usage(
    info: Info,
    input: list[InventoryUsageInput],  # noqa: A002
    makerspace_id: strawberry.ID | None = None,
) -> RecordOutcome:
    """Record what was used up."""
    context = info.context
    right = context.viewer.recorder(makerspace_id, RecordKind.INVENTORY)
    return await room.record_inventory_usage(
        context.services.database, right.makerspace, input, recorder=recorder_of(context, right), now=context.now
    )


async def record_revenue(
    info: Info,
    input: list[RevenueInput],  # noqa: A002
    makerspace_id: strawberry.ID | None = None,
) -> RecordOutcome:
    """Record what was paid."""
    context = info.context
    right = context.viewer.recorder(makerspace_id, RecordKind.REVENUE)
    return await room.record_revenue(
        context.services.database, right.makerspace, input, recorder=recorder_of(context, right), now=context.now
    )


async def void_facts(
    info: Info,
    input: list[VoidInput],  # noqa: A002
    makerspace_id: strawberry.ID | None = None,
) -> RecordOutcome:
    """Take wrong facts out of every number."""
    context = info.context
    right = context.viewer.recorder(makerspace_id, RecordKind.VOID)
    return await room.void_facts(
        context.services.database,
        right.makerspace,
        input,
        recorder=recorder_of(context, right),
        now=context.now,
        user_id=context.viewer.user_id,
    )


def recorder_of(context: Context, right: Right) -> Recorder:
    """Say on whose behalf facts come in."""
    return Recorder(
        user_id=right.only_user,
        default_user_id=right.default_user,
        pseudonym=context.services.keys.pseudonym,
        tombstone=context.services.keys.tombstone,
        batch_limit=context.services.batch_size,
    )
