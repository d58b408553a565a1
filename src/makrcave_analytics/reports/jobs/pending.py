"""Finds reports of all makerspaces that wait for a worker: those whose message was lost, or whose lease ran out."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, update

from makrcave_analytics.auth import MakerspaceId, Viewer
from makrcave_analytics.db import Database
from makrcave_analytics.models import report_requests
from makrcave_analytics.reports.vocabulary import ReportStatus

MAKE_REPORT = "make_report"
"""The name of the actor that renders a report; its arguments are the ids of makerspace and report, as text."""

MAX_PAUSE = timedelta(seconds=30)

_request = report_requests.c
_WAITS = _request.status == ReportStatus.PENDING
_RAN_OUT = and_(_request.status == ReportStatus.PROCESSING, _request.lease_until < func.now())
_CLAIMABLE = or_(_WAITS, _RAN_OUT)


async def pending_reports(database: Database, *, after_seconds: float = 5) -> AsyncIterator[tuple[MakerspaceId, UUID]]:
    """Find the reports for which a message is to be sent now, mark them as sent, and yield them.

    A pending report is due when none was sent for `after_seconds`; the pause doubles each time, up to half a minute.
    A report whose lease ran out is due without that growth. Of two reconcilers that look at once, one gets each report.
    One read finds the makerspaces; the reports of each are marked in a transaction of its own.
    """
    viewer = Viewer.system("reconciler")
    for value in await _makerspaces(database, after_seconds):
        makerspace = viewer.makerspace(value)
        for report_id in await _mark(database, makerspace, after_seconds):
            yield makerspace, report_id


async def next_pending(database: Database, limit: int = 16) -> Sequence[tuple[MakerspaceId, UUID]]:
    """Return the reports that wait longest, sent or not, for a worker that is free."""
    found = select(_request.makerspace_id, _request.id).where(_CLAIMABLE).order_by(_request.requested_at).limit(limit)
    async with database.across() as connection:
        rows = list(await connection.execute(found))
    viewer = Viewer.system("a worker that is free")
    return [(viewer.makerspace(row.makerspace_id), row.id) for row in rows]


async def _makerspaces(database: Database, after_seconds: float) -> list[UUID]:
    """Return the makerspaces with such reports, those that wait longest first."""
    found = (
        select(_request.makerspace_id)
        .where(_is_due(after_seconds))
        .group_by(_request.makerspace_id)
        .order_by(func.min(_request.requested_at))
    )
    async with database.across() as connection:
        return list((await connection.execute(found)).scalars())


async def _mark(database: Database, makerspace: MakerspaceId, after_seconds: float) -> list[UUID]:
    marked = (
        update(report_requests)
        .where(_request.makerspace_id == makerspace.value, _is_due(after_seconds))
        .values(sent_at=func.now())
        .returning(_request.id, _request.requested_at)
    )
    async with database.write(makerspace) as connection:
        rows: list[Any] = list(await connection.execute(marked))
    return [row.id for row in sorted(rows, key=lambda row: (row.requested_at, row.id))]


def _is_due(after_seconds: float) -> ColumnElement[bool]:
    last = func.coalesce(_request.sent_at, _request.requested_at)
    shortest = timedelta(seconds=after_seconds)
    pause = func.greatest(shortest, func.least(MAX_PAUSE, last - _request.requested_at))
    # Pauses grow only for pending reports: they may just be waiting in a long queue.
    return or_(and_(_WAITS, last <= func.now() - pause), and_(_RAN_OUT, last <= func.now() - shortest))
