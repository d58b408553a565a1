"""Resolvers of the equipment section besides its metrics."""

from dataclasses import replace

from makrcave_analytics.metrics.notes.equipment import select_session_quality, session_notes
from makrcave_analytics.resolvers.metrics import sections
from makrcave_analytics.resolvers.metrics.scope import Question
from makrcave_analytics.resolvers.metrics.sections import AnswerMeta


async def meta(root: Question) -> AnswerMeta:
    """Return the meta, with notes on machines."""
    made = sections.money_meta(root)
    return replace(made, notes=made.notes + await root.once(_notes))


async def _notes(root: Question) -> list[str]:
    scope = root.scope
    statement = select_session_quality(scope.makerspace, scope.period.span(), scope.period.now)
    (found,) = await root.reading.fetch(statement)
    return session_notes(found)
