"""Progress of reports of all makerspaces, in one read. The caller decides who may see it."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Uuid, any_, literal

from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.db import Database
from makrcave_analytics.models import makerspaces, report_requests
from makrcave_analytics.models.makerspace import Makerspace, makerspace_from, select_makerspace
from makrcave_analytics.reports.report import Report, report_from, select_reports

ReportKey: TypeAlias = tuple[UUID, UUID]
"""Makerspace and report."""

_request = report_requests.c


class Seen(NamedTuple):
    """A report and its makerspace, as they were at one moment."""

    row: Mapping[str, Any]
    makerspace: Makerspace

    def report(self, makerspace: MakerspaceId) -> Report:
        """Return the report for a caller who has access to its makerspace."""
        return report_from(self.row, makerspace)


async def look_at(database: Database, keys: Sequence[ReportKey]) -> Mapping[ReportKey, Seen]:
    """Read reports by their keys. Those that do not exist are left out.

    Raises: Unavailable.
    """
    tenants, reports = {key[0] for key in keys}, {key[1] for key in keys}
    statement = select_reports().add_columns(_request.makerspace_id)
    statement = statement.where(_request.makerspace_id == _any(tenants), _request.id == _any(reports))
    async with database.across() as connection:
        rows = [dict(row) for row in (await connection.execute(statement)).mappings()]
        owners = await connection.execute(select_makerspace().where(makerspaces.c.id == _any(tenants)))
        named = {row["id"]: makerspace_from(row) for row in owners.mappings()}
    return {(row["makerspace_id"], row["id"]): Seen(row, named[row["makerspace_id"]]) for row in rows}


def _any(ids: set[UUID]) -> ColumnElement[Any]:
    return any_(literal(list(ids), ARRAY(Uuid())))
