"""Resolvers of the mutations that sync members, machines, items and projects."""

from collections.abc import Sequence
from typing import Any

import strawberry

from makrcave_analytics.auth import RecordKind
from makrcave_analytics.recording.entities.definitions import ITEMS, MACHINES, MEMBERS, PROJECTS, EntityKind
from makrcave_analytics.recording.entities.upsert import sync
from makrcave_analytics.recording.entity_inputs import EquipmentInput, InventoryItemInput, MemberInput, ProjectInput
from makrcave_analytics.recording.outcome import RecordOutcome
from makrcave_analytics.resolvers.common.context import Context, Info
from makrcave_analytics.resolvers.recording.record import admitted

# `input` is the contract's name of the argument.


async def members(
    info: Info,
    input: list[MemberInput],  # noqa: A002
    makerspace_id: strawberry.ID | None = None,
) -> RecordOutcome:
    """Sync members."""
    return await _sync(info.context, makerspace_id, MEMBERS, RecordKind.MEMBERS, input)


async def equipment(
    info: Info,
    input: list[EquipmentInput],  # noqa: A002
    makerspace_id: strawberry.ID | None = None,
) -> RecordOutcome:
    """Sync machines."""
    return await _sync(info.context, makerspace_id, MACHINES, RecordKind.MACHINES, input)


async def inventory_items(
    info: Info,
    input: list[InventoryItemInput],  # noqa: A002
    makerspace_id: strawberry.ID | None = None,
) -> RecordOutcome:
    """Sync items of the stock."""
    return await _sync(info.context, makerspace_id, ITEMS, RecordKind.ITEMS, input)


async def projects(
    info: Info,
    input: list[ProjectInput],  # noqa: A002
    makerspace_id: strawberry.ID | None = None,
) -> RecordOutcome:
    """Sync projects."""
    return await _sync(info.context, makerspace_id, PROJECTS, RecordKind.PROJECTS, input)


async def _sync(
    context: Context, makerspace_id: str | None, entity_kind: EntityKind, kind: RecordKind, inputs: Sequence[Any]
) -> RecordOutcome:
    makerspace, recorder = admitted(context, makerspace_id, kind)
    return await sync(context.services.database, entity_kind, makerspace, inputs, recorder=recorder)
