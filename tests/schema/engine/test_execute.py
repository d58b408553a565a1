"""One operation: what it may take, and what of it is kept."""

import asyncpg
from tests.plugins.api import Api
from tests.plugins.database import MakeMakerspace

from makrcave_analytics.auth import Viewer
from makrcave_analytics.schema.engine import execute
from makrcave_analytics.schema.engine.execute import Executor
from makrcave_analytics.schema.engine.operation import Operation, OutcomeKind

USAGE = "query($id: ID) { usage(makerspaceId: $id) { events { value } } }"


async def test_an_answer_that_takes_too_long_is_given_up(
    api: Api, make_makerspace: MakeMakerspace, owner: asyncpg.Connection
) -> None:
    makerspace = await make_makerspace()
    executor = Executor(api.services, lambda: api.now, answer_within=0.2)
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


async def test_long_documents_are_not_remembered(api: Api, make_makerspace: MakeMakerspace) -> None:
    makerspace = await make_makerspace()
    execute._parsed.cache_clear()  # filled by the tests before, it would not grow
    await api.ask("{ viewer { userId } }" + " " * execute.LONGEST_KEPT, makerspace)
    assert execute._parsed.cache_info().currsize == 0
    await api.ask("{ viewer { userId roles } }", makerspace)
    assert execute._parsed.cache_info().currsize == 1


async def test_a_mutation_by_get_and_a_subscription_are_refused(api: Api) -> None:
    executor = Executor(api.services, lambda: api.now)
    record = "mutation { recordEvents(input: []) { recorded } }"
    viewer = Viewer.system("a test")
    refused = await executor.execute(Operation(record, None, None, read_only=True), viewer)
    assert refused.kind is OutcomeKind.REFUSED
    unnamed = await executor.execute(
        Operation("query a { viewer { userId } } query b { viewer { userId } }", None, None, read_only=False), viewer
    )
    assert unnamed.kind is OutcomeKind.REFUSED
