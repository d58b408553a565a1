"""Resolvers of schedules, each shown with its last report."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import strawberry

from makrcave_analytics.auth import MakerspaceId, Permission
from makrcave_analytics.models.makerspace import Makerspace
from makrcave_analytics.recording.outcome import UserError
from makrcave_analytics.reports.ids import locate_schedule, seal_schedule
from makrcave_analytics.reports.inputs import ReportScheduleInput
from makrcave_analytics.reports.requests.queries import ReportsAsked, find_some
from makrcave_analytics.reports.requests.validation import hidden_types
from makrcave_analytics.reports.schedules.schedule import (
    Schedule,
    SchedulesAsked,
    add_schedule,
    change_schedule,
    delete_schedule,
    find_schedules,
)
from makrcave_analytics.resolvers.common.context import Context, Info
from makrcave_analytics.resolvers.common.user_errors import OF_CHANGE, OF_INPUT, refusal_of_change, refusal_of_input
from makrcave_analytics.resolvers.reports.reports import ShownReport, request_context, shown


@dataclass(frozen=True)
class ReportSchedule:
    """A schedule as clients see it."""

    row: Schedule
    makerspace: Makerspace
    id: str
    last_report: ShownReport | None


@dataclass(frozen=True)
class ReportSchedulePayload:
    """The answer of a mutation of schedules."""

    schedule: ReportSchedule | None
    user_errors: Sequence[UserError] = ()
    webhook_secret: str | None = None


# `id` and `input` are the contract's names of the arguments.
async def page(info: Info, makerspace_id: strawberry.ID | None = None) -> Sequence[ReportSchedule]:
    """List the viewer's schedules, with MANAGE all."""
    context = info.context
    makerspace = context.viewer.makerspace(makerspace_id, Permission.REPORT)
    rows = await find_schedules(context.services.database, makerspace, _asked(context, makerspace))
    return await _schedules(context, makerspace, rows)


async def add(
    info: Info,
    input: ReportScheduleInput,  # noqa: A002
    makerspace_id: strawberry.ID | None = None,
) -> ReportSchedulePayload:
    """Make a schedule."""
    context = info.context
    makerspace = context.viewer.makerspace(makerspace_id, Permission.REPORT)
    try:
        row = await add_schedule(request_context(context, makerspace), input)
    except OF_INPUT as error:
        return ReportSchedulePayload(None, [refusal_of_input(error)])
    return await _answer(context, row, shows_secret=True)


async def change(info: Info, id: strawberry.ID, input: ReportScheduleInput) -> ReportSchedulePayload:  # noqa: A002
    """Replace a schedule."""
    context = info.context
    try:
        makerspace, schedule_id, asked = _theirs(context, id)
        row, is_new = await change_schedule(request_context(context, makerspace), schedule_id, input, asked)
    except OF_CHANGE as error:
        return ReportSchedulePayload(None, [refusal_of_change(error)])
    return await _answer(context, row, shows_secret=is_new)


async def delete(info: Info, id: strawberry.ID) -> ReportSchedulePayload:  # noqa: A002
    """Delete a schedule; the answer shows the deleted schedule."""
    context = info.context
    try:
        makerspace, schedule_id, asked = _theirs(context, id)
        row = await delete_schedule(context.services.database, makerspace, schedule_id, asked)
    except OF_CHANGE as error:
        return ReportSchedulePayload(None, [refusal_of_change(error)])
    return await _answer(context, replace(row, is_active=False, next_run_at=None), shows_secret=False)


def time_zone(root: ReportSchedule) -> str:
    """Return the zone of its cron expression."""
    return root.makerspace.time_zone


def _theirs(context: Context, text: str) -> tuple[MakerspaceId, UUID, SchedulesAsked]:
    makerspace, schedule_id = locate_schedule(context.services.keys, context.viewer, text)
    return makerspace, schedule_id, _asked(context, makerspace)


def _asked(context: Context, makerspace: MakerspaceId) -> SchedulesAsked:
    only_of = None if context.may(makerspace, Permission.MANAGE) else context.viewer.user_id
    return SchedulesAsked(only_of, hidden_types(context.viewer.permissions(makerspace)))


async def _answer(context: Context, row: Schedule, *, shows_secret: bool) -> ReportSchedulePayload:
    (schedule,) = await _schedules(context, row.makerspace, [row])
    keys, seed = context.services.keys, row.webhook_seed if shows_secret else None
    secret = keys.webhook_secret(row.makerspace.value, seed) if seed else None
    return ReportSchedulePayload(schedule, webhook_secret=secret)


async def _schedules(context: Context, makerspace: MakerspaceId, rows: Sequence[Schedule]) -> list[ReportSchedule]:
    asked = _asked(context, makerspace)
    wanted = [row.last_report_id for row in rows if row.last_report_id is not None]
    visible = ReportsAsked(asked.only_of, hidden=asked.hidden)
    last = await find_some(context.services.database, makerspace, wanted, visible)
    space = await context.readings.of(makerspace).snapshot.makerspace()
    return [
        ReportSchedule(
            row,
            space,
            seal_schedule(context.services.keys, makerspace, row.id),
            await shown(context, last[row.last_report_id]) if row.last_report_id in last else None,
        )
        for row in rows
    ]
