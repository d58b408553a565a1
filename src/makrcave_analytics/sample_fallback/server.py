"""The database that samples are kept in: a server of this process alone, beside whatever it serves."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from makrcave_analytics import migration
from makrcave_analytics.embedded import FolderInUse, Server, start_postgres
from makrcave_analytics.errors import ConfigurationError

_PROCESSES = 16
"""How many processes may keep samples in one folder, side by side."""


@contextmanager
def sample_server(data_dir: Path) -> Iterator[str]:
    """Run a database for samples, empty and migrated, below a folder; give its owner's URL.

    Raises: ConfigurationError where it cannot be run.
    """
    server = _start(data_dir)
    try:
        asyncio.run(_begin_anew(server.url))
        yield server.url
    finally:
        server.stop()


def _start(data_dir: Path) -> Server:
    """Start a server in the first folder that no other process of ours holds."""
    for number in range(1, _PROCESSES + 1):
        try:
            return start_postgres(data_dir / f"sample-{number}")
        except FolderInUse:
            continue
    raise ConfigurationError(
        f"Too many processes keep samples in {data_dir}: set ANALYTICS_DATA_DIR to another folder."
    )


async def _begin_anew(url: str) -> None:
    await migration.downgrade(url)
    await migration.upgrade(url)
