"""Databases for the benchmarks: the sample at three sizes, made once and kept."""

from datetime import UTC, datetime
from uuid import UUID

import asyncpg

from makrcave_analytics import migration
from makrcave_analytics.sample import MAKERSPACES, SampleOptions, fill_sample

NOW = datetime(2026, 11, 22, 13, 30, tzinfo=UTC)
MEMBERS = 5000
SCALES = {"150 thousand": 1, "1.5 million": 10, "10 million": 70}
MAKERSPACE: UUID = MAKERSPACES[0].id


async def prepared(owner_url: str, name: str) -> str:
    """Return the URL of the sample of a size; make it if it is missing."""
    database = f"bench_{SCALES[name]}_{MEMBERS}"
    url = f"{owner_url.rpartition('/')[0]}/{database}"
    connection = await asyncpg.connect(owner_url)
    try:
        exists = await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", database)
        if not exists:
            await connection.execute(f'CREATE DATABASE "{database}"')
    finally:
        await connection.close()
    await migration.upgrade(url)
    await fill_sample(
        url,
        now=NOW,
        pseudonym=lambda makerspace, user: f"p_{makerspace.hex[:4]}_{user}",
        options=SampleOptions(scale=SCALES[name], member_count=MEMBERS),
    )
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()
    return url
