"""Runs the migrations in alembic/, from a checkout or from the wheel, which includes them.

The login of the database's URL owns the tables. The first migration creates the roles of the processes if they are
absent.
"""

from pathlib import Path
from typing import Any

import alembic.command
from alembic.config import Config
from sqlalchemy import Connection, make_url, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

MIGRATIONS_LOCK = 0x6D616B72
"""Key of the advisory lock that makes concurrent migrations take turns."""

_PACKAGE = Path(__file__).parent


async def upgrade(url: str, revision: str = "head") -> None:
    """Upgrade a database to `revision`; do nothing if it is there already."""
    await _run(url, alembic.command.upgrade, revision)


async def downgrade(url: str, revision: str = "base") -> None:
    """Downgrade a database to `revision`. Roles stay: they belong to the cluster, and other databases may use them."""
    await _run(url, alembic.command.downgrade, revision)


async def check(url: str) -> None:
    """Raise Alembic's CommandError if the tables and the models differ."""
    await _run(url, alembic.command.check)


def config() -> Config:
    """Return Alembic's configuration. There is no alembic.ini."""
    in_wheel = _PACKAGE / "alembic"
    folder = in_wheel if in_wheel.is_dir() else _PACKAGE.parents[1] / "alembic"
    made = Config()
    made.set_main_option("script_location", str(folder).replace("%", "%%"))
    made.set_main_option("path_separator", "newline")
    return made


async def _run(url: str, command: Any, *arguments: Any) -> None:
    engine = create_async_engine(make_url(url).set(drivername="postgresql+asyncpg"), poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            await _run_locked(connection, command, arguments)
    finally:
        await engine.dispose()


async def _run_locked(connection: AsyncConnection, command: Any, arguments: Any) -> None:
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
