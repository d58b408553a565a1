"""Resolvers of reports: asked for, found, and where their file is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry

from makrcave_analytics.auth import MakerspaceId, Permission
from makrcave_analytics.crypto import display_pseudonym
from makrcave_analytics.models.makerspace import Makerspace
from makrcave_analytics.period import Period, local
from makrcave_analytics.recording.outcome import UserError
from makrcave_analytics.reports.ids import locate_report, seal_report, seal_schedule
from makrcave_analytics.reports.inputs import ReportRequestInput
from makrcave_analytics.reports.jobs.pending import MAKE_REPORT
from makrcave_analytics.reports.report import Report as Row
from makrcave_analytics.reports.requests.changes import Changed, cancel_report, delete_report, retry_report
from makrcave_analytics.reports.requests.context import RequestContext, Requester
from makrcave_analytics.reports.requests.create import request_report
from makrcave_analytics.reports.requests.download import file_link
from makrcave_analytics.reports.requests.queries import ReportsAsked, count_reports, find_report, find_reports, place
from makrcave_analytics.reports.requests.validation import hidden_types
from makrcave_analytics.reports.storage.shared_files import delete_files
from makrcave_analytics.reports.vocabulary import ReportStatus
from makrcave_analytics.resolvers.common.context import Context, Info
from makrcave_analytics.resolvers.common.paging import Listing, Page
from makrcave_analytics.resolvers.common.user_errors import OF_CHANGE, OF_INPUT, refusal_of_change, refusal_of_input


@dataclass(frozen=True)
class ShownReport:
    """A report as clients see it: its row, and the makerspace it belongs to."""

    row: Row
    makerspace: Makerspace
    id: str


@dataclass(frozen=True)
class ShownFile:
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

    report: ShownReport | None
    user_errors: Sequence[UserError] = ()
    webhook_secret: str | None = None


async def request(
    info: Info,
    input: ReportRequestInput,  # noqa: A002 - the contract's name
    makerspace_id: strawberry.ID | None = None,
) -> ReportPayload:
    """Commit a request, then tell the workers; what they miss, the reconciler finds."""
    context, services = info.context, info.context.services
    makerspace = context.viewer.makerspace(makerspace_id, Permission.REPORT)
    try:
        row = await request_report(request_context(context, makerspace), input)
    except OF_INPUT as error:
        return ReportPayload(None, [refusal_of_input(error)])
    await _send(context, row)
    secret = services.keys.webhook_secret(makerspace.value, row.webhook_seed) if row.webhook_seed else None
    return ReportPayload(await shown(context, row), webhook_secret=secret)


async def cancel(info: Info, id: strawberry.ID) -> ReportPayload:  # noqa: A002
    """Cancel a report that waits or is being made."""
    context = info.context
    try:
        makerspace, report_id, asked = theirs(context, id)
        row = await cancel_report(context.services.database, makerspace, report_id, asked)
    except OF_CHANGE as error:
        return ReportPayload(None, [refusal_of_change(error)])
    return ReportPayload(await shown(context, row))


async def retry(info: Info, id: strawberry.ID) -> ReportPayload:  # noqa: A002
    """Have a report made anew."""
    context = info.context
    try:
        makerspace, report_id, asked = theirs(context, id)
        held = context.viewer.permissions(makerspace)
        changed = await retry_report(context.services.database, makerspace, report_id, asked, held)
    except OF_CHANGE as error:
        return ReportPayload(None, [refusal_of_change(error)])
    await _delete_files(context, changed)
    await _send(context, changed.report)
    return ReportPayload(await shown(context, changed.report))


async def delete(info: Info, id: strawberry.ID) -> ReportPayload:  # noqa: A002
    """Delete a report, and its file where nobody shares it; answers with what it was."""
    context = info.context
    try:
        makerspace, report_id, asked = theirs(context, id)
        changed = await delete_report(context.services.database, makerspace, report_id, asked)
    except OF_CHANGE as error:
        return ReportPayload(None, [refusal_of_change(error)])
    await _delete_files(context, changed)
    return ReportPayload(await shown(context, replace(changed.report, file=None)))


# `id` is the contract's name of the argument.
async def report(info: Info, id: strawberry.ID) -> ShownReport:  # noqa: A002
    """Return one report, of one's own or with MANAGE of anybody."""
    context = info.context
    makerspace, report_id, asked = theirs(context, id)
    return await shown(context, await find_report(context.services.database, makerspace, report_id, asked))


