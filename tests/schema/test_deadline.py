"""Operations that are cancelled at their time limit return their connections to the pool."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from tests.plugins.api import Api
from tests.plugins.database import connections_in_use
from tests.plugins.sample import SAMPLE_NOW

from makrcave_analytics import sample
from makrcave_analytics.auth import Viewer
from makrcave_analytics.db import Database
from makrcave_analytics.schema.engine.executor import Executor
from makrcave_analytics.schema.engine.operation import Operation
from makrcave_analytics.schema.engine.schema import SCHEMA

FIRST_SCREEN = (Path(__file__).parents[2] / "benchmarks/dashboard.graphql").read_text()
VARIABLES = {"makerspaceId": str(sample.MAKERSPACES[0].id), "period": {"preset": "LAST_30_DAYS"}}
DASHBOARDS = 60


# graphql-core drops the coroutines of fields that it had not started at the time limit.
@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited", "ignore::pytest.PytestUnraisableExceptionWarning")
async def test_all_connections_return_to_the_pool_after_many_cancelled_dashboards(
    make_api: Any, sample_database: Database
) -> None:
    api: Api = make_api(sample_database)
    api.now = SAMPLE_NOW
    viewer = Viewer.system("a test")
    cut_off = 0
    for seconds in (0.05, 0.2, 0.4, 0.8):
        executor = Executor(SCHEMA, api.services, lambda: api.now, answer_within=seconds)
        operations = [Operation(FIRST_SCREEN, VARIABLES, None, read_only=False) for _ in range(DASHBOARDS)]
        outcomes = await asyncio.gather(*(executor.execute(each, viewer) for each in operations))
        cut_off += sum(outcome.body["data"] is None for outcome in outcomes)
        assert connections_in_use(sample_database) == {}
    assert cut_off > DASHBOARDS
    assert all((await api.ask(FIRST_SCREEN, role="super_admin", **VARIABLES))["dashboard"].values())
