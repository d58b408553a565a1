"""Runs the queries of docs/queries.md unchanged, and checks that they answer what the page says."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import aclosing
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tests.plugins.api import Api
from tests.plugins.database import MakeMakerspace, mint
from tests.plugins.sample import SAMPLE_NOW

from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.db import Database
from makrcave_analytics.sample import MAKERSPACES

PAGE = Path(__file__).parents[2] / "docs" / "queries.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Example(NamedTuple):
    """A query of the page, with the variables below it."""

    document: str
    variables: dict[str, Any]


def _examples() -> Iterator[tuple[str, Example]]:
    blocks = [(kind, text) for kind, text in BLOCK.findall(PAGE.read_text(encoding="utf-8")) if kind != "js"]
    for (kind, document), (following, variables) in zip(blocks, [*blocks[1:], ("", "")], strict=True):
        if kind == "graphql":
            (name,) = re.findall(r"^(?:query|subscription) (\w+)", document, re.MULTILINE)
            yield name, Example(document, json.loads(variables) if following == "json" else {})


EXAMPLES = dict(_examples())
WERKHOF = mint(MAKERSPACES[1].id)


@pytest.fixture
def sample_api(make_api: Callable[[Database], Api], sample_database: Database) -> Api:
    api = make_api(sample_database)
    api.now = SAMPLE_NOW
    return api


async def _answer(api: Api, name: str, makerspace: MakerspaceId = WERKHOF, **variables: Any) -> Any:
    example = EXAMPLES[name]
    return await api.ask(example.document, makerspace, **example.variables | variables)


def test_the_page_shows_what_a_portal_needs() -> None:
    assert list(EXAMPLES) == [
        *("Cards", "Timeline", "UsualDay", "Pie", "Feed", "FindMember", "HeatMap", "StackedArea", "Retention", "Now"),
        *("Machines", "MachineHours", "Stock", "Reorder", "Projects", "ProjectList", "Revenue", "Network", "Ledger"),
        *("PeakHours", "SourcesByMonth", "CostliestProjects", "Catalogue", "FirstScreen"),
        *("Live", "Progress"),
    ]


async def _first(api: Api, name: str, makerspace: MakerspaceId, **variables: Any) -> Any:
    async with aclosing(api.subscribe(EXAMPLES[name].document, makerspace, **variables)) as outcomes:
        outcome = await anext(outcomes)
    assert "errors" not in outcome.body, outcome.body
    return outcome.body["data"]


@pytest.mark.parametrize("name", [name for name, it in EXAMPLES.items() if not it.document.startswith("subscription")])
async def test_every_query_answers_something(sample_api: Api, name: str) -> None:
    for makerspace in MAKERSPACES:
        answer = await _answer(sample_api, name, mint(makerspace.id))
        assert all(answer.values())


async def test_the_heat_map_has_a_cell_an_hour_of_the_week(sample_api: Api) -> None:
    usage = (await _answer(sample_api, "HeatMap"))["usage"]
    cells = [(cell["dayOfWeek"], cell["hour"]) for cell in usage["heatmap"]]
    assert cells == [(day, hour) for day in range(7) for hour in range(24)]
    assert 0 <= usage["peakHour"] <= 23


async def test_every_card_has_a_number_and_a_change(sample_api: Api) -> None:
    usage = (await _answer(sample_api, "Cards"))["usage"]
    assert usage["meta"]["dataOrigin"] == "SAMPLE"
    for key in ("events", "logins", "activeMembers"):
        card = usage[key]
        assert card["key"] == key
        assert card["value"] > 0
        assert card["change"] == card["value"] - card["previous"]


async def test_the_timeline_ends_with_the_running_hour(sample_api: Api) -> None:
    """It is 14:30 in Berlin."""
    columns = (await _answer(sample_api, "Timeline"))["usage"]["events"]["columns"]
    assert len(columns["labels"]) == len(columns["values"]) == len(columns["previous"]) == 15
    assert columns["isPartial"] == [False] * 14 + [True]


async def test_the_usual_day_has_24_hours(sample_api: Api) -> None:
    slices = (await _answer(sample_api, "UsualDay"))["usage"]["events"]["breakdown"]
    assert [slice_["key"] for slice_ in slices] == [str(hour) for hour in range(24)]


async def test_the_slices_of_the_pie_sum_to_the_total(sample_api: Api) -> None:
    events = (await _answer(sample_api, "Pie"))["usage"]["events"]
    assert [slice_["isOther"] for slice_ in events["breakdown"]] == [False] * 5 + [True]
    assert sum(slice_["share"] for slice_ in events["breakdown"]) == pytest.approx(1)
    assert sum(slice_["value"] for slice_ in events["breakdown"]) == events["value"]


async def test_the_feed_continues_after_its_cursor(sample_api: Api) -> None:
    first = (await _answer(sample_api, "Feed"))["events"]
    second = (await _answer(sample_api, "Feed", after=first["pageInfo"]["endCursor"]))["events"]
    stamps = [node["timestamp"] for page in (first, second) for node in page["nodes"]]
    assert len(stamps) == 40
    assert stamps == sorted(stamps, reverse=True)
    assert any(node["member"] for node in first["nodes"])


async def test_the_feed_accepts_a_member_that_the_search_finds(sample_api: Api) -> None:
    found = (await _answer(sample_api, "FindMember"))["members"]["nodes"]
    assert all("an" in (member["displayName"] + "\n" + member["id"]).lower() for member in found)
    member = found[0]
    events = (await _answer(sample_api, "Feed", filter={"userId": member["id"]}))["events"]["nodes"]
    assert {event["member"]["displayName"] for event in events} <= {member["displayName"]}


async def test_the_layers_sum_to_the_total(sample_api: Api) -> None:
    layers = (await _answer(sample_api, "StackedArea"))["usage"]["events"]["breakdown"]
    whole = await sample_api.ask(
        "{ usage(period: { preset: LAST_90_DAYS }) { events { series(grain: WEEK) { start value } } } }", WERKHOF
    )
    series = whole["usage"]["events"]["series"]
    for layer in layers:
        assert [bucket["start"] for bucket in layer["series"]] == [bucket["start"] for bucket in series]
    sums = [sum(layer["series"][n]["value"] for layer in layers) for n in range(len(series))]
    assert sums == [bucket["value"] for bucket in series]


async def test_the_cards_are_consistent(sample_api: Api) -> None:
    overview = (await _answer(sample_api, "Now"))["overview"]
    assert overview["activeMembersToday"] <= overview["activeMembersThisWeek"] <= overview["totalMembers"]
    assert overview["equipmentInUse"] <= overview["totalEquipment"]


async def test_the_months_of_projects_sum_to_the_year(sample_api: Api) -> None:
    projects = (await _answer(sample_api, "Projects"))["projects"]
    assert (
        sum(point["value"] for point in projects["completedProjects"]["series"])
        == projects["completedProjects"]["value"]
    )
    assert (
        sum(part["value"] for part in projects["projectsStarted"]["breakdown"]) == projects["projectsStarted"]["value"]
    )


async def test_makerspaces_stand_side_by_side_by_how_much_they_are_used(sample_api: Api) -> None:
    example = EXAMPLES["Network"]
    network = (await sample_api.ask(example.document, role="super_admin", **example.variables))["network"]
    rows = network["rows"]["nodes"]
    assert {row["makerspace"]["id"] for row in rows} == {str(makerspace.id) for makerspace in MAKERSPACES}
    shares = [float(row["utilization"]["formatted"].replace(",", ".").rstrip(" %\u00a0")) for row in rows]
    assert shares == sorted(shares, reverse=True)
    assert network["totals"]["makerspaces"] == 3


async def test_machines_are_listed_with_numbers_that_sum_to_the_whole(sample_api: Api) -> None:
    equipment = (await _answer(sample_api, "Machines", filter=None))["equipment"]
    machines = equipment["machines"]["nodes"]
    hours = [machine["usedHours"]["value"] for machine in machines]
    assert hours == sorted(hours, reverse=True)
    lasers = (await _answer(sample_api, "Machines"))["equipment"]["machines"]["nodes"]
    assert {machine["equipment"]["category"] for machine in lasers} == {"laser_cutter"}
    assert len((await _answer(sample_api, "MachineHours"))["equipment"]["heatmap"]) == 168


async def test_the_items_to_order_are_low(sample_api: Api) -> None:
    items = (await _answer(sample_api, "Reorder"))["inventory"]["items"]["nodes"]
    assert items
    assert all(item["item"]["onHand"] <= item["item"]["reorderPoint"] for item in items)


async def test_the_sources_sum_to_the_revenue(sample_api: Api) -> None:
    revenue = (await _answer(sample_api, "Revenue"))["revenue"]
    assert revenue["meta"]["currency"] == "EUR"
    parts = revenue["netRevenue"]["breakdown"]
    assert sum(part["share"] for part in parts) == pytest.approx(1)
    rows = (await _answer(sample_api, "SourcesByMonth"))["explore"]["rows"]
    assert sum(Decimal(row["decimals"][0]) for row in rows) == Decimal(revenue["netRevenue"]["decimal"])


async def test_peak_hours_come_with_the_busiest_first(sample_api: Api) -> None:
    table = (await _answer(sample_api, "PeakHours"))["explore"]
    assert [column["key"] for column in table["columns"]] == ["HOUR_OF_DAY", "MEMBER_PLAN", "usedHours", "sessions"]
    hours = [row["values"][0] for row in table["rows"]]
    assert hours == sorted(hours, reverse=True)
    assert all(":" in row["labels"][0] for row in table["rows"])
    costs = (await _answer(sample_api, "CostliestProjects"))["explore"]
    assert (len(costs["rows"]), costs["isTruncated"]) == (10, True)


async def test_projects_are_those_that_the_metric_counts(sample_api: Api) -> None:
    projects = (await _answer(sample_api, "ProjectList"))["projects"]
    assert projects["projects"]["totalCount"] == projects["activeProjects"]["value"] > 0
    costs = [float(row["project"]["totalCost"] or 0) for row in projects["projects"]["nodes"]]
    assert costs == sorted(costs, reverse=True)


async def test_the_ledger_shows_rows_of_its_days(sample_api: Api) -> None:
    ledger = await _answer(sample_api, "Ledger")
    for key, day in (("transactions", "transactionDate"), ("equipmentLogs", "startTime"), ("inventoryRows", "date")):
        days = [node[day][:10] for node in ledger[key]["nodes"]]
        assert days == sorted(days, reverse=True)
        assert all("2028-05-01" <= day <= "2028-10-31" for day in days)
        assert days


async def test_live_data_begins_with_the_current_state(sample_api: Api) -> None:
    change = (await _first(sample_api, "Live", WERKHOF))["dataChanged"]
    whole = await sample_api.ask("{ usage { meta { dataVersion } } }", WERKHOF)
    assert change["dataVersion"] == whole["usage"]["meta"]["dataVersion"]
    assert "USAGE" in change["sections"]


async def test_a_report_is_followed_from_its_request(api: Api, make_makerspace: MakeMakerspace) -> None:
    makerspace = await make_makerspace()
    request = "mutation { requestReport(input: { type: USAGE, format: CSV }) { report { id } } }"
    report = (await api.ask(request, makerspace))["requestReport"]["report"]["id"]
    progress = (await _first(api, "Progress", makerspace, report=report))["reportProgress"]
    assert progress == {"status": "PENDING", "progress": 0.0, "stage": None, "file": None, "error": None}
