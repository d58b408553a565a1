"""The list of events: filters, pages, tenants. Rows are literal; 2026-03-29 is Berlin's day of 23 hours."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from tests.plugins.api import Api
from tests.plugins.database import MakeMakerspace

from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.crypto import Keys

EVENTS = """
query Events($filter: UsageEventFilter, $first: Int, $after: String) {
  events(filter: $filter, first: $first, after: $after) {
    nodes { id }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    totalCount
  }
}
"""

ROW = {"user_id": "ada", "event_type": "check_in", "event_category": "access", "equipment_id": None}
ROW |= {"item_id": None, "project_id": None, "voided_at": None}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def number(n: int) -> UUID:
    return UUID(int=n)


@pytest.fixture
def store(insert: Any) -> Callable[..., Any]:
    """Stores events of a makerspace: {number: columns}, of 2026-03-01T10:00Z where they do not say when."""

    async def rows(makerspace: MakerspaceId, events: dict[int, dict[str, Any]]) -> None:
        usual = ROW | {"makerspace_id": makerspace.value, "timestamp": at("2026-03-01T10:00:00+00:00")}
        await insert("usage_events", *(usual | {"id": number(n)} | event for n, event in events.items()))

    return rows


async def numbers(api: Api, makerspace: MakerspaceId, role: str = "admin", **filter_: Any) -> list[int]:
    """The events that a filter lets through, in their order."""
    data = await api.ask(EVENTS, makerspace, role=role, filter=filter_)
    found = [UUID(node["id"]).int for node in data["events"]["nodes"]]
    assert data["events"]["totalCount"] == len(found)
    return found


async def test_an_event_shows_all_that_was_recorded(api: Api, make_makerspace: MakeMakerspace, insert: Any) -> None:
    makerspace = await make_makerspace("Asia/Kathmandu")
    row = {"makerspace_id": makerspace.value, "id": number(7), "user_id": "ada", "event_type": "inventory_issue"}
    row |= {"event_category": "inventory", "metadata": '{"n": 3}', "timestamp": at("2026-03-01T10:00:00.25+00:00")}
    await insert("usage_events", row | {"recorded_at": at("2026-03-01T18:15:00+00:00")})
    data = await api.ask(
        "{ events { nodes { id userId eventType eventCategory metadata timestamp recordedAt equipment { id } } } }",
        makerspace,
    )
    assert data["events"]["nodes"] == [
        {
            "id": "00000000-0000-0000-0000-000000000007",
            "userId": "ada",
            "eventType": "inventory_issue",
            "eventCategory": "inventory",
            "metadata": {"n": 3},
            "timestamp": "2026-03-01T15:45:00.250000+05:45",
            "recordedAt": "2026-03-02T00:00:00+05:45",
            "equipment": None,
        }
    ]


async def test_the_latest_come_first_those_of_one_instant_by_id(
    api: Api, make_makerspace: MakeMakerspace, store: Any
) -> None:
    makerspace = await make_makerspace()
    later = {"timestamp": at("2026-03-01T10:00:00.000001+00:00")}
    await store(makerspace, {1: later, 2: {}, 3: {}})
    assert await numbers(api, makerspace) == [1, 3, 2]


async def test_days_are_local_and_both_are_included(api: Api, make_makerspace: MakeMakerspace, store: Any) -> None:
    """In Berlin 28 March ends at 23:00Z, and 29 March, an hour short, at 22:00Z."""
    makerspace = await make_makerspace("Europe/Berlin")
    instants = {
        1: "2026-03-28T22:59:59.999999+00:00",
        2: "2026-03-28T23:00:00+00:00",
        3: "2026-03-29T21:59:59.999999+00:00",
        4: "2026-03-29T22:00:00+00:00",
    }
    await store(makerspace, {n: {"timestamp": at(instant)} for n, instant in instants.items()})
    assert await numbers(api, makerspace, startDate="2026-03-29", endDate="2026-03-29") == [3, 2]
    assert await numbers(api, makerspace, startDate="2026-03-29") == [4, 3, 2]
    assert await numbers(api, makerspace, endDate="2026-03-28") == [1]
    assert await numbers(api, makerspace, endDate="2999-12-31", startDate="1970-01-01") == [4, 3, 2, 1]


async def test_every_filter_narrows(api: Api, make_makerspace: MakeMakerspace, store: Any) -> None:
    makerspace = await make_makerspace()
    await store(
        makerspace,
        {
            1: {"equipment_id": "laser"},
            2: {"event_type": "login", "event_category": "authentication", "user_id": "bob"},
            3: {"event_type": "door_access", "project_id": "boat", "user_id": None},
            4: {"event_type": "equipment_reservation", "event_category": "equipment", "equipment_id": "laser"},
        },
    )
    assert await numbers(api, makerspace, eventTypes=["login", "check_in", "login"]) == [2, 1]
    assert await numbers(api, makerspace, eventCategories=["access"]) == [3, 1]
    assert await numbers(api, makerspace, userId="bob") == [2]
    assert await numbers(api, makerspace, equipmentId="laser") == [4, 1]
    assert await numbers(api, makerspace, projectId="boat") == [3]
    assert await numbers(api, makerspace, equipmentId="laser", eventCategories=["equipment"], userId="ada") == [4]
    assert await numbers(api, makerspace, userId="nobody") == []
    assert await numbers(api, makerspace, eventTypes=[], eventCategories=[]) == [4, 3, 2, 1]
    assert await numbers(api, makerspace, userId="' OR 1=1 --", eventTypes=["%"]) == []


async def test_voided_events_never_show(api: Api, make_makerspace: MakeMakerspace, store: Any) -> None:
    makerspace = await make_makerspace()
    await store(makerspace, {1: {}, 2: {"voided_at": at("2026-03-02T10:00:00+00:00")}})
    assert await numbers(api, makerspace) == [1]


async def test_pages_lose_and_double_nothing_while_others_record(
    api: Api, make_makerspace: MakeMakerspace, store: Any, owner: asyncpg.Connection
) -> None:
    """1,000 events, ten of an instant. Before each further page come a newer one and one that lies still ahead."""
    makerspace = await make_makerspace()
    start = at("2026-03-01T00:00:00+00:00")
    await store(makerspace, {n: {"timestamp": start + timedelta(minutes=n // 10)} for n in range(1, 1001)})
    seen: list[int] = []
    after, has_next = None, True
    while has_next:
        page = (await api.ask(EVENTS, makerspace, first=70, after=after))["events"]
        seen += [UUID(node["id"]).int for node in page["nodes"]]
        after, has_next = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
        turn = 10_000 + len(seen)
        await store(
            makerspace,
            {turn: {"timestamp": start + timedelta(days=1)}, 10 * turn: {"timestamp": start - timedelta(seconds=turn)}},
        )
    assert len(seen) == len(set(seen))
    assert [n for n in seen if n <= 1000] == list(range(1000, 0, -1))
    # 15 pages of 70; what was put at the end before the last one was read is on it, in its order.
    assert [n for n in seen if n > 1000] == [10 * (10_000 + 70 * page) for page in range(1, 15)]


async def test_a_page_says_where_it_lies(api: Api, make_makerspace: MakeMakerspace, store: Any) -> None:
    makerspace = await make_makerspace()
    empty = (await api.ask(EVENTS, makerspace))["events"]
    nowhere = {"hasNextPage": False, "hasPreviousPage": False, "startCursor": None, "endCursor": None}
    assert empty == {"nodes": [], "pageInfo": nowhere, "totalCount": 0}
    await store(makerspace, {n: {} for n in range(1, 5)})
    first = (await api.ask(EVENTS, makerspace, first=2))["events"]
    second = (await api.ask(EVENTS, makerspace, first=2, after=first["pageInfo"]["endCursor"]))["events"]
    assert (first["pageInfo"]["hasNextPage"], first["pageInfo"]["hasPreviousPage"]) == (True, False)
    assert (second["pageInfo"]["hasNextPage"], second["pageInfo"]["hasPreviousPage"]) == (False, True)
    assert first["totalCount"] == second["totalCount"] == 4


async def test_the_total_is_null_beyond_a_hundred_thousand(
    api: Api, make_makerspace: MakeMakerspace, owner: asyncpg.Connection
) -> None:
    makerspace = await make_makerspace()
    many = """
        INSERT INTO usage_events (makerspace_id, id, event_type, event_category, timestamp)
        SELECT $1, gen_random_uuid(), 'login', 'authentication', '2026-03-01T00:00Z' FROM generate_series(1, $2)
    """
    await owner.execute(many, makerspace.value, 100_000)
    assert (await api.ask("{ events(first: 1) { totalCount } }", makerspace))["events"]["totalCount"] == 100_000
    await owner.execute(many, makerspace.value, 1)
    assert (await api.ask("{ events(first: 1) { totalCount } }", makerspace))["events"]["totalCount"] is None


async def test_the_total_is_counted_only_where_it_is_asked_for(
    api: Api, make_makerspace: MakeMakerspace, store: Any, statements: list[str]
) -> None:
    makerspace = await make_makerspace()
    await store(makerspace, {1: {}})
    await api.ask("{ events { nodes { id } } }", makerspace)
    assert not [statement for statement in statements if "count(" in statement]


async def test_five_hundred_of_a_page_pass(api: Api, make_makerspace: MakeMakerspace, store: Any) -> None:
    makerspace = await make_makerspace()
    await store(makerspace, {n: {} for n in range(1, 502)})
    assert len((await api.ask(EVENTS, makerspace, first=500))["events"]["nodes"]) == 500
    assert len((await api.ask(EVENTS, makerspace, first=None))["events"]["nodes"]) == 50


@pytest.mark.parametrize("first", [0, 501, -1, 2**31 - 1])
async def test_a_first_out_of_bounds_is_invalid(api: Api, make_makerspace: MakeMakerspace, first: int) -> None:
    makerspace = await make_makerspace()
    assert await api.refusals(EVENTS, makerspace, first=first) == [("INVALID", "first must be from 1 to 500.")]


def flipped(cursor: str) -> str:
    return cursor[:30] + ("A" if cursor[30] != "A" else "B") + cursor[31:]


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda _: "", id="empty"),
        pytest.param(lambda _: "garbage!", id="not base64"),
        pytest.param(lambda _: "ü\0\ud800", id="no text"),
        pytest.param(flipped, id="a bit flipped"),
        pytest.param(lambda cursor: cursor + "=", id="padded"),
        pytest.param(lambda cursor: cursor * 200, id="10 kB"),
    ],
)
async def test_what_is_no_cursor_is_invalid(
    api: Api, make_makerspace: MakeMakerspace, store: Any, spoil: Callable[[str], str]
) -> None:
    makerspace = await make_makerspace()
    await store(makerspace, {1: {}})
    cursor = (await api.ask(EVENTS, makerspace))["events"]["pageInfo"]["endCursor"]
    refused = await api.refusals(EVENTS, makerspace, after=spoil(cursor))
    assert refused == [("INVALID", "after is not a cursor of this list.")]


async def test_a_cursor_is_good_for_its_list_its_filter_and_its_makerspace(
    api: Api, make_makerspace: MakeMakerspace, store: Any, insert: Any
) -> None:
    here, there = await make_makerspace(), await make_makerspace()
    await store(here, {1: {}})
    await store(there, {1: {}})
    member = {"makerspace_id": here.value, "user_id": "ada", "number": 0, "pseudonym": "p_ada"}
    await insert("members", member)
    cursor = (await api.ask(EVENTS, here, filter={"eventTypes": ["check_in", "login"]}))["events"]["pageInfo"][
        "endCursor"
    ]
    of_members = (await api.ask("{ members { pageInfo { endCursor } } }", here))["members"]["pageInfo"]["endCursor"]
    no_cursor = [("INVALID", "after is not a cursor of this list.")]
    same = {"eventTypes": ["login", "check_in", "login"]}
    assert await api.refusals(EVENTS, here, filter=same, after=cursor) == []
    assert await api.refusals(EVENTS, here, filter={"eventTypes": ["login"]}, after=cursor) == no_cursor
    assert await api.refusals(EVENTS, here, after=cursor) == no_cursor
    assert await api.refusals(EVENTS, there, filter=same, after=cursor) == no_cursor
    assert await api.refusals(EVENTS, here, after=of_members) == no_cursor


BAD_FILTERS = {
    "no such day": ({"startDate": "2026-02-30"}, "startDate"),
    "day zero": ({"endDate": "0000-00-00"}, "endDate"),
    "before 1970": ({"startDate": "1969-12-31"}, "startDate"),
    "year 9999": ({"endDate": "9999-12-31"}, "endDate"),
    "an instant": ({"endDate": "2026-03-01T10:00:00Z"}, "endDate"),
    "end before start": ({"startDate": "2026-03-02", "endDate": "2026-03-01"}, "endDate"),
    "101 types": ({"eventTypes": [f"t{n}" for n in range(101)]}, "eventTypes"),
    "an empty type": ({"eventTypes": [""]}, "eventTypes"),
    "a long category": ({"eventCategories": ["x" * 101]}, "eventCategories"),
    "NUL": ({"eventCategories": ["a\0"]}, "eventCategories"),
    "half a pair": ({"equipmentId": "\ud800"}, "equipmentId"),
    "an empty person": ({"userId": ""}, "userId"),
    "a long project": ({"projectId": "p" * 101}, "projectId"),
}


@pytest.mark.parametrize(("filter_", "field"), BAD_FILTERS.values(), ids=BAD_FILTERS)
async def test_a_bad_filter_is_invalid_and_costs_its_field_only(
    api: Api, make_makerspace: MakeMakerspace, store: Any, filter_: dict[str, Any], field: str
) -> None:
    makerspace = await make_makerspace()
    await store(makerspace, {1: {}})
    document = """
    query ($filter: UsageEventFilter) {
      good: events { nodes { id } }
      events(filter: $filter) { nodes { id } }
    }
    """
    body = (await api.run(document, makerspace, filter=filter_)).body
    assert body["data"]["events"] is None
    assert len(body["data"]["good"]["nodes"]) == 1
    (error,) = body["errors"]
    assert error["extensions"] == {"code": "INVALID", "field": f"filter.{field}"}
    assert error["path"] == ["events"]
    assert error["message"].startswith(field)


async def test_the_longest_lists_and_texts_pass(api: Api, make_makerspace: MakeMakerspace, store: Any) -> None:
    makerspace = await make_makerspace()
    await store(makerspace, {1: {"equipment_id": "e" * 100}})
    types = [*(f"t{n}" for n in range(99)), "check_in"]
    assert await numbers(api, makerspace, eventTypes=types, equipmentId="e" * 100) == [1]


async def test_another_makerspaces_events_never_show(api: Api, make_makerspace: MakeMakerspace, store: Any) -> None:
    here, there = await make_makerspace(), await make_makerspace()
    await store(here, {1: {}})
    await store(there, {1: {}, 2: {}})
    assert await numbers(api, here) == [1]
    foreign = "query ($there: ID) { events(makerspaceId: $there) { nodes { id } } }"
    for unknown in (str(there), str(uuid4()), "x"):
        assert await api.refusals(foreign, here, there=unknown) == [("NOT_FOUND", "No such makerspace.")]


@pytest.mark.parametrize("role", ["service", "member"])
async def test_who_may_not_read_gets_nothing(api: Api, make_makerspace: MakeMakerspace, role: str) -> None:
    makerspace = await make_makerspace()
    forbidden = [("FORBIDDEN", "The permission READ is needed.")]
    assert await api.refusals("{ events { nodes { id } } }", makerspace, role=role) == forbidden


async def test_without_people_a_filter_takes_the_pseudonym_alone(
    api: Api, make_makerspace: MakeMakerspace, store: Any, insert: Any, keys: Keys
) -> None:
    here, there = await make_makerspace(), await make_makerspace()
    for makerspace in (here, there):
        for place, user in enumerate(("ada", "bob")):
            member = {"makerspace_id": makerspace.value, "user_id": user, "number": place}
            await insert("members", member | {"pseudonym": keys.pseudonym(makerspace.value, user)})
        await store(makerspace, {1: {}, 2: {"user_id": "bob"}})
    pseudonym = keys.pseudonym(here.value, "bob")
    assert await numbers(api, here, role="analyst", userId=pseudonym) == [2]
    assert await numbers(api, here, role="analyst", userId="bob") == []
    assert await numbers(api, there, role="analyst", userId=pseudonym) == []
    assert await numbers(api, here, role="operations", userId=pseudonym) == []
    assert await numbers(api, here, role="operations", userId="bob") == [2]


async def test_what_is_recorded_is_on_the_next_first_page(api: Api, make_makerspace: MakeMakerspace) -> None:
    makerspace = await make_makerspace()
    api.now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    data = await api.ask(
        'mutation { recordEvents(input: [{eventType: "login", userId: "ada"}]) { results { id } } }', makerspace
    )
    (result,) = data["recordEvents"]["results"]
    assert [str(number(n)) for n in await numbers(api, makerspace)] == [result["id"]]
