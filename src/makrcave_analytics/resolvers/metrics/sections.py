"""Resolvers that sections share: their question, meta and notes."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

import strawberry

from makrcave_analytics.metrics.catalog.registry import CATALOG, section_metrics
from makrcave_analytics.metrics.metric import Metric
from makrcave_analytics.metrics.notes.common import money_notes, scope_notes
from makrcave_analytics.metrics.vocabulary import Section
from makrcave_analytics.models.makerspace import Makerspace
from makrcave_analytics.period import Comparison, Period, PeriodInput, local
from makrcave_analytics.resolvers.common.context import Info
from makrcave_analytics.resolvers.metrics.scope import Question, ask


@dataclass(frozen=True)
class AnswerMeta:
    """The resolved arguments of an answer, and notes on it."""

    makerspace: Makerspace
    period: Period
    compared_with: Period | None
    currency: str
    data_version: int
    data_origin: str
    computed_at: datetime
    notes: list[str]


async def section(
    info: Info,
    makerspace_id: strawberry.ID | None = None,
    period: PeriodInput | None = None,
    compare_to: Comparison | None = None,
) -> Question:
    """Return the question that a section's fields answer."""
    return await ask(info, makerspace_id, period, compare_to)


def same(root: Question) -> Question:
    """Return the dashboard's question for its section."""
    return root


def meta(root: Question) -> AnswerMeta:
    """Return the meta of an answer."""
    scope = root.scope
    return AnswerMeta(
        makerspace=scope.makerspace,
        period=scope.period,
        compared_with=scope.compared,
        currency=scope.currency,
        data_version=scope.makerspace.data_version,
        data_origin=scope.makerspace.origin,
        computed_at=local(root.context.now.astimezone(UTC), scope.makerspace.calendar.zone),
        notes=notes(root),
    )


def money_meta(root: Question) -> AnswerMeta:
    """Return the meta of an answer with money in it."""
    found = meta(root)
    return replace(found, notes=found.notes + money_notes(root.visibility))


def notes(root: Question) -> list[str]:
    """Return the notes on an answer."""
    return scope_notes(root.scope) + root.notes


def metrics(section: Section | None = None) -> list[Metric]:
    """Return the catalogue, or the part of one section."""
    return list(CATALOG if section is None else section_metrics(section))


def time_zone(root: Period) -> str:
    """Return the name of a period's zone."""
    return root.calendar.zone.key
