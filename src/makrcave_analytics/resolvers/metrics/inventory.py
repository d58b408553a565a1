"""Resolvers of the inventory section: what its answer is about."""

from dataclasses import replace

from makrcave_analytics.metrics.catalog.inventory import quantity_consumed
from makrcave_analytics.metrics.notes.common import UNITS
from makrcave_analytics.resolvers.metrics.scope import Question
from makrcave_analytics.resolvers.metrics.sections import AnswerMeta, money_meta


async def meta(root: Question) -> AnswerMeta:
    """Return what the answer is about, and whether there is one quantity."""
    found = money_meta(root)
    total = await root.number(quantity_consumed).total()
    return found if total is not None else replace(found, notes=[*found.notes, UNITS])
