"""Every type in every format, for each sample makerspace: a number is the same wherever it is read."""

import asyncio
import csv
import io
import re
from collections import ChainMap
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import pytest
from tests.plugins.database import mint
from tests.plugins.sample import SAMPLE_NOW
from tests.reports.report_files import Rendered, render, report_of

from makrcave_analytics.db import Database
from makrcave_analytics.metrics.catalog.registry import section_metrics
from makrcave_analytics.metrics.display.format import formatted
from makrcave_analytics.metrics.explore.inputs import TableInput, table_as_json
from makrcave_analytics.metrics.vocabulary import Dimension, Section, Unit
from makrcave_analytics.period import Calendar, Grain
from makrcave_analytics.reports.vocabulary import ReportFormat, ReportType
from makrcave_analytics.sample import MAKERSPACES, SampleMakerspace

CSV, XLSX, PDF = ReportFormat.CSV, ReportFormat.XLSX, ReportFormat.PDF
TABLE = TableInput(["usedHours", "sessions"], [Dimension.EQUIPMENT], Grain.WEEK, top=40)
WHEN = "period: {preset: LAST_30_DAYS}, compareTo: PREVIOUS_PERIOD"
SECTIONS = {
    ReportType.USAGE: Section.USAGE,
    ReportType.EQUIPMENT: Section.EQUIPMENT,
    ReportType.INVENTORY: Section.INVENTORY,
    ReportType.PROJECTS: Section.PROJECTS,
    ReportType.REVENUE: Section.REVENUE,
    ReportType.MEMBERS: Section.USAGE,
}
SHOWN = {
    ReportType.MEMBERS: (
        "members", "newMembers", "lostMembers", "churnRate", "activeMembers", "visits", "stickiness", "eventsPerMember",
    ),
}  # fmt: skip
"""The metrics of types that do not show all of their section."""
Files = Mapping[tuple[str, ReportType, ReportFormat], Rendered]


@pytest.fixture(scope="module")
def files(sample_url: str) -> Iterator[Files]:
    async def make_all(database: Database, one: SampleMakerspace) -> Files:
        calendar = Calendar(ZoneInfo(one.time_zone), one.week_start, one.fiscal_year_start_month)
        further = {"subject": await _busiest_member(sample_url, one), "table": table_as_json(TABLE)}
        found = {}
        for type_ in ReportType:
            for format_ in ReportFormat:
                report = report_of(mint(one.id), calendar, SAMPLE_NOW, type_, format_, **further)
                found[one.prefix, type_, format_] = await render(database, report)
        return found

    async def make() -> Files:
        database = Database(sample_url, pool_size=3, statement_seconds=120)
        try:
            return ChainMap(*await asyncio.gather(*(make_all(database, one) for one in MAKERSPACES)))
        finally:
            await database.dispose()

    with ThreadPoolExecutor(1) as thread:
        yield thread.submit(asyncio.run, make()).result()


async def _busiest_member(url: str, one: SampleMakerspace) -> str:
    """The member with the most rows in a makerspace."""
    connection = await asyncpg.connect(url)
    try:
        found: str = await connection.fetchval(
            "SELECT user_id FROM usage_events WHERE makerspace_id = $1 AND user_id IS NOT NULL "
            "GROUP BY user_id ORDER BY count(*) DESC, user_id LIMIT 1",
            one.id,
        )
        return found
    finally:
        await connection.close()


@pytest.fixture
def sample_api(make_api, sample_database):
    api = make_api(sample_database)
    api.now = SAMPLE_NOW
    return api


def lines(rendered: Rendered) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(rendered.data.decode(), newline="")))


