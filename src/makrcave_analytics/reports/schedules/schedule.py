"""Schedules of reports, a row each. Changed by their owner, or by a person with MANAGE."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, delete, func, insert, select, update

from makrcave_analytics import telemetry
from makrcave_analytics.auth import MakerspaceId, Permission
from makrcave_analytics.db import Database
from makrcave_analytics.errors import LimitExceeded
from makrcave_analytics.metrics.explore.inputs import check_table, table_from_json
from makrcave_analytics.models import report_schedules
from makrcave_analytics.models.makerspace import read_makerspace
from makrcave_analytics.period import Calendar, PeriodInput, resolve
from makrcave_analytics.reports.ids import no_such_schedule
from makrcave_analytics.reports.inputs import ReportRequestInput, ReportScheduleInput
from makrcave_analytics.reports.recipients import DeliveryChannels
from makrcave_analytics.reports.requests.context import RequestContext, Requester
from makrcave_analytics.reports.requests.validation import check
from makrcave_analytics.reports.schedules.cron import check_cron, next_run
from makrcave_analytics.reports.spec import ReportSpec
from makrcave_analytics.reports.vocabulary import ReportType

log = telemetry.logger(__name__)

MAX_SCHEDULES = 100
"""The most schedules of one makerspace."""

_schedule = report_schedules.c
_SHARED = {field.name for field in fields(ReportRequestInput)} & {field.name for field in fields(ReportScheduleInput)}
"""Fields that a schedule is asked for by like a report."""


@dataclass(frozen=True)
class Schedule:
    """One schedule. Its reports keep the permissions that it was made with."""

    makerspace: MakerspaceId
    id: UUID
    spec: ReportSpec
    """What each of its reports is asked for by; its period is a preset."""
    webhook_seed: bytes | None
    cron: str
    created_by: str
    created_by_name: str
    created_at: datetime
    is_active: bool
    next_run_at: datetime | None
    """None while it is not active."""
    last_report_id: UUID | None

    @property
    def requester(self) -> Requester:
        """The requester of its reports."""
        return Requester(self.created_by, self.created_by_name, self.spec.permissions)


@dataclass(frozen=True)
class SchedulesAsked:
    """Which schedules of a makerspace a viewer may see. `only_of`: those of one person; None with MANAGE."""

    only_of: str | None
    hidden: frozenset[ReportType] = frozenset()
    """Types for which a permission is missing."""

    def conditions(self, makerspace: MakerspaceId) -> list[ColumnElement[bool]]:
        """Return the conditions in SQL."""
        conditions: list[ColumnElement[bool]] = [_schedule.makerspace_id == makerspace.value]
        if self.only_of is not None:
            conditions.append(_schedule.created_by == self.only_of)
        if self.hidden:
            conditions.append(_schedule.type.not_in(sorted(self.hidden)))
        return conditions


async def add_schedule(context: RequestContext, asked: ReportScheduleInput) -> Schedule:
    """Commit a new schedule.

    Raises: Invalid, Forbidden, LimitExceeded, NotFound, Unavailable.
    """
    makerspace, requester = context.makerspace, context.requester
    spec, cron = _checked(asked, requester.permissions, context.channels)
    async with context.database.write(makerspace) as connection:
        calendar = (await read_makerspace(connection, makerspace)).calendar
        ours = select(func.count()).where(_schedule.makerspace_id == makerspace.value)
        if (await connection.scalar(ours) or 0) >= MAX_SCHEDULES:
            raise LimitExceeded(f"A makerspace has at most {MAX_SCHEDULES} schedules.", path=("input",))
        values = _values(asked, spec, cron, calendar, context.now) | {
            "makerspace_id": makerspace.value,
            "id": context.fresh_id(),
            "created_by": requester.user_id,
            "created_by_name": requester.name,
            "webhook_seed": context.fresh_seed(spec.notify),
        }
        made = await connection.execute(insert(report_schedules).values(values).returning(*report_schedules.c))
        schedule = schedule_from(made.mappings().one(), makerspace)
    log.info("schedule made", schedule_id=str(schedule.id), cron=cron, next_run_at=str(schedule.next_run_at))
    return schedule


async def change_schedule(
    context: RequestContext, schedule_id: UUID, asked: ReportScheduleInput, which: SchedulesAsked
) -> tuple[Schedule, bool]:
    """Replace what a schedule asks for and when. The second value: whether its webhook, and so its secret, is new.

    Its owner changes it with their present permissions; others never give its reports more than they had.

    Raises: Invalid, Forbidden, NotFound, Unavailable.
    """
    makerspace, editor = context.makerspace, context.requester
    async with context.database.write(makerspace) as connection:
        calendar = (await read_makerspace(connection, makerspace)).calendar
        ours = (*which.conditions(makerspace), _schedule.id == schedule_id)
        found = (await connection.execute(select(*_schedule).where(*ours).with_for_update())).mappings().one_or_none()
        if found is None:
            raise no_such_schedule()
        before = schedule_from(found, makerspace)
        is_owner = before.created_by == editor.user_id
        permissions = editor.permissions if is_owner else editor.permissions & before.spec.permissions
        spec, cron = _checked(asked, permissions, context.channels)
        is_new = spec.notify.webhook_url != before.spec.notify.webhook_url
        seed = context.fresh_seed(spec.notify) if is_new else before.webhook_seed
        values = _values(asked, spec, cron, calendar, context.now) | {"webhook_seed": seed}
        changed = update(report_schedules).where(*ours).values(values).returning(*report_schedules.c)
        return schedule_from((await connection.execute(changed)).mappings().one(), makerspace), is_new


async def delete_schedule(
    database: Database, makerspace: MakerspaceId, schedule_id: UUID, which: SchedulesAsked
) -> Schedule:
    """Delete a schedule and return it. Its reports stay.

    Raises: NotFound, Unavailable.
    """
    gone = delete(report_schedules).where(*which.conditions(makerspace), _schedule.id == schedule_id)
    async with database.write(makerspace) as connection:
        row = (await connection.execute(gone.returning(*report_schedules.c))).mappings().one_or_none()
    if row is None:
        raise no_such_schedule()
    return schedule_from(row, makerspace)


async def reschedule_all(database: Database, makerspace: MakerspaceId, now: datetime) -> None:
    """Compute the next run of every schedule again, after the makerspace's zone was changed."""
    active = (_schedule.makerspace_id == makerspace.value, _schedule.is_active)
    async with database.write(makerspace) as connection:
        zone = (await read_makerspace(connection, makerspace)).calendar.zone
        chosen = select(_schedule.id, _schedule.cron).where(*active).order_by(_schedule.id).with_for_update()
        for row in (await connection.execute(chosen)).all():
            aimed = update(report_schedules).where(*active, _schedule.id == row.id)
            await connection.execute(aimed.values(next_run_at=next_run(row.cron, zone, now)))


