"""Readers who may not see people see no small groups of them."""

import secrets
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest
from pydantic import SecretStr, ValidationError
from tests.metrics.scenario import insert_members

from makrcave_analytics import app
from makrcave_analytics.auth import issue_token
from makrcave_analytics.config import Settings

PARTS = "breakdown(by: MEMBER_PLAN, top: 3) { key value previous share isOther series(grain: YEAR) { value } }"
YEARS = 'period: {range: {startDate: "2024-01-01", endDate: "2025-12-31"}}, compareTo: PREVIOUS_PERIOD'


@pytest.fixture
async def club(api, owner, make_makerspace):
    """Twelve makers, seven pros and four students, all of 2025; six makers left in 2025."""
    api.now = datetime(2026, 3, 1, tzinfo=UTC)
    makerspace = await make_makerspace()
    for plan, count in (("maker", 12), ("pro", 7), ("student", 4)):
        for n in range(count):
            await insert_members(
                owner, makerspace, f"{plan}-{n}", plan=plan, joined_on=date(2025, 2, 1), is_synced=True,
                left_on=date(2025, 6, 1) if plan == "maker" and n < 6 else None,
            )  # fmt: skip
    return makerspace


async def _new_members(api: Any, club: Any, role: str) -> Any:
    answer = await api.ask(f"{{ usage({YEARS}) {{ newMembers {{ value {PARTS} }} }} }}", club, role=role)
    return answer["usage"]["newMembers"]


async def test_a_small_group_is_hidden_and_one_more_so_that_the_total_does_not_tell_it(api: Any, club: Any) -> None:
    new = await _new_members(api, club, "analyst")
    assert new["value"] == 23
    # 4 students are too few; beside 12 makers and the total of 23, 7 pros would give them away.
    assert [(part["key"], part["value"]) for part in new["breakdown"]] == [
        ("maker", 12), ("pro", None), ("student", None),
    ]  # fmt: skip
    assert [part["series"] for part in new["breakdown"]] == [
        [{"value": None}, {"value": 12}],
        [{"value": None}, {"value": None}],
        [{"value": None}, {"value": None}],
    ]
    assert {part["previous"] for part in new["breakdown"]} == {None}


async def test_those_who_may_see_people_see_all(api: Any, club: Any) -> None:
    new = await _new_members(api, club, "admin")
    assert [(part["key"], part["value"]) for part in new["breakdown"]] == [("maker", 12), ("pro", 7), ("student", 4)]


@pytest.mark.parametrize(
    ("least", "seen"),
    [
        ("4", [("maker", 12), ("pro", 7), ("student", 4)]),
        ("8", [("maker", 12), ("pro", None), ("student", None)]),
        ("13", [("maker", None), ("pro", None), ("student", None)]),
        ("1", [("maker", 12), ("pro", 7), ("student", 4)]),
    ],
)
async def test_how_small_is_a_setting(
    club: Any, migrated_url: str, monkeypatch: pytest.MonkeyPatch, least: str, seen: list[Any]
) -> None:
    """From the environment variable to the answer, through the whole application."""
    monkeypatch.setenv("ANALYTICS_MIN_GROUP_SIZE", least)
    settings = Settings(_env_file=None, jwt_secret=SecretStr(secrets.token_urlsafe(48)))  # type: ignore[call-arg]
    application = app.api(settings, migrated_url, None, public_url="http://test")
    now = datetime.now(UTC)
    token = issue_token(
        settings, role="analyst", makerspaces=[club.value], user_id="ada", lifetime=timedelta(1), now=now
    )
    table = (
        'explore(period: {range: {startDate: "2024-01-01", endDate: "2025-12-31"}}, table: {metrics: ["newMembers"],'
    )
    document = f"""{{ usage({YEARS}) {{ newMembers {{ {PARTS} }} meta {{ notes }} }}
        {table} by: [MEMBER_PLAN]}}) {{ rows {{ keys values }} }} }}"""
    async with (
        application.router.lifespan_context(application),
        httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="http://test") as client,
    ):
        answer = await client.post("/graphql", json={"query": document}, headers={"Authorization": f"Bearer {token}"})
    usage, table = answer.json()["data"].values()
    assert dict((*row["keys"], *row["values"]) for row in table["rows"]) == dict(seen)
    assert [(part["key"], part["value"]) for part in usage["newMembers"]["breakdown"]] == seen
    said = [note for note in usage["meta"]["notes"] if "fewer" in note]
    assert said == ([f"Groups of fewer than {least} people are not shown."] if least != "1" else [])


def test_a_group_has_at_least_one_person(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings(_env_file=None).min_group_size == 5  # type: ignore[call-arg]
    monkeypatch.setenv("ANALYTICS_MIN_GROUP_SIZE", "0")
    with pytest.raises(ValidationError):
        Settings(_env_file=None)  # type: ignore[call-arg]


async def test_a_share_is_hidden_with_the_groups_that_it_is_made_of(api: Any, club: Any) -> None:
    year = 'period: {range: {startDate: "2025-03-01", endDate: "2025-12-31"}}'
    document = f"{{ usage({year}) {{ churnRate {{ value {PARTS} }} meta {{ notes }} }} }}"
    usage = (await api.ask(document, club, role="analyst"))["usage"]
    # Of 12 makers 6 left. Of 7 pros 0 left, which is less than 5.
    assert [(part["key"], part["value"]) for part in usage["churnRate"]["breakdown"]] == [
        ("maker", 50), ("pro", None), ("student", None),
    ]  # fmt: skip
    assert usage["meta"]["notes"] == ["Groups of fewer than 5 people are not shown."]
