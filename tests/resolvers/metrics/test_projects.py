"""The list of projects: those that ran in the period, their machine hours, and which are stalled."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.metrics.scenario import insert_consumption, insert_event, insert_members, insert_project, insert_session
from tests.plugins.api import Api

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 31, 12, tzinfo=BERLIN)
MARCH = "period: {preset: THIS_MONTH}"
BY_NAME = ["boat", "drone", "lamp", "quilt", "robot"]


def at(day: int, hour: int = 0, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=BERLIN).astimezone(UTC)


@pytest.fixture
async def yard(api: Api, owner: Any, make_makerspace: Any) -> Any:
    """Five projects ran in March, two did not; a kite, for which a machine was used, was never synced."""
    api.now = NOW
    makerspace = await make_makerspace()

    async def project(id_: str, start: Any, end: Any = None, **columns: Any) -> None:
        await insert_project(owner, makerspace, id_, start, end, **columns)

    await insert_members(owner, makerspace, "ada", display_name="Ada")
    await project("old", at(1, month=1), at(1, month=2))
    await project("plan", None)
    costs = {"total_cost": Decimal("100.10"), "bom_items_count": 8, "collaborators": 2}
    await project("boat", at(10, month=2), **costs, name="Boat", owner_id="ada", category="wood", due_at=at(1, month=5))
    await project("lamp", at(1), at(3), total_cost=Decimal("30.25"), bom_items_count=10, name="lamp", category="art")
    await project("quilt", at(11, month=2), name="Quilt", due_at=at(1, month=4))
    await project("robot", at(20), name="robot", total_cost=Decimal("49.50"), category="wood", collaborators=3)
    await project("drone", at(5), None, name="drone", cancelled_at=at(6), status="cancelled")
    # 2 h in February and 3 in March for the boat, half an hour of them past midnight; an hour for the robot.
    await insert_session(
        owner, makerspace, "ada", at(28, 22, month=2), at(1) + timedelta(minutes=30), project_id="boat"
    )
    await insert_session(owner, makerspace, "ada", at(2), at(2) + timedelta(minutes=150), project_id="boat")
    await insert_session(owner, makerspace, "ada", at(21, 10), at(21, 11), project_id="robot")
    await insert_session(owner, makerspace, "ada", at(21, 10), at(21, 11), project_id="kite")
    return makerspace


async def names(api: Api, makerspace: Any, arguments: str, role: str = "admin", period: str = MARCH) -> list[str]:
    """The ids of the list, in order, read in pages of two."""
    seen: list[str] = []
    after, has_next = "null", True
    while has_next:
        document = f"""{{ projects({period}) {{ projects(first: 2, after: {after}, {arguments}) {{
            nodes {{ project {{ id }} }} pageInfo {{ hasNextPage endCursor }} totalCount }} }} }}"""
        page = (await api.ask(document, makerspace, role=role))["projects"]["projects"]
        seen += [node["project"]["id"] for node in page["nodes"]]
        after, has_next = json.dumps(page["pageInfo"]["endCursor"]), page["pageInfo"]["hasNextPage"]
    assert page["totalCount"] == len(seen)
    return seen


async def test_the_list_holds_projects_that_ran_in_the_period(api: Api, yard: Any) -> None:
    assert await names(api, yard, "orderBy: NAME") == BY_NAME
    for preset, ids in (("TODAY", ["boat", "quilt", "robot"]), ("PREVIOUS_MONTH", ["boat", "old", "quilt"])):
        period = f"period: {{preset: {preset}}}"
        document = f"{{ projects({period}) {{ activeProjects {{ value }} }} }}"
        assert await names(api, yard, "orderBy: NAME", period=period) == ids
        assert (await api.ask(document, yard))["projects"]["activeProjects"]["value"] == len(ids)


@pytest.mark.parametrize(
    ("role", "cost", "owner_"),
    [
        ("admin", "100.10", {"id": "ada", "displayName": "Ada"}),
        ("analyst", None, {"id": "p_ada", "displayName": "Member ADA-"}),
    ],
)
async def test_a_row_shows_the_project_and_its_machine_hours(
    api: Api, yard: Any, role: str, cost: str | None, owner_: dict[str, str]
) -> None:
    document = f"""{{ projects({MARCH}) {{ machineHours {{ value }} projects {{ nodes {{
        project {{ id name totalCost owner {{ id displayName }} }} machineHours }} }} }} }}"""
    answer = (await api.ask(document, yard, role=role))["projects"]
    rows = {node["project"]["id"]: node for node in answer["projects"]["nodes"]}
    boat = {"id": "boat", "name": "Boat", "totalCost": cost, "owner": owner_}
    assert rows["boat"] == {"project": boat, "machineHours": 3.0}
    hours = {id_: row["machineHours"] for id_, row in rows.items()}
    assert hours == {"boat": 3.0, "robot": 1.0, "lamp": 0.0, "quilt": 0.0, "drone": 0.0}
    assert answer["machineHours"]["value"] == sum(hours.values()) + 1  # the kite's


@pytest.mark.parametrize(
    ("order", "usual", "turned"),
    [
        ("NAME", BY_NAME, BY_NAME[::-1]),
        ("TOTAL_COST", ["boat", "robot", "lamp", "drone", "quilt"], ["lamp", "robot", "boat", "drone", "quilt"]),
        ("BOM_ITEMS", ["lamp", "boat", "drone", "quilt", "robot"], ["drone", "quilt", "robot", "boat", "lamp"]),
        ("COLLABORATORS", ["robot", "boat", "drone", "lamp", "quilt"], ["drone", "lamp", "quilt", "boat", "robot"]),
        ("MACHINE_HOURS", ["boat", "robot", "drone", "lamp", "quilt"], ["drone", "lamp", "quilt", "robot", "boat"]),
        ("STARTED", ["robot", "drone", "lamp", "quilt", "boat"], ["boat", "quilt", "lamp", "drone", "robot"]),
        ("DUE", ["boat", "quilt", "drone", "lamp", "robot"], ["quilt", "boat", "drone", "lamp", "robot"]),
    ],
)
async def test_orders_have_a_default_direction_and_the_reverse(
    api: Api, yard: Any, order: str, usual: list[str], turned: list[str]
) -> None:
    assert await names(api, yard, f"orderBy: {order}") == usual
    other = "true" if order == "NAME" else "false"
    assert await names(api, yard, f"orderBy: {order}, descending: {other}") == turned
    if order == "TOTAL_COST":
        assert await names(api, yard, f"orderBy: {order}", role="operations") == BY_NAME


async def test_every_filter_narrows(api: Api, yard: Any) -> None:
    expected = {
        '{ids: ["boat", "old", "nowhere"]}': ["boat"],
        '{ids: ["nowhere"]}': [],
        '{search: "O"}': ["boat", "drone", "robot"],
        '{search: "x\' OR 1=1 --"}': [],
        '{status: "cancelled"}': ["drone"],
        '{category: "wood"}': ["boat", "robot"],
        '{category: "wood", search: "rob", isStalled: false}': ["robot"],
    }
    for filter_, ids in expected.items():
        assert await names(api, yard, f"orderBy: NAME, filter: {filter_}") == ids, filter_


async def test_a_project_without_facts_for_thirty_days_is_stalled(api: Api, yard: Any, owner: Any) -> None:
    """The quilt was begun on 11 February; 30 days of 24 hours ago it was 11 h of 1 March by the clock."""
    stalled = "orderBy: NAME, filter: {isStalled: true}"
    assert await names(api, yard, stalled) == ["quilt"]
    assert await names(api, yard, "orderBy: NAME, filter: {isStalled: false}") == ["boat", "drone", "lamp", "robot"]
    lately = at(1, 11)
    await insert_event(owner, yard, lately - timedelta(seconds=1), "ada", "note", project_id="quilt")
    assert await names(api, yard, stalled) == ["quilt"]
    await insert_event(owner, yard, lately, "ada", "note", project_id="quilt")
    assert await names(api, yard, stalled) == []
    # Two days later nothing names the boat for 30 days but its session of 2 March, which ended at 2:30.
    api.now = (at(2) + timedelta(minutes=150, days=30)).astimezone(BERLIN)
    period = "period: {preset: PREVIOUS_MONTH}"
    assert await names(api, yard, stalled, period=period) == ["quilt"]
    api.now += timedelta(seconds=1)
    assert await names(api, yard, stalled, period=period) == ["boat", "quilt"]
    await insert_consumption(owner, yard, api.now.date(), "ply", "1", "1", project_id="boat")
    assert await names(api, yard, stalled, period=period) == ["quilt"]
    await insert_session(owner, yard, "ada", api.now - timedelta(days=20), None, project_id="quilt")
    assert await names(api, yard, stalled, period=period) == []
    await owner.execute("UPDATE equipment_usage_logs SET voided_at = now() WHERE project_id = 'quilt'")
    assert await names(api, yard, stalled, period=period) == ["quilt"]


async def test_what_began_lately_is_not_stalled_though_nothing_names_it(api: Api, yard: Any, owner: Any) -> None:
    await insert_project(owner, yard, "young", at(1, 12))
    await insert_project(owner, yard, "older", at(1, 10))
    assert await names(api, yard, "orderBy: NAME, filter: {isStalled: true}") == ["older", "quilt"]


async def test_a_source_is_read_once_for_a_list_of_any_length(
    api: Api, make_makerspace: Any, owner: Any, counts: list[int]
) -> None:
    api.now = NOW
    document = """{ projects { projects(first: 100, orderBy: %s) { totalCount nodes {
        project { name owner { displayName } totalCost } machineHours isStalled } } } }"""
    for order in ("TOTAL_COST", "MACHINE_HOURS"):
        for projects in (4, 400):
            makerspace = await make_makerspace()
            await owner.execute(
                """INSERT INTO project_analytics (makerspace_id, project_id, owner_id, started_at, total_cost)
                SELECT $1, 'p' || n, 'm' || n, $3, n FROM generate_series(1, $2) n""",
                makerspace.value, projects, at(10),
            )  # fmt: skip
            await insert_session(owner, makerspace, "ada", at(11), at(12), project_id="p1")
            found = (await api.ask(document % order, makerspace))["projects"]["projects"]
            assert found["totalCount"] == projects
            assert any(node["machineHours"] for node in found["nodes"]) or order == "TOTAL_COST"
        # The makerspace, the list, its order, names and progress, owners, machine hours of each.
        assert counts[-2:] == [6, 6]
