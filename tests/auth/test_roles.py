"""The role table, literally, and the claims that roles and makerspaces come from."""

from typing import Any

import pytest

from makrcave_analytics.auth import Authenticator, Permission, RecordKind
from makrcave_analytics.config import Settings

EVERYTHING = "READ READ_MONEY READ_PEOPLE REPORT RECORD MANAGE NETWORK"

TABLE = [
    # role                 in the token's makerspace                       elsewhere
    ("super_admin", EVERYTHING, EVERYTHING),
    ("admin", EVERYTHING, ""),
    ("makerspace_admin", EVERYTHING, ""),
    ("makerspace_owner", EVERYTHING, ""),
    ("finance", "READ READ_MONEY REPORT", ""),
    ("operations", "READ READ_PEOPLE REPORT", ""),
    ("analyst", "READ", ""),
    ("service", "RECORD", ""),
    ("member", "", ""),
    ("ADMIN", "", ""),
    ("Admin", "", ""),
    ("admin\u0000", "", ""),
    (" admin", "", ""),
    ("admin,analyst", "", ""),
    ("", "", ""),
    ("super-admin", EVERYTHING, EVERYTHING),
    ("makerspace-owner", EVERYTHING, ""),
]


@pytest.fixture
def authenticator(settings):
    return Authenticator(settings)


@pytest.mark.parametrize(("role", "inside", "outside"), TABLE)
async def test_a_role_gives_the_permissions_of_the_table(
    authenticator, craft, claims, now, home, elsewhere, role, inside, outside
):
    viewer = await authenticator.viewer(f"Bearer {craft({**claims, 'roles': [role]})}", now)
    assert viewer.permissions(home) == {Permission(name) for name in inside.split()}
    assert viewer.permissions(elsewhere) == {Permission(name) for name in outside.split()}
    assert viewer.permissions() == viewer.permissions(home)
    assert viewer.is_super_admin == bool(outside)


@pytest.mark.parametrize(("role", "inside", "outside"), TABLE)
async def test_without_a_makerspace_only_super_admin_has_permissions(
    authenticator, craft, claims, now, home, role, inside, outside
):
    del claims["makerspace_id"]
    viewer = await authenticator.viewer(f"Bearer {craft({**claims, 'roles': [role]})}", now)
    assert viewer.permissions(home) == viewer.permissions() == {Permission(name) for name in outside.split()}


async def roles_of(settings: Settings, craft: Any, claims: dict[str, Any], now: Any, **more: Any) -> tuple[str, ...]:
    claims = {key: value for key, value in claims.items() if key != "roles"}
    return (await Authenticator(settings).viewer(f"Bearer {craft({**claims, **more})}", now)).roles


async def test_roles_of_all_claims_add_up(settings, craft, claims, now, home):
    settings = settings.model_copy(update={"audience": "analytics"})
    more = {
        "aud": "analytics",
        "roles": ["finance"],
        "realm_access": {"roles": ["operations", "offline_access"]},
        "resource_access": {"analytics": {"roles": ["analyst"]}, "portal": {"roles": ["super_admin"]}},
    }
    assert await roles_of(settings, craft, claims, now, **more) == (
        "analyst",
        "finance",
        "offline_access",
        "operations",
    )
    viewer = await Authenticator(settings).viewer(f"Bearer {craft({**claims, **more})}", now)
    assert viewer.permissions(home) == {
        Permission.READ,
        Permission.READ_MONEY,
        Permission.READ_PEOPLE,
        Permission.REPORT,
    }


async def test_roles_of_other_clients_are_ignored(settings, craft, claims, now):
    more = {"resource_access": {"portal": {"roles": ["admin"]}, "None": {"roles": ["admin"]}}}
    assert await roles_of(settings, craft, claims, now, **more) == ()


@pytest.mark.parametrize(
    ("roles", "expected"),
    [
        ("admin", ("admin",)),
        (["admin", "admin"], ("admin",)),
        (["admin", 5, None, ["analyst"]], ("admin",)),
        ({"admin": True}, ()),
        (5, ()),
        (None, ()),
        (["x" * 101], ()),
    ],
)
async def test_roles_are_a_text_or_a_list_of_texts(settings, craft, claims, now, roles, expected):
    assert await roles_of(settings, craft, claims, now, roles=roles) == expected
    assert await roles_of(settings, craft, claims, now, realm_access={"roles": roles}) == expected
    assert await roles_of(settings, craft, claims, now, realm_access=roles) == ()


async def test_makerspaces_of_all_claims_add_up(authenticator, craft, claims, now, home, elsewhere):
    third = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
    more = {"makerspace_ids": [str(elsewhere).upper()], "groups": ["/staff", f"/makerspace:{third}", "makerspace:x"]}
    viewer = await authenticator.viewer(f"Bearer {craft({**claims, **more})}", now)
    assert {str(each) for each in viewer.makerspaces} == {str(home), str(elsewhere), third}


@pytest.mark.parametrize("value", ["not a uuid", "{%s}", "urn:uuid:%s", " %s", "%s\n", 5, None, {"id": "%s"}, "*", ""])
async def test_a_malformed_uuid_names_no_makerspace(authenticator, craft, claims, now, home, value):
    value = value.replace("%s", str(home)) if isinstance(value, str) else value
    del claims["makerspace_id"]
    more = {"makerspace_id": value, "makerspace_ids": [value], "groups": [value, f"makerspace:{value}x"]}
    viewer = await authenticator.viewer(f"Bearer {craft({**claims, **more})}", now)
    assert viewer.makerspaces == frozenset()


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (..., set(RecordKind)),
        (["events", "void"], {RecordKind.EVENTS, RecordKind.VOID}),
        ("events", {RecordKind.EVENTS}),
        (["events", "EVENTS", "other", 5], {RecordKind.EVENTS}),
        ([], set()),
        (None, set()),
        (5, set()),
    ],
)
async def test_the_claim_record_narrows_the_role_service(authenticator, craft, claims, now, record, expected):
    claims["roles"] = ["service"]
    if record is not ...:
        claims["record"] = record
    viewer = await authenticator.viewer(f"Bearer {craft(claims)}", now)
    assert {kind for kind in RecordKind if viewer.may_record(kind)} == expected


async def test_the_claim_record_narrows_no_other_role(authenticator, craft, claims, now):
    more = {"roles": ["service", "admin"], "record": ["events"]}
    viewer = await authenticator.viewer(f"Bearer {craft({**claims, **more})}", now)
    assert all(viewer.may_record(kind) for kind in RecordKind)
