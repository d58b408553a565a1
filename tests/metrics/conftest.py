"""Fixtures of the tests of metrics: numbers of a makerspace, and the raw rows of the sample."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import asyncpg
import pytest
from tests.metrics.asking import Asking
from tests.metrics.facts import Facts, read_facts

from makrcave_analytics import sample
from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.db import Database
from makrcave_analytics.metrics.execution.session import ReadSession


@pytest.fixture(scope="session")
def sample_facts(sample_url: str) -> dict[UUID, Facts]:
    """The raw rows of the sample, by makerspace."""

    async def read() -> dict[UUID, Facts]:
        connection = await asyncpg.connect(sample_url)
        try:
            return {makerspace.id: await read_facts(connection, makerspace.id) for makerspace in sample.MAKERSPACES}
        finally:
            await connection.close()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, read()).result()


@pytest.fixture
async def asking() -> AsyncIterator[Callable[[Database, MakerspaceId], Asking]]:
    """Open read sessions that end with the test. Name it after the database fixture, so that they end first."""
    opened: list[Asking] = []

    def of(database: Database, makerspace: MakerspaceId) -> Asking:
        opened.append(Asking(ReadSession(database, makerspace)))
        return opened[-1]

    yield of
    for each in opened:
        await each.reading.snapshot.close()
