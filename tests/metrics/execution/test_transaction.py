"""A failing statement raises its own error; a timeout raises TooExpensive, which is not retried."""

from typing import Any

import pytest
from sqlalchemy import func, literal, select
from sqlalchemy.exc import DBAPIError

from makrcave_analytics.db import Database
from makrcave_analytics.errors import TooExpensive
from makrcave_analytics.metrics.execution.snapshot import MakerspaceSnapshot


async def test_a_statement_that_fails_ends_its_snapshot_with_that_error(
    database: Database, make_makerspace: Any
) -> None:
    makerspace = await make_makerspace()
    with pytest.raises(DBAPIError, match="division by zero"):
        async with MakerspaceSnapshot(database, makerspace) as snapshot:
            await snapshot.fetch(select(literal(1) / literal(0)))
    with pytest.raises(Exception, match="division by zero"):
        async with MakerspaceSnapshot(database, makerspace) as snapshot:
            await snapshot.send("SELECT 1 / 0", ())


async def test_a_statement_that_times_out_is_too_expensive(database: Database, make_makerspace: Any) -> None:
    snapshot = MakerspaceSnapshot(database, await make_makerspace(), seconds=0.05)
    with pytest.raises(TooExpensive, match="ask for less"):
        await snapshot.fetch(select(func.pg_sleep(30)))
    with pytest.raises(TooExpensive, match="ask for less"):
        async with MakerspaceSnapshot(database, await make_makerspace(), seconds=0.05) as snapshot:
            await snapshot.send("SELECT pg_sleep(30)", ())
