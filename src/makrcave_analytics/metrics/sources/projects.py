"""The source of projects: starts, completions, cancellations, costs and items, as last synced."""

from typing import Any

from sqlalchemy import BigInteger, FromClause, and_, case, cast, extract, func, literal_column, or_, select

from makrcave_analytics.metrics.source import Relation, Source, SpanTable
from makrcave_analytics.metrics.vocabulary import Dimension
from makrcave_analytics.models import project_analytics

_project = project_analytics.c
_ONE: Any = literal_column("1")
_MICROSECONDS: Any = literal_column("1000000")
_DIMENSIONS = {
    Dimension.PROJECT: _project.project_id,
    Dimension.PROJECT_STATUS: _project.status,
    Dimension.PROJECT_CATEGORY: _project.category,
}

_OVER: list[Any] = [literal_column(f"'{status}'") for status in ("completed", "cancelled")]


def _rows(spans: SpanTable, needed: frozenset[Dimension]) -> FromClause:
    """Return a row per span and project that starts, is completed or was active in the span.

    Columns: `active`, `started` and `completed`, 1 where true. For projects started in the span: `finished`, 1 where
    completed before its end, `cost`, `bom_items` and `external_items`. For projects completed in it: `cycle`, the
    microseconds from start to completion. All else is null.
    """
    started, completed = (
        and_(instant >= spans.c.since, instant < spans.c.until)
        for instant in (_project.started_at, _project.completed_at)
    )
    active = was_active(_project, spans.c.since, spans.c.until)
    took = cast(extract("epoch", _project.completed_at - _project.started_at) * _MICROSECONDS, BigInteger)
    return (
        select(
            spans.c.span,
            *(_DIMENSIONS[dimension].label(dimension.value) for dimension in sorted(needed)),
            case((active, _ONE)).label("active"),
            case((started, _ONE)).label("started"),
            case((completed, _ONE)).label("completed"),
            case((and_(started, _project.completed_at < spans.c.until), _ONE)).label("finished"),
            case((started, _project.total_cost)).label("cost"),
            case((started, _project.bom_items_count)).label("bom_items"),
            case((started, _project.external_items_count)).label("external_items"),
            case((completed, took)).label("cycle"),
        )
        .where(_project.makerspace_id == spans.makerspace_id, or_(active, started, completed))
        .subquery()
    )


def was_active(project: Any, since: Any, until: Any) -> Any:
    """Say whether a project ran in [since, until). One that is over since an unknown day did not."""
    ended_at = func.least(project.completed_at, project.cancelled_at)
    still_ran = case((ended_at.is_(None), ~project.status.in_(_OVER)), else_=ended_at >= since)
    return and_(project.started_at < until, still_ran)


def is_over(project: Any) -> Any:
    """Say whether a project is completed or cancelled, by its days or by its status."""
    return or_(func.least(project.completed_at, project.cancelled_at).is_not(None), project.status.in_(_OVER))


MILESTONES = Source(
    name="milestones",
    subject="projects",
    relations=(
        Relation(name="project_analytics", dimensions=frozenset(_DIMENSIONS), edges=("since", "until"), rows=_rows),
    ),
)
