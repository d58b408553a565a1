"""The list of closing figures: the latest first, as taken, of one makerspace, money with READ_MONEY only."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from tests.metrics.scenario import insert_event, insert_payment, roll_up
from tests.plugins.api import Api

from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.db import Database
from makrcave_analytics.snapshots import close_due

PAGE = """query($grain: Grain!, $first: Int, $after: String) { snapshots(grain: $grain, first: $first, after: $after) {
  nodes { grain period { since until startDate endDate timeZone label } dataVersion takenAt figures }
  pageInfo { hasNextPage endCursor } totalCount } }"""
NOW = datetime(2026, 3, 30, 0, 30, tzinfo=UTC)  # half past two in Berlin


@pytest.fixture
async def berlin(make_makerspace: Any, owner: Any, database: Database) -> MakerspaceId:
    made: MakerspaceId = await make_makerspace(created_at=datetime(2026, 3, 27, 12, tzinfo=UTC), data_version=41)
    await insert_event(owner, made, datetime(2026, 3, 29, 12, tzinfo=UTC), None, "login")
    await insert_payment(owner, made, date(2026, 3, 29), "119.00")
    await roll_up(database, made, "Europe/Berlin")
    await close_due(database, lambda: NOW)
    return made


async def test_closing_figures_are_shown_as_they_were_taken(api: Api, berlin: MakerspaceId) -> None:
    found = (await api.ask(PAGE, berlin, grain="DAY", first=1))["snapshots"]
    (node,) = found["nodes"]
    figures = node.pop("figures")
    assert node == {
        "grain": "DAY",
        "period": {
            "since": "2026-03-29T00:00:00+01:00",
            "until": "2026-03-30T00:00:00+02:00",
            "startDate": "2026-03-29",
            "endDate": "2026-03-29",
            "timeZone": "Europe/Berlin",
            "label": "29 Mar 2026",
        },
        "dataVersion": 41,
        "takenAt": "2026-03-30T02:30:00+02:00",
    }
    assert (figures["currency"], figures["USAGE"]["logins"], figures["REVENUE"]["grossRevenue"]) == (
        "EUR",
        "1",
        "119.00",
    )
    assert figures["INVENTORY"]["stockValue"] is None, "two hours after midnight it is unknown"


async def test_pages_go_back_in_time(api: Api, berlin: MakerspaceId) -> None:
    days: list[str] = []
    after = None
    while True:
        page = (await api.ask(PAGE, berlin, grain="DAY", first=2, after=after))["snapshots"]
        days += [node["period"]["startDate"] for node in page["nodes"]]
        assert page["totalCount"] == 3
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert days == ["2026-03-29", "2026-03-28", "2026-03-27"]
    (week,) = (await api.ask(PAGE, berlin, grain="WEEK"))["snapshots"]["nodes"]
    assert (week["period"]["startDate"], week["period"]["endDate"]) == ("2026-03-23", "2026-03-29")
    assert (await api.ask(PAGE, berlin, grain="MONTH"))["snapshots"]["nodes"] == []


async def test_money_needs_read_money(api: Api, berlin: MakerspaceId) -> None:
    (node,) = (await api.ask(PAGE, berlin, role="operations", grain="DAY", first=1))["snapshots"]["nodes"]
    figures = node["figures"]
    assert (figures["USAGE"]["logins"], figures["REVENUE"]["transactions"]) == ("1", "1")
    assert figures["REVENUE"]["grossRevenue"] is figures["EQUIPMENT"]["revenue"] is None
    assert not any(
        value == "119.00" for values in figures.values() if isinstance(values, dict) for value in values.values()
    )


async def test_wrong_grains_pages_roles_and_cursors_are_refused(
    api: Api, berlin: MakerspaceId, make_makerspace: Any
) -> None:
    assert await api.refusals(PAGE, berlin, grain="HOUR") == [
        ("INVALID", "There are no closing figures by HOUR. Accepted: DAY, WEEK, MONTH.")
    ]
    assert (await api.refusals(PAGE, berlin, grain="DAY", first=101))[0][0] == "INVALID"
    assert (await api.refusals(PAGE, berlin, role="service", grain="DAY"))[0][0] == "FORBIDDEN"
    other = await make_makerspace()
    assert (await api.ask(PAGE, other, grain="DAY"))["snapshots"]["nodes"] == []
    cursor = (await api.ask(PAGE, berlin, grain="DAY", first=1))["snapshots"]["pageInfo"]["endCursor"]
    for makerspace, grain in ((other, "DAY"), (berlin, "WEEK")):
        assert (await api.refusals(PAGE, makerspace, grain=grain, after=cursor))[0][0] == "INVALID"
