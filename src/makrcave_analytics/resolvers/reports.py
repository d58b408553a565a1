"""Resolvers of reports: asked for, found, and where their file is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry

from makrcave_analytics.auth import MakerspaceId, Permission
from makrcave_analytics.crypto import display_pseudonym
from makrcave_analytics.errors import AnalyticsError, Conflict, Forbidden, IdempotencyConflict, Invalid, LimitExceeded
from makrcave_analytics.models.makerspace import Makerspace
from makrcave_analytics.period import Period, local
from makrcave_analytics.recording import UserError
from makrcave_analytics.reports import (
    MAKE_REPORT,
    ReportRequestInput,
    ReportsAsked,
    ReportStatus,
    Requester,
    count_reports,
    download_link,
    find_report,
    find_reports,
    locate_report,
    place,
    request_report,
    seal_report,
)
from makrcave_analytics.reports import Report as Row
from makrcave_analytics.resolvers.context import Context, Info
from makrcave_analytics.resolvers.paging import Listing, Page

_OWN_ERRORS = (Invalid, Conflict, IdempotencyConflict, LimitExceeded, Forbidden)
"""What the payload tells; everything else is the field's error."""


@dataclass(frozen=True)
class Report:
    """A report as clients see it: its row, and the makerspace it belongs to."""

    row: Row
    makerspace: Makerspace
    id: str


@dataclass(frozen=True)
class ReportFile:
    """A file, with a link to it that was signed just now."""

    name: str
    content_type: str
    size_bytes: int
    rows: int
    sha256: str
    download_url: str
    download_expires_at: datetime


@dataclass(frozen=True)
class ReportPayload:
    """What a mutation of reports answers."""

    report: Report | None
    user_errors: Sequence[UserError] = ()


async def request(
    info: Info,
    input: ReportRequestInput,  # noqa: A002 - the contract's name
    makerspace_id: strawberry.ID | None = None,
) -> ReportPayload:
    """Commit a request, then tell the workers; what they miss, the reconciler finds."""
    context = info.context
    makerspace = context.viewer.makerspace(makerspace_id, Permission.REPORT)
    requester = Requester(context.viewer.user_id, context.viewer.user_id, context.viewer.permissions(makerspace))
    try:
        row = await request_report(context.services.database, makerspace, input, requester, context.now)
    except _OWN_ERRORS as error:
        return ReportPayload(None, [user_error(error)])
    if row.status is ReportStatus.PENDING:
        await context.services.queue.send(MAKE_REPORT, str(makerspace), str(row.id))
    return ReportPayload(await _report(context, row))


# `id` is the contract's name of the argument.
async def report(info: Info, id: strawberry.ID) -> Report:  # noqa: A002
    """Return one report, of one's own or with MANAGE of anybody."""
    context = info.context
    makerspace, report_id = locate_report(context.services.keys, context.viewer, id)
    owner = only_of(context, makerspace)
    return await _report(context, await find_report(context.services.database, makerspace, report_id, only_of=owner))


async def page(
    info: Info,
    makerspace_id: strawberry.ID | None = None,
    status: ReportStatus | None = None,
    mine: bool = False,
    first: int = 20,
    after: str | None = None,
) -> Page[Report]:
    """Return a page of reports, the latest first."""
    context = info.context
    database = context.services.database
    makerspace = context.viewer.makerspace(makerspace_id, Permission.REPORT)
    asked = ReportsAsked(context.viewer.user_id if mine else only_of(context, makerspace), status)

    async def fetch(position: Sequence[Any] | None, limit: int) -> Sequence[Report]:
        place_ = None if position is None else (datetime.fromisoformat(position[0]), UUID(position[1]))
        rows = await find_reports(database, makerspace, asked, after=place_, limit=limit)
        return [await _report(context, row) for row in rows]

    async def count() -> int:
        return await count_reports(database, makerspace, asked)

    def position(report: Report) -> Sequence[str]:
        at, report_id = place(report.row)
        return at.isoformat(), str(report_id)

    listing = Listing("reports", [str(makerspace), asked.only_of, status], fetch, position, count)
    return await listing.page(context.services.keys, first, after)


def of_row(attribute: str) -> Any:
    """Make the resolver of what the row says; instants in the makerspace's offset."""

    def resolve(root: Report) -> Any:
        value = getattr(root.row, attribute)
        return local(value, root.makerspace.calendar.zone) if isinstance(value, datetime) else value

    return resolve


def requested_by(root: Report, info: Info) -> str:
    """Return who asked for it; a pseudonym of others for those who may not see people."""
    context, row = info.context, root.row
    if context.may(row.makerspace, Permission.READ_PEOPLE) or row.requested_by == context.viewer.user_id:
        return row.requested_by
    return context.services.keys.pseudonym(row.makerspace.value, row.requested_by)


def requested_by_name(root: Report, info: Info) -> str:
    """Return who asked for it, for people."""
    shown = requested_by(root, info)
    return root.row.requested_by_name if shown == root.row.requested_by else display_pseudonym(shown)


def period(root: Report) -> Period:
    """Return what it is about."""
    return root.row.period(root.makerspace.calendar)


def compared_with(root: Report) -> Period | None:
    """Return what it is compared with."""
    return root.row.compared_with(root.makerspace.calendar)


def file(root: Report, info: Info) -> ReportFile | None:
    """Return its file while it can be downloaded, with a new link."""
    row, services = root.row, info.context.services
    if row.file is None or row.status is not ReportStatus.COMPLETED:
        return None
    link = download_link(services.keys, row.makerspace, row.id, info.context.now)
    return ReportFile(
        name=row.file.name,
        content_type=row.file.content_type,
        size_bytes=row.file.size_bytes,
        rows=row.file.rows,
        sha256=row.file.sha256,
        download_url=f"{services.public_url}{link.path}",
        download_expires_at=local(link.expires_at, root.makerspace.calendar.zone),
    )


def user_error(error: AnalyticsError) -> UserError:
    """Return a declared error of the input as an entry of userErrors."""
    path = error.path if error.path[:1] == ("input",) else ("input", *error.path)
    return UserError(type(error).code, error.message, path)  # type: ignore[arg-type]


def only_of(context: Context, makerspace: MakerspaceId) -> str | None:
    """Tell whose reports alone the viewer may see; None: everybody's."""
    return None if context.may(makerspace, Permission.MANAGE) else context.viewer.user_id


async def _report(context: Context, row: Row) -> Report:
    makerspace = await context.readings.of(row.makerspace).snapshot.makerspace()
    return Report(row, makerspace, seal_report(context.services.keys, row.makerspace, row.id))