async def page(
    info: Info,
    makerspace_id: strawberry.ID | None = None,
    status: ReportStatus | None = None,
    mine: bool = False,
    first: int = 20,
    after: str | None = None,
) -> Page[ShownReport]:
    """Return a page of reports, the latest first."""
    context = info.context
    database = context.services.database
    makerspace = context.viewer.makerspace(makerspace_id, Permission.REPORT)
    asked = _asked(context, makerspace, mine=mine, status=status)

    async def fetch(position: Sequence[Any] | None, limit: int) -> Sequence[ShownReport]:
        place_ = None if position is None else (datetime.fromisoformat(position[0]), UUID(position[1]))
        rows = await find_reports(database, makerspace, asked, after=place_, limit=limit)
        return [await shown(context, row) for row in rows]

    async def count() -> int:
        return await count_reports(database, makerspace, asked)

    def position(report: ShownReport) -> Sequence[str]:
        at, report_id = place(report.row)
        return at.isoformat(), str(report_id)

    listing = Listing("reports", [str(makerspace), asked.only_of, status, sorted(asked.hidden)], fetch, position, count)
    return await listing.page(context.services.keys, first, after)


def of_spec(attribute: str) -> Callable[[Any], Any]:
    """Make the resolver of what a report or a schedule is asked for by."""

    def resolve(root: Any) -> Any:
        return getattr(root.row.spec, attribute)

    return resolve


def requested_by(root: ShownReport, info: Info) -> str:
    """Return who asked for it; a pseudonym of others for those who may not see people."""
    context, row = info.context, root.row
    if context.visibility(row.makerspace).people or row.requested_by == context.viewer.user_id:
        return row.requested_by
    return context.services.keys.pseudonym(row.makerspace.value, row.requested_by)


def requested_by_name(root: ShownReport, info: Info) -> str:
    """Return who asked for it, for people."""
    shown = requested_by(root, info)
    return root.row.requested_by_name if shown == root.row.requested_by else display_pseudonym(shown)


def period(root: ShownReport) -> Period:
    """Return what it is about."""
    return root.row.period(root.makerspace.calendar)


def compared_with(root: ShownReport) -> Period | None:
    """Return what it is compared with."""
    return root.row.compared_with(root.makerspace.calendar)


def schedule_id(root: ShownReport, info: Info) -> str | None:
    """Return the schedule that asked for it."""
    row = root.row
    return seal_schedule(info.context.services.keys, row.makerspace, row.schedule_id) if row.schedule_id else None


async def file(root: ShownReport, info: Info) -> ShownFile | None:
    """Return its file while it can be downloaded, with a new link."""
    row, services = root.row, info.context.services
    if row.file is None or row.status is not ReportStatus.COMPLETED:
        return None
    link = await file_link(services.storage, services.keys, row.makerspace, row.id, row.file.id, info.context.now)
    return ShownFile(
        name=row.file.name,
        content_type=row.file.content_type,
        size_bytes=row.file.size_bytes,
        rows=row.file.rows,
        sha256=row.file.sha256,
        download_url=link.url(services.public_url),
        download_expires_at=local(link.expires_at, root.makerspace.calendar.zone),
    )


def request_context(context: Context, makerspace: MakerspaceId) -> RequestContext:
    """Return who asks, and with what; tokens have no names of people, so the id stands for the name."""
    viewer, services = context.viewer, context.services
    requester = Requester(viewer.user_id, viewer.user_id, viewer.permissions(makerspace))
    return RequestContext(services.database, makerspace, requester, context.now, channels=services.channels)


async def shown(context: Context, row: Row) -> ShownReport:
    """Return a row as clients see it."""
    makerspace = await context.readings.of(row.makerspace).snapshot.makerspace()
    return ShownReport(row, makerspace, seal_report(context.services.keys, row.makerspace, row.id))


def theirs(context: Context, text: str) -> tuple[MakerspaceId, UUID, ReportsAsked]:
    """Read a report's id, and say which reports the viewer may touch.

    Raises: NotFound, Forbidden.
    """
    makerspace, report_id = locate_report(context.services.keys, context.viewer, text)
    return makerspace, report_id, _asked(context, makerspace)


def _asked(
    context: Context, makerspace: MakerspaceId, *, mine: bool = False, status: ReportStatus | None = None
) -> ReportsAsked:
    """One's own reports; with MANAGE everybody's; never of a type for which a permission is missing."""
    own = mine or not context.may(makerspace, Permission.MANAGE)
    hidden = hidden_types(context.viewer.permissions(makerspace))
    return ReportsAsked(context.viewer.user_id if own else None, status, hidden)


async def _send(context: Context, row: Row) -> None:
    if row.status is ReportStatus.PENDING:
        await context.services.queue.send(MAKE_REPORT, str(row.makerspace), str(row.id))


async def _delete_files(context: Context, changed: Changed) -> None:
    if context.services.storage is not None:
        await delete_files(context.services.storage, changed.report.makerspace, changed.files)
