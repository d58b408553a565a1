"""Runs the migrations in alembic/: from a checkout, or from the wheel that carries them.

Uses the database's URL as it is, whatever its login: that login owns the tables. The roles that the processes act
as are made by the first migration where they are absent.
"""

from pathlib import Path
from typing import Any

import alembic.command
from alembic.config import Config
from sqlalchemy import Connection, make_url, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

MIGRATIONS_LOCK = 0x6D616B72
"""Advisory lock: two processes that migrate at once take turns."""

_PACKAGE = Path(__file__).parent


async def upgrade(url: str, revision: str = "head") -> None:
    """Bring a database to `revision`; does nothing where it is there already."""
    await _run(url, alembic.command.upgrade, revision)


async def downgrade(url: str, revision: str = "base") -> None:
    """Take a database back to `revision`. Roles stay: they are the cluster's, other databases may use them."""
    await _run(url, alembic.command.downgrade, revision)


async def check(url: str) -> None:
    """Raise alembic's CommandError where the tables and the models differ."""
    await _run(url, alembic.command.check)


def config() -> Config:
    """Return Alembic's configuration; there is no alembic.ini, as nothing in it would be ours."""
    beside = _PACKAGE / "alembic"
    folder = beside if beside.is_dir() else _PACKAGE.parents[1] / "alembic"
    made = Config()
    made.set_main_option("script_location", str(folder).replace("%", "%%"))
    made.set_main_option("path_separator", "newline")
    return made


async def _run(url: str, command: Any, *arguments: Any) -> None:
    engine = create_async_engine(make_url(url).set(drivername="postgresql+asyncpg"), poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            await _locked(connection, command, arguments)
    finally:
        await engine.dispose()


async def _locked(connection: AsyncConnection, command: Any, arguments: Any) -> None:
    await connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": MIGRATIONS_LOCK})
    await connection.commit()

    def run(sync: Connection) -> None:
        configuration = config()
        configuration.attributes["connection"] = sync
        command(configuration, *arguments)

    try:
        await connection.run_sync(run)
        await connection.commit()
    finally:
        await connection.rollback()
        await connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": MIGRATIONS_LOCK})
        await connection.commit()
