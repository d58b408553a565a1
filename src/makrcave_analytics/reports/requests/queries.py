"""Queries of reports: one by id, or a page of them, the latest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, tuple_

from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.db import Database
from makrcave_analytics.models import report_requests
from makrcave_analytics.reports.ids import no_such_report
from makrcave_analytics.reports.report import STATUS, Report, report_from, select_reports
from makrcave_analytics.reports.vocabulary import ReportStatus, ReportType

_request = report_requests.c


@dataclass(frozen=True)
class ReportsAsked:
    """Which reports of a makerspace a viewer may see. `only_of`: those of one person; None with MANAGE."""

    only_of: str | None
    status: ReportStatus | None = None
    hidden: frozenset[ReportType] = frozenset()
    """Types for which a permission is missing."""

    def conditions(self, makerspace: MakerspaceId) -> list[ColumnElement[bool]]:
        """Return the conditions in SQL."""
        conditions: list[ColumnElement[bool]] = [_request.makerspace_id == makerspace.value]
        if self.only_of is not None:
            conditions.append(_request.requested_by == self.only_of)
        if self.status is not None:
            conditions.append(STATUS.in_([self.status.value]))
        if self.hidden:
            conditions.append(_request.type.not_in(sorted(self.hidden)))
        return conditions

    def includes(self, report: Report) -> bool:
        """Say whether one report meets the same conditions."""
        return (
            self.only_of in (None, report.requested_by)
            and self.status in (None, report.status)
            and report.type not in self.hidden
        )


EVERYTHING = ReportsAsked(None)

Place = tuple[datetime, UUID]
"""The position of a report in the list: when it was requested, and its id."""


def place(report: Report) -> Place:
    """Return the position after which the next page begins."""
    return report.requested_at, report.id


async def find_report(
    database: Database, makerspace: MakerspaceId, report_id: UUID, asked: ReportsAsked = EVERYTHING
) -> Report:
    """Return one report.

    Raises: NotFound where there is none, or it is not among `asked`.
    """
    async with database.read(makerspace) as connection:
        found = await connection.execute(
            select_reports().where(*asked.conditions(makerspace), _request.id == report_id)
        )
        row = found.mappings().one_or_none()
    if row is None:
        raise no_such_report()
    return report_from(row, makerspace)


async def find_reports(
    database: Database, makerspace: MakerspaceId, asked: ReportsAsked, *, after: Place | None = None, limit: int = 20
) -> Sequence[Report]:
    """Return at most `limit` reports, the latest first, beginning after the position `after`."""
    conditions = asked.conditions(makerspace)
    if after is not None:
        conditions.append(tuple_(_request.requested_at, _request.id) < tuple_(*after))
    async with database.read(makerspace) as connection:
        found: Any = await connection.execute(
            select_reports().where(*conditions).order_by(_request.requested_at.desc(), _request.id.desc()).limit(limit)
        )
        return [report_from(row, makerspace) for row in found.mappings()]


async def find_some(
    database: Database, makerspace: MakerspaceId, report_ids: Sequence[UUID], asked: ReportsAsked = EVERYTHING
) -> dict[UUID, Report]:
    """Return the reports with these ids, by id. Those that do not exist or are not among `asked` are left out."""
    if not report_ids:
        return {}
    async with database.read(makerspace) as connection:
        found: Any = await connection.execute(
            select_reports().where(*asked.conditions(makerspace), _request.id.in_(report_ids))
        )
        return {row["id"]: report_from(row, makerspace) for row in found.mappings()}


async def count_reports(database: Database, makerspace: MakerspaceId, asked: ReportsAsked) -> int:
    """Count the reports of all pages."""
    async with database.read(makerspace) as connection:
        counted = await connection.scalar(
            select(func.count()).select_from(report_requests).where(*asked.conditions(makerspace))
        )
    return int(counted or 0)
