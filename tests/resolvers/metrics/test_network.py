"""The network: each number equals that of the makerspace's own section, and all take as many statements as one."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.metrics.scenario import clone, insert_event, record_everything, roll_up
from tests.plugins.api import Api
from tests.plugins.database import mint
from tests.plugins.sample import SAMPLE_NOW

from makrcave_analytics import sample
from makrcave_analytics.loaders.read_sessions import ReadSessions
from makrcave_analytics.metrics.metric import Metric
from makrcave_analytics.schema.metrics.network import METRICS

PERIODS = {
    "period: {preset: LAST_30_DAYS}, compareTo: PREVIOUS_PERIOD": False,
    "period: {preset: TODAY}, compareTo: PREVIOUS_PERIOD_SAME_WEEKDAYS": False,
    'period: {range: {startDate: "2028-03-24", endDate: "2028-03-27"}}, compareTo: PREVIOUS_PERIOD': True,
    "period: {preset: ALL_TIME}": False,
}
"""The arguments, and whether to compare breakdowns too, which takes longer."""


def _fields(metric: Metric, *, by_parts: bool) -> str:
    """Every field of a metric."""
    by = [f"{by}: breakdown(by: {by}, top: 3) {{ key label value previous }}" for by in metric.dimensions]
    parts = " ".join(by) if by_parts else ""
    return f"{metric.key} {{ decimal previous formatted series {{ start value previous }} {parts} }}"


@pytest.fixture
def sample_api(make_api: Any, sample_database: Any) -> Api:
    api: Api = make_api(sample_database)
    api.now = SAMPLE_NOW
    return api


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The number of statements of each operation."""
    sent: list[int] = []
    close = ReadSessions.close

    async def counting(self: ReadSessions) -> int:
        sent.append(await close(self))
        return sent[-1]

    monkeypatch.setattr(ReadSessions, "close", counting)
    return sent


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.key)
async def test_each_row_equals_the_makerspaces_own_section(sample_api: Api, metric: Metric) -> None:
    section = metric.section.lower()
    for asked, by_parts in PERIODS.items():
        fields = _fields(metric, by_parts=by_parts)
        document = f"{{ network({asked}) {{ rows(first: 3) {{ nodes {{ makerspace {{ id }} {fields} }} }} }} }}"
        rows = (await sample_api.ask(document, role="super_admin"))["network"]["rows"]["nodes"]
        own = {
            str(place.id): (await sample_api.ask(f"{{ {section}({asked}) {{ {fields} }} }}", mint(place.id)))[section]
            for place in sample.MAKERSPACES
        }
        assert {row["makerspace"]["id"]: row[metric.key] for row in rows} == {
            id_: answer[metric.key] for id_, answer in own.items()
        }


async def test_totals_are_the_sums_of_the_rows(sample_api: Api) -> None:
    """Amounts in other currencies are those of the makerspaces' otherCurrencies."""
    asked = next(iter(PERIODS))
    answer = await sample_api.ask(
        f"""{{ network({asked}) {{
            period {{ startDate endDate timeZone }} comparedWith {{ endDate }} computedAt
            totals {{ makerspaces members activeMembers events usedHours
                net {{ currency gross refunds tax net transactions }} }}
            rows(first: 3) {{ nodes {{ members {{ value }} activeMembers {{ value }} events {{ value }}
                usedHours {{ value }} }} }} }} }}""",
        role="super_admin",
    )
    network = answer["network"]
    assert network["period"] == {"startDate": "2028-10-19", "endDate": "2028-11-17", "timeZone": "UTC"}
    assert network["comparedWith"] == {"endDate": "2028-10-18"}
    assert datetime.fromisoformat(network["computedAt"]) == SAMPLE_NOW
    totals, rows = network["totals"], network["rows"]["nodes"]
    assert totals["makerspaces"] == 3
    for key in ("members", "activeMembers", "events"):
        assert totals[key] == sum(row[key]["value"] for row in rows) > 0
    assert totals["usedHours"] == pytest.approx(sum(row["usedHours"]["value"] for row in rows))

    taken: dict[str, dict[str, Decimal]] = {}
    for place in sample.MAKERSPACES:
        keys = ("grossRevenue", "refunds", "tax", "netRevenue", "transactions")
        section = f"""{{ revenue({asked}) {{ meta {{ currency }} {" ".join(f"{key} {{ decimal }}" for key in keys)}
            otherCurrencies {{ currency gross refunds tax net transactions }} }} }}"""
        revenue = (await sample_api.ask(section, mint(place.id)))["revenue"]
        own = zip(_TAKEN, (revenue[key]["decimal"] for key in keys), strict=True)
        for line in [{"currency": revenue["meta"]["currency"], **dict(own)}, *revenue["otherCurrencies"]]:
            sums = taken.setdefault(line["currency"], dict.fromkeys(_TAKEN, Decimal(0)))
            taken[line["currency"]] = {key: sums[key] + Decimal(line[key]) for key in _TAKEN}
    assert {line["currency"]: {key: Decimal(line[key]) for key in _TAKEN} for line in totals["net"]} == taken
    assert len(taken) > 1


_TAKEN = ("gross", "refunds", "tax", "net", "transactions")
EVERYTHING = f"""{{ network(compareTo: PREVIOUS_PERIOD) {{
    totals {{ makerspaces members activeMembers events usedHours net {{ currency net }} }}
    rows(first: 50, orderBy: UTILIZATION) {{ totalCount nodes {{ makerspace {{ name }}
        {" ".join(f"{metric.key} {{ value previous }}" for metric in METRICS)} }} }} }} }}"""


