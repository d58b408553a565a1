"""The first screen in one request, as benchmarks/dashboard.graphql fixes it: few statements, however much there is."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from tests.metrics.scenario import insert_consumption, insert_session, record_everything
from tests.plugins.api import Api
from tests.plugins.sample import SAMPLE_NOW
from tests.resolvers.whole_dashboard import documents, fields_of, section_fields

from makrcave_analytics import sample

FIRST_SCREEN = (Path(__file__).parents[2] / "benchmarks/dashboard.graphql").read_text()
NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize("preset", ["LAST_30_DAYS", "LAST_12_MONTHS"])
async def test_the_first_screen_takes_at_most_14_statements(
    make_api: Any, sample_database: Any, counts: list[int], preset: str
) -> None:
    api = make_api(sample_database)
    api.now = SAMPLE_NOW
    for place in sample.MAKERSPACES:
        asked = {"makerspaceId": str(place.id), "period": {"preset": preset}}
        screen = (await api.ask(FIRST_SCREEN, role="super_admin", **asked))["dashboard"]
        assert all(screen.values())
        assert len(screen["equipment"]["machines"]["nodes"]) == 10
    assert len(counts) == len(sample.MAKERSPACES)
    assert max(counts) <= 14


async def test_the_first_screen_takes_at_most_14_statements_for_400_machines_as_for_4(
    api: Api, make_makerspace: Any, owner: asyncpg.Connection, counts: list[int]
) -> None:
    api.now = NOW
    for machines in (4, 400):
        makerspace = await make_makerspace()
        await record_everything(owner, makerspace, datetime(2026, 3, 30, 10, tzinfo=UTC), NOW.date())
        await owner.execute(
            """INSERT INTO equipment (makerspace_id, equipment_id, name, category)
            SELECT $1, 'm' || n, 'Machine ' || n, 'kind ' || n % 7 FROM generate_series(1, $2) n""",
            makerspace.value, machines,
        )  # fmt: skip
        await owner.execute(
            """INSERT INTO inventory_items (makerspace_id, item_id, name, unit, on_hand, reorder_point)
            SELECT $1, 'i' || n, 'Item ' || n, 'piece', 1, 2 FROM generate_series(1, $2) n""",
            makerspace.value, machines,
        )  # fmt: skip
        await insert_session(owner, makerspace, "ada", datetime(2026, 3, 30, 11, tzinfo=UTC), NOW, equipment_id="m2")
        await insert_consumption(owner, makerspace, NOW.date(), "i3", "1", "1")
        screen = (await api.ask(FIRST_SCREEN, makerspace))["dashboard"]
        assert screen["equipment"]["machines"]["nodes"][0]["equipment"]["name"] == "Machine 2"
        assert len(screen["inventory"]["items"]["nodes"]) == min(machines, 10)
    # Which details of a round meet in one statement depends on the turns of the loop: 12 or 13 on a busy machine. One
    # statement a row would be ten more.
    assert len(counts) == 2
    assert max(counts) <= 14


async def test_every_field_of_the_dashboard_takes_at_most_30_statements(
    make_api: Any, sample_database: Any, counts: list[int]
) -> None:
    api = make_api(sample_database)
    api.now = SAMPLE_NOW
    made = documents()
    assert set().union(*map(fields_of, made)) == section_fields()
    asked = {"makerspaceId": str(sample.MAKERSPACES[1].id), "period": {"preset": "LAST_30_DAYS"}}
    for document in made:
        await api.ask(document, role="super_admin", **asked)
    assert len(counts) == len(made)
    assert max(counts) <= 30