async def find_schedules(database: Database, makerspace: MakerspaceId, which: SchedulesAsked) -> Sequence[Schedule]:
    """Return schedules, the latest first."""
    chosen = select(*_schedule).where(*which.conditions(makerspace))
    async with database.read(makerspace) as connection:
        found = await connection.execute(chosen.order_by(_schedule.created_at.desc(), _schedule.id.desc()))
        return [schedule_from(row, makerspace) for row in found.mappings()]


def schedule_from(row: RowMapping, makerspace: MakerspaceId) -> Schedule:
    """Build the value from a row."""
    return Schedule(
        makerspace=makerspace,
        id=row["id"],
        spec=ReportSpec.from_row(row),
        webhook_seed=row["webhook_seed"],
        cron=row["cron"],
        created_by=row["created_by"],
        created_by_name=row["created_by_name"],
        created_at=row["created_at"],
        is_active=row["is_active"],
        next_run_at=row["next_run_at"],
        last_report_id=row["last_report_id"],
    )


def _checked(
    asked: ReportScheduleInput, permissions: frozenset[Permission], channels: DeliveryChannels
) -> tuple[ReportSpec, str]:
    """Check what is asked for, as for one report, and the cron expression."""
    same = {name: getattr(asked, name) for name in _SHARED}
    request = ReportRequestInput(period=PeriodInput(preset=asked.preset), **same)
    return check(request, permissions, channels), check_cron(asked.cron)


def _values(
    asked: ReportScheduleInput, spec: ReportSpec, cron: str, calendar: Calendar, now: datetime
) -> dict[str, Any]:
    is_active = asked.is_active is not False
    if spec.table is not None:
        check_table(table_from_json(spec.table), resolve(asked.preset, calendar, now), "input", "table")
    return spec.columns(report_schedules) | {
        "cron": cron,
        "is_active": is_active,
        "next_run_at": next_run(cron, calendar.zone, now) if is_active else None,
    }
