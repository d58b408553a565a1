"""Resolvers of the dashboard: one question for all its sections, and the notes of those selected."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields

import strawberry
from strawberry.types.nodes import SelectedField, Selection

from makrcave_analytics.metrics.vocabulary import Section
from makrcave_analytics.period import Comparison, PeriodInput
from makrcave_analytics.resolvers.common.context import Info
from makrcave_analytics.resolvers.metrics.meta import meta_of
from makrcave_analytics.resolvers.metrics.scope import Question, ask
from makrcave_analytics.resolvers.metrics.sections import AnswerMeta


@dataclass(frozen=True, kw_only=True)
class Dashboard(Question):
    """The question of a dashboard. `shown` are the selected sections."""

    shown: tuple[Section, ...]


async def resolve_dashboard(
    info: Info,
    makerspace_id: strawberry.ID | None = None,
    period: PeriodInput | None = None,
    compare_to: Comparison | None = None,
) -> Dashboard:
    """Return the question that the sections answer."""
    question = await ask(info, makerspace_id, period, compare_to)
    names = set(_names(info.selected_fields))
    kept = {field.name: getattr(question, field.name) for field in fields(Question) if field.init}
    return Dashboard(**kept, shown=tuple(section for section in Section if section.lower() in names))


async def meta(root: Dashboard) -> AnswerMeta:
    """Return the meta, with the notes of the selected sections."""
    return await meta_of(root, *root.shown)


def _names(field: Iterable[Selection]) -> Iterator[str]:
    """Yield the names of the selected fields, also of those within fragments."""
    for one in field:
        for within in one.selections:
            if isinstance(within, SelectedField):
                yield within.name
            else:
                yield from _names([within])
