"""Executor: the time limit of queries, wrong variables, operations of the wrong kind."""

import asyncpg
from tests.plugins.api import Api
from tests.plugins.database import MakeMakerspace

from makrcave_analytics.auth import Viewer
from makrcave_analytics.schema.engine.executor import Executor
from makrcave_analytics.schema.engine.operation import Operation, OutcomeKind
from makrcave_analytics.schema.engine.schema import SCHEMA

USAGE = "query($id: ID) { usage(makerspaceId: $id) { events { value } } }"


async def test_a_query_is_cancelled_at_its_time_limit(
    api: Api, make_makerspace: MakeMakerspace, owner: asyncpg.Connection
) -> None:
    makerspace = await make_makerspace()
    executor = Executor(SCHEMA, api.services, lambda: api.now, answer_within=0.2)
    async with owner.transaction():
        await owner.execute("LOCK TABLE makerspaces IN ACCESS EXCLUSIVE MODE")
        outcome = await executor.execute(
            Operation(USAGE, {"id": str(makerspace)}, None, read_only=False), Viewer.system("a test")
        )
    assert outcome.kind is OutcomeKind.ANSWERED
    assert outcome.body["data"] is None
    assert outcome.body["errors"][0]["extensions"] == {"code": "QUERY_TOO_EXPENSIVE"}
    assert await api.ask(USAGE, makerspace, id=str(makerspace))


async def test_wrong_variables_are_refused_before_anything_runs(api: Api, make_makerspace: MakeMakerspace) -> None:
    outcome = await api.run(USAGE, await make_makerspace(), id=[1, 2])
    assert outcome.kind is OutcomeKind.REFUSED
    assert "data" not in outcome.body


async def test_a_mutation_by_get_and_an_unnamed_operation_of_two_are_refused(api: Api) -> None:
    executor = Executor(SCHEMA, api.services, lambda: api.now)
    record = "mutation { recordEvents(input: []) { recorded } }"
    viewer = Viewer.system("a test")
    refused = await executor.execute(Operation(record, None, None, read_only=True), viewer)
    assert refused.kind is OutcomeKind.REFUSED
    unnamed = await executor.execute(
        Operation("query a { viewer { userId } } query b { viewer { userId } }", None, None, read_only=False), viewer
    )
    assert unnamed.kind is OutcomeKind.REFUSED
