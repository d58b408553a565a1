"""Folders that every account can enter; most tests start from one that a first start has prepared."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import pytest

from makrcave_analytics.embedded import start_postgres


@contextmanager
def enterable(place: Path | None = None) -> Iterator[Path]:
    """Not tmp_path: root's is closed to others, and only some tests are about that."""
    path = Path(tempfile.mkdtemp(prefix="makrcave-test-", dir=place))
    path.chmod(0o755)
    try:
        yield path
    finally:
        shutil.rmtree(path)


@pytest.fixture
def folder(scratch: Path) -> Iterator[Path]:
    with enterable(scratch) as path:
        yield path


@pytest.fixture
def disk_folder() -> Iterator[Path]:
    """One from which programs can be run: memory is often mounted without that."""
    with enterable() as path:
        yield path


@pytest.fixture(scope="session")
def first_start(scratch: Path) -> Iterator[Path]:
    with enterable(scratch) as path:
        start_postgres(path / "postgres", durable=False).stop()
        yield path / "postgres"


@pytest.fixture
def cluster(folder: Path, first_start: Path) -> Path:
    """A folder in which PostgreSQL was started and stopped once."""
    subprocess.run(["cp", "-a", first_start, folder], check=True)  # noqa: S607 - keeps the owners
    return folder / "postgres"


async def ask(url: str, statement: str) -> object:
    """The answer to a statement, by a connection of its own."""
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()
