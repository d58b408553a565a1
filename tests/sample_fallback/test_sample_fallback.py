"""Samples stand in for missing data: marked, under the makerspace's name, never written to, until the first fact."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from tests.plugins.api import PUBLIC_URL, Api
from tests.plugins.database import MakeMakerspace, mint

from makrcave_analytics.crypto import Keys
from makrcave_analytics.db import Database
from makrcave_analytics.queue import Queue
from makrcave_analytics.resolvers.common.context import Services
from makrcave_analytics.sample import MAKERSPACES
from makrcave_analytics.sample_fallback import SampleFallback, Samples, reads, samples

NOW = datetime(2026, 3, 11, 15, tzinfo=UTC)
NOTE = "These are made-up sample data, not what happened."
LOOK = """query($id: ID) { usage(makerspaceId: $id) {
  meta { makerspace { id name timeZone dataOrigin } dataOrigin dataVersion notes currency }
  events { value } activeMembers { value } eventsPerMember { value } } }"""
RECORD = """mutation($id: ID) { recordEvents(makerspaceId: $id, input: [{id: "first", eventType: "login"}]) {
  recorded dataVersion } }"""


@pytest.fixture(autouse=True)
def small_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make samples of a few hundred events, which are quick to fill."""
    monkeypatch.setattr(samples, "SCALE", 0.01)


class Clock:
    """The clock of Samples."""

    now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def store(migrated: str, fresh_database: Callable[..., str], keys: Keys, clock: Clock) -> AsyncIterator[Samples]:
    """Samples in a database separate from the test's."""
    made = Samples(fresh_database(migrated), clock, keys.pseudonym)
    yield made
    await made.dispose()


