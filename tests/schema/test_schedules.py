"""Schedules over the API: created, listed, changed and deleted, with the permission."""

import re
from pathlib import Path

import asyncpg
import pytest
from tests.plugins.api import Api
from tests.plugins.database import MakeMakerspace
from tests.reports.schedules.test_schedule import DUE, all_due

PAGE = Path(__file__).parents[2] / "docs" / "reports.md"
SHOWN = """schedule { id type format preset cron timeZone isActive nextRunAt notify { emails webhookUrl }
  lastReport { id status } } webhookSecret userErrors { code message path }"""
INPUT = """{type: USAGE, format: CSV, preset: PREVIOUS_WEEK, cron: $cron, notify: {webhookUrl: $url}}"""
ADD = f"mutation($cron: String!, $url: String) {{ scheduleReport(input: {INPUT}) {{ {SHOWN} }} }}"
CHANGE = f"""mutation($id: ID!, $cron: String!, $url: String) {{
  updateReportSchedule(id: $id, input: {INPUT}) {{ {SHOWN} }} }}"""
DELETE = f"mutation($id: ID!) {{ deleteReportSchedule(id: $id) {{ {SHOWN} }} }}"
LIST = "{ reportSchedules { id cron nextRunAt lastReport { id scheduleId status requestedBy } } }"
MONDAYS = {"cron": "0 8 * * MON", "url": "https://hooks.example/"}


async def test_a_schedule_is_made_shown_changed_and_deleted(api: Api, make_makerspace: MakeMakerspace) -> None:
    makerspace = await make_makerspace("Europe/Berlin")
    made = (await api.ask(ADD, makerspace, **MONDAYS))["scheduleReport"]
    schedule = made["schedule"]
    assert made["userErrors"] == []
    assert made["webhookSecret"].startswith("whsec_")
    assert schedule | {"id": ""} == {
        "id": "",
        "type": "USAGE",
        "format": "CSV",
        "preset": "PREVIOUS_WEEK",
        "cron": "0 8 * * MON",
        "timeZone": "Europe/Berlin",
        "isActive": True,
        "nextRunAt": "2026-03-02T08:00:00+01:00",
        "notify": {"emails": [], "webhookUrl": "https://hooks.example/"},
        "lastReport": None,
    }
    same = await api.ask(CHANGE, makerspace, id=schedule["id"], **MONDAYS | {"cron": "0 9 * * *"})
    assert same["updateReportSchedule"]["schedule"]["cron"] == "0 9 * * *"
    assert same["updateReportSchedule"]["webhookSecret"] is None
    assert [each["id"] for each in (await api.ask(LIST, makerspace))["reportSchedules"]] == [schedule["id"]]
    gone = (await api.ask(DELETE, makerspace, id=schedule["id"]))["deleteReportSchedule"]
    assert (gone["schedule"]["id"], gone["schedule"]["isActive"]) == (schedule["id"], False)
    assert (await api.ask(LIST, makerspace))["reportSchedules"] == []


async def test_the_last_report_is_linked_both_ways(
    api: Api, make_makerspace: MakeMakerspace, owner: asyncpg.Connection
) -> None:
    makerspace = await make_makerspace()
    made = (await api.ask(ADD, makerspace, **MONDAYS))["scheduleReport"]["schedule"]
    await owner.execute(DUE)
    await all_due(api.services.database)
    (known,) = (await api.ask(LIST, makerspace))["reportSchedules"]
    assert known["lastReport"]["scheduleId"] == known["id"] == made["id"]
    assert (known["lastReport"]["status"], known["lastReport"]["requestedBy"]) == ("PENDING", "ada")


async def test_a_bad_cron_is_refused_with_an_example(api: Api, make_makerspace: MakeMakerspace) -> None:
    makerspace = await make_makerspace()
    payload = (await api.ask(ADD, makerspace, cron="every monday", url=None))["scheduleReport"]
    (error,) = payload["userErrors"]
    assert (payload["schedule"], error["code"], error["path"]) == (None, "INVALID", ["input", "cron"])
    assert '"0 8 * * MON" is Mondays at 8' in error["message"]


@pytest.mark.parametrize("document", [CHANGE, DELETE])
async def test_others_schedules_are_not_found(api: Api, make_makerspace: MakeMakerspace, document: str) -> None:
    home, elsewhere = await make_makerspace(), await make_makerspace()
    made = (await api.ask(ADD, home, role="finance", user="fred", **MONDAYS))["scheduleReport"]["schedule"]
    variables = MONDAYS if document is CHANGE else {}
    not_found = [{"code": "NOT_FOUND", "message": "No such schedule.", "path": ["id"]}]
    for makerspace, role, user, named in (
        (home, "finance", "eve", made["id"]),
        (elsewhere, "admin", "ada", made["id"]),
        (home, "admin", "ada", "nonsense"),
    ):
        (payload,) = (await api.ask(document, makerspace, role=role, user=user, id=named, **variables)).values()
        assert (payload["schedule"], payload["userErrors"]) == (None, not_found)
    assert (await api.ask(LIST, home, role="finance", user="eve"))["reportSchedules"] == []
    assert len((await api.ask(LIST, home))["reportSchedules"]) == 1  # with MANAGE everybody's


async def test_without_the_permission_nothing_is_shown_or_made(api: Api, make_makerspace: MakeMakerspace) -> None:
    makerspace = await make_makerspace()
    for document, variables in ((ADD, MONDAYS), (LIST, {})):
        assert await api.refusals(document, makerspace, role="analyst", **variables) == [
            ("FORBIDDEN", "The permission REPORT is needed.")
        ]


async def test_the_schedule_of_the_docs_is_accepted(api: Api, make_makerspace: MakeMakerspace) -> None:
    text = PAGE.read_text(encoding="utf-8")
    (document,) = [each for each in re.findall(r"```graphql\n(.*?)```", text, re.DOTALL) if "scheduleReport" in each]
    payload = (await api.ask(document, await make_makerspace("Europe/Berlin")))["scheduleReport"]
    assert (payload["userErrors"], payload["schedule"]["nextRunAt"]) == ([], "2026-03-02T08:00:00+01:00")


async def test_when_the_makerspace_moves_its_schedules_move_with_it(api: Api, make_makerspace: MakeMakerspace) -> None:
    makerspace = await make_makerspace("Europe/Berlin")
    await api.ask(ADD, makerspace, **MONDAYS)
    move = """mutation { updateMakerspace(input: {timeZone: "Asia/Kathmandu"}) { userErrors { message } } }"""
    assert (await api.ask(move, makerspace))["updateMakerspace"]["userErrors"] == []
    (moved,) = (await api.ask(LIST, makerspace))["reportSchedules"]
    assert moved["nextRunAt"] == "2026-03-02T08:00:00+05:45"
