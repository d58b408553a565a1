"""Database sessions of the processes: their own settings override those of the server."""

import asyncpg
import pytest
from tests.plugins.database import MakeMakerspace

from makrcave_analytics.db import Database


@pytest.mark.parametrize("writes", [False, True])
async def test_no_session_uses_jit_and_reads_use_custom_plans(
    database: Database, make_makerspace: MakeMakerspace, owner: asyncpg.Connection, writes: bool
) -> None:
    """Also if the server's settings differ, as Debian's packages turn JIT on."""
    name = await owner.fetchval("SELECT current_database()")
    await owner.execute(f'ALTER DATABASE "{name}" SET jit = on')
    await owner.execute(f'ALTER DATABASE "{name}" SET plan_cache_mode = force_generic_plan')
    makerspace = await make_makerspace()
    opened = [database.write(makerspace)] if writes else [database.read(makerspace), database.across()]
    for transaction in opened:
        async with transaction as connection:
            assert (await connection.exec_driver_sql("SHOW jit")).scalar_one() == "off"
            if not writes:
                plans = (await connection.exec_driver_sql("SHOW plan_cache_mode")).scalar_one()
                assert plans == "force_custom_plan"