def spaces(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def readable(formatted: str) -> str:
    """The part of a formatted number that the text of a PDF holds in one piece: shaped currency signs are split."""
    return spaces(formatted) if formatted.isascii() or "€" in formatted or "₹" in formatted else _digits(formatted)


def _digits(formatted: str) -> str:
    found = re.search(r"-?[\d.,]*\d", formatted)
    return found.group() if found else ""


def below(sheet: Any, title: str, occurrence: int = -1) -> list[tuple[Any, ...]]:
    """The rows of the table below an occurrence of a title, its header first, up to the first empty line."""
    rows = list(sheet.iter_rows(values_only=True))
    start = [place for place, row in enumerate(rows) if row[0] == title][occurrence] + 1
    end = next((place for place in range(start, len(rows)) if rows[place][0] is None), len(rows))
    return rows[start:end]


@pytest.mark.parametrize("one", MAKERSPACES, ids=lambda one: one.prefix)
@pytest.mark.parametrize("type_", SECTIONS)
async def test_totals_equal_graphql_in_workbook_and_pages(files: Files, sample_api, one, type_) -> None:
    every = section_metrics(SECTIONS[type_])
    metrics = [metric for metric in every if type_ not in SHOWN or metric.key in SHOWN[type_]]
    fields = " ".join(f"{metric.key} {{ decimal formatted previous changePercent }}" for metric in metrics)
    document = f"{{ answer: {SECTIONS[type_].lower()}({WHEN}) {{ {fields} }} }}"
    answer = (await sample_api.ask(document, mint(one.id)))["answer"]
    sheet = files[one.prefix, type_, XLSX].workbook["Summary"]
    occurrence = -2 if type_ is ReportType.MEMBERS else -1  # one of its figures has the name of the table
    found = {row[0]: row for row in below(sheet, type_.capitalize(), occurrence)}
    text = files[one.prefix, type_, PDF].read(0)
    for metric in metrics:
        exact, formatted = answer[metric.key]["decimal"], answer[metric.key]["formatted"]
        _, value, previous, change, _ = found[metric.label][:5]
        assert value == (None if exact is None else pytest.approx(float(exact), rel=1e-15, abs=0)), metric.key
        assert previous == answer[metric.key]["previous"], metric.key
        assert change == answer[metric.key]["changePercent"], metric.key
        assert f"{metric.label} {readable(formatted)}" in text or readable(formatted) in text, (metric.key, formatted)


TABLES = [
    (ReportType.USAGE, "Types", "Events by type", "events", Dimension.EVENT_TYPE, 20),
    (ReportType.USAGE, "Members", "Most active members", "events", Dimension.MEMBER, 20),
    (ReportType.INVENTORY, "Items", "Consumption by item", "costConsumed", Dimension.ITEM, 100),
    (ReportType.INVENTORY, "Categories and suppliers", "By category", "costConsumed", Dimension.ITEM_CATEGORY, 20),
    (ReportType.PROJECTS, "Largest projects", "Costliest", "totalCost", Dimension.PROJECT, 15),
    (ReportType.REVENUE, "Where it comes from", "By source", "netRevenue", Dimension.REVENUE_SOURCE, 20),
    (ReportType.REVENUE, "Customers", "Top customers", "netRevenue", Dimension.CUSTOMER, 20),
]


@pytest.mark.parametrize("one", MAKERSPACES, ids=lambda one: one.prefix)
@pytest.mark.parametrize(("type_", "sheet", "title", "metric", "by", "top"), TABLES, ids=[row[2] for row in TABLES])
async def test_slices_and_the_rest_equal_graphql(
    files: Files, sample_api, one, type_, sheet, title, metric, by, top
) -> None:
    document = f"""{{ answer: {SECTIONS[type_].lower()}({WHEN}) {{ {metric} {{
      breakdown(by: {by}, top: {top}) {{ label decimal isOther }} }} }} }}"""
    parts = (await sample_api.ask(document, mint(one.id)))["answer"][metric]["breakdown"]
    head, *rows = below(files[one.prefix, type_, XLSX].workbook[sheet], title, 0)
    label = next(metric_.label for metric_ in section_metrics(SECTIONS[type_]) if metric_.key == metric)
    place = head.index(label)
    answered = [(part["label"], float(part["decimal"])) for part in parts]
    assert [(row[0], row[place]) for row in rows] == answered
    assert len(answered) > 1


@pytest.mark.parametrize("one", MAKERSPACES, ids=lambda one: one.prefix)
async def test_fact_rows_sum_to_the_totals_of_graphql(files: Files, sample_api, one) -> None:
    answer = await sample_api.ask(
        f"""{{ usage({WHEN}) {{ events {{ decimal }} logins {{ decimal }} }}
        equipment({WHEN}) {{ sessions {{ decimal }} energy {{ decimal }} }}
        inventory({WHEN}) {{ costConsumed {{ decimal }} reordersTriggered {{ decimal }} }}
        revenue({WHEN}) {{ grossRevenue {{ decimal }} refunds {{ decimal }} tax {{ decimal }} }} }}""",
        mint(one.id),
    )
    for format_ in (CSV, XLSX):
        events = facts(files[one.prefix, ReportType.USAGE, format_], "Events")
        assert len(events) == int(answer["usage"]["events"]["decimal"])
        assert sum(row["event_type"] == "login" for row in events) == int(answer["usage"]["logins"]["decimal"])
        logs = facts(files[one.prefix, ReportType.EQUIPMENT, format_], "Sessions")
        uses = [row for row in logs if row["usage_type"] not in ("maintenance", "repair")]
        assert len(uses) == int(answer["equipment"]["sessions"]["decimal"])
        assert added(row["energy_kwh"] for row in uses) == Decimal(answer["equipment"]["energy"]["decimal"])
        used = facts(files[one.prefix, ReportType.INVENTORY, format_], "Consumption")
        assert added(row["cost_consumed"] for row in used) == Decimal(answer["inventory"]["costConsumed"]["decimal"])
        reorders = sum(str(row["reorder_triggered"]).lower() == "true" for row in used)
        assert reorders == int(answer["inventory"]["reordersTriggered"]["decimal"])
        paid = [
            r
            for r in facts(files[one.prefix, ReportType.REVENUE, format_], "Payments")
            if r["currency"] == one.currency
        ]
        amounts = [Decimal(str(row["amount"])) for row in paid]
        assert added(a for a in amounts if a > 0) == Decimal(answer["revenue"]["grossRevenue"]["decimal"])
        assert -added(a for a in amounts if a < 0) == Decimal(answer["revenue"]["refunds"]["decimal"])
        assert added(row["tax_amount"] for row in paid) == Decimal(answer["revenue"]["tax"]["decimal"])


def facts(rendered: Rendered, sheet: str) -> list[dict[str, Any]]:
    if rendered.report.format is CSV:
        return lines(rendered)
    header, *rows = rendered.workbook[sheet].iter_rows(values_only=True)
    return [dict(zip(header, row, strict=True)) for row in rows]


def added(values: Any) -> Decimal:
    return sum((Decimal(str(value)) for value in values if value not in (None, "")), Decimal(0))


@pytest.mark.parametrize("one", MAKERSPACES, ids=lambda one: one.prefix)
async def test_the_executive_summary_equals_graphql_in_every_format(files: Files, sample_api, one) -> None:
    rows = lines(files[one.prefix, ReportType.EXECUTIVE, CSV])
    by_section: dict[str, list[str]] = {}
    for row in rows:
        section = {"Members": "usage", "How things stand": "overview"}.get(row["section"], row["section"].lower())
        by_section.setdefault(section, []).append(row["metric"])
    cards = ("totalRevenue", "revenueThisMonth")
    asked = " ".join(
        f"{section}{'' if section == 'overview' else f'({WHEN})'} {{ "
        + " ".join(key if section == "overview" and key not in cards else f"{key} {{ decimal }}" for key in keys)
        + " }"
        for section, keys in by_section.items()
    )
    answer = await sample_api.ask(f"{{ {asked} }}", mint(one.id))
    answered = {key: value for section in answer.values() for key, value in section.items()}
    exact = {key: value["decimal"] if isinstance(value, dict) else str(value) for key, value in answered.items()}
    assert {row["metric"]: row["value"] or None for row in rows} == exact
    pages = files[one.prefix, ReportType.EXECUTIVE, PDF]
    assert len(pages.pdf.pages) == 2
    sheet = files[one.prefix, ReportType.EXECUTIVE, XLSX].workbook["Summary"]
    values = {row[0].value: row[1].value for row in sheet.iter_rows() if row[0].value}
    for row in rows:
        assert values[row["label"]] == (float(row["value"]) if row["value"] else None) or row["section"] != "Revenue"


@pytest.mark.parametrize("one", MAKERSPACES, ids=lambda one: one.prefix)
async def test_a_custom_table_equals_explore(files: Files, sample_api, one) -> None:
    asked = '{metrics: ["usedHours", "sessions"], by: [EQUIPMENT], grain: WEEK, top: 40}'
    document = f"""{{ explore({WHEN}, table: {asked}) {{
      rows {{ start keys labels decimals }} }} }}"""
    answer = (await sample_api.ask(document, mint(one.id)))["explore"]["rows"]
    answered = [(row["start"][:10], row["labels"][0], row["keys"][0], *row["decimals"]) for row in answer]
    of_csv = lines(files[one.prefix, ReportType.CUSTOM, CSV])
    columns = ("start", "equipment", "equipment_id", "used_hours", "sessions")
    assert [tuple(row[column] for column in columns) for row in of_csv] == answered
    header, *rows = below(files[one.prefix, ReportType.CUSTOM, XLSX].workbook["Table"], "Table")[: len(answered) + 1]
    assert header[:4] == ("Week", "Equipment", "Id", "Used hours")
    of_xlsx = [(str(row[0].date()), *row[1:3], row[3], row[5]) for row in rows]
    assert of_xlsx == [(*row[:3], float(row[3]), float(row[4])) for row in answered]
    text, locale = files[one.prefix, ReportType.CUSTOM, PDF].read(), one.locale
    for _, label, _, hours, sessions in answered:
        assert label in text
        for exact, unit in ((hours, Unit.HOURS), (sessions, Unit.COUNT)):
            assert spaces(formatted(Decimal(exact), unit, one.currency, locale)) in text


@pytest.mark.parametrize("one", MAKERSPACES, ids=lambda one: one.prefix)
async def test_lists_hold_what_graphql_lists(files: Files, sample_api, one) -> None:
    answer = await sample_api.ask(
        f"""{{ equipment({WHEN}) {{ machines(first: 100, orderBy: NAME) {{ nodes {{ equipment {{ id name hourlyRate }}
          maintenance {{ dueOn isOverdue }} usedHours {{ decimal }} }} }} }}
        inventory({WHEN}) {{ items(first: 100, orderBy: NAME) {{ nodes {{
          item {{ id unitCost }} dailyRate daysOfCover stockOutOn isLow }} }} }} }}""",
        mint(one.id),
    )
    machines = {row["equipment_id"]: row for row in lines(files[one.prefix, ReportType.EQUIPMENT_LIST, CSV])}
    hours = {
        row[1]: row[3]
        for row in below(files[one.prefix, ReportType.EQUIPMENT, XLSX].workbook["Machines"], "Machines")[1:]
    }
    for node in answer["equipment"]["machines"]["nodes"]:
        id_, kept = node["equipment"]["id"], node["maintenance"]
        assert hours.get(id_, 0) == float(node["usedHours"]["decimal"])
        if row := machines.get(id_):
            assert (row["maintenance_due_on"] or None, row["is_overdue"]) == (
                kept["dueOn"],
                str(kept["isOverdue"]).lower(),
            )
            assert (row["hourly_rate"] or None) == node["equipment"]["hourlyRate"]
    items = {row["item_id"]: row for row in lines(files[one.prefix, ReportType.INVENTORY_LIST, CSV])}
    for node in answer["inventory"]["items"]["nodes"]:
        if row := items.get(node["item"]["id"]):
            numbers = [None if row[key] == "" else float(row[key]) for key in ("daily_rate", "days_of_cover")]
            assert numbers == [node["dailyRate"], node["daysOfCover"]]
            assert (row["stock_out_on"] or None, row["is_low"]) == (node["stockOutOn"], str(node["isLow"]).lower())
            assert (row["unit_cost"] or None) == node["item"]["unitCost"]
    for type_, listed in ((ReportType.EQUIPMENT_LIST, machines), (ReportType.INVENTORY_LIST, items)):
        text = files[one.prefix, type_, PDF].read()
        assert [id_ for id_ in listed if id_[:12] not in text] == [], "long ones are broken over lines"


@pytest.mark.parametrize("one", MAKERSPACES, ids=lambda one: one.prefix)
async def test_member_data_holds_every_row_of_the_person(files: Files, sample_url: str, one) -> None:
    person = files[one.prefix, ReportType.MEMBER_DATA, CSV].report.spec.subject
    connection = await asyncpg.connect(sample_url)
    try:
        counts = {
            kind: await connection.fetchval(
                f"SELECT count(*) FROM {table} WHERE makerspace_id = $1 AND {column} = $2", one.id, person
            )
            for kind, table, column in (
                ("member", "members", "user_id"),
                ("event", "usage_events", "user_id"),
                ("equipment_usage", "equipment_usage_logs", "user_id"),
                ("inventory_usage", "inventory_analytics", "user_id"),
                ("revenue", "revenue_analytics", "customer_id"),
                ("project", "project_analytics", "owner_id"),
            )
        }
    finally:
        await connection.close()
    rows = lines(files[one.prefix, ReportType.MEMBER_DATA, CSV])
    assert counts["event"] > 0
    assert {kind: sum(row["kind"] == kind for row in rows) for kind in counts} == counts
    assert list(rows[0]) == ["kind", "time", "data"]


def test_every_file_names_its_sources(files: Files) -> None:
    homes = {one.prefix: one for one in MAKERSPACES}
    for (prefix, type_, format_), rendered in files.items():
        one = homes[prefix]
        if format_ is PDF:
            text = rendered.read(-2, -1)
            assert "What this was computed from" in text, type_
            assert f"Time zone {one.time_zone} Currency {one.currency} Data version 1" in text, type_
            assert "SAMPLE" in text
        elif format_ is XLSX:
            sheet = rendered.workbook["Sources"]
            answered = {row[0]: row[1] for row in sheet.iter_rows(values_only=True, max_col=2)}
            assert (answered["Time zone"], answered["Currency"], answered["Data version"]) == (
                one.time_zone,
                one.currency,
                "1",
            )


def test_no_formula_no_error_and_no_empty_chart_is_in_any_workbook(files: Files) -> None:
    charts = 0
    for (_, type_, format_), rendered in files.items():
        if format_ is not XLSX:
            continue
        for sheet in rendered.workbook:
            types = {cell.data_type for row in sheet.iter_rows() for cell in row}
            assert types <= {"s", "n", "d", "b"}, (type_, sheet.title, types)
            charts += len(sheet._charts)
            for chart in sheet._charts:
                assert all(series.val.numRef.f.count("$") == 4 for series in chart.series)
    assert charts > 3 * 12


def test_the_same_report_is_the_same_to_the_byte(files: Files, sample_url: str) -> None:
    one = MAKERSPACES[1]

    async def again(format_: ReportFormat) -> bytes:
        database = Database(sample_url, pool_size=2)
        try:
            return (await render(database, files[one.prefix, ReportType.PROJECTS, format_].report)).data
        finally:
            await database.dispose()

    with ThreadPoolExecutor(1) as thread:
        for format_ in (CSV, PDF):
            assert (
                thread.submit(asyncio.run, again(format_)).result()
                == files[one.prefix, ReportType.PROJECTS, format_].data
            )
