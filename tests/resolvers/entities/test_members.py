"""The list of members: its content, its search, and the view without READ_PEOPLE."""

import base64
from typing import Any

import pytest
from tests.plugins.api import Api
from tests.plugins.database import MakeMakerspace

from makrcave_analytics.auth import MakerspaceId

MEMBERS = """
query Members($search: String, $plan: String, $first: Int, $after: String) {
  members(search: $search, plan: $plan, first: $first, after: $after) {
    nodes { makerspaceId id displayName plan joinedOn leftOn }
    pageInfo { hasNextPage endCursor }
    totalCount
  }
}
"""
ADA, BOB, CYRA, BADGE = (
    "p_aaaaaaaa000000000000",
    "p_bbbb1111000000000000",
    "p_cccccccc000000000000",
    "p_0000dddd000000000000",
)


@pytest.fixture
async def makerspace(make_makerspace: MakeMakerspace, insert: Any) -> MakerspaceId:
    """A makerspace with three synced members, and a badge that only facts name."""
    made: MakerspaceId = await make_makerspace()
    names = [
        ("m-1", "Özlem Ada", "maker", ADA),
        ("m-2", "Bob", "basic", BOB),
        ("m-3", "Cyra", None, CYRA),
        ("badge-9", None, None, BADGE),
    ]
    rows = [
        {"makerspace_id": made.value, "user_id": user, "number": n, "display_name": name, "plan": plan, "pseudonym": p}
        for n, (user, name, plan, p) in enumerate(names)
    ]
    await insert("members", *rows)
    return made


async def found(api: Api, makerspace: MakerspaceId, role: str = "admin", **arguments: Any) -> list[str]:
    """Return the ids of the members found, in their order."""
    members = (await api.ask(MEMBERS, makerspace, role=role, **arguments))["members"]
    assert members["totalCount"] == len(members["nodes"])
    return [node["id"] for node in members["nodes"]]


async def test_a_member_has_the_synced_values(
    api: Api, make_makerspace: MakeMakerspace, insert: Any, owner: Any
) -> None:
    makerspace = await make_makerspace()
    await owner.execute(
        """INSERT INTO members (makerspace_id, user_id, number, display_name, plan, pseudonym, joined_on, left_on)
           VALUES ($1, 'm-1', 0, 'Ada', 'maker', 'p_ada', '2025-01-31', '2026-02-28')""",
        makerspace.value,
    )
    assert (await api.ask(MEMBERS, makerspace))["members"]["nodes"] == [
        {
            "makerspaceId": str(makerspace),
            "id": "m-1",
            "displayName": "Ada",
            "plan": "maker",
            "joinedOn": "2025-01-31",
            "leftOn": "2026-02-28",
        }
    ]


async def test_members_are_sorted_by_name_and_without_one_by_id(api: Api, makerspace: MakerspaceId) -> None:
    nodes = (await api.ask(MEMBERS, makerspace))["members"]["nodes"]
    assert [(node["id"], node["displayName"]) for node in nodes] == [
        ("m-2", "Bob"),
        ("m-3", "Cyra"),
        ("badge-9", "badge-9"),
        ("m-1", "Özlem Ada"),
    ]


async def test_search_finds_parts_of_names_and_ids_in_any_case(api: Api, makerspace: MakerspaceId) -> None:
    assert await found(api, makerspace, search="ÖZL") == ["m-1"]
    assert await found(api, makerspace, search=" a ") == ["m-3", "badge-9", "m-1"]
    assert await found(api, makerspace, search="BADGE") == ["badge-9"]
    assert await found(api, makerspace, search="m-") == ["m-2", "m-3", "m-1"]
    assert await found(api, makerspace, search="%") == await found(api, makerspace, search="' OR 1=1") == []
    everybody = await found(api, makerspace)
    assert await found(api, makerspace, search="") == await found(api, makerspace, search="  ") == everybody


async def test_a_plan_narrows(api: Api, makerspace: MakerspaceId) -> None:
    assert await found(api, makerspace, plan="maker") == ["m-1"]
    assert await found(api, makerspace, plan="maker", search="bob") == []
    assert await found(api, makerspace, plan="Maker") == []


async def test_without_people_members_are_sorted_pseudonyms(api: Api, makerspace: MakerspaceId) -> None:
    nodes = (await api.ask(MEMBERS, makerspace, role="finance"))["members"]["nodes"]
    assert [(node["id"], node["displayName"]) for node in nodes] == [
        (BADGE, "Member 0000-DDDD"),
        (ADA, "Member AAAA-AAAA"),
        (BOB, "Member BBBB-1111"),
        (CYRA, "Member CCCC-CCCC"),
    ]


