"""Resolvers of the mutations that put facts in."""

import strawberry

from makrcave_analytics.auth import RecordKind
from makrcave_analytics.recording import Recorder, RecordOutcome, UsageEventInput
from makrcave_analytics.recording import record_events as record
from makrcave_analytics.resolvers.context import Info


async def record_events(
    info: Info,
    input: list[UsageEventInput],  # noqa: A002 - the contract's name
    makerspace_id: strawberry.ID | None = None,
) -> RecordOutcome:
    """Record events; answers once they are committed."""
    context = info.context
    right = context.viewer.recorder(makerspace_id, RecordKind.EVENTS)
    recorder = Recorder(
        user_id=right.only_user,
        default_user_id=right.default_user,
        pseudonym=context.services.keys.pseudonym,
        batch_limit=context.services.batch_size,
    )
    return await record(context.services.database, right.makerspace, input, recorder=recorder, now=context.now)
