"""Fixtures of all tests: one PostgreSQL and one Redis per test process, and databases made in them."""

import asyncio
import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

import asyncpg
import hypothesis
import pytest
import redis

from makrcave_analytics import embedded

pytest_plugins = ["tests.plugins.database", "tests.plugins.api", "tests.plugins.sample", "tests.plugins.proxy"]

hypothesis.settings.register_profile("repeatable", derandomize=True, deadline=None)
hypothesis.settings.load_profile("repeatable")


class FreshDatabase(Protocol):
    """Makes a database for this test and returns its URL; `template` is the name of a database to copy.

    The template must have no connections. Callable from plain and from async tests.
    """

    def __call__(self, template: str = "template1") -> str: ...


@pytest.fixture(scope="session")
def scratch() -> Path:
    """The folder of the test servers' data: in memory if there is enough, which takes a tenth of the time.

    Not below pytest's own folder: root's is closed to the account of the servers.
    """
    memory = Path("/dev/shm")  # noqa: S108 - mkdtemp makes a folder of our own in it
    if memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 4 * 1024**3:
        return memory
    return Path(tempfile.gettempdir())


@pytest.fixture(scope="session")
def servers(scratch: Path) -> Iterator[embedded.Servers]:
    """The servers of this test process."""
    folder = Path(tempfile.mkdtemp(prefix="makrcave-test-", dir=scratch))
    folder.chmod(0o755)
    try:
        with embedded.run_servers(folder, durable=False) as pair:
            yield pair
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def database_names() -> Iterator[int]:
    return itertools.count(1)


@pytest.fixture
def fresh_database(servers: embedded.Servers, database_names: Iterator[int]) -> Iterator[FreshDatabase]:
    admin_url = servers.postgres.url
    made: list[str] = []

    def make(template: str = "template1") -> str:
        name = f"test_{next(database_names)}"
        _administer(admin_url, f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
        made.append(name)
        return database_url(admin_url, name)

    yield make
    if made:
        _administer(admin_url, *(f'DROP DATABASE "{name}" WITH (FORCE)' for name in made))


@pytest.fixture
def redis_url(servers: embedded.Servers) -> str:
    """The URL of this process's Redis, emptied."""
    if servers.redis is None:
        pytest.skip("there is no Redis for this platform")
    with redis.Redis.from_url(servers.redis.url) as client:
        client.flushall()
    return servers.redis.url


def database_url(admin_url: str, name: str) -> str:
    """Return the URL of another database of the same server."""
    return f"{admin_url.rpartition('/')[0]}/{name}"


def make_database(admin_url: str, name: str, template: str, fill: Callable[[str], Coroutine[Any, Any, object]]) -> str:
    """Make a database for the whole run, call `fill` with its URL, and return its name. No connection stays open."""
    _administer(admin_url, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    _run(fill(database_url(admin_url, name)))
    return name


def _administer(url: str, *statements: str) -> None:
    """Run statements outside a transaction."""

    async def run() -> None:
        connection = await asyncpg.connect(url)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    _run(run())


def _run(coroutine: Coroutine[Any, Any, object]) -> None:
    """Run a coroutine in a thread, because the test's own loop may be running."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, coroutine).result()
