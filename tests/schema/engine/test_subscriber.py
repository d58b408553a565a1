"""dataChanged and reportProgress: no change is missed or stale or of others, with few statements."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, aclosing
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from sqlalchemy import event
from tests.plugins.api import Api
from tests.plugins.database import MakeMakerspace, mint

from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.db import Database, Role
from makrcave_analytics.reports.ids import locate_report
from makrcave_analytics.reports.jobs.claims import claim_report, complete, fail, renew
from makrcave_analytics.reports.report import ReportFile
from makrcave_analytics.schema.engine.operation import OutcomeKind

CHANGES = "subscription($id: ID) { dataChanged(makerspaceId: $id) { makerspaceId dataVersion sections at } }"
PROGRESS = "subscription($id: ID!) { reportProgress(id: $id) { status progress stage file { name downloadUrl } } }"
EVENT = 'mutation($id: ID!) { recordEvents(input: [{id: $id, eventType: "login", userId: "ada"}]) { dataVersion } }'
ITEM = "mutation($id: ID!) { syncInventoryItems(input: [{id: $id}]) { dataVersion } }"
REQUEST = "mutation { requestReport(input: {type: USAGE, format: CSV}) { report { id } } }"


class Listen:
    """One subscriber, which reads when the test says so."""

    def __init__(self, outcomes: Any, field: str) -> None:
        self._outcomes = outcomes
        self._field = field

    async def next(self) -> Any:
        """Return the next event, which must be there without errors."""
        async with asyncio.timeout(20):
            outcome = await anext(self._outcomes)
        assert "errors" not in outcome.body, outcome.body
        return outcome.body["data"][self._field]

    async def refusal(self) -> list[tuple[str, str]]:
        """Return codes and messages of the next outcome, a refusal that must be the last."""
        async with asyncio.timeout(20):
            rest = [outcome async for outcome in self._outcomes]
        assert [outcome.kind for outcome in rest] == [OutcomeKind.REFUSED]
        assert "data" not in rest[0].body
        return [(error["extensions"]["code"], error["message"]) for error in rest[0].body["errors"]]

    async def is_over(self) -> bool:
        async with asyncio.timeout(20):
            return [outcome async for outcome in self._outcomes] == []


@pytest.fixture
async def listen(api: Api) -> AsyncIterator[Callable[..., Listen]]:
    """Subscribes. All subscriptions are closed with the test."""
    async with AsyncExitStack() as stack:

        def subscribe(document: str, makerspace: MakerspaceId | None, **who: Any) -> Listen:
            outcomes = api.subscribe(document, makerspace, **who)
            stack.push_async_callback(outcomes.aclose)
            return Listen(outcomes, "dataChanged" if document is CHANGES else "reportProgress")

        yield subscribe
    await api.services.close()


@pytest.fixture
def looks(database: Database) -> list[str]:
    """The statements sent by the role that reads all makerspaces."""
    sent: list[str] = []

    def note(_: Any, __: Any, statement: str, ___: Any, ____: Any, _____: Any) -> None:
        sent.append(statement)

    event.listen(database.engine(Role.SYSTEM).sync_engine, "before_cursor_execute", note)
    return sent


async def test_the_current_state_comes_first_then_the_sections_that_writes_change(
    api: Api, make_makerspace: MakeMakerspace, listen: Callable[..., Listen]
) -> None:
    makerspace = await make_makerspace("Asia/Kathmandu")
    await api.ask(EVENT, makerspace, id="one")
    changes = listen(CHANGES, makerspace)
    first = await changes.next()
    assert first["makerspaceId"] == str(makerspace)
    assert (first["dataVersion"], first["sections"]) == (1, ["USAGE"])
    assert first["at"].endswith("+05:45")
    await api.ask(ITEM, makerspace, id="nails")
    second = await changes.next()
    assert (second["dataVersion"], second["sections"]) == (2, ["USAGE", "INVENTORY"])  # its name is part of both
    await api.ask(EVENT, makerspace, id="one")  # a duplicate changes nothing
    await api.ask(EVENT, makerspace, id="two")
    third = await changes.next()
    assert (third["dataVersion"], third["sections"]) == (3, ["USAGE"])


async def test_a_makerspace_without_data_has_a_version_too(
    make_makerspace: MakeMakerspace, listen: Callable[..., Listen]
) -> None:
    first = await listen(CHANGES, await make_makerspace()).next()
    assert (first["dataVersion"], first["sections"]) == (0, [])


async def test_writes_of_another_process_are_seen(
    make_makerspace: MakeMakerspace, listen: Callable[..., Listen], owner: asyncpg.Connection
) -> None:
    makerspace, other = await make_makerspace(), await make_makerspace()
    changes, others = listen(CHANGES, makerspace), listen(CHANGES, other)
    assert [(await one.next())["dataVersion"] for one in (changes, others)] == [0, 0]
    for version in (1, 2):
        await owner.execute(
            "UPDATE makerspaces SET data_version = $2, section_versions = jsonb_build_object('REVENUE', $2::bigint)"
            " WHERE id = $1",
            makerspace.value,
            version,
        )
        seen = await changes.next()
        assert (seen["dataVersion"], seen["sections"]) == (version, ["REVENUE"])
    await owner.execute("UPDATE makerspaces SET data_version = 9 WHERE id = $1", other.value)
    assert (await others.next())["dataVersion"] == 9


async def test_the_first_message_includes_acknowledged_writes(
    api: Api, make_makerspace: MakeMakerspace, listen: Callable[..., Listen]
) -> None:
    makerspace = await make_makerspace()
    early = listen(CHANGES, makerspace)
    await early.next()
    for n in range(5):
        answer = await api.ask(EVENT, makerspace, id=str(n))
        first = await listen(CHANGES, makerspace).next()
        assert first["dataVersion"] >= answer["recordEvents"]["dataVersion"]


async def test_two_hundred_subscribers_share_one_statement_and_all_get_the_last_version(
    api: Api, make_makerspace: MakeMakerspace, looks: list[str]
) -> None:
    """During writes over ten polls, each subscriber gets growing versions and every changed section in time."""
    makerspace = await make_makerspace()
    api.services = replace(api.services, poll_seconds=0.1)
    api.renew()
    clock = asyncio.get_running_loop().time
    began, last, final = clock(), 0, None
    written: dict[str, int] = {}
    heard: list[dict[str, int]] = []
    all_there = asyncio.Barrier(201)

    async def write() -> None:
        nonlocal began, last, final
        await all_there.wait()
        began = clock()
        looks.clear()
        while final is None:
            if clock() - began > 1.0 and last >= 20:
                final = last + 1  # set before a subscriber can get it
            document, section = ((EVENT, "USAGE"), (ITEM, "INVENTORY"))[last % 2]
            answer = await api.ask(document, makerspace, id=f"fact {last}")
            last = next(iter(answer.values()))["dataVersion"]
            written[section] = last

    async def hear() -> None:
        version, seen, heard_at = -1, {}, float("-inf")
        async with aclosing(api.subscribe(CHANGES, makerspace)) as outcomes:
            async for outcome in outcomes:
                change = outcome.body["data"]["dataChanged"]
                assert change["dataVersion"] > version
                assert clock() - heard_at >= 0.098  # timers of the loop may be early by a millisecond
                if version < 0:
                    await all_there.wait()
                version, heard_at = change["dataVersion"], clock()
                seen |= dict.fromkeys(change["sections"], version)
                if version == final:
                    break
        heard.append(seen)

    async with asyncio.timeout(60):
        await asyncio.gather(write(), *(hear() for _ in range(200)))
    assert len(heard) == 200
    assert all(seen[section] >= at for seen in heard for section, at in written.items())
    assert written.keys() == {"USAGE", "INVENTORY"}
    polls = [statement for statement in looks if "section_versions" in statement]
    assert 3 <= len(polls) <= (clock() - began) / 0.1 + 2
    assert len(polls) < last
    await api.services.close()


@pytest.mark.parametrize(
    ("role", "refusal"),
    [
        ("service", ("FORBIDDEN", "The permission READ is needed.")),
        ("member", ("FORBIDDEN", "The permission READ is needed.")),
        ("finance", None),
        ("analyst", None),
    ],
)
async def test_changes_need_a_role_that_reads(
    make_makerspace: MakeMakerspace, listen: Callable[..., Listen], role: str, refusal: tuple[str, str] | None
) -> None:
    changes = listen(CHANGES, await make_makerspace(), role=role)
    if refusal is None:
        assert await changes.next()
    else:
        assert await changes.refusal() == [refusal]


async def test_foreign_and_unknown_makerspaces_get_one_answer_and_no_event(
    make_makerspace: MakeMakerspace, listen: Callable[..., Listen], looks: list[str]
) -> None:
    home, elsewhere = await make_makerspace(), await make_makerspace()
    answers = [
        await listen(CHANGES, home, id=asked).refusal() for asked in (str(elsewhere), str(uuid4()), "nonsense", "")
    ]
    answers.append(await listen(CHANGES, mint(uuid4())).refusal())  # its token names it, and it is not there
    answers.append(await listen(CHANGES, home, role="super_admin", id=str(uuid4())).refusal())
    assert answers == [[("NOT_FOUND", "No such makerspace.")]] * 6
    assert len(looks) == 2


async def test_without_an_id_the_token_must_name_exactly_one_makerspace(listen: Callable[..., Listen]) -> None:
    ((code, _),) = await listen(CHANGES, None).refusal()
    assert code == "INVALID"


async def _requested(api: Api, makerspace: MakerspaceId, **who: Any) -> tuple[str, UUID]:
    text = (await api.ask(REQUEST, makerspace, **who))["requestReport"]["report"]["id"]
    viewer = api.viewer(makerspace, "admin", "ada")
    return text, locate_report(api.services.keys, viewer, text)[1]


async def test_a_report_is_followed_from_its_request_to_its_end(
    api: Api, make_makerspace: MakeMakerspace, listen: Callable[..., Listen], database: Database
) -> None:
    makerspace = await make_makerspace()
    text, report_id = await _requested(api, makerspace)
    progress = listen(PROGRESS, makerspace, id=text)
    beginning = {"status": "PENDING", "progress": 0.0, "stage": None, "file": None}
    assert await progress.next() == beginning
    claim = await claim_report(database, makerspace, report_id)
    assert claim is not None
    assert await progress.next() == beginning | {"status": "PROCESSING"}
    assert await renew(database, claim, 0.0, None)  # the lease alone is no news
    assert await renew(database, claim, 0.5, "Reading events")
    assert await progress.next() == beginning | {"status": "PROCESSING", "progress": 0.5, "stage": "Reading events"}
    file = ReportFile(uuid4(), "usage.csv", "text/csv", 1, 1, "ab")
    assert await complete(database, claim, file, 1, timedelta(days=30))
    end = await progress.next()
    assert (end["status"], end["progress"], end["file"]["name"]) == ("COMPLETED", 1.0, "usage.csv")
    assert f"/reports/{text}/download?signature=" in end["file"]["downloadUrl"]
    assert await progress.is_over()


async def test_an_ended_report_sends_its_end_only(
    api: Api, make_makerspace: MakeMakerspace, listen: Callable[..., Listen], database: Database
) -> None:
    makerspace = await make_makerspace()
    text, report_id = await _requested(api, makerspace)
    claim = await claim_report(database, makerspace, report_id)
    assert claim is not None
    assert await fail(database, claim, "BROKEN", "It broke.")
    progress = listen(PROGRESS, makerspace, id=text)
    assert (await progress.next())["status"] == "FAILED"
    assert await progress.is_over()


async def test_a_deleted_report_ends_its_subscription(
    api: Api, make_makerspace: MakeMakerspace, listen: Callable[..., Listen], owner: asyncpg.Connection
) -> None:
    makerspace = await make_makerspace()
    text, _ = await _requested(api, makerspace)
    progress = listen(PROGRESS, makerspace, id=text)
    assert await progress.next()
    await owner.execute("DELETE FROM report_requests")
    assert await progress.refusal() == [("NOT_FOUND", "No such report.")]


async def test_others_reports_need_manage_and_other_makerspaces_reports_are_not_found(
    api: Api, make_makerspace: MakeMakerspace, listen: Callable[..., Listen]
) -> None:
    home, elsewhere = await make_makerspace(), await make_makerspace()
    text, _ = await _requested(api, home, role="finance", user="fred")
    nothing = [("NOT_FOUND", "No such report.")]
    assert await listen(PROGRESS, home, role="finance", user="eve", id=text).refusal() == nothing
    assert await listen(PROGRESS, elsewhere, id=text).refusal() == nothing
    assert await listen(PROGRESS, home, id="nonsense").refusal() == nothing
    assert await listen(PROGRESS, home, role="analyst", id=text).refusal() == [
        ("FORBIDDEN", "The permission REPORT is needed.")
    ]
    for own in ({"role": "finance", "user": "fred"}, {"role": "admin", "user": "ada"}):
        assert (await listen(PROGRESS, home, id=text, **own).next())["status"] == "PENDING"


async def test_watched_reports_are_polled_with_one_statement(
    api: Api, make_makerspace: MakeMakerspace, listen: Callable[..., Listen], looks: list[str]
) -> None:
    api.services = replace(api.services, poll_seconds=600)
    api.renew()
    watched = []
    for _ in range(3):
        makerspace = await make_makerspace()
        text, _ = await _requested(api, makerspace)
        watched += [listen(PROGRESS, makerspace, id=text) for _ in range(10)]
    assert {one["status"] for one in await asyncio.gather(*(each.next() for each in watched))} == {"PENDING"}
    assert len([statement for statement in looks if "report_requests" in statement]) == 1


SIX = "fragment A on Report { a: id b: id c: id d: id e: id f: id }"


@pytest.mark.parametrize(
    ("query", "role"),
    [
        ('{ reportProgress(id: "x") {' + " ".join(f"a{n}: id" for n in range(16)) + "} }", "admin"),
        ('{ reportProgress(id: "x") { ...A ...A ...A } }' + SIX, "admin"),
        ('{ reportProgress(id: "x") { id } dataChanged { at } }', "admin"),
        ("{ dataChanged { at" + " @include(if: true)" * 51 + " } }", "admin"),
        ("{ dataChanged { nothing } }", "admin"),
        ("{ reportProgress { id } }", "admin"),
        ("($id: ID!) { reportProgress(id: $id) { id } }", "admin"),
        ("{ __typename }", "admin"),
        ("{ dataChange { at } }", "analyst"),
    ],
)
async def test_subscriptions_have_the_limits_of_all_documents(
    make_makerspace: MakeMakerspace, listen: Callable[..., Listen], query: str, role: str, looks: list[str]
) -> None:
    refusals = await listen("subscription" + query, await make_makerspace(), role=role).refusal()
    assert {code for code, _ in refusals} == {"INVALID"}
    assert not any("Did you mean" in message for _, message in refusals)
    assert looks == []


async def test_a_query_is_refused_as_no_subscription(
    make_makerspace: MakeMakerspace, listen: Callable[..., Listen]
) -> None:
    assert await listen("{ viewer { userId } }", await make_makerspace()).refusal() == [
        ("INVALID", "This is no subscription.")
    ]
