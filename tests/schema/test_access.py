"""Access over the API: makerspaces by token, permissions by role, and errors that reveal nothing else."""

from uuid import uuid4

import asyncpg
import pytest
from tests.plugins.api import Api
from tests.plugins.database import MakeMakerspace, mint

from makrcave_analytics.auth import Permission
from makrcave_analytics.db import Database

USAGE = "query($id: ID) { usage(makerspaceId: $id) { events { value } } }"
LIST = "query($search: String) { makerspaces(search: $search) { nodes { name } totalCount } }"


async def test_a_makerspace_is_seen_by_its_own_and_by_super_admins(api: Api, make_makerspace: MakeMakerspace) -> None:
    first, second = await make_makerspace(name="Alpha"), await make_makerspace(name="Beta")
    assert (await api.ask(LIST, first))["makerspaces"] == {"nodes": [{"name": "Alpha"}], "totalCount": 1}
    assert (await api.ask(LIST, second))["makerspaces"] == {"nodes": [{"name": "Beta"}], "totalCount": 1}
    all_of_them = await api.ask(LIST, None, role="super_admin")
    assert [node["name"] for node in all_of_them["makerspaces"]["nodes"]] == ["Alpha", "Beta"]
    found = await api.ask(LIST, None, role="super_admin", search="bET")
    assert found["makerspaces"] == {"nodes": [{"name": "Beta"}], "totalCount": 1}


@pytest.mark.parametrize("search", ["\ud800", "a\0", "x" * 101])
async def test_a_bad_search_is_refused_naming_the_argument(
    api: Api, make_makerspace: MakeMakerspace, search: str
) -> None:
    document = 'query($search: String) { makerspaces(search: $search, after: "AAAA") { totalCount } }'
    ((code, message),) = await api.refusals(document, await make_makerspace(), search=search)
    assert (code, message.split()[0]) == ("INVALID", "search")


async def test_foreign_unknown_and_malformed_makerspaces_get_one_answer(
    api: Api, make_makerspace: MakeMakerspace
) -> None:
    home, foreign = await make_makerspace(), await make_makerspace()
    answers = [await api.refusals(USAGE, home, id=str(one)) for one in (foreign.value, uuid4(), "'; DROP TABLE x")]
    assert answers == [[("NOT_FOUND", "No such makerspace.")]] * 3


async def test_a_super_admin_gets_not_found_for_an_unknown_makerspace(api: Api) -> None:
    assert await api.refusals(USAGE, None, role="super_admin", id=str(uuid4())) == [
        ("NOT_FOUND", "No such makerspace.")
    ]


@pytest.mark.parametrize(
    ("role", "code"),
    [
        ("admin", None),
        ("finance", None),
        ("operations", None),
        ("analyst", None),
        ("service", "FORBIDDEN"),
        ("member", "FORBIDDEN"),
    ],
)
async def test_reading_needs_a_role_that_reads(
    api: Api, make_makerspace: MakeMakerspace, role: str, code: str | None
) -> None:
    refused = await api.refusals(USAGE, await make_makerspace(), role=role)
    assert [found for found, _ in refused] == ([code] if code else [])


async def test_a_makerspace_must_be_named_where_the_token_does_not_name_exactly_one(api: Api) -> None:
    ((code, message),) = await api.refusals(USAGE, None, role="super_admin")
    assert (code, "makerspaceId" in message) == ("INVALID", True)


@pytest.mark.parametrize(("role", "held"), [("super_admin", list(Permission)), ("admin", []), ("member", [])])
async def test_permissions_without_a_makerspace_fail_no_other_field(
    api: Api, role: str, held: list[Permission]
) -> None:
    found = await api.ask('{ viewer { userId permissions foreign: permissions(makerspaceId: "x") } }', None, role=role)
    assert found["viewer"] == {"userId": "ada", "permissions": held, "foreign": []}


async def test_a_member_records_for_themselves_only(
    api: Api, make_makerspace: MakeMakerspace, owner: asyncpg.Connection
) -> None:
    makerspace = await make_makerspace()
    record = """mutation($for: ID) { recordEvents(input: [{eventType: "check_in", userId: $for}]) {
      recorded rejected userErrors { code path } } }"""
    own = await api.ask(record, makerspace, role="member", user="mia")
    other = await api.ask(record, makerspace, role="member", user="mia", **{"for": "zoe"})
    assert own["recordEvents"] == {"recorded": 1, "rejected": 0, "userErrors": []}
    assert other["recordEvents"] == {
        "recorded": 0,
        "rejected": 1,
        "userErrors": [{"code": "FORBIDDEN", "path": ["input", "0", "userId"]}],
    }
    assert [row["user_id"] for row in await owner.fetch("SELECT user_id FROM usage_events")] == ["mia"]


async def test_introspection_is_for_those_who_manage(api: Api, make_makerspace: MakeMakerspace) -> None:
    makerspace = await make_makerspace()
    assert await api.ask("{ __schema { queryType { name } } }", makerspace)
    assert [code for code, _ in await api.refusals("{ __schema { queryType { name } } }", makerspace, role="finance")]


async def test_a_typo_is_explained_to_admins_only(api: Api, make_makerspace: MakeMakerspace) -> None:
    makerspace = await make_makerspace()
    ((_, message),) = await api.refusals("{ usag { events { value } } }", makerspace)
    ((_, hidden),) = await api.refusals("{ usag { events { value } } }", makerspace, role="finance")
    assert "Did you mean" in message
    assert "Did you mean" not in hidden
    assert "usage" not in hidden


async def test_an_unexpected_error_reveals_only_an_id(
    api: Api, make_makerspace: MakeMakerspace, owner: asyncpg.Connection
) -> None:
    makerspace = await make_makerspace()
    await owner.execute("UPDATE makerspaces SET time_zone = 'No/Such_Zone'")
    ((code, message),) = await api.refusals(USAGE, makerspace)
    assert code == "INTERNAL"
    assert message.startswith("Something went wrong on our side.")
    assert "Zone" not in message


async def test_a_text_that_cannot_be_stored_is_refused(api: Api, make_makerspace: MakeMakerspace) -> None:
    makerspace = await make_makerspace()
    for text in ("a\0b", "\ud800"):
        assert [code for code, _ in await api.refusals(LIST, makerspace, search=text)] == ["INVALID"]


async def test_the_database_role_sees_nothing_of_another_makerspace(
    database: Database, make_makerspace: MakeMakerspace
) -> None:
    home, foreign = await make_makerspace(), await make_makerspace()
    async with database.read(home) as connection:
        rows = await connection.exec_driver_sql("SELECT id FROM makerspaces")
        assert [row.id for row in rows] == [home.value]
    async with database.read(mint(uuid4())) as connection:
        assert (await connection.exec_driver_sql("SELECT id FROM makerspaces")).all() == []
    assert foreign
