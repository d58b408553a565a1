"""Project metrics of given projects, through GraphQL."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.metrics.scenario import insert_project, insert_session

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 31, 15, tzinfo=BERLIN)
MARCH = "period: {preset: THIS_MONTH}, compareTo: PREVIOUS_PERIOD"
"""1 to 31 March so far, and all of February, which is shorter."""


def at(day: int, hour: int = 0, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=BERLIN).astimezone(UTC)


@pytest.fixture
async def yard(api: Any, owner: Any, make_makerspace: Any) -> Any:
    """Six projects that ran in March, three that did not."""
    api.now = NOW
    makerspace = await make_makerspace()

    async def project(name: str, start: Any, end: Any = None, cost: str | None = None, **columns: Any) -> None:
        money = None if cost is None else Decimal(cost)
        await insert_project(owner, makerspace, name, start, end, total_cost=money, **columns)

    def sized(items: int, external: int, category: str | None = None) -> dict[str, Any]:
        return {"bom_items_count": items, "external_items_count": external, "category": category}

    # Begun before March.
    await project("old", at(1, month=1), at(1, month=2), "500", **sized(90, 90, "wood"))  # over in February
    await project("boat", at(10, month=2), at(1), "100.10", **sized(8, 2, "wood"))  # done as March begins: 19 days
    await project("gone", at(10, month=2), cancelled_at=at(28, 23, month=2), status="cancelled")
    await project("ghost", at(1, month=1), status="completed")  # over, since an unknown day
    # Begun in March.
    await project("lamp", at(1), at(3, 12), "30.25", **sized(10, 1, "art"))  # 2.5 days
    await project("robot", at(20), at(30), "49.50", **sized(20, 7, "wood"))  # 9 days, 23 hours: the clock changes
    await project("quilt", at(31, 14), category="art")  # no cost yet
    await project("drone", at(5), None, "20.15", **sized(5, 0), cancelled_at=at(6), status="cancelled")
    # Later, or never.
    await project("next", at(1, month=4))
    await project("plan", None)
    return makerspace


async def _march(api: Any, yard: Any, *keys: str, fields: str = "decimal previous") -> list[tuple[Any, ...]]:
    document = f"{{ projects({MARCH}) {{ {' '.join(f'{key} {{ {fields} }}' for key in keys)} }} }}"
    answer = (await api.ask(document, yard))["projects"]
    return [tuple(answer[key].values()) for key in keys]


async def test_what_was_begun_and_finished(api: Any, yard: Any) -> None:
    keys = ("projectsStarted", "activeProjects", "completedProjects", "completionRate")
    assert await _march(api, yard, *keys) == [
        ("4", 2.0),  # lamp robot quilt drone; boat gone
        ("5", 3.0),  # those and boat; boat gone old
        ("3", 1.0),  # boat lamp robot; old
        ("50", 0.0),  # lamp and robot of four; boat was not done before February ended
    ]


async def test_the_median_is_the_middle_one_or_half_way_between_two(api: Any, yard: Any) -> None:
    fields = "decimal previous formatted breakdown(by: PROJECT_CATEGORY) { key decimal share isOther }"
    ((total, before, formatted, parts),) = await _march(api, yard, "cycleDays", fields=fields)
    # 2.5, 9 d 23 h, 19: the middle one. February: 31.
    assert (total, before, formatted) == ("9.958333", 31.0, "10.0 d")
    # Wood: (9 d 23 h + 19 d) ÷ 2.
    assert parts == [
        {"key": "wood", "decimal": "14.479167", "share": None, "isOther": False},
        {"key": "art", "decimal": "2.5", "share": None, "isOther": False},
    ]
    ((days,),) = await _march(api, yard, "cycleDays", fields="series(grain: DAY) { value }")
    assert [point["value"] for point in days] == [19.0, None, 2.5] + [None] * 26 + [9.958333, None]


async def test_what_projects_take(api: Any, yard: Any) -> None:
    keys = ("totalCost", "averageCost", "bomItems", "externalItemShare")
    assert await _march(api, yard, *keys) == [
        ("99.90", 100.1),  # 30.25 + 49.50 + 20.15
        ("33.30", 100.1),  # ÷ 3: the costs of quilt and gone are unknown
        ("35", 8.0),  # 10 + 20 + 0 + 5
        ("22.857143", 25.0),  # 8 of 35; 2 of 8
    ]


async def test_breakdowns(api: Any, yard: Any) -> None:
    fields = "STATUS: breakdown(by: PROJECT_STATUS) { key label decimal }"
    ((statuses,),) = await _march(api, yard, "projectsStarted", fields=fields)
    assert [tuple(part.values()) for part in statuses] == [
        ("completed", "Completed", "2"), ("cancelled", "Cancelled", "1"), ("in_progress", "In progress", "1"),
    ]  # fmt: skip
    fields = "PROJECT: breakdown(by: PROJECT, top: 2) { key decimal } breakdown(by: PROJECT_CATEGORY) { key decimal }"
    ((projects, categories),) = await _march(api, yard, "totalCost", fields=fields)
    assert _pairs(projects) == [("robot", "49.50"), ("lamp", "30.25"), (None, "20.15")]
    assert _pairs(categories) == [("wood", "49.50"), ("art", "30.25"), (None, "20.15")]


async def test_machine_hours_are_those_logged_with_a_project(api: Any, owner: Any, yard: Any) -> None:
    half_an_hour = timedelta(minutes=30)
    await insert_session(owner, yard, "ada", at(2, 10), at(2, 13), project_id="lamp")
    await insert_session(owner, yard, "ada", at(2, 10), at(2, 11), project_id="lamp", equipment_id="lathe")
    await insert_session(owner, yard, "ben", at(28, 23, month=2), at(1) + half_an_hour, project_id="boat")
    await insert_session(owner, yard, "ben", at(4, 10), at(4, 20))
    await insert_session(owner, yard, "ben", at(5, 10), at(5, 20), project_id="lamp", usage_type="repair")
    await insert_session(owner, yard, "ben", at(31, 14), None, project_id="nobody synced it")
    fields = """decimal previous PROJECT: breakdown(by: PROJECT) { key decimal }
        EQUIPMENT: breakdown(by: EQUIPMENT) { key decimal }"""
    ((total, before, projects, machines),) = await _march(api, yard, "machineHours", fields=fields)
    assert (total, before) == ("5.5", 1.0)  # 3 + 1 + 0.5, and an hour up to now
    assert _pairs(projects) == [("lamp", "4"), ("nobody synced it", "1"), ("boat", "0.5")]
    assert _pairs(machines) == [("laser", "4.5"), ("lathe", "1")]


async def test_costs_are_for_those_who_may_see_money(api: Any, yard: Any) -> None:
    document = f"""{{ projects({MARCH}) {{ meta {{ notes }} totalCost {{ value }} averageCost {{ value }}
        bomItems {{ value }} }} dashboard({MARCH}) {{ projects {{ projectsStarted {{ value }} }} }} }}"""
    answer = await api.ask(document, yard, role="operations")
    notes = answer["projects"].pop("meta")["notes"]
    assert "Money is left out: it is shown to those who may see it (READ_MONEY)." in notes
    assert answer["projects"] == {"totalCost": None, "averageCost": None, "bomItems": {"value": 35.0}}
    assert answer["dashboard"]["projects"] == {"projectsStarted": {"value": 4.0}}


def _pairs(parts: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [(part["key"], part["decimal"]) for part in parts]
