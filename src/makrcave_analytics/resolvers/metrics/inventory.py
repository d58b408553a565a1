"""Resolvers of the inventory section besides its metrics."""

from dataclasses import replace

from makrcave_analytics.metrics.catalog.inventory import quantity_consumed
from makrcave_analytics.metrics.notes.common import UNITS
from makrcave_analytics.resolvers.metrics.scope import Question
from makrcave_analytics.resolvers.metrics.sections import AnswerMeta, money_meta


async def meta(root: Question) -> AnswerMeta:
    """Return the meta, with a note where items have several units."""
    found = money_meta(root)
    total = await root.number(quantity_consumed).total()
    return found if total is not None else replace(found, notes=[*found.notes, UNITS])
