"""What is asked wrongly of the lists of a section is named, and costs that list only. The same for each of them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.metrics.scenario import record_everything
from tests.plugins.api import Api

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass(frozen=True)
class List:
    """A list of a section."""

    section: str
    field: str
    filter: str
    order: str
    flag: str
    part: str
    """Of the name of what is in it."""

    @property
    def document(self) -> str:
        return f"""query ($filter: {self.filter}, $first: Int, $after: String, $order: {self.order}, $down: Boolean,
            $period: PeriodInput) {{
            {self.section}(period: $period) {{
                meta {{ currency }}
                {self.field}(filter: $filter, first: $first, after: $after, orderBy: $order, descending: $down) {{
                    nodes {{ __typename }} pageInfo {{ hasNextPage endCursor }} totalCount }} }} }}"""


LISTS = (
    List("equipment", "machines", "MachineFilter", "MachineOrder", "isOverdue", "L"),
    List("inventory", "items", "ItemFilter", "ItemOrder", "isLow", "L"),
    List("projects", "projects", "ProjectFilter", "ProjectOrder", "isStalled", "B"),
)
each = pytest.mark.parametrize("of", LISTS, ids=lambda of: of.field)


@pytest.fixture
async def makerspaces(api: Api, make_makerspace: Any, owner: Any) -> list[Any]:
    """Two with one of everything."""
    api.now = NOW
    made = [await make_makerspace(), await make_makerspace()]
    for makerspace in made:
        await record_everything(owner, makerspace, NOW, NOW.date())
    return made


async def first_cursor(api: Api, of: List, makerspace: Any, **arguments: Any) -> str:
    page = (await api.ask(of.document, makerspace, **arguments))[of.section][of.field]
    assert page["totalCount"] == 1
    cursor: str = page["pageInfo"]["endCursor"]
    return cursor


@each
async def test_the_bounds_of_a_page_hold(api: Api, makerspaces: Any, of: List) -> None:
    for first in (1, 100, None):
        await first_cursor(api, of, makerspaces[0], first=first)
    for first in (0, -1, 101, 501, 2**31 - 1):
        body = (await api.run(of.document, makerspaces[0], first=first)).body
        assert body["data"][of.section] == {"meta": {"currency": "EUR"}, of.field: None}
        (error,) = body["errors"]
        assert error["message"] == "first must be from 1 to 100."
        assert error["extensions"] == {"code": "INVALID", "field": "first"}
        assert error["path"] == [of.section, of.field]


@each
async def test_a_cursor_is_good_for_its_list_alone(api: Api, makerspaces: Any, of: List) -> None:
    here, there = makerspaces
    filter_ = {"search": of.part, of.flag: False}
    cursor = await first_cursor(api, of, here, filter=filter_)
    assert await api.refusals(of.document, here, filter=filter_, after=cursor) == []
    flipped = cursor[:30] + ("A" if cursor[30] != "A" else "B") + cursor[31:]
    others = [await first_cursor(api, other, here) for other in LISTS if other is not of]
    spoiled = ["", "garbage!", "ü\0\ud800", flipped, cursor + "=", cursor * 120, *others]
    asked: list[tuple[Any, dict[str, Any]]] = [(here, {"filter": filter_, "after": after}) for after in spoiled]
    asked += [
        (there, {"filter": filter_, "after": cursor}),
        (here, {"filter": {"search": of.part}, "after": cursor}),
        (here, {"filter": {**filter_, of.flag: True}, "after": cursor}),
        (here, {"filter": filter_, "after": cursor, "order": "NAME"}),
        (here, {"filter": filter_, "after": cursor, "down": False}),
    ]
    if of.section != "projects":  # what they cost in all is the same whatever the period
        asked.append((here, {"filter": filter_, "after": cursor, "period": {"preset": "TODAY"}}))

    for makerspace, arguments in asked:
        body = (await api.run(of.document, makerspace, **arguments)).body
        assert body["data"][of.section] == {"meta": {"currency": "EUR"}, of.field: None}, arguments
        (error,) = body["errors"]
        assert error["extensions"] == {"code": "INVALID", "field": "after"}


@each
async def test_an_order_that_no_metric_decides_goes_on_in_another_period(api: Api, makerspaces: Any, of: List) -> None:
    cursor = await first_cursor(api, of, makerspaces[0], order="NAME")
    today = {"period": {"preset": "TODAY"}, "order": "NAME", "after": cursor}
    page = (await api.ask(of.document, makerspaces[0], **today))[of.section][of.field]
    assert (page["nodes"], page["totalCount"]) == ([], 1)


BAD = {
    "an empty id": ({"ids": [""]}, "ids"),
    "101 ids": ({"ids": [f"x{n}" for n in range(101)]}, "ids"),
    "a long id": ({"ids": ["x" * 101]}, "ids"),
    "NUL": ({"search": "a\0"}, "search"),
    "half a pair": ({"search": "\ud800"}, "search"),
    "a long search": ({"search": "x" * 101}, "search"),
    "an empty category": ({"category": ""}, "category"),
    "a long category": ({"category": "x" * 101}, "category"),
}


@each
@pytest.mark.parametrize(("filter_", "field"), BAD.values(), ids=BAD)
async def test_a_bad_filter_is_named(api: Api, makerspaces: Any, of: List, filter_: dict[str, Any], field: str) -> None:
    body = (await api.run(of.document, makerspaces[0], filter=filter_)).body
    assert body["data"][of.section] == {"meta": {"currency": "EUR"}, of.field: None}
    (error,) = body["errors"]
    assert error["extensions"] == {"code": "INVALID", "field": f"filter.{field}"}


@each
async def test_what_nothing_meets_is_an_empty_list(api: Api, makerspaces: Any, of: List) -> None:
    for filter_ in (
        {"ids": ["nobody"]},
        {"category": "'; DROP TABLE equipment; --"},
        {"search": "%"},
        {"search": "\\"},
        {"ids": ["' OR 1=1 --"], "search": "' OR 1=1 --"},
        {of.flag: True},
    ):
        page = (await api.ask(of.document, makerspaces[0], filter=filter_))[of.section][of.field]
        nowhere = {"hasNextPage": False, "endCursor": None}
        assert page == {"nodes": [], "pageInfo": nowhere, "totalCount": 0}, filter_
    for filter_ in ({}, {"ids": []}, {"search": " "}, {of.flag: None}):
        assert await first_cursor(api, of, makerspaces[0], filter=filter_)


@each
async def test_another_makerspaces_things_never_show(
    api: Api, make_makerspace: Any, makerspaces: Any, of: List
) -> None:
    page = (await api.ask(of.document, await make_makerspace()))[of.section][of.field]
    assert (page["nodes"], page["totalCount"]) == ([], 0)


TABLES = {
    "machines": ("equipment", "equipment_id"),
    "items": ("inventory_items", "item_id"),
    "projects": ("project_analytics", "project_id"),
}


@each
async def test_the_longest_name_in_any_script_has_a_cursor(
    api: Api, make_makerspace: Any, owner: Any, of: List
) -> None:
    makerspace = await make_makerspace()
    table, key = TABLES[of.field]
    for n in range(3):
        await owner.execute(
            f"INSERT INTO {table} (makerspace_id, {key}, name) VALUES ($1, $2, $3)",
            makerspace.value, "😀" * 99 + str(n), "🧵" * 300,
        )  # fmt: skip
    await owner.execute("UPDATE project_analytics SET started_at = $1", NOW)
    seen = 0
    after = None
    for _ in range(3):
        page = (await api.ask(of.document, makerspace, first=1, after=after))[of.section][of.field]
        seen += len(page["nodes"])
        after = page["pageInfo"]["endCursor"]
    assert (seen, page["pageInfo"]["hasNextPage"]) == (3, False)
