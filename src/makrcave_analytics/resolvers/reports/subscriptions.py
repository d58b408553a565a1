"""Resolvers of subscriptions: changes of data, and the progress of reports."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import strawberry

from makrcave_analytics.auth import Permission, no_such_makerspace
from makrcave_analytics.models.makerspace import Section
from makrcave_analytics.reports.ids import no_such_report, seal_report
from makrcave_analytics.reports.vocabulary import ReportStatus
from makrcave_analytics.resolvers.common.context import Info
from makrcave_analytics.resolvers.reports.reports import ShownReport, theirs

_RUNNING = (ReportStatus.PENDING, ReportStatus.PROCESSING)


@dataclass(frozen=True)
class DataChange:
    """A version of a makerspace's data, and the sections that changed since the last event."""

    makerspace_id: str
    data_version: int
    sections: Sequence[Section]
    at: datetime


async def data_changed(info: Info, makerspace_id: strawberry.ID | None = None) -> AsyncIterator[DataChange]:
    """Yield the present version with every section that holds data, then each later version that is seen."""
    context = info.context
    makerspace = context.viewer.makerspace(makerspace_id, Permission.READ)
    last = -1
    with context.services.versions.watch(makerspace.value, pause=context.services.poll_seconds) as versions:
        async for version in versions:
            if version is None:
                raise no_such_makerspace()
            if version.data_version > last:
                sections = version.sections_since(max(last, 0))
                last = version.data_version
                yield DataChange(str(makerspace), last, sections, version.at)


async def report_progress(info: Info, id: strawberry.ID) -> AsyncIterator[ShownReport]:  # noqa: A002 - the contract's name
    """Yield a report now and at each change of its progress, until it has ended."""
    context = info.context
    makerspace, report_id, asked = theirs(context, id)
    last = None
    with context.services.reports.watch((makerspace.value, report_id)) as states:
        async for seen in states:
            row = None if seen is None else seen.report(makerspace)
            if seen is None or row is None or not asked.includes(row):
                raise no_such_report()
            if last != (last := (row.status, row.progress, row.stage)):
                yield ShownReport(row, seen.makerspace, seal_report(context.services.keys, makerspace, report_id))
            if row.status not in _RUNNING:
                return
