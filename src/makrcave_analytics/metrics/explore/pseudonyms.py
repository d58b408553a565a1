"""Resolves pseudonyms in filters, which readers who may not see people use in place of ids."""

from dataclasses import replace

from makrcave_analytics.metrics.execution.session import ReadSession
from makrcave_analytics.metrics.explore.table import TableQuestion
from makrcave_analytics.metrics.query import Filter
from makrcave_analytics.metrics.sources.members import select_by_pseudonym


async def resolve_pseudonyms(reading: ReadSession, asked: TableQuestion) -> TableQuestion:
    """Return the question with the ids of people in place of the pseudonyms in its filters."""

    async def known(filter_: Filter) -> Filter:
        if not filter_.dimension.names_people:
            return filter_
        pseudonyms = [key for key in filter_.keys if key is not None]
        rows = await reading.snapshot.fetch(select_by_pseudonym(reading.makerspace_id.value, pseudonyms))
        return replace(filter_, keys=frozenset(row["user_id"] for row in rows))

    return replace(asked, where=tuple([await known(filter_) for filter_ in asked.where]))
