"""Makerspaces created and changed through the API: answers and permissions."""

from dataclasses import fields

import pytest

from makrcave_analytics.recording.settings.options import SETTINGS
from makrcave_analytics.schema.recording.settings import MakerspaceSettingsInput

FIELDS = """makerspace { id name timeZone currency locale weekStart dataVersion openingHours { day from to }
                         closures { startDate endDate name } }
            userErrors { code message path }"""
CREATE = f"mutation ($in: MakerspaceInput!) {{ it: createMakerspace(input: $in) {{ {FIELDS} }} }}"
UPDATE = (
    "mutation ($m: ID, $in: MakerspaceSettingsInput!) "
    f"{{ it: updateMakerspace(makerspaceId: $m, input: $in) {{ {FIELDS} }} }}"
)
NEW = {"name": "Loft", "timeZone": "Asia/Kathmandu", "currency": "NPR"}
ID = "0190aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee"


def test_the_input_has_a_field_for_each_setting() -> None:
    assert [field.name for field in fields(MakerspaceSettingsInput)] == list(SETTINGS)


async def test_a_super_admin_creates_a_makerspace(api, database) -> None:
    made = (await api.ask(CREATE, role="super_admin", **{"in": NEW}))["it"]
    assert made["userErrors"] == []
    assert made["makerspace"]["id"][14] == "7"
    assert {name: made["makerspace"][name] for name in NEW} == NEW
    assert (made["makerspace"]["locale"], made["makerspace"]["weekStart"]) == ("en", "MONDAY")
    named = (await api.ask(CREATE, role="super-admin", **{"in": NEW | {"id": ID, "locale": "ne-NP"}}))["it"]
    assert named["makerspace"]["id"] == ID


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"id": "x"}, "INVALID", "id"),
        ({"id": "00000000-0000-0000-0000-000000000000"}, "INVALID", "id"),
        ({"timeZone": "Europe/Atlantis"}, "INVALID", "timeZone"),
        ({"currency": "npr"}, "INVALID", "currency"),
        ({"locale": "xx"}, "INVALID", "locale"),
        ({"name": ""}, "INVALID", "name"),
        ({"id": ID, "name": "Other"}, "CONFLICT", "id"),
    ],
)
async def test_a_makerspace_with_a_bad_field_is_refused_by_field(api, owner, change, code, field) -> None:
    await api.ask(CREATE, role="super_admin", **{"in": NEW | {"id": ID}})
    refused = (await api.ask(CREATE, role="super_admin", **{"in": NEW | change}))["it"]
    assert refused["makerspace"] is None
    assert [(error["code"], error["path"]) for error in refused["userErrors"]] == [(code, ["input", field])]
    assert await owner.fetchval("SELECT count(*) FROM makerspaces") == 1


async def test_other_roles_cannot_create_a_makerspace(api, make_makerspace) -> None:
    makerspace = await make_makerspace()
    for role in ("admin", "makerspace_owner", "service", "member"):
        assert [code for code, _ in await api.refusals(CREATE, makerspace, role=role, **{"in": NEW})] == ["FORBIDDEN"]


async def test_changed_settings_are_in_the_answer(api, make_makerspace) -> None:
    makerspace = await make_makerspace(locale="de")
    settings = {
        "name": "Loft",
        "weekStart": "SUNDAY",
        "timeZone": "Asia/Kathmandu",
        "openingHours": [{"day": "SUNDAY", "from": "10:00", "to": "24:00"}],
        "closures": [{"startDate": "2026-12-24", "endDate": "2026-12-26", "name": "Holidays"}],
        "brandColor": "#aabbcc",
    }
    changed = (await api.ask(UPDATE, makerspace, **{"in": settings}))["it"]
    assert changed["userErrors"] == []
    shown = {"currency": "EUR", "locale": "de", "id": str(makerspace), "dataVersion": 1}
    del settings["brandColor"]
    assert changed["makerspace"] == settings | shown
    kept = (await api.ask(UPDATE, makerspace, **{"in": {"openingHours": None}}))["it"]["makerspace"]
    assert kept == settings | shown | {"openingHours": [], "dataVersion": 2}


async def test_two_changes_in_one_request_are_each_in_their_answer(api, make_makerspace) -> None:
    makerspace = await make_makerspace()
    both = """mutation { a: updateMakerspace(input: {name: "A"}) { makerspace { name } }
                         b: updateMakerspace(input: {name: "B"}) { makerspace { name dataVersion } } }"""
    answer = await api.ask(both, makerspace)
    assert answer == {"a": {"makerspace": {"name": "A"}}, "b": {"makerspace": {"name": "B", "dataVersion": 2}}}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": None}, "name"),
        ({"fiscalYearStartMonth": 13}, "fiscalYearStartMonth"),
        ({"closures": [{"startDate": "2026-02-30", "endDate": "2026-03-01"}]}, "closures"),
        ({"logo": "PHN2Zy8+"}, "logo"),
        ({"brandColor": "red"}, "brandColor"),
    ],
)
async def test_a_bad_setting_is_refused_by_field(api, make_makerspace, change, field) -> None:
    makerspace = await make_makerspace()
    refused = (await api.ask(UPDATE, makerspace, **{"in": {"locale": "de"} | change}))["it"]
    assert refused["makerspace"] is None
    assert [(error["code"], error["path"]) for error in refused["userErrors"]] == [("INVALID", ["input", field])]


async def test_settings_need_manage(api, make_makerspace) -> None:
    makerspace = await make_makerspace()
    for role in ("finance", "operations", "analyst", "service", "member"):
        refused = await api.refusals(UPDATE, makerspace, role=role, **{"in": {"name": "x"}})
        assert [code for code, _ in refused] == ["FORBIDDEN"]
    foreign = await api.refusals(UPDATE, await make_makerspace(), **{"m": str(makerspace), "in": {"name": "x"}})
    assert [code for code, _ in foreign] == ["NOT_FOUND"]
