"""Meta of answers about several sections, with the notes of each."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from makrcave_analytics.metrics.vocabulary import Section
from makrcave_analytics.resolvers.metrics import equipment, inventory, sections, usage
from makrcave_analytics.resolvers.metrics.scope import Question
from makrcave_analytics.resolvers.metrics.sections import AnswerMeta


async def _money(root: Question) -> AnswerMeta:
    return sections.money_meta(root)


_METAS: dict[Section, Callable[[Question], Awaitable[AnswerMeta]]] = {
    Section.USAGE: usage.meta,
    Section.EQUIPMENT: equipment.meta,
    Section.INVENTORY: inventory.meta,
    Section.PROJECTS: _money,
    Section.REVENUE: _money,
}


async def meta_of(root: Question, *about: Section) -> AnswerMeta:
    """Return the meta with the notes of some sections, each note once and in order."""
    metas = await asyncio.gather(*(_METAS[section](root) for section in about))
    found = sections.meta(root)
    notes = dict.fromkeys([*found.notes, *(note for meta in metas for note in meta.notes)])
    return replace(found, notes=list(notes))
