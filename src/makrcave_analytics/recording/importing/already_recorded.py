"""Finds rows that an earlier import recorded. They are skipped without a lock, so that a repeated import is fast."""

from collections.abc import Collection
from typing import Any

from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.db import Database, driver
from makrcave_analytics.recording.facts.kind import Kind


async def find_recorded(
    database: Database, makerspace: MakerspaceId, facts: Kind[Any], ids: Collection[str]
) -> set[str]:
    """Return the ids that are there. Only for ids made of content: their facts need no comparison."""
    if not ids:
        return set()
    column = facts.key_columns[0]
    query = f"""SELECT {column.name}::text FROM {facts.table}
                WHERE makerspace_id = $1 AND {column.name} = ANY ($2::{column.type}[])"""  # noqa: S608
    async with database.read(makerspace) as transaction:
        rows = await (await driver(transaction)).fetch(query, makerspace.value, list(ids))
    return {row[0] for row in rows}