async def test_twelve_makerspaces_take_as_many_statements_as_one(
    api: Api, owner: Any, database: Any, make_makerspace: Any, counts: list[int]
) -> None:
    makerspace = await make_makerspace()
    await record_everything(owner, makerspace, api.now - timedelta(days=2), date(2026, 2, 27))
    await roll_up(database, makerspace, "Europe/Berlin")
    (row,) = (await api.ask(EVERYTHING, role="super_admin"))["network"]["rows"]["nodes"]
    for _ in range(11):
        await clone(owner, makerspace.value)
    answer = (await api.ask(EVERYTHING, role="super_admin"))["network"]
    # The makerspaces, what was taken; of totals and order a source each: events, presence, members, sessions, bookable
    # time; of what rows show besides: members, maintenance, stock, payments.
    assert counts == [11, 11]
    assert answer["rows"]["totalCount"] == answer["totals"]["makerspaces"] == 12
    twin = row | {"makerspace": {"name": "Twin"}}
    assert answer["rows"]["nodes"] == [*[twin] * 11, row]
    assert answer["totals"]["events"] == 12 * row["events"]["value"] == 60
    # The machine is unsynced, known from its logs alone.
    alone = await api.ask("{ equipment(compareTo: PREVIOUS_PERIOD) { utilization { value previous } } }", makerspace)
    assert row["utilization"] == alone["equipment"]["utilization"]
    assert row["utilization"]["value"] == 0  # it was maintained all the while


async def test_admins_see_their_own_makerspaces_and_others_are_refused(api: Api, make_makerspace: Any) -> None:
    mine = await make_makerspace(name="Mine")
    await make_makerspace(name="Theirs")
    document = "{ network { totals { makerspaces } rows { nodes { makerspace { name } } } } }"
    own = {"totals": {"makerspaces": 1}, "rows": {"nodes": [{"makerspace": {"name": "Mine"}}]}}
    for role in ("admin", "makerspace_owner"):
        assert (await api.ask(document, mine, role=role))["network"] == own
    everything = (await api.ask(document, mine, role="super_admin"))["network"]
    assert [node["makerspace"]["name"] for node in everything["rows"]["nodes"]] == ["Mine", "Theirs"]
    for role in ("finance", "operations", "analyst", "service", "member"):
        assert await api.refusals(document, mine, role=role) == [("FORBIDDEN", "The permission NETWORK is needed.")]
    assert await api.refusals(document, role="admin") == [("FORBIDDEN", "The permission NETWORK is needed.")]


async def test_rows_are_in_order_over_pages(api: Api, owner: Any, database: Any, make_makerspace: Any) -> None:
    for name, events in (("beta", 1), ("Alpha", 3), ("gamma", 3), ("Delta", 0)):
        makerspace = await make_makerspace(name=name)
        for _ in range(events):
            await insert_event(owner, makerspace, api.now, None, "login")
        await roll_up(database, makerspace, "Europe/Berlin")

    async def names(order: str, *, first: int = 4, search: str | None = None) -> list[str]:
        document = """query ($first: Int!, $after: String, $order: NetworkOrder!, $search: String) { network {
            rows(first: $first, after: $after, orderBy: $order, search: $search) {
                nodes { makerspace { name } } pageInfo { endCursor hasNextPage } totalCount } } }"""
        found: list[str] = []
        after, goes_on = None, True
        while goes_on:
            asked = {"first": first, "after": after, "order": order, "search": search}
            page = (await api.ask(document, role="super_admin", **asked))["network"]["rows"]
            found += [node["makerspace"]["name"] for node in page["nodes"]]
            after, goes_on = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
        assert page["totalCount"] == len(found)
        return found

    for first in (1, 3, 4):
        assert await names("NAME", first=first) == ["Alpha", "beta", "Delta", "gamma"]
        assert await names("EVENTS", first=first) == ["Alpha", "gamma", "beta", "Delta"]
        # No makerspace has machines, so all values are undefined.
        assert await names("UTILIZATION", first=first) == ["Alpha", "beta", "Delta", "gamma"]
    assert await names("EVENTS", search="A", first=2) == ["Alpha", "gamma", "beta", "Delta"]
    assert await names("NAME", search=" ta ") == ["beta", "Delta"]
    assert await names("NAME", search="%") == []

    for arguments in ("first: 0", "first: 101", 'after: "nonsense"'):
        document = f"{{ network {{ rows({arguments}) {{ totalCount }} totals {{ makerspaces }} }} }}"
        outcome = await api.run(document, role="super_admin")
        assert [error["extensions"]["code"] for error in outcome.body["errors"]] == ["INVALID"]
        assert outcome.body["data"] == {"network": {"rows": None, "totals": {"makerspaces": 4}}}


async def test_each_makerspace_counts_its_own_days(api: Api, owner: Any, database: Any, make_makerspace: Any) -> None:
    """It is 22:30 on the last of February in Berlin, and March in Kolkata: one event each, half an hour ago."""
    api.now = datetime(2026, 2, 28, 21, 30, tzinfo=UTC)
    for name, zone in (("Berlin", "Europe/Berlin"), ("Kolkata", "Asia/Kolkata")):
        makerspace = await make_makerspace(zone, name=name)
        await insert_event(owner, makerspace, datetime(2026, 2, 28, 18, tzinfo=UTC), None, "login")
        await roll_up(database, makerspace, zone)
    document = "{ network(period: {preset: THIS_MONTH}) { rows { nodes { events { value series { start } } } } } }"
    rows = (await api.ask(document, role="super_admin"))["network"]["rows"]["nodes"]
    berlin, kolkata = [row["events"] for row in rows]
    assert berlin["value"] == 1
    assert len(berlin["series"]) == 28
    # In Kolkata it was still February at half past eleven in the evening.
    assert kolkata["value"] == 0
    assert kolkata["series"][0]["start"] == "2026-03-01T00:00:00+05:30"