async def test_without_people_search_covers_only_pseudonyms(api: Api, makerspace: MakerspaceId) -> None:
    assert await found(api, makerspace, role="analyst", search="bbbb-1") == [BOB]
    assert await found(api, makerspace, role="analyst", search="P_CCCC") == [CYRA]
    for name_or_id in ("Özlem", "Cyra", "m-1", "badge"):
        assert await found(api, makerspace, role="analyst", search=name_or_id) == []


@pytest.mark.parametrize(
    ("role", "first", "last"),
    [("admin", ["m-2", "m-3"], ["badge-9", "m-1"]), ("analyst", [BADGE, ADA], [BOB, CYRA])],
)
async def test_pages_follow_each_other_while_members_are_added(
    api: Api, makerspace: MakerspaceId, insert: Any, role: str, first: list[str], last: list[str]
) -> None:
    page = (await api.ask(MEMBERS, makerspace, role=role, first=2))["members"]
    assert [node["id"] for node in page["nodes"]] == first
    before_all = {"display_name": "Aaron", "pseudonym": "p_0000"}
    await insert("members", {"makerspace_id": makerspace.value, "user_id": "m-4", "number": 4} | before_all)
    rest = (await api.ask(MEMBERS, makerspace, role=role, after=page["pageInfo"]["endCursor"]))["members"]
    assert [node["id"] for node in rest["nodes"]] == last
    assert not rest["pageInfo"]["hasNextPage"]


async def test_members_of_one_name_are_all_listed(api: Api, make_makerspace: MakeMakerspace, insert: Any) -> None:
    makerspace = await make_makerspace()
    name = "Ada " + "x" * 5000
    rows = [{"user_id": f"m-{n}", "number": n, "display_name": name, "pseudonym": f"p_{n}"} for n in range(3)]
    await insert("members", *({"makerspace_id": makerspace.value} | row for row in rows))
    seen, after = [], None
    for _ in range(3):
        page = (await api.ask(MEMBERS, makerspace, first=1, after=after))["members"]
        seen.append(page["nodes"][0]["id"])
        after = page["pageInfo"]["endCursor"]
    assert seen == ["m-0", "m-1", "m-2"]


async def test_without_people_a_cursor_holds_nothing_about_people(api: Api, makerspace: MakerspaceId) -> None:
    page = (await api.ask(MEMBERS, makerspace, role="analyst", first=2))["members"]
    cursor = page["pageInfo"]["endCursor"]
    held = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    assert ADA.encode() in held
    assert b"m-1" not in held
    no_cursor = [("INVALID", "after is not a cursor of this list.")]
    assert await api.refusals(MEMBERS, makerspace, role="operations", after=cursor) == no_cursor


async def test_another_makerspaces_cursor_is_invalid(
    api: Api, makerspace: MakerspaceId, make_makerspace: MakeMakerspace
) -> None:
    cursor = (await api.ask(MEMBERS, makerspace, first=1))["members"]["pageInfo"]["endCursor"]
    no_cursor = [("INVALID", "after is not a cursor of this list.")]
    assert await api.refusals(MEMBERS, await make_makerspace(), after=cursor) == no_cursor
    assert await api.refusals(MEMBERS, makerspace, plan="maker", after=cursor) == no_cursor


async def test_another_makerspaces_members_are_never_found(
    api: Api, makerspace: MakerspaceId, make_makerspace: MakeMakerspace, insert: Any
) -> None:
    other = await make_makerspace()
    row = {"makerspace_id": other.value, "user_id": "m-1", "number": 0, "display_name": "Zoe", "pseudonym": ADA}
    await insert("members", row)
    assert await found(api, makerspace, search="zoe") == []
    assert await found(api, other) == ["m-1"]


BAD_ARGUMENTS = {
    "first 0": ({"first": 0}, "first must be from 1 to 100."),
    "first 101": ({"first": 101}, "first must be from 1 to 100."),
    "first below 0": ({"first": -1}, "first must be from 1 to 100."),
    "the largest first": ({"first": 2**31 - 1}, "first must be from 1 to 100."),
    "a long search": ({"search": "x" * 101}, "search must have at most 100 characters."),
    "NUL": ({"search": "\0"}, "search must be text, without NUL and halves of surrogate pairs."),
    "half a pair": ({"search": "\udfff"}, "search must be text, without NUL and halves of surrogate pairs."),
    "an empty plan": ({"plan": ""}, "plan must have 1 to 100 characters."),
    "garbage": ({"after": "garbage"}, "after is not a cursor of this list."),
}


@pytest.mark.parametrize(("arguments", "message"), BAD_ARGUMENTS.values(), ids=BAD_ARGUMENTS)
async def test_a_bad_argument_is_invalid(
    api: Api, makerspace: MakerspaceId, arguments: dict[str, Any], message: str
) -> None:
    assert await api.refusals(MEMBERS, makerspace, **arguments) == [("INVALID", message)]
