"""The demo: what it prints, and what a new user does with it."""

import hashlib
import json
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import psutil
from tests.processes.conftest import Client, Running, eventually, run

from makrcave_analytics import demo as demo_module
from makrcave_analytics.sample import MAKERSPACES

Demo = tuple[Running, Mapping[str, Any]]

REPORT = """query($id: ID!) { report(id: $id) { status progress attempts error { code }
  file { name rows sizeBytes sha256 downloadUrl } } }"""
ASK = """mutation { requestReport(input: {type: USAGE, format: CSV, period: {preset: LAST_7_DAYS}}) {
  report { id status } userErrors { message } } }"""


def test_it_prints_addresses_and_tokens_for_scripts(demo: Demo) -> None:
    _, summary = demo
    assert summary.keys() == {"url", "graphiql", "database_url", "redis_url", "makerspaces", "tokens"}
    assert [one["id"] for one in summary["makerspaces"]] == [str(one.id) for one in MAKERSPACES]
    assert [one["currency"] for one in summary["makerspaces"]] == ["INR", "EUR", "NPR"]
    assert list(summary["tokens"]) == ["super_admin", "admin", "member", "service"]
    assert summary["graphiql"] == summary["url"] + "/graphql"
    assert summary["url"].startswith("http://127.0.0.1:")


def test_a_recorded_event_is_counted_immediately_and_once(client: Client) -> None:
    count = "{ usage(period: {preset: TODAY}) { meta { dataVersion dataOrigin } events { value } logins { value } } }"
    record = """mutation { recordEvents(input: [{id: "first", eventType: "login"}]) {
      recorded duplicates dataVersion } }"""
    before = client.ask(count)["usage"]
    first = client.ask(record)["recordEvents"]
    again = client.ask(record)["recordEvents"]
    after = client.ask(count)["usage"]
    assert before["meta"]["dataOrigin"] == "SAMPLE"
    assert first == {"recorded": 1, "duplicates": 0, "dataVersion": before["meta"]["dataVersion"] + 1}
    assert again == {"recorded": 0, "duplicates": 1, "dataVersion": first["dataVersion"]}
    assert after["logins"]["value"] == before["logins"]["value"] + 1
    assert after["meta"]["dataVersion"] == first["dataVersion"]


def test_a_report_is_made_by_the_worker_and_downloaded_without_a_token(client: Client) -> None:
    asked = client.ask(ASK)["requestReport"]
    assert asked["userErrors"] == []
    assert asked["report"]["status"] == "PENDING"

    def completed() -> Mapping[str, Any] | None:
        report = client.ask(REPORT, id=asked["report"]["id"])["report"]
        assert report["error"] is None
        return report if report["status"] == "COMPLETED" else None

    report = eventually(completed, "the report is made")
    file = report["file"]
    downloaded = httpx.get(file["downloadUrl"], trust_env=False)
    assert downloaded.status_code == 200
    assert len(downloaded.content) == file["sizeBytes"]
    assert hashlib.sha256(downloaded.content).hexdigest() == file["sha256"]
    assert downloaded.content.startswith(b"timestamp,event_type,event_category,user_id,member_name,")
    assert report["progress"] == 1.0
    assert httpx.get(file["downloadUrl"][:-4] + "AAAA", trust_env=False).status_code == 404


def test_a_socket_receives_data_changes_and_the_progress_of_a_report(client: Client) -> None:
    changes = "subscription { dataChanged { dataVersion sections } }"
    progress = "subscription($id: ID!) { reportProgress(id: $id) { status progress file { rows } } }"
    record = 'mutation { recordEvents(input: [{id: "received", eventType: "login"}]) { dataVersion } }'
    with client.socket() as socket:
        socket.subscribe("changes", changes)
        before = socket.receive()["payload"]["data"]["dataChanged"]
        assert before["sections"] == ["USAGE", "EQUIPMENT", "INVENTORY", "PROJECTS", "REVENUE"]
        version = client.ask(record)["recordEvents"]["dataVersion"]
        after = socket.receive()["payload"]["data"]["dataChanged"]
        assert after == {"dataVersion": version, "sections": ["USAGE"]}
        report = client.ask(ASK)["requestReport"]["report"]
        received = [
            each["payload"] for each in socket.ask(progress, variables={"id": report["id"]}) if "payload" in each
        ]
        reports = [each["data"]["reportProgress"] for each in received]
        assert reports[-1]["status"] == "COMPLETED"
        assert reports[-1]["file"]["rows"] > 0
        steps = [(["PENDING", "PROCESSING", "COMPLETED"].index(each["status"]), each["progress"]) for each in reports]
        assert steps == sorted(steps)


def test_the_console_has_a_token_and_its_examples_run(demo: Demo, client: Client) -> None:
    _, summary = demo
    page = httpx.get(summary["graphiql"], headers={"Accept": "text/html"}, trust_env=False)
    assert page.status_code == 200
    assert summary["tokens"]["admin"] in page.text
    for document in demo_module.examples():
        if "$" in document:
            continue
        if "subscription" not in document:
            client.ask(document)
            continue
        with client.socket() as socket:
            socket.subscribe("example", document)
            received = socket.receive()
            assert received["type"] == "next"
            assert "errors" not in received["payload"]


def test_a_foreign_and_an_unknown_makerspace_get_the_same_answer(demo: Demo, client: Client) -> None:
    _, summary = demo
    query = "query($id: ID) { makerspace(makerspaceId: $id) { name } }"
    foreign = client.answer(query, id=summary["makerspaces"][1]["id"]).json()
    absent = client.answer(query, id="0198c0de-ffff-7000-8000-000000000001").json()
    assert foreign == absent
    assert foreign["errors"][0]["extensions"]["code"] == "NOT_FOUND"


def test_a_wrong_token_gets_one_generic_answer(demo: Demo) -> None:
    _, summary = demo
    other = Client(summary["url"], summary["tokens"]["admin"][:-4] + "AAAA")
    answer = other.answer("{ viewer { userId } }")
    other.close()
    assert answer.status_code == 401
    assert answer.json()["errors"][0]["extensions"] == {"code": "UNAUTHENTICATED"}


def test_ctrl_c_ends_all_processes_and_the_next_start_has_the_data(open_folder: Path) -> None:
    arguments = ("demo", "--port", "0", "--data-dir", "another demo", "--empty", "--json")
    count = "{ usage(period: {preset: TODAY}) { meta { dataOrigin } events { value } } }"
    with run(*arguments, folder=open_folder) as running:
        summary = json.loads(running.line())
        client = Client(summary["url"], summary["tokens"]["admin"])
        client.ask('mutation { recordEvents(input: [{id: "kept", eventType: "login"}]) { recorded } }')
        client.close()
        started = running.children()
        assert {child.name() for child in started} >= {"postgres", "redis-server"}
        running.stop(signal.SIGINT)
        eventually(lambda: not [child for child in started if child.is_running()], "no process is left")
    with run(*arguments, folder=open_folder) as running:
        summary = json.loads(running.line())
        client = Client(summary["url"], summary["tokens"]["admin"])
        usage = client.ask(count)["usage"]
        client.close()
        assert usage == {"meta": {"dataOrigin": "LIVE"}, "events": {"value": 1.0}}
        started = running.children()
        running.process.kill()
        running.process.wait()
        psutil.wait_procs(started, timeout=60)
        assert [child for child in started if child.is_running()] == []
