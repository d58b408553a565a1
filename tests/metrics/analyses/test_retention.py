"""Retention cohorts and visit bands of given members."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.metrics.scenario import insert_event, insert_members, insert_session, roll_up

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 4, 10, 12, tzinfo=BERLIN)
QUARTER = 'period: {range: {startDate: "2026-01-15", endDate: "2026-04-20"}}'


def at(month: int, day: int, hour: int = 9, year: int = 2026) -> datetime:
    """Return an instant from the local time of Berlin."""
    return datetime(year, month, day, hour, tzinfo=BERLIN)


async def test_cohorts_of_activity_are_of_the_first_presence(
    api: Any, owner: Any, database: Any, make_makerspace: Any
) -> None:
    makerspace = await make_makerspace()
    await insert_members(owner, makerspace, "old", "ada", "ben", "cleo", "dan")
    for user, *moments in (
        ("old", at(11, 3, year=2025), at(2, 1)),  # began before the first cohort: in none
        ("ada", at(1, 5), at(1, 31, 23), at(3, 2), at(4, 9)),
        ("ben", at(1, 20), at(2, 1, 0), at(3, 31, 23)),
        ("cleo", at(2, 14), at(4, 1)),
    ):
        for moment in moments:
            await insert_event(owner, makerspace, moment, user, "login")
    await insert_session(owner, makerspace, "dan", at(1, 31, 22), at(2, 1, 2))  # touches both months
    await roll_up(database, makerspace, "Europe/Berlin")
    api.now = NOW
    rows = await _retention(api, makerspace, "retention(cohorts: 4)")
    # Began in January: ada, ben, dan; in February ben and dan were there, in March ada and ben. April runs.
    # Began in February: cleo, who did not come in March.
    assert rows == [
        {"cohort": "2026-01-01", "size": 3, "active": [1, 0.666667, 0.666667, None]},
        {"cohort": "2026-02-01", "size": 1, "active": [1, 0, None]},
        {"cohort": "2026-03-01", "size": 0, "active": [None, None]},
        {"cohort": "2026-04-01", "size": 0, "active": [None]},
    ]


async def test_cohorts_of_membership_stay_until_their_last_day_has_passed(
    api: Any, owner: Any, make_makerspace: Any
) -> None:
    makerspace = await make_makerspace()
    for name, joined, left in (
        ("old", date(2025, 12, 31), None),
        ("ada", date(2026, 1, 1), None),
        ("ben", date(2026, 1, 31), date(2026, 2, 28)),  # at the end of February no member any more
        ("cleo", date(2026, 1, 10), date(2026, 3, 1)),
        ("dan", date(2026, 2, 2), date(2026, 2, 20)),
    ):
        await insert_members(owner, makerspace, name, joined_on=joined, left_on=left, is_synced=True)
    api.now = NOW
    rows = await _retention(api, makerspace, "retention(cohorts: 4, basis: MEMBERSHIP)")
    assert rows == [
        {"cohort": "2026-01-01", "size": 3, "active": [1, 0.666667, 0.333333, None]},
        {"cohort": "2026-02-01", "size": 1, "active": [0, 0, None]},
        {"cohort": "2026-03-01", "size": 0, "active": [None, None]},
        {"cohort": "2026-04-01", "size": 0, "active": [None]},
    ]


@pytest.mark.parametrize("cohorts", [0, 61])
async def test_too_few_or_too_many_cohorts_empty_the_field_alone(api: Any, make_makerspace: Any, cohorts: int) -> None:
    makerspace = await make_makerspace()
    document = f"{{ usage {{ events {{ value }} retention(cohorts: {cohorts}) {{ size }} }} }}"
    outcome = await api.run(document, makerspace)
    assert outcome.body["data"]["usage"] == {"events": {"value": 0}, "retention": None}
    (error,) = outcome.body["errors"]
    assert (error["extensions"]["code"], error["message"]) == ("INVALID", "cohorts must be from 1 to 60.")


async def test_bands_hold_the_members_by_their_visits_in_30_days(
    api: Any, owner: Any, database: Any, make_makerspace: Any
) -> None:
    makerspace = await make_makerspace()
    joined = {"joined_on": date(2025, 1, 1), "is_synced": True}
    await insert_members(owner, makerspace, "none", "one", "two", "eight", **joined)
    await insert_members(owner, makerspace, "left", left_on=date(2026, 4, 9), **joined)
    await insert_members(owner, makerspace, "unsynced")
    for user, days in (("one", [9]), ("two", [2, 9]), ("eight", range(1, 9)), ("left", [1]), ("unsynced", [1])):
        for day in days:
            await insert_event(owner, makerspace, at(4, day), user, "check_in")
            await insert_event(owner, makerspace, at(4, day, 11), user, "check_in")
    await insert_event(owner, makerspace, at(4, 9), "none", "login")  # no visit
    await roll_up(database, makerspace, "Europe/Berlin")
    api.now = NOW
    # The 10 days of April that have begun: 1 visit is 3 in 30 days, 2 are 6, 8 are 24.
    bands = await _bands(api, makerspace, "period: {preset: THIS_MONTH}")
    assert bands == {
        "0": (1, 0.25),
        "1": (0, 0),
        "2–3": (1, 0.25),
        "4–6": (1, 0.25),
        "7–12": (0, 0),
        "13 and more": (1, 0.25),
    }
    # 11 March to 9 April, 30 days, at whose end `left` had left: 1 stays 1, 2 stay 2, 8 stay 8.
    bands = await _bands(api, makerspace, 'period: {range: {startDate: "2026-03-11", endDate: "2026-04-09"}}')
    assert {label: members for label, (members, _) in bands.items()} == {
        "0": 1, "1": 1, "2–3": 1, "4–6": 0, "7–12": 1, "13 and more": 0,
    }  # fmt: skip


async def test_small_shares_are_hidden_from_readers_who_may_not_see_people(
    api: Any, owner: Any, database: Any, make_makerspace: Any
) -> None:
    makerspace = await make_makerspace()
    names = ("ada", "ben", "cleo", "dan", "eve", "fay")
    await insert_members(owner, makerspace, *names)
    for name in names:
        await insert_event(owner, makerspace, at(1, 8), name, "login")
    for name in names[:5]:
        await insert_event(owner, makerspace, at(2, 8), name, "login")
    await insert_event(owner, makerspace, at(3, 8), "ada", "login")
    await roll_up(database, makerspace, "Europe/Berlin")
    api.now = NOW
    # Six began; five of them came in February, which is shown, and one in March, which is hidden. April runs.
    assert (await _retention(api, makerspace, "retention(cohorts: 4)"))[0]["active"] == [1, 0.833333, 0.166667, None]
    hidden = await _retention(api, makerspace, "retention(cohorts: 4)", role="analyst")
    assert hidden[0] == {"cohort": "2026-01-01", "size": 6, "active": [1, 0.833333, None, None]}


async def _retention(api: Any, makerspace: Any, field: str, role: str = "admin") -> Any:
    document = f"{{ usage({QUARTER}) {{ rows: {field} {{ cohort size active }} }} }}"
    return (await api.ask(document, makerspace, role=role))["usage"]["rows"]


async def _bands(api: Any, makerspace: Any, period: str) -> dict[str, tuple[int, float]]:
    answer = await api.ask(f"{{ usage({period}) {{ visitBands {{ label members share }} }} }}", makerspace)
    return {band["label"]: (band["members"], band["share"]) for band in answer["usage"]["visitBands"]}
