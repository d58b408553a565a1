"""Resolvers of the usage section besides its metrics."""

from dataclasses import replace
from datetime import date

from makrcave_analytics.metrics.analyses import retention, visit_frequency
from makrcave_analytics.metrics.analyses.retention import Cohort, RetentionBasis
from makrcave_analytics.metrics.analyses.visit_frequency import VisitBand
from makrcave_analytics.metrics.catalog import usage
from makrcave_analytics.metrics.notes.common import small_group_notes
from makrcave_analytics.metrics.notes.usage import select_usage_quality, usage_notes
from makrcave_analytics.metrics.results import peaks
from makrcave_analytics.metrics.results.number import Number
from makrcave_analytics.resolvers.metrics import sections
from makrcave_analytics.resolvers.metrics.metric import as_float
from makrcave_analytics.resolvers.metrics.scope import Question
from makrcave_analytics.resolvers.metrics.sections import AnswerMeta


async def meta(root: Question) -> AnswerMeta:
    """Return what the answer is about, with what is to be known of people and their events."""
    made = sections.meta(root)
    return replace(made, notes=made.notes + await root.once(_notes))


async def peak_hour(root: Question) -> int | None:
    """Return the hour of the day with most events."""
    return await peaks.peak_hour(_events(root))


async def most_active_day(root: Question) -> date | None:
    """Return the day with most events."""
    return await peaks.most_active_day(_events(root))


async def retention_cohorts(
    root: Question, cohorts: int = 12, basis: RetentionBasis = RetentionBasis.ACTIVITY
) -> list[Cohort]:
    """Return the cohorts of the months up to the period's last."""
    period, makerspace_id = root.scope.period, root.scope.makerspace.id
    months = retention.months_of(period, cohorts)
    if basis is RetentionBasis.ACTIVITY:
        rows = await root.reading.fetch(retention.select_activity(makerspace_id, months))
        found = retention.cohorts_of_activity(rows, months, period)
    else:
        rows = await root.reading.fetch(retention.select_membership(makerspace_id, months))
        found = retention.cohorts_of_membership(rows, months, period)
    return [cohort.seen_by(root.visibility) for cohort in found]


async def visit_bands(root: Question) -> list[VisitBand]:
    """Return how many members come how often."""
    period = root.scope.period
    rows = await root.reading.fetch(visit_frequency.select_visitors(root.scope.makerspace.id, period))
    return visit_frequency.bands(rows, period)


def cohort_active(root: Cohort) -> list[float | None]:
    """Return the shares of a cohort that were there in the months after."""
    return [as_float(share) for share in root.active]


async def _notes(root: Question) -> list[str]:
    scope = root.scope
    (found,) = await root.reading.fetch(select_usage_quality(scope.makerspace, scope.period))
    return usage_notes(found, scope.makerspace, scope.period) + small_group_notes(root.visibility)


def _events(root: Question) -> Number:
    return root.number(usage.events)
