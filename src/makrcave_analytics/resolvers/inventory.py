"""Resolvers of the inventory section: what its answer is about."""

from dataclasses import replace

from makrcave_analytics.metrics.inventory import quantity_consumed
from makrcave_analytics.metrics.notes import UNITS
from makrcave_analytics.resolvers.question import Question
from makrcave_analytics.resolvers.sections import AnswerMeta, money_meta


async def meta(root: Question) -> AnswerMeta:
    """Return what the answer is about, and whether there is one quantity."""
    found = money_meta(root)
    total = await root.number(quantity_consumed).total()
    return found if total is not None else replace(found, notes=[*found.notes, UNITS])
