"""Usage metrics of given rows, through GraphQL: events, logins and active members."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from tests.metrics.scenario import insert_event, insert_members, insert_session, roll_up
from tests.plugins.database import mint

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 11, 15, 25, tzinfo=BERLIN)
"""A Wednesday."""
MINUTE = timedelta(minutes=1)
NUMBER = "value decimal formatted previous change changePercent"
WEEK = "period: {preset: LAST_7_DAYS}, compareTo: PREVIOUS_PERIOD"
"""5 to 11 March so far, and 26 February to 4 March up to 15:25."""


def at(day: int, hour: int, minute: int = 0, second: int = 0, month: int = 3) -> datetime:
    """Return an instant from the local time of Berlin."""
    return datetime(2026, month, day, hour, minute, second, tzinfo=BERLIN)


@pytest.fixture
async def makerspace(api, owner, database, make_makerspace):
    """Two weeks of a makerspace in Berlin."""
    api.now = NOW
    makerspace = await make_makerspace(locale="de-DE")
    await insert_members(owner, makerspace, "ada", "ben", plan="maker")
    await insert_members(owner, makerspace, "cleo", "dan", "eve", plan="basic")
    for moment, user, event_type, equipment in (
        (at(26, 10, month=2), "ada", "login", None),
        (at(4, 15, 24, 59), "ben", "login", None),
        (at(4, 15, 25), "ben", "login", None),  # as late as now, a week ago: not compared with
        (at(5, 9, 10), "ada", "login", None),
        (at(5, 9, 20), "ada", "check_in", None),
        (at(5, 23, 59, 59), "ben", "login", None),
        (at(9, 10), "ada", "equipment_reservation", "laser"),
        (at(9, 10, 30), None, "door_access", None),
        (at(11, 14, 50), "cleo", "login", None),
        (NOW + 5 * MINUTE, "cleo", "check_in", None),
    ):
        await insert_event(owner, makerspace, moment, user, event_type, equipment_id=equipment)
    await insert_event(owner, makerspace, at(10, 9), "dan", "login", voided_at=NOW)
    await insert_session(owner, makerspace, "dan", at(8, 22), at(9, 1))
    await insert_session(owner, makerspace, "dan", at(6, 9), at(6, 10), usage_type="repair")
    await insert_session(owner, makerspace, "eve", at(10, 20), None)
    await roll_up(database, makerspace, "Europe/Berlin")
    return makerspace


async def test_totals_and_what_they_are_compared_with(api: Any, makerspace: Any) -> None:
    document = f"{{ usage({WEEK}) {{ events {{ {NUMBER} }} logins {{ {NUMBER} }} activeMembers {{ {NUMBER} }} }} }}"
    usage = (await api.ask(document, makerspace))["usage"]
    # Since 5 March: 3 on the 5th, 2 on the 9th, 2 on the 11th; before: 26 February and 4 March. 5 of 2: 250 %.
    assert usage["events"] == _number(7, 2, 5, 250)
    # The 5th twice, the 11th once; before: two.
    assert usage["logins"] == _number(3, 2, 1, 50)
    # ada, ben, cleo by events, dan and eve by sessions that are no repairs; before: ada and ben.
    assert usage["activeMembers"] == _number(5, 2, 3, 150)


async def test_nothing_to_compare_with_is_null_and_nothing_before_gives_no_percentage(
    api: Any, makerspace: Any
) -> None:
    alone = await api.ask(f"{{ usage {{ events {{ {NUMBER} }} }} }}", makerspace)
    # LAST_30_DAYS: every event that was not voided.
    assert alone["usage"]["events"] == _number(10, None, None, None)
    day = 'period: {range: {startDate: "2026-03-09", endDate: "2026-03-09"}}, compareTo: PREVIOUS_PERIOD'
    compared = await api.ask(f"{{ usage({day}) {{ events {{ {NUMBER} }} }} }}", makerspace)
    assert compared["usage"]["events"] == _number(2, 0, 2, None)


async def test_series_fill_gaps_and_pair_by_position(api: Any, makerspace: Any) -> None:
    fields = "series(grain: DAY) { label value previous isPartial } columns { values previous isPartial labels grain }"
    usage = (
        await api.ask(f"{{ usage({WEEK}) {{ events {{ {fields} }} activeMembers {{ {fields} }} }} }}", makerspace)
    )["usage"]
    events = usage["events"]
    assert [point["value"] for point in events["series"]] == [3, 0, 0, 0, 2, 0, 2]
    assert [point["previous"] for point in events["series"]] == [1, 0, 0, 0, 0, 0, 1]
    assert [point["isPartial"] for point in events["series"]] == [False] * 6 + [True]
    assert [events["series"][place]["label"] for place in (0, -1)] == ["5 Mar 2026", "11 Mar 2026"]
    assert events["columns"] == {
        "grain": "DAY",
        "labels": [point["label"] for point in events["series"]],
        "values": [3, 0, 0, 0, 2, 0, 2],
        "previous": [1, 0, 0, 0, 0, 0, 1],
        "isPartial": [False] * 6 + [True],
    }
    # ada and ben · nobody, as dan repaired · nobody · dan · ada, dan until 1:00 · eve's open session · cleo, not eve
    assert usage["activeMembers"]["columns"]["values"] == [2, 0, 0, 1, 2, 1, 1]


async def test_breakdowns_largest_first_with_the_rest_as_one_slice(api: Any, makerspace: Any) -> None:
    fields = "key label value decimal formatted share previous isOther series(grain: DAY) { value previous }"
    by_type = await _breakdown(api, makerspace, f"breakdown(by: EVENT_TYPE, top: 2) {{ {fields} }}")
    logins, check_ins, rest = by_type
    # 3 logins, 2 check-ins; a reservation and a door make the rest of 7. Of two a week before both are logins.
    assert _slice(logins) == ("login", "Login", 3, "3", "3", 3 / 7, 2, False)
    assert _slice(check_ins) == ("check_in", "Check in", 2, "2", "2", 2 / 7, 0, False)
    assert _slice(rest) == (None, "Other", 2, "2", "2", 2 / 7, 0, True)
    assert _values(logins) == ([2, 0, 0, 0, 0, 0, 1], [1, 0, 0, 0, 0, 0, 1])
    assert _values(check_ins) == ([1, 0, 0, 0, 0, 0, 1], [0] * 7)
    assert _values(rest) == ([0, 0, 0, 0, 2, 0, 0], [0] * 7)


async def test_what_names_none_has_the_key_null(api: Any, makerspace: Any) -> None:
    members = await _breakdown(api, makerspace, "breakdown(by: MEMBER) { key label value previous }")
    assert [tuple(part.values()) for part in members] == [
        ("ada", "ada", 3, 1),
        ("cleo", "cleo", 2, 0),
        ("ben", "ben", 1, 1),
        (None, "None", 1, 0),
    ]
    machines = await _breakdown(api, makerspace, "breakdown(by: EQUIPMENT) { key label value share }")
    assert [tuple(part.values()) for part in machines] == [(None, "None", 6, 6 / 7), ("laser", "laser", 1, 1 / 7)]


async def test_hours_and_weekdays_come_complete_and_in_order(api: Any, makerspace: Any) -> None:
    hours = await _breakdown(api, makerspace, "breakdown(by: HOUR_OF_DAY, top: 1) { key label value }")
    assert [part["key"] for part in hours] == [str(hour) for hour in range(24)]
    assert {part["label"]: part["value"] for part in hours if part["value"]} == {
        "09:00": 2, "10:00": 2, "14:00": 1, "15:00": 1, "23:00": 1,
    }  # fmt: skip
    days = await _breakdown(api, makerspace, "breakdown(by: DAY_OF_WEEK) { label value previous }")
    # 5 March is a Thursday, as is 26 February; the 9th a Monday; the 11th a Wednesday, as is the 4th.
    assert [tuple(part.values()) for part in days] == [
        ("Monday", 2, 0), ("Tuesday", 0, 0), ("Wednesday", 2, 1), ("Thursday", 3, 1), ("Friday", 0, 0),
        ("Saturday", 0, 0), ("Sunday", 0, 0),
    ]  # fmt: skip


async def test_active_members_by_plan_have_no_shares_and_no_rest(api: Any, makerspace: Any) -> None:
    fields = "breakdown(by: MEMBER_PLAN, top: 1) { key value previous share isOther }"
    document = f"{{ usage({WEEK}) {{ activeMembers {{ {fields} }} }} }}"
    parts = (await api.ask(document, makerspace))["usage"]["activeMembers"]["breakdown"]
    assert parts == [{"key": "basic", "value": 3, "previous": 0, "share": None, "isOther": False}]


async def test_a_running_day_is_compared_up_to_the_same_minute(api: Any, makerspace: Any) -> None:
    asked = "period: {preset: TODAY}, compareTo: PREVIOUS_PERIOD_SAME_WEEKDAYS"
    fields = "value previous series(grain: HOUR) { label value previous }"
    usage = (await api.ask(f"{{ usage({asked}) {{ events {{ {fields} }} logins {{ {fields} }} }} }}", makerspace))[
        "usage"
    ]
    # Today: a login at 14:50, a check-in stamped 15:30, ahead of now, in the last bucket. Last Wednesday: 15:24:59.
    assert (usage["events"]["value"], usage["events"]["previous"]) == (2, 1)
    assert len(usage["events"]["series"]) == 16
    assert usage["events"]["series"][14:] == [
        {"label": "14:00", "value": 1, "previous": 0},
        {"label": "15:00", "value": 1, "previous": 1},
    ]
    assert (usage["logins"]["value"], usage["logins"]["previous"]) == (1, 1)


@pytest.mark.parametrize(
    ("zone", "day", "hours", "labels"),
    [
        ("Europe/Berlin", "2026-03-29", 23, ["01:00", "03:00"]),
        ("Europe/Berlin", "2026-10-25", 25, ["01:00", "02:00", "02:00 (2nd)", "03:00"]),
        ("Asia/Kathmandu", "2026-03-29", 24, ["01:00", "02:00", "03:00"]),
    ],
)
async def test_a_day_has_as_many_hours_as_its_clock(
    api: Any, owner: Any, database: Any, make_makerspace: Any, zone: str, day: str, hours: int, labels: list[str]
) -> None:
    makerspace = await make_makerspace(zone)
    await insert_members(owner, makerspace, "ada", "ben")
    midnight = datetime.fromisoformat(f"{day}T00:00").replace(tzinfo=ZoneInfo(zone)).timestamp()
    for hour in range(-1, hours + 1):  # on each full hour, and the last instant before the next
        for second, user in ((0, "ada"), (3599.999999, "ben")):
            moment = datetime.fromtimestamp(midnight + hour * 3600 + second, ZoneInfo(zone))
            await insert_event(owner, makerspace, moment, user, "login")
    await roll_up(database, makerspace, zone)
    asked = f'period: {{range: {{startDate: "{day}", endDate: "{day}"}}}}'
    fields = "value series(grain: HOUR) { label value }"
    api.now = datetime(2026, 12, 1, tzinfo=BERLIN)
    usage = (
        await api.ask(f"{{ usage({asked}) {{ events {{ {fields} }} activeMembers {{ {fields} }} }} }}", makerspace)
    )["usage"]
    assert usage["events"]["value"] == 2 * hours
    assert usage["activeMembers"]["value"] == 2
    for metric in ("events", "activeMembers"):
        assert [point["value"] for point in usage[metric]["series"]] == [2] * hours
        assert [point["label"] for point in usage[metric]["series"]][1 : 1 + len(labels)] == labels


async def test_without_the_right_to_see_people_they_are_pseudonyms(api: Any, keys: Any, makerspace: Any) -> None:
    members = await _breakdown(api, makerspace, "breakdown(by: MEMBER) { key label value }", role="analyst")
    ada = keys.pseudonym(makerspace.value, "ada")
    assert members[0] == {"key": ada, "label": f"Member {ada[2:6].upper()}-{ada[6:10].upper()}", "value": 3}
    assert members[-1] == {"key": None, "label": "None", "value": 1}
    assert "ada" not in str(members)


@pytest.mark.parametrize(
    ("field", "message"),
    [
        (
            "logins { part: breakdown(by: ITEM) { value } }",
            "logins cannot be broken down by ITEM. Accepted: MEMBER, MEMBER_PLAN, HOUR_OF_DAY, DAY_OF_WEEK.",
        ),
        ("logins { part: breakdown(by: MEMBER, top: 0) { value } }", "top must be from 1 to 1,000."),
        ("logins { part: breakdown(by: MEMBER, top: 1001) { value } }", "top must be from 1 to 1,000."),
        (
            "logins { part: series(grain: HOUR) { value } }",
            "HOUR needs a period of at most 10 years. Accepted for this one: DAY, WEEK, MONTH, QUARTER, YEAR.",
        ),
        (
            "activeMembers { part: columns(grain: HOUR) { values } }",
            "HOUR needs a period of at most 31 days here. Accepted for this one: DAY, WEEK, MONTH, QUARTER, YEAR.",
        ),
    ],
)
async def test_a_wrong_argument_empties_its_field_alone_and_says_what_is_accepted(
    api: Any, makerspace: Any, field: str, message: str
) -> None:
    decade = 'period: {range: {startDate: "2016-03-11", endDate: "2026-03-11"}}'
    outcome = await api.run(
        f"{{ usage({decade}) {{ meta {{ dataVersion }} events {{ value }} {field} }} }}", makerspace
    )
    (error,) = outcome.body["errors"]
    assert (error["extensions"]["code"], error["message"]) == ("INVALID", message)
    usage = outcome.body["data"]["usage"]
    assert usage["events"] == {"value": 10}
    assert {"part": None} in usage.values()


async def test_a_foreign_makerspace_and_an_unknown_one_get_the_same_answer(
    api: Any, make_makerspace: Any, makerspace: Any
) -> None:
    foreign = await make_makerspace()
    refusals = [
        await api.run(f'{{ usage(makerspaceId: "{other}") {{ events {{ value }} }} }}', makerspace)
        for other in (foreign, mint(uuid4()))
    ]
    assert refusals[0].body == refusals[1].body
    assert refusals[0].body["data"] == {"usage": None}
    assert [error["extensions"]["code"] for error in refusals[0].body["errors"]] == ["NOT_FOUND"]


async def _breakdown(api: Any, makerspace: Any, field: str, **who: Any) -> Any:
    document = f"{{ usage({WEEK}) {{ events {{ part: {field} }} }} }}"
    return (await api.ask(document, makerspace, **who))["usage"]["events"]["part"]


def _number(value: float, previous: float | None, change: float | None, percent: float | None) -> dict[str, Any]:
    return {
        "value": value,
        "decimal": str(value),
        "formatted": str(value),
        "previous": previous,
        "change": change,
        "changePercent": percent,
    }


def _slice(part: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(value for key, value in part.items() if key != "series")


def _values(part: dict[str, Any]) -> tuple[list[float], list[float]]:
    return [point["value"] for point in part["series"]], [point["previous"] for point in part["series"]]
