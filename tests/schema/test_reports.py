"""Reports over the API: requested, listed, cancelled, retried and deleted, by their owner or with MANAGE."""

import asyncpg
import pytest
from tests.plugins.api import PUBLIC_URL, Api
from tests.plugins.database import MakeMakerspace

ASK = """mutation($key: String) { requestReport(input: {type: USAGE, format: CSV, idempotencyKey: $key,
  period: {range: {startDate: "2026-02-01", endDate: "2026-02-28"}}}) {
  report { id status requestedBy period { label } } userErrors { code message path } } }"""
FIND = "query($id: ID!) { report(id: $id) { status requestedBy requestedByName progress file { downloadUrl } } }"
LIST = """query($after: String) { reports(first: 2, after: $after) {
  nodes { id } totalCount pageInfo { endCursor hasNextPage } } }"""


async def test_a_requested_report_is_committed_as_pending_and_found(api: Api, make_makerspace: MakeMakerspace) -> None:
    makerspace = await make_makerspace()
    payload = (await api.ask(ASK, makerspace))["requestReport"]
    assert payload["userErrors"] == []
    assert payload["report"]["status"] == "PENDING"
    assert payload["report"]["requestedBy"] == "ada"
    assert payload["report"]["period"] == {"label": "Feb 2026"}
    found = await api.ask(FIND, makerspace, id=payload["report"]["id"])
    assert found["report"] == {
        "status": "PENDING",
        "requestedBy": "ada",
        "requestedByName": "ada",
        "progress": 0.0,
        "file": None,
    }


async def test_the_same_key_gives_the_same_report(api: Api, make_makerspace: MakeMakerspace) -> None:
    makerspace = await make_makerspace()
    first = await api.ask(ASK, makerspace, key="monday")
    again = await api.ask(ASK, makerspace, key="monday")
    other = await api.ask(ASK.replace("02-28", "02-27"), makerspace, key="monday")
    assert first == again
    assert other["requestReport"]["report"] is None
    assert other["requestReport"]["userErrors"][0]["code"] == "IDEMPOTENCY_CONFLICT"


async def test_others_reports_need_manage(api: Api, make_makerspace: MakeMakerspace) -> None:
    makerspace = await make_makerspace()
    report = (await api.ask(ASK, makerspace, role="finance", user="fred"))["requestReport"]["report"]
    assert await api.refusals(FIND, makerspace, role="finance", user="eve", id=report["id"]) == [
        ("NOT_FOUND", "No such report.")
    ]
    assert (await api.ask(FIND, makerspace, user="ada", id=report["id"]))["report"]["requestedBy"] == "fred"


async def test_foreign_and_unknown_reports_get_one_answer(api: Api, make_makerspace: MakeMakerspace) -> None:
    home, elsewhere = await make_makerspace(), await make_makerspace()
    report = (await api.ask(ASK, home))["requestReport"]["report"]
    foreign = await api.refusals(FIND, elsewhere, id=report["id"])
    nonsense = await api.refusals(FIND, elsewhere, id="nonsense")
    assert foreign == nonsense == [("NOT_FOUND", "No such report.")]


async def test_a_member_may_not_request_a_report(api: Api, make_makerspace: MakeMakerspace) -> None:
    makerspace = await make_makerspace()
    assert await api.refusals(ASK, makerspace, role="member") == [("FORBIDDEN", "The permission REPORT is needed.")]


async def test_an_impossible_report_is_an_error_in_the_payload(api: Api, make_makerspace: MakeMakerspace) -> None:
    makerspace = await make_makerspace()
    wrong = await api.ask(ASK.replace("2026-02-28", "2026-01-01"), makerspace)
    assert wrong["requestReport"]["report"] is None
    assert [error["code"] for error in wrong["requestReport"]["userErrors"]] == ["INVALID"]


