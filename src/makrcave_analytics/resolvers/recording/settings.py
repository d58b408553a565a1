"""Resolvers of the mutations that create makerspaces and change their settings."""

import os
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import Any

import strawberry

from makrcave_analytics.auth import MakerspaceId, Permission
from makrcave_analytics.errors import Conflict, Invalid
from makrcave_analytics.models.ids import RANDOM_BYTES, fresh_id
from makrcave_analytics.models.makerspace import Makerspace
from makrcave_analytics.recording.entity_inputs import MakerspaceInput
from makrcave_analytics.recording.outcome import UserError
from makrcave_analytics.recording.parsing import ABSENT
from makrcave_analytics.recording.settings.makerspaces import Author, create_makerspace, update_makerspace
from makrcave_analytics.recording.settings.options import new_makerspace_id
from makrcave_analytics.reports.schedules.schedule import reschedule_all
from makrcave_analytics.resolvers.common.context import Context, Info
from makrcave_analytics.resolvers.common.user_errors import refusal_of_input


@dataclass(frozen=True)
class MakerspacePayload:
    """The result of a mutation of a makerspace."""

    makerspace: Makerspace | None
    user_errors: Sequence[UserError] = ()


async def create(info: Info, input: MakerspaceInput) -> MakerspacePayload:  # noqa: A002 - the contract's name
    """Create a makerspace, for a super_admin."""
    context = info.context
    context.viewer.require_super_admin()
    try:
        value = new_makerspace_id(input.id, lambda: fresh_id(context.now, os.urandom(RANDOM_BYTES)))
    except Invalid as error:
        return MakerspacePayload(None, [refusal_of_input(error)])
    makerspace = context.viewer.makerspace(value)
    made = create_makerspace(context.services.database, makerspace, input, author=_author(context))
    return await _answered(context, makerspace, made)


async def update(
    info: Info,
    input: Any,  # noqa: A002 - the contract's name
    makerspace_id: strawberry.ID | None = None,
) -> MakerspacePayload:
    """Change settings, for viewers with MANAGE. `input` has an attribute for each setting, or ABSENT."""
    context = info.context
    makerspace = context.viewer.makerspace(makerspace_id, Permission.MANAGE)
    database = context.services.database
    changes = {column: value for column, value in vars(input).items() if value is not ABSENT}

    async def change() -> None:
        await update_makerspace(database, makerspace, changes, author=_author(context))
        if "time_zone" in changes:
            await reschedule_all(database, makerspace, context.now)

    return await _answered(context, makerspace, change())


async def _answered(context: Context, makerspace: MakerspaceId, change: Awaitable[None]) -> MakerspacePayload:
    """Make the change, and return the makerspace after it."""
    try:
        await change
    except (Invalid, Conflict) as error:
        return MakerspacePayload(None, [refusal_of_input(error)])
    return MakerspacePayload(await context.readings.of(makerspace).snapshot.makerspace())


def _author(context: Context) -> Author:
    return Author(context.viewer.user_id, context.now, os.urandom)
