"""Resolvers of reports: mutations, queries, and fields that need more than the row."""

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
    """A report as clients see it: its row, its makerspace, and its sealed id."""

    row: Row
    makerspace: Makerspace
    id: str


@dataclass(frozen=True)
class ShownFile:
    """A file with a newly signed link to it."""

    name: str
    content_type: str
    size_bytes: int
    rows: int
    sha256: str
    download_url: str
    download_expires_at: datetime


@dataclass(frozen=True)
class ReportPayload:
    """The answer of a mutation of reports."""

    report: ShownReport | None
    user_errors: Sequence[UserError] = ()
    webhook_secret: str | None = None


async def request(
    info: Info,
    input: ReportRequestInput,  # noqa: A002 - the contract's name
    makerspace_id: strawberry.ID | None = None,
) -> ReportPayload:
    """Commit a request, then send a message to the workers; the reconciler finds what they miss."""
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
    """Cancel a report that is pending or processing."""
    context = info.context
    try:
        makerspace, report_id, asked = theirs(context, id)
        row = await cancel_report(context.services.database, makerspace, report_id, asked)
    except OF_CHANGE as error:
        return ReportPayload(None, [refusal_of_change(error)])
    return ReportPayload(await shown(context, row))


async def retry(info: Info, id: strawberry.ID) -> ReportPayload:  # noqa: A002
    """Make an ended report pending again."""
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
    """Delete a report, and its file where no other report shares it; the answer shows the deleted report."""
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
    """Return one report: of the viewer, or with MANAGE of any person."""
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
    """Make the resolver of a field of ReportSpec, for reports and schedules."""

    def resolve(root: Any) -> Any:
        return getattr(root.row.spec, attribute)

    return resolve


def requested_by(root: ShownReport, info: Info) -> str:
    """Return the requester's id; a pseudonym where people are hidden and it is another person."""
    context, row = info.context, root.row
    if context.visibility(row.makerspace).people or row.requested_by == context.viewer.user_id:
        return row.requested_by
    return context.services.keys.pseudonym(row.makerspace.value, row.requested_by)


def requested_by_name(root: ShownReport, info: Info) -> str:
    """Return the requester's name."""
    shown = requested_by(root, info)
    return root.row.requested_by_name if shown == root.row.requested_by else display_pseudonym(shown)


def period(root: ShownReport) -> Period:
    """Return the period that it is about."""
    return root.row.period(root.makerspace.calendar)


def compared_with(root: ShownReport) -> Period | None:
    """Return the period that it is compared with."""
    return root.row.compared_with(root.makerspace.calendar)


def schedule_id(root: ShownReport, info: Info) -> str | None:
    """Return the id of the schedule that requested it."""
    row = root.row
    return seal_schedule(info.context.services.keys, row.makerspace, row.schedule_id) if row.schedule_id else None


async def file(root: ShownReport, info: Info) -> ShownFile | None:
    """Return its file with a new link, while it can be downloaded."""
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
    """Return the context of a request by the viewer. Tokens hold no names, so the id is the name too."""
    viewer, services = context.viewer, context.services
    requester = Requester(viewer.user_id, viewer.user_id, viewer.permissions(makerspace))
    return RequestContext(services.database, makerspace, requester, context.now, channels=services.channels)


async def shown(context: Context, row: Row) -> ShownReport:
    """Return a report as clients see it."""
    makerspace = await context.readings.of(row.makerspace).snapshot.makerspace()
    return ShownReport(row, makerspace, seal_report(context.services.keys, row.makerspace, row.id))


def theirs(context: Context, text: str) -> tuple[MakerspaceId, UUID, ReportsAsked]:
    """Read a report's id: makerspace, report, and which reports the viewer may access.

    Raises: NotFound, Forbidden.
    """
    makerspace, report_id = locate_report(context.services.keys, context.viewer, text)
    return makerspace, report_id, _asked(context, makerspace)


def _asked(
    context: Context, makerspace: MakerspaceId, *, mine: bool = False, status: ReportStatus | None = None
) -> ReportsAsked:
    """Select the viewer's reports, with MANAGE all; never of a type for which a permission is missing."""
    own = mine or not context.may(makerspace, Permission.MANAGE)
    hidden = hidden_types(context.viewer.permissions(makerspace))
    return ReportsAsked(context.viewer.user_id if own else None, status, hidden)


async def _send(context: Context, row: Row) -> None:
    if row.status is ReportStatus.PENDING:
        await context.services.queue.send(MAKE_REPORT, str(row.makerspace), str(row.id))


async def _delete_files(context: Context, changed: Changed) -> None:
    if context.services.storage is not None:
        await delete_files(context.services.storage, changed.report.makerspace, changed.files)
