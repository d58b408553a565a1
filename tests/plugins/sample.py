"""A small sample of all three makerspaces, made once per run: read by any test, and copied by tests that write."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from functools import partial

import pytest
import pytest_asyncio
from tests.conftest import database_url, make_database

from makrcave_analytics import embedded
from makrcave_analytics.crypto import Keys
from makrcave_analytics.db import Database
from makrcave_analytics.sample import SampleOptions, fill_sample

SAMPLE_NOW = datetime(2028, 11, 17, 13, 30, tzinfo=UTC)
"""A Friday: 19:00 in Kolkata, 14:30 in Berlin, 19:15 in Kathmandu; all three are open.

The 13 months before hold both changes of the clock in Berlin and a 29 February.
"""
SAMPLE_SCALE = 0.02


@pytest.fixture(scope="session")
def sample_template(servers: embedded.Servers, migrated: str, keys: Keys) -> str:
    """The name of the database with the sample, without connections."""
    options = SampleOptions(seed=7, scale=SAMPLE_SCALE)
    fill = partial(fill_sample, now=SAMPLE_NOW, pseudonym=keys.pseudonym, options=options)
    return make_database(servers.postgres.url, "sample_to_read", migrated, fill)


@pytest.fixture(scope="session")
def sample_url(servers: embedded.Servers, sample_template: str) -> str:
    """The owner's URL of the sample, which sees every makerspace. Read only."""
    return database_url(servers.postgres.url, sample_template)


@pytest_asyncio.fixture
async def sample_database(sample_url: str) -> AsyncIterator[Database]:
    """The sample with the roles of the processes. Read only."""
    made = Database(sample_url, pool_size=4, statement_seconds=120)
    yield made
    await made.dispose()
