"""The PostgreSQL server that keeps samples: one for this process, separate from the database that it serves."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from makrcave_analytics import migration
from makrcave_analytics.embedded import FolderInUse, Server, start_postgres
from makrcave_analytics.errors import ConfigurationError

_PROCESSES = 16
"""How many processes can keep samples under one folder at a time."""


@contextmanager
def sample_server(data_dir: Path) -> Iterator[str]:
    """Run an empty, migrated database for samples below a folder; yield its owner's URL.

    Raises: ConfigurationError if the server does not start.
    """
    server = _start(data_dir)
    try:
        asyncio.run(_recreate_tables(server.url))
        yield server.url
    finally:
        server.stop()


def _start(data_dir: Path) -> Server:
    """Start a server in the first folder that is not in use by another process."""
    for number in range(1, _PROCESSES + 1):
        try:
            return start_postgres(data_dir / f"sample-{number}")
        except FolderInUse:
            continue
    raise ConfigurationError(
        f"Too many processes keep samples in {data_dir}: set ANALYTICS_DATA_DIR to another folder."
    )


async def _recreate_tables(url: str) -> None:
    await migration.downgrade(url)
    await migration.upgrade(url)
