"""Tables: what `explore` answers is what SQL by hand says, in order, cut, compared and named."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import asyncpg
import pytest
from tests.plugins.api import Api
from tests.plugins.database import mint
from tests.plugins.sample import SAMPLE_NOW
from tests.resolvers.explore_questions import QUESTIONS

from makrcave_analytics.db import Database
from makrcave_analytics.sample import MAKERSPACES, SampleMakerspace

EXPLORE = """query($table: TableInput!, $period: PeriodInput, $compareTo: Comparison) {
  explore(table: $table, period: $period, compareTo: $compareTo) {
    meta { notes } columns { key label unit } rows { start keys labels values decimals previous } isTruncated } }"""
QUARTER = {"range": {"startDate": "2028-07-01", "endDate": "2028-09-30"}}
BERLIN = MAKERSPACES[1]
WERKHOF = mint(BERLIN.id)


@pytest.fixture
def sample_api(make_api: Callable[[Database], Api], sample_database: Database) -> Api:
    api = make_api(sample_database)
    api.now = SAMPLE_NOW
    return api


@pytest.fixture
async def by_hand(sample_url: str) -> Any:
    """Runs SQL about a makerspace, past all that is ours. Each statement knows the four arguments, used or not."""
    connection = await asyncpg.connect(sample_url)

    async def run(sql: str, of: SampleMakerspace) -> Any:
        known = "WITH known AS (SELECT $1::uuid, $2::text, $3::text, $4::timestamptz)"
        return await connection.fetch(f"{known} {sql}", of.id, of.time_zone, of.currency, SAMPLE_NOW)

    yield run
    await connection.close()


async def _table(api: Api, table: dict[str, Any], makerspace: Any = WERKHOF, **more: Any) -> Any:
    return (await api.ask(EXPLORE, makerspace, table=table, **{"period": QUARTER} | more))["explore"]


@pytest.mark.parametrize("makerspace", MAKERSPACES[1:], ids=lambda one: one.time_zone)
@pytest.mark.parametrize("name", QUESTIONS)
async def test_a_table_is_what_sql_by_hand_says(
    sample_api: Api, by_hand: Any, name: str, makerspace: SampleMakerspace
) -> None:
    asked = QUESTIONS[name]
    table = await _table(sample_api, asked.table | {"top": 1000}, mint(makerspace.id))
    expected = [_normal(tuple(row)) for row in await by_hand(asked.sql, makerspace)]
    assert 0 < len(expected) <= 1000
    assert not table["isTruncated"]
    found = [
        ((row["start"],) if row["start"] else ())
        + (*row["keys"], *(None if value is None else Decimal(value) for value in row["decimals"]))
        for row in table["rows"]
    ]
    assert sorted(map(repr, map(_normal, found))) == sorted(map(repr, expected))


def _normal(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Write instants in UTC and numbers in one way."""
    return tuple(_cell(value) for value in row)


def _cell(value: Any) -> Any:
    if isinstance(value, int | Decimal):
        return f"{Decimal(value).normalize() + 0:f}"
    if isinstance(value, str) and "T" in value and value[:4].isdigit():
        value = datetime.fromisoformat(value)
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
