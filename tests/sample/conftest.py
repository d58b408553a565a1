"""Databases with the sample, made once per run, to be read or copied."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from tests.conftest import database_url, make_database

from makrcave_analytics import embedded
from makrcave_analytics.sample import SampleOptions, fill_sample

NOW = datetime(2026, 11, 20, 13, 30, tzinfo=UTC)
"""A Friday: 19:00 in Kolkata, 14:30 in Berlin, 19:15 in Kathmandu; all three are open."""
SMALL = 0.02


def pseudonym(makerspace_id: UUID, user_id: str) -> str:
    """A readable pseudonym instead of the keyed one."""
    return f"p_{makerspace_id.hex[-1]}_{user_id}"


async def fill(url: str, *, now: datetime = NOW, **options: Any) -> None:
    """Fill with the small sample of these tests; `options` are fields of SampleOptions."""
    sample = SampleOptions(**{"scale": SMALL, "seed": 7} | options)
    await fill_sample(url, now=now, pseudonym=pseudonym, options=sample)


@pytest.fixture(scope="session")
def small(servers: embedded.Servers, migrated: str) -> str:
    """The name of a database with a small sample, without connections."""
    return make_database(servers.postgres.url, "small_sample", migrated, fill)


@pytest.fixture(scope="session")
def whole_url(servers: embedded.Servers, migrated: str) -> str:
    """The URL of a database with the sample in full size. Read only."""
    name = make_database(servers.postgres.url, "whole_sample", migrated, partial(fill, scale=1))
    return database_url(servers.postgres.url, name)


@pytest.fixture
async def whole(whole_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(whole_url)
    yield connection
    await connection.close()