@pytest.fixture
def nowhere() -> Iterator[str]:
    """The URL of a server that does not exist: its port is taken, and nothing listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"postgresql://nobody:none@127.0.0.1:{taken.getsockname()[1]}/nothing"


@pytest.fixture
async def away(nowhere: str) -> AsyncIterator[Database]:
    made = Database(nowhere)
    yield made
    await made.dispose()


@pytest.fixture
def fallback_api(keys: Keys, store: Samples) -> Callable[..., Api]:
    """Make an API with a sample fallback; `sample_fallback` may be one that another API has used."""

    def make(database: Database, sample_fallback: SampleFallback | None = None) -> Api:
        services = Services(
            database,
            keys,
            Queue(None),
            PUBLIC_URL,
            1000,
            sample_fallback=sample_fallback or SampleFallback(database, store),
        )
        api = Api(services)
        api.now = NOW
        return api

    return make


async def test_a_makerspace_without_facts_shows_a_sample_under_its_own_name_until_the_first(
    fallback_api: Callable[..., Api], database: Database, make_makerspace: MakeMakerspace
) -> None:
    makerspace = await make_makerspace("Asia/Kathmandu", name="Makers of Bhaktapur", currency="NPR")
    api = fallback_api(database)
    usage = (await api.ask(LOOK, makerspace))["usage"]
    shown = usage["meta"]["makerspace"]
    assert (shown["id"], shown["name"], shown["dataOrigin"]) == (str(makerspace), "Makers of Bhaktapur", "SAMPLE")
    meta = usage["meta"]
    assert (meta["dataOrigin"], meta["dataVersion"], meta["currency"]) == ("SAMPLE", 0, "NPR")
    assert NOTE in usage["meta"]["notes"]
    assert usage["events"]["value"] > 10
    assert usage["activeMembers"]["value"] > 3

    assert (await api.ask(RECORD, makerspace))["recordEvents"] == {"recorded": 1, "dataVersion": 1}
    usage = (await api.ask(LOOK, makerspace))["usage"]
    assert (usage["meta"]["dataOrigin"], usage["events"]["value"]) == ("LIVE", 1)
    assert NOTE not in usage["meta"]["notes"]


async def test_everything_that_reads_a_makerspace_reads_its_sample(
    fallback_api: Callable[..., Api], database: Database, make_makerspace: MakeMakerspace, keys: Keys
) -> None:
    makerspace = await make_makerspace()
    document = """{ members(first: 1) { nodes { id } } events(first: 1) { nodes { id } }
      makerspace { id sources { lastFactAt } }
      equipment { meta { dataOrigin } usedHours { value } }
      explore(table: {metrics: ["logins"], by: [MEMBER], top: 1}) { meta { dataOrigin } rows { keys values } } }"""
    answer = await fallback_api(database).ask(document, makerspace)
    assert answer["equipment"]["meta"] == answer["explore"]["meta"] == {"dataOrigin": "SAMPLE"}
    assert answer["equipment"]["usedHours"]["value"] > 0
    assert answer["makerspace"]["id"] == str(makerspace)
    assert all(source["lastFactAt"] for source in answer["makerspace"]["sources"])
    assert (len(answer["members"]["nodes"]), len(answer["events"]["nodes"])) == (1, 1)
    (row,) = answer["explore"]["rows"]
    # Pseudonyms belong to this makerspace, so a pseudonym that is shown can be used as a filter.
    pseudonym = keys.pseudonym(makerspace.value, row["keys"][0])
    chosen = document.replace("top: 1", f'where: [{{dimension: MEMBER, in: ["{pseudonym}"]}}]')
    seen = (await fallback_api(database).ask(chosen, makerspace, role="analyst"))["explore"]["rows"]
    assert seen == [{"keys": [pseudonym], "values": row["values"]}]


async def test_without_fallback_an_empty_makerspace_has_zeros_and_nulls_and_a_missing_database_is_unavailable(
    make_api: Callable[[Database], Api], database: Database, away: Database, make_makerspace: MakeMakerspace
) -> None:
    makerspace = await make_makerspace()
    usage = (await make_api(database).ask(LOOK, makerspace))["usage"]
    assert (usage["meta"]["dataOrigin"], NOTE in usage["meta"]["notes"]) == ("LIVE", False)
    assert (usage["events"]["value"], usage["eventsPerMember"]["value"]) == (0, None)
    outcome = await make_api(away).run(LOOK, makerspace)
    assert outcome.body["data"] == {"usage": None}
    assert [error["extensions"]["code"] for error in outcome.body["errors"]] == ["UNAVAILABLE"]


async def test_while_the_database_is_away_the_token_decides_whose_sample_is_shown(
    fallback_api: Callable[..., Api], away: Database
) -> None:
    own = mint(uuid4())
    api = fallback_api(away)
    usage = (await api.ask(LOOK, own))["usage"]
    shown = usage["meta"]["makerspace"]
    assert (shown["id"], shown["name"]) == (str(own), MAKERSPACES[1].name)
    assert (usage["meta"]["dataOrigin"], NOTE in usage["meta"]["notes"]) == ("SAMPLE", True)
    assert usage["events"]["value"] > 10
    foreign = await api.refusals(LOOK, own, id=str(uuid4()))
    assert foreign == [("NOT_FOUND", "No such makerspace.")]


async def test_name_and_currency_of_a_makerspace_are_remembered_when_its_database_goes_away(
    fallback_api: Callable[..., Api],
    store: Samples,
    database: Database,
    nowhere: str,
    make_makerspace: MakeMakerspace,
) -> None:
    """A makerspace that was read keeps its name and currency when its database goes away."""
    makerspace = await make_makerspace(name="Makers of Mysuru", currency="INR")
    switched = Unreachable(database, Database(nowhere))
    api = fallback_api(database, SampleFallback(switched, store))
    await api.ask(RECORD, makerspace)
    assert (await api.ask(LOOK, makerspace))["usage"]["meta"]["dataOrigin"] == "LIVE"
    switched.is_gone = True
    meta = (await api.ask(LOOK, makerspace))["usage"]["meta"]
    assert (meta["makerspace"]["name"], meta["currency"], meta["dataOrigin"]) == ("Makers of Mysuru", "INR", "SAMPLE")
    switched.is_gone = False
    assert (await api.ask(LOOK, makerspace))["usage"]["meta"]["dataOrigin"] == "LIVE"
    await switched.nowhere.dispose()


class Unreachable:
    """A database that cannot be reached while `is_gone`."""

    is_gone = False

    def __init__(self, database: Database, nowhere: Database) -> None:
        self.database = database
        self.nowhere = nowhere

    def read(self, *arguments: Any, **named: Any) -> Any:
        return (self.nowhere if self.is_gone else self.database).read(*arguments, **named)


async def test_foreign_and_unknown_makerspaces_are_not_found_while_the_database_is_there(
    fallback_api: Callable[..., Api], database: Database, make_makerspace: MakeMakerspace
) -> None:
    own, foreign, unknown = await make_makerspace(), await make_makerspace(), mint(uuid4())
    api = fallback_api(database)
    not_found = [("NOT_FOUND", "No such makerspace.")]
    assert await api.refusals(LOOK, own, id=str(foreign)) == not_found
    assert await api.refusals(LOOK, own, id=str(uuid4())) == not_found
    assert await api.refusals(LOOK, unknown) == not_found
    # Each makerspace has a sample of its own.
    assert (await api.ask(LOOK, own))["usage"]["meta"]["makerspace"]["id"] == str(own)
    assert (await api.ask(LOOK, foreign))["usage"]["meta"]["makerspace"]["id"] == str(foreign)


async def test_mutations_never_use_a_sample(
    fallback_api: Callable[..., Api], database: Database, away: Database, make_makerspace: MakeMakerspace
) -> None:
    makerspace = await make_makerspace("America/New_York", currency="USD")
    for document in (
        'mutation { recordEvents(input: [{eventType: "login"}]) { recorded } }',
        "mutation { requestReport(input: {type: USAGE, format: CSV}) { report { id } } }",
        'mutation { syncMembers(input: [{userId: "ada"}]) { recorded } }',
        'mutation { updateMakerspace(input: {name: "Other"}) { makerspace { name } } }',
    ):
        refused = await fallback_api(away).refusals(document, makerspace)
        assert [code for code, _ in refused] == ["UNAVAILABLE"], document
    # A mutation answers with the makerspace itself, not its sample.
    change = """mutation { updateMakerspace(input: {name: "Other"}) {
      makerspace { name timeZone currency dataOrigin } userErrors { message } } }"""
    answer = await fallback_api(database).ask(change, makerspace)
    assert answer["updateMakerspace"] == {
        "makerspace": {"name": "Other", "timeZone": "America/New_York", "currency": "USD", "dataOrigin": "LIVE"},
        "userErrors": [],
    }
    assert (await fallback_api(database).ask(LOOK, makerspace))["usage"]["meta"]["makerspace"]["name"] == "Other"


async def test_a_sample_is_renewed_every_hour(fallback_api: Callable[..., Api], away: Database, clock: Clock) -> None:
    makerspace, api = mint(uuid4()), fallback_api(away)
    document = "{ makerspace { sources { lastFactAt } } }"

    async def latest() -> datetime:
        sources = (await api.ask(document, makerspace))["makerspace"]["sources"]
        return max(datetime.fromisoformat(source["lastFactAt"]) for source in sources)

    first = await latest()
    api.now = clock.now = NOW + timedelta(minutes=59)
    assert await latest() == first
    api.now = clock.now = NOW + timedelta(days=60)
    assert timedelta(days=50) < await latest() - first < timedelta(days=70)


async def test_a_sample_is_completed_even_if_a_caller_stops_waiting(store: Samples) -> None:
    makerspace = mint(uuid4())

    async def read() -> str:
        async with store.read(makerspace, None, seconds=None) as connection:
            return (await connection.exec_driver_sql("SELECT origin FROM makerspaces")).scalar_one()

    waiting = [asyncio.create_task(read()) for _ in range(3)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    assert await asyncio.gather(*waiting[1:]) == ["SAMPLE"] * 2


async def test_the_oldest_sample_is_removed_first(store: Samples, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(samples, "MAX_SAMPLES", 1)
    makerspaces = [mint(uuid4()) for _ in range(2)]
    for makerspace in makerspaces:
        async with store.read(makerspace, None, seconds=None):
            pass
    async with store._database.across() as connection:
        found = set((await connection.exec_driver_sql("SELECT id FROM makerspaces")).scalars())
    assert found == {makerspaces[1].value}


async def test_a_database_that_never_answers_is_away(
    fallback_api: Callable[..., Api], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reads, "OPEN_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        database = Database(f"postgresql://nobody:none@127.0.0.1:{silent.getsockname()[1]}/nothing")
        usage = (await fallback_api(database).ask(LOOK, mint(uuid4())))["usage"]
        await database.dispose()
    assert usage["meta"]["dataOrigin"] == "SAMPLE"


async def test_without_a_database_for_samples_either_it_is_unavailable(
    fallback_api: Callable[..., Api], keys: Keys, away: Database, nowhere: str, clock: Clock
) -> None:
    unreachable = Samples(nowhere, clock, keys.pseudonym)
    api = fallback_api(away, SampleFallback(away, unreachable))
    assert [code for code, _ in await api.refusals(LOOK, mint(uuid4()))] == ["UNAVAILABLE"]
    await unreachable.dispose()
