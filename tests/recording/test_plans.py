"""Large batches are written with custom plans, small ones with the generic plans that PostgreSQL keeps."""

import pytest
from tests.recording.factories import login, void_input

from makrcave_analytics.db import Database, driver
from makrcave_analytics.recording.entity_inputs import MemberInput

KEPT = "SELECT coalesce(sum(generic_plans), 0)::int FROM pg_prepared_statements WHERE parameter_types <> '{}'"


@pytest.fixture
async def database(migrated_url: str):
    """A pool of one connection, so that its kept plans are those of the test."""
    made = Database(migrated_url, pool_size=1)
    yield made
    await made.dispose()


@pytest.mark.parametrize(("size", "keeps"), [(1, True), (50, False)])
async def test_large_batches_are_written_with_custom_plans(
    record, void, sync_entries, database, make_makerspace, size: int, keeps: bool
) -> None:
    makerspace = await make_makerspace()
    for n in range(7):  # PostgreSQL decides at the sixth time
        ids = [f"{n}-{i}" for i in range(size)]
        await record(makerspace, [login(each) for each in ids])
        await record(makerspace, [login(each) for each in ids])
        await void(makerspace, [void_input(each) for each in ids])
        await sync_entries(makerspace, [MemberInput(each) for each in ids])
    async with database.write(makerspace) as transaction:
        assert (await (await driver(transaction)).fetchval(KEPT) > 0) == keeps