async def test_pages_hold_all_reports_the_latest_first(api: Api, make_makerspace: MakeMakerspace) -> None:
    makerspace = await make_makerspace()
    made = [(await api.ask(ASK, makerspace))["requestReport"]["report"]["id"] for _ in range(5)]
    seen, after = [], None
    for _ in range(3):
        page = (await api.ask(LIST, makerspace, after=after))["reports"]
        assert page["totalCount"] == 5
        seen += [node["id"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
    assert seen == made[::-1]
    assert page["pageInfo"]["hasNextPage"] is False


async def test_a_completed_report_has_an_absolute_link(
    api: Api, make_makerspace: MakeMakerspace, owner: asyncpg.Connection
) -> None:
    makerspace = await make_makerspace()
    report = (await api.ask(ASK, makerspace))["requestReport"]["report"]
    await owner.execute(
        "WITH file AS (INSERT INTO report_files (makerspace_id, id, name, content_type, size_bytes, rows, sha256, path,"
        " data_version) SELECT makerspace_id, id, 'u.csv', 'text/csv', 1, 0, 'ab', 'x', 1 FROM report_requests"
        " RETURNING id) UPDATE report_requests SET status = 'COMPLETED', file_id = (SELECT id FROM file)"
    )
    file = (await api.ask(FIND, makerspace, id=report["id"]))["report"]["file"]
    assert file["downloadUrl"].startswith(f"{PUBLIC_URL}/api/v1/analytics/reports/{report['id']}/download?signature=")


@pytest.mark.parametrize("day", ["2026-02-30", "0000-00-00", "9999-12-31", "yesterday", ""])
async def test_an_impossible_day_is_refused_naming_the_argument(
    api: Api, make_makerspace: MakeMakerspace, day: str
) -> None:
    makerspace = await make_makerspace()
    wrong = await api.ask(ASK.replace("2026-02-28", day), makerspace)
    (error,) = wrong["requestReport"]["userErrors"]
    assert error["code"] == "INVALID"
    assert error["path"][:2] == ["input", "period"]


CHANGE = """mutation($id: ID!) { %s(id: $id) { report { id status progress error { code } file { name } }
  userErrors { code message path } } }"""
CANCEL, RETRY, DELETE = (CHANGE % name for name in ("cancelReport", "retryReport", "deleteReport"))


async def test_a_report_is_cancelled_retried_and_deleted(api: Api, make_makerspace: MakeMakerspace) -> None:
    makerspace = await make_makerspace()
    report = (await api.ask(ASK, makerspace, role="finance", user="fred"))["requestReport"]["report"]
    fred = {"role": "finance", "user": "fred", "id": report["id"]}
    cancelled = (await api.ask(CANCEL, makerspace, **fred))["cancelReport"]
    assert (cancelled["report"]["status"], cancelled["userErrors"]) == ("CANCELLED", [])
    retried = (await api.ask(RETRY, makerspace, **fred))["retryReport"]
    assert (retried["report"]["status"], retried["userErrors"]) == ("PENDING", [])
    again = (await api.ask(RETRY, makerspace, **fred))["retryReport"]
    assert (again["report"], again["userErrors"]) == (
        None,
        [{"code": "CONFLICT", "message": "A report that is PENDING is made already.", "path": ["id"]}],
    )
    deleted = (await api.ask(DELETE, makerspace, **fred))["deleteReport"]
    assert (deleted["report"]["id"], deleted["report"]["file"], deleted["userErrors"]) == (report["id"], None, [])
    assert await api.refusals(FIND, makerspace, **fred) == [("NOT_FOUND", "No such report.")]


@pytest.mark.parametrize("document", [CANCEL, RETRY, DELETE])
async def test_changing_others_reports_is_not_found_and_changes_nothing(
    api: Api, make_makerspace: MakeMakerspace, owner: asyncpg.Connection, document: str
) -> None:
    home, elsewhere = await make_makerspace(), await make_makerspace()
    report = (await api.ask(ASK, home, role="finance", user="fred"))["requestReport"]["report"]
    name = document.partition("{ ")[2].partition("(")[0]
    not_found = [{"code": "NOT_FOUND", "message": "No such report.", "path": ["id"]}]
    for makerspace, user, role in ((home, "eve", "finance"), (elsewhere, "ada", "admin")):
        payload = (await api.ask(document, makerspace, role=role, user=user, id=report["id"]))[name]
        assert (payload["report"], payload["userErrors"]) == (None, not_found)
    nonsense = (await api.ask(document, home, id="nonsense"))[name]
    assert nonsense["userErrors"] == not_found
    member = (await api.ask(document, home, role="member", id=report["id"]))[name]
    assert [error["code"] for error in member["userErrors"]] == ["FORBIDDEN"]
    assert await owner.fetchval("SELECT status FROM report_requests") == "PENDING"


async def test_with_manage_all_reports_may_be_changed(api: Api, make_makerspace: MakeMakerspace) -> None:
    makerspace = await make_makerspace()
    report = (await api.ask(ASK, makerspace, role="finance", user="fred"))["requestReport"]["report"]
    payload = (await api.ask(CANCEL, makerspace, user="ada", id=report["id"]))["cancelReport"]
    assert payload["report"]["status"] == "CANCELLED"


TELL = """mutation($url: String, $emails: [String!]) { requestReport(input: {type: USAGE, format: CSV,
  notify: {webhookUrl: $url, emails: $emails}}) { report { id } webhookSecret userErrors { code path } } }"""


async def test_the_secret_of_a_webhook_is_shown_once_and_not_stored(
    api: Api, make_makerspace: MakeMakerspace, owner: asyncpg.Connection
) -> None:
    makerspace = await make_makerspace()
    shown = [
        (await api.ask(TELL, makerspace, url="https://hooks.example/"))["requestReport"]["webhookSecret"]
        for _ in range(2)
    ]
    assert shown[0] != shown[1]
    assert all(secret.startswith("whsec_") for secret in shown)
    row = str(dict(await owner.fetchrow("SELECT * FROM report_requests LIMIT 1")))
    assert not any(secret.removeprefix("whsec_") in row for secret in shown)
    assert (await api.ask(ASK, makerspace))["requestReport"]["userErrors"] == []
    inside = (await api.ask(TELL, makerspace, url="https://127.0.0.1/"))["requestReport"]
    assert inside["userErrors"] == [{"code": "INVALID", "path": ["input", "notify", "webhookUrl"]}]
    mail = (await api.ask(TELL, makerspace, emails=["ada@example.org"]))["requestReport"]
    assert mail["userErrors"] == [{"code": "INVALID", "path": ["input", "notify", "emails"]}]


async def test_a_field_sees_what_earlier_fields_wrote(api: Api, make_makerspace: MakeMakerspace) -> None:
    makerspace = await make_makerspace()
    asked = "requestReport(input: {type: USAGE, format: CSV}) { report { makerspace { dataVersion } } }"
    event = 'recordEvents(input: [{eventType: "login", timestamp: "2026-03-01T11:00:00Z"}]) { recorded dataVersion }'
    found = await api.ask(f"mutation {{ before: {asked} {event} after: {asked} }}", makerspace)
    before, after = (found[name]["report"]["makerspace"]["dataVersion"] for name in ("before", "after"))
    assert found["recordEvents"]["recorded"] == 1
    assert before < after == found["recordEvents"]["dataVersion"]
