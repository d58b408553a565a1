"""Folders that every account can enter; most tests begin with a copy of one after a first start."""

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
    """Make a folder that every account can enter. Root's tmp_path is closed to others."""
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
    """A folder from which programs can run: a memory file system often forbids that."""
    with enterable() as path:
        yield path


@pytest.fixture(scope="session")
def first_start(scratch: Path) -> Iterator[Path]:
    with enterable(scratch) as path:
        start_postgres(path / "postgres", durable=False).stop()
        yield path / "postgres"


@pytest.fixture
def cluster(folder: Path, first_start: Path) -> Path:
    """A folder in which PostgreSQL has been started and stopped once."""
    subprocess.run(["cp", "-a", first_start, folder], check=True)  # noqa: S607 - cp keeps the owners
    return folder / "postgres"


async def ask(url: str, statement: str) -> object:
    """Return the value of a statement, over a new connection."""
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()
