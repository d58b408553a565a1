"""Schedules: reports that are asked for again and again. A row each, changed by whoever made it or may MANAGE."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
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
from makrcave_analytics.models.ids import RANDOM_BYTES, fresh_id
from makrcave_analytics.models.makerspace import Makerspace, read_makerspace
from makrcave_analytics.period import Comparison, PeriodInput, PeriodPreset, resolve
from makrcave_analytics.reports.ids import no_such_schedule
from makrcave_analytics.reports.inputs import ReportRequestInput, ReportScheduleInput
from makrcave_analytics.reports.recipients import DeliveryChannels, Notify, fresh_seed
from makrcave_analytics.reports.requests.create import Requester
from makrcave_analytics.reports.requests.validation import ReportRequest, check
from makrcave_analytics.reports.schedules.cron import check_cron, next_run
from makrcave_analytics.reports.vocabulary import ReportFormat, ReportType

log = telemetry.logger(__name__)

MAX_SCHEDULES = 100
"""Of one makerspace."""

_schedule = report_schedules.c


@dataclass(frozen=True)
class Schedule:
    """One schedule. Its reports keep the permissions that it was made with."""

    makerspace: MakerspaceId
    id: UUID
    type: ReportType
    format: ReportFormat
    preset: PeriodPreset
    compare_to: Comparison | None
    currency: str | None
    filters: Mapping[str, list[str]] | None
    explore: Mapping[str, Any] | None
    permissions: frozenset[Permission]
    notify: Notify
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
        """Who its reports are asked for by."""
        return Requester(self.created_by, self.created_by_name, self.permissions)

    def request(self) -> ReportRequest:
        """Return the question of its next report; it was checked when the schedule was made."""
        table = None if self.explore is None else table_from_json(self.explore)
        return ReportRequest(
            self.type,
            self.format,
            self.preset,
            self.compare_to,
            self.currency,
            self.filters,
            table,
            subject=None,
            notify=self.notify,
            idempotency_key=None,
        )


@dataclass(frozen=True)
class SchedulesAsked:
    """Which schedules of a makerspace. `only_of`: those of one person; None is for those who may MANAGE."""

    only_of: str | None
    hidden: frozenset[ReportType] = frozenset()
    """Types for which a permission is missing."""

    def conditions(self, makerspace: MakerspaceId) -> list[ColumnElement[bool]]:
        """Say it in SQL."""
        said: list[ColumnElement[bool]] = [_schedule.makerspace_id == makerspace.value]
        if self.only_of is not None:
            said.append(_schedule.created_by == self.only_of)
        if self.hidden:
            said.append(_schedule.type.not_in(sorted(self.hidden)))
        return said


async def add_schedule(
    database: Database,
    makerspace: MakerspaceId,
    asked: ReportScheduleInput,
    requester: Requester,
    now: datetime,
    random: Callable[[int], bytes],
    channels: DeliveryChannels,
) -> Schedule:
    """Commit a new schedule.

    Raises: Invalid, Forbidden, LimitExceeded, NotFound, Unavailable.
    """
    request, cron = _checked(asked, requester.permissions, channels)
    async with database.write(makerspace) as connection:
        home = await read_makerspace(connection, makerspace)
        ours = select(func.count()).where(_schedule.makerspace_id == makerspace.value)
        if (await connection.scalar(ours) or 0) >= MAX_SCHEDULES:
            raise LimitExceeded(f"A makerspace has at most {MAX_SCHEDULES} schedules.", path=("input",))
        values = _values(asked, request, cron, home, now) | {
            "makerspace_id": makerspace.value,
            "id": fresh_id(now, random(RANDOM_BYTES)),
            "permissions": sorted(requester.permissions),
            "created_by": requester.user_id,
            "created_by_name": requester.name,
            "webhook_seed": fresh_seed(request.notify, random),
        }
        made = await connection.execute(insert(report_schedules).values(values).returning(*report_schedules.c))
        schedule = schedule_from(made.mappings().one(), makerspace)
    log.info("schedule made", schedule_id=str(schedule.id), cron=cron, next_run_at=str(schedule.next_run_at))
    return schedule


async def change_schedule(
    database: Database,
    makerspace: MakerspaceId,
    schedule_id: UUID,
    asked: ReportScheduleInput,
    which: SchedulesAsked,
    editor: Requester,
    now: datetime,
    random: Callable[[int], bytes],
    channels: DeliveryChannels,
) -> tuple[Schedule, bool]:
    """Put another question and time into a schedule; say whether its webhook, and so its secret, is new.

    Whoever made it changes it with the permissions of now; others never give its reports more than they had.

    Raises: Invalid, Forbidden, NotFound, Unavailable.
    """
    async with database.write(makerspace) as connection:
        home = await read_makerspace(connection, makerspace)
        ours = (*which.conditions(makerspace), _schedule.id == schedule_id)
        found = (await connection.execute(select(*_schedule).where(*ours).with_for_update())).mappings().one_or_none()
        if found is None:
            raise no_such_schedule()
        before = schedule_from(found, makerspace)
        own = before.created_by == editor.user_id
        permissions = editor.permissions if own else editor.permissions & before.permissions
        request, cron = _checked(asked, permissions, channels)
        is_new = request.notify.webhook_url != before.notify.webhook_url
        seed = fresh_seed(request.notify, random) if is_new else before.webhook_seed
        values = _values(asked, request, cron, home, now) | {"permissions": sorted(permissions), "webhook_seed": seed}
        changed = update(report_schedules).where(*ours).values(values).returning(*report_schedules.c)
        return schedule_from((await connection.execute(changed)).mappings().one(), makerspace), is_new


async def delete_schedule(
    database: Database, makerspace: MakerspaceId, schedule_id: UUID, which: SchedulesAsked
) -> Schedule:
    """Delete a schedule and return what it was; its reports stay.

    Raises: NotFound, Unavailable.
    """
    gone = delete(report_schedules).where(*which.conditions(makerspace), _schedule.id == schedule_id)
    async with database.write(makerspace) as connection:
        row = (await connection.execute(gone.returning(*report_schedules.c))).mappings().one_or_none()
    if row is None:
        raise no_such_schedule()
    return schedule_from(row, makerspace)


async def reschedule_all(database: Database, makerspace: MakerspaceId, now: datetime) -> None:
    """Let every schedule run next when the clock of the makerspace, whose zone was changed, says so."""
    active = (_schedule.makerspace_id == makerspace.value, _schedule.is_active)
    async with database.write(makerspace) as connection:
        zone = (await read_makerspace(connection, makerspace)).calendar.zone
        chosen = select(_schedule.id, _schedule.cron).where(*active).order_by(_schedule.id).with_for_update()
        for row in (await connection.execute(chosen)).all():
            aimed = update(report_schedules).where(*active, _schedule.id == row.id)
            await connection.execute(aimed.values(next_run_at=next_run(row.cron, zone, now)))


async def find_schedules(database: Database, makerspace: MakerspaceId, which: SchedulesAsked) -> Sequence[Schedule]:
    """Return schedules, the newest first."""
    chosen = select(*_schedule).where(*which.conditions(makerspace))
    async with database.read(makerspace) as connection:
        found = await connection.execute(chosen.order_by(_schedule.created_at.desc(), _schedule.id.desc()))
        return [schedule_from(row, makerspace) for row in found.mappings()]


def schedule_from(row: RowMapping, makerspace: MakerspaceId) -> Schedule:
    """Build the value from a row."""
    columns = {field.name: row[field.name] for field in fields(Schedule) if field.name != "makerspace"}
    made = Schedule(makerspace=makerspace, **columns)
    return replace(
        made,
        type=ReportType(made.type),
        format=ReportFormat(made.format),
        preset=PeriodPreset(made.preset),
        compare_to=Comparison(made.compare_to) if made.compare_to else None,
        permissions=frozenset(map(Permission, row["permissions"])),
        notify=Notify.from_json(row["notify"]),
    )


def _checked(
    asked: ReportScheduleInput, permissions: frozenset[Permission], channels: DeliveryChannels
) -> tuple[ReportRequest, str]:
    """Check the question as a report's is checked, and the time."""
    request = check(
        ReportRequestInput(
            type=asked.type,
            format=asked.format,
            period=PeriodInput(preset=asked.preset),
            compare_to=asked.compare_to,
            currency=asked.currency,
            filters=asked.filters,
            table=asked.table,
            notify=asked.notify,
        ),
        permissions,
        channels,
    )
    return request, check_cron(asked.cron)


def _values(
    asked: ReportScheduleInput, request: ReportRequest, cron: str, home: Makerspace, now: datetime
) -> dict[str, Any]:
    is_active = asked.is_active is not False
    if request.table is not None:
        check_table(request.table, resolve(asked.preset, home.calendar, now), "input", "table")
    return {
        "type": request.type,
        "format": request.format,
        "preset": asked.preset,
        "compare_to": request.compare_to,
        "currency": request.currency,
        "filters": request.filters,
        "explore": request.explore,
        "notify": request.notify.as_json(),
        "cron": cron,
        "is_active": is_active,
        "next_run_at": next_run(cron, home.calendar.zone, now) if is_active else None,
    }
