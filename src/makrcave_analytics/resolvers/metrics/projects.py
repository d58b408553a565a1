"""Resolvers of the list of projects: those that ran in the period."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import DateTime, literal

from makrcave_analytics.metrics.analyses.project_status import ProjectStatus, select_project_status
from makrcave_analytics.metrics.catalog.projects import machine_hours
from makrcave_analytics.metrics.display.names import Entity
from makrcave_analytics.metrics.results.number import Value
from makrcave_analytics.metrics.sources.projects import was_active
from makrcave_analytics.metrics.vocabulary import Dimension
from makrcave_analytics.resolvers.common.paging import Page
from makrcave_analytics.resolvers.metrics.lists import EntityList, ListRow, Order, ThingFilter
from makrcave_analytics.resolvers.metrics.metric import as_float
from makrcave_analytics.resolvers.metrics.scope import Question

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)


class ProjectOrder(StrEnum):
    """Orders of projects."""

    NAME = "NAME"
    TOTAL_COST = "TOTAL_COST"
    BOM_ITEMS = "BOM_ITEMS"
    COLLABORATORS = "COLLABORATORS"
    MACHINE_HOURS = "MACHINE_HOURS"
    STARTED = "STARTED"
    DUE = "DUE"


@dataclass
class ProjectFilter(ThingFilter):
    """Filter of projects."""

    status: str | None = None
    category: str | None = None
    is_stalled: bool | None = None


async def page(
    root: Question,
    filter: ProjectFilter | None = None,  # noqa: A002 - the contract's name
    first: int = 50,
    after: str | None = None,
    order_by: ProjectOrder = ProjectOrder.TOTAL_COST,
    descending: bool | None = None,
) -> Page[ListRow[ProjectStatus]]:
    """Return a page of projects."""
    return await PROJECTS.page(root, filter, order_by, descending, first, after)


async def hours(root: ListRow[ProjectStatus]) -> float | None:
    """Return how long machines were used for a project in the period."""
    return as_float(await root.question.number(machine_hours).total())


async def is_stalled(root: ListRow[ProjectStatus]) -> bool:
    """True for a project that is open and has had no activity lately."""
    return (await root.detail()).is_stalled


async def _progress(root: Question, ids: Sequence[str]) -> Mapping[str, ProjectStatus]:
    statement = select_project_status(root.scope.makerspace, root.scope.period.now, ids)
    return {row["project_id"]: ProjectStatus(**row) for row in await root.reading.fetch(statement)}


def _ran(root: Question, project: Any) -> Any:
    span = root.scope.period.span()
    return was_active(project, *(literal(edge, DateTime(timezone=True)) for edge in (span.since, span.until)))


def _count(count: int) -> Value:
    return Decimal(count)


def _instant(at: datetime | None) -> Value:
    return None if at is None else Decimal((at - _EPOCH) // _TICK)


_ORDERS: Mapping[StrEnum, Order[ProjectStatus]] = {
    ProjectOrder.NAME: Order(is_descending=False),
    ProjectOrder.TOTAL_COST: Order(detail=lambda of: of.total_cost, is_money=True),
    ProjectOrder.BOM_ITEMS: Order(detail=lambda of: _count(of.bom_items)),
    ProjectOrder.COLLABORATORS: Order(detail=lambda of: _count(of.collaborators)),
    ProjectOrder.MACHINE_HOURS: Order(machine_hours),
    ProjectOrder.STARTED: Order(detail=lambda of: _instant(of.started_at)),
    ProjectOrder.DUE: Order(detail=lambda of: _instant(of.due_at)),
}
PROJECTS = EntityList(
    name="projects",
    entity=Entity.PROJECT,
    dimension=Dimension.PROJECT,
    orders=_ORDERS,
    details=_progress,
    flag=("is_stalled", lambda of: of.is_stalled),
    within=_ran,
)
