"""Tables that cannot be: each is told what would have been accepted, and nothing beside it is lost."""

from typing import Any

import pytest

ASK = """query($table: TableInput!, $period: PeriodInput) {
  explore(table: $table, period: $period) { rows { values } }
  viewer { userId }
}"""
TEN_YEARS = {"range": {"startDate": "2016-01-01", "endDate": "2026-01-01"}}
A_MONTH_AND_A_DAY = {"range": {"startDate": "2026-01-01", "endDate": "2026-02-01"}}
REVENUE_BY = "REVENUE_SOURCE, PAYMENT_METHOD, CUSTOMER, MEMBER_PLAN, EQUIPMENT"
WHEN = "HOUR_OF_DAY, DAY_OF_WEEK"
COARSER = "WEEK, MONTH, QUARTER, YEAR"


def sessions(**more: Any) -> dict[str, Any]:
    return {"metrics": ["sessions"]} | more


def only(dimension: str, *keys: str) -> dict[str, Any]:
    return {"dimension": dimension, "in": list(keys)}


REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    "no metric": (sessions(metrics=[]), "table.metrics", "At least one metric is needed"),
    "an unknown metric": (sessions(metrics=["hours"]), "table.metrics", "No such metric: hours. Accepted: events, "),
    "no metric at all": (sessions(metrics=["\ud800\0\n" + "x" * 999]), "table.metrics", r"\ud800\x00\nxxx"),
    "a metric twice": (sessions(metrics=["sessions"] * 2), "table.metrics", "sessions is there twice"),
    "metrics of two sections": (
        sessions(metrics=["sessions", "events"]),
        "table.metrics",
        "Metrics of one section only. Accepted with sessions: usedHours, sessions, machineUsers, ",
    ),
    "a dimension that the metric lacks": (
        {"metrics": ["grossRevenue"], "by": ["ITEM"]},
        "table.by",
        f"grossRevenue cannot be broken down by ITEM. Accepted: {REVENUE_BY}.",
    ),
    "a dimension that one of the metrics lacks": (
        sessions(metrics=["sessions", "utilization"], by=["EQUIPMENT", "MEMBER"]),
        "table.by",
        f"utilization cannot be broken down by MEMBER. Accepted: EQUIPMENT, EQUIPMENT_CATEGORY, {WHEN}.",
    ),
    "four dimensions": (
        sessions(by=["EQUIPMENT", "MEMBER", "PROJECT", "HOUR_OF_DAY"]),
        "table.by",
        "At most 3 dimensions are accepted.",
    ),
    "a dimension twice": (sessions(by=["MEMBER", "MEMBER"]), "table.by", "MEMBER is there twice"),
    "top 0": (sessions(top=0), "table.top", "top must be from 1 to 1,000."),
    "top below": (sessions(top=-(2**31)), "table.top", "top must be from 1 to 1,000."),
    "top 1,001": (sessions(top=1001), "table.top", "top must be from 1 to 1,000."),
    "an order by what is not asked": (
        sessions(metrics=["sessions", "usedHours"], orderBy={"metric": "energy"}),
        "table.orderBy.metric",
        "Order by a metric of the table. Accepted: sessions, usedHours.",
    ),
    "a grain that one of the metrics has not": (
        {"metrics": ["events", "activeDays"], "grain": "HOUR"},
        "table.grain",
        f"HOUR is finer than this metric is kept. Accepted: DAY, {COARSER}.",
    ),
    "a filter by a dimension that the metric lacks": (
        sessions(where=[only("EQUIPMENT", "laser"), only("ITEM", "plywood")]),
        "table.where.1.dimension",
        "sessions cannot be broken down by ITEM. Accepted: EQUIPMENT, EQUIPMENT_CATEGORY, USAGE_TYPE, MEMBER, ",
    ),
    "a filter that says nothing": (sessions(where=[{"dimension": "MEMBER"}]), "table.where.0", "says in or notIn"),
    "an hour that no day has": (
        sessions(where=[only("DAY_OF_WEEK", "0", "7")]),
        "table.where.0.in",
        "DAY_OF_WEEK has no such key. Accepted: 0, 1, 2, 3, 4, 5, 6.",
    ),
    "101 keys": (sessions(where=[only("MEMBER", *map(str, range(101)))]), "table.where.0.in", "at most 100 keys"),
    "a long key": (sessions(where=[only("MEMBER", "x" * 101)]), "table.where.0.in", "1 to 100 characters"),
    "a key that is no text": (sessions(where=[only("MEMBER", "a\0")]), "table.where.0.in", "without NUL"),
    "eleven filters": (sessions(where=[only("MEMBER", "ada")] * 11), "table.where", "At most 10 filters are accepted."),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_what_cannot_be_is_refused_and_says_what_can(api: Any, make_makerspace: Any, name: str) -> None:
    table, field, message = REFUSED[name]
    await _refused(api, await make_makerspace(), field, message, table=table)


async def test_hours_have_their_limits(api: Any, make_makerspace: Any) -> None:
    makerspace, field = await make_makerspace(), "table.grain"
    events = {"metrics": ["events"], "grain": "HOUR", "top": 1}
    years = f"HOUR needs a period of at most 10 years. Accepted for this one: DAY, {COARSER}."
    await _refused(api, makerspace, field, years, table=events, period=TEN_YEARS)
    ten_years_exactly = {"range": TEN_YEARS["range"] | {"endDate": "2025-12-31"}}
    found = await api.ask(ASK, makerspace, table=events, period=ten_years_exactly)
    assert found["explore"]["rows"] == [{"values": [0]}]
    visits = {"metrics": ["events", "visits"], "grain": "HOUR"}
    month = f"HOUR needs a period of at most 31 days here. Accepted for this one: DAY, {COARSER}."
    await _refused(api, makerspace, field, month, table=visits, period=A_MONTH_AND_A_DAY)


async def test_sql_is_text(api: Any, make_makerspace: Any) -> None:
    quoted = "'; DROP TABLE usage_events; --"
    makerspace = await make_makerspace()
    table = {"metrics": ["events"], "where": [only("EVENT_TYPE", quoted), only("MEMBER", "%", "\\", quoted)]}
    assert (await api.ask(ASK, makerspace, table=table))["explore"] == {"rows": [{"values": [0]}]}
    await _refused(api, makerspace, "table.metrics", "No such metric: '; DROP", table={"metrics": [quoted]})


async def test_too_many_combinations_are_not_even_read(
    api: Any, make_makerspace: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a limit of three, so that a test need not store fifty thousand rows."""
    monkeypatch.setattr("makrcave_analytics.metrics.explore.table.MOST_COMBINATIONS", 3)
    makerspace = await make_makerspace()
    record = """mutation($events: [UsageEventInput!]!) { recordEvents(input: $events) { recorded } }"""
    events = [{"id": f"e{n}", "userId": f"u{n % 4}", "eventType": "login"} for n in range(8)]
    assert (await api.ask(record, makerspace, events=events[:3]))["recordEvents"]["recorded"] == 3
    logins = {"metrics": ["logins"], "by": ["MEMBER", "HOUR_OF_DAY"]}
    assert (await api.ask(ASK, makerspace, table=logins))["explore"]["rows"] == [{"values": [1]}] * 3
    await api.ask(record, makerspace, events=events)
    message = "more than 3 combinations. Ask for fewer dimensions, a coarser grain, a shorter period, or filter."
    await _refused(api, makerspace, "table", message, table=logins)
    assert (await api.ask(ASK, makerspace, table={"metrics": ["logins"]}))["explore"]["rows"] == [{"values": [8]}]


async def test_a_foreign_makerspace_is_not_found(api: Any, make_makerspace: Any) -> None:
    own, foreign = await make_makerspace(), await make_makerspace()
    document = ASK.replace("explore(", f'explore(makerspaceId: "{foreign}", ')
    outcome = await api.run(document, own, table={"metrics": ["events"]})
    assert [error["extensions"]["code"] for error in outcome.body["errors"]] == ["NOT_FOUND"]
    assert outcome.body["data"] == {"explore": None, "viewer": {"userId": "ada"}}


async def _refused(api: Any, makerspace: Any, field: str, message: str, **variables: Any) -> None:
    """Ask what must be refused, alone of two fields."""
    body = (await api.run(ASK, makerspace, **variables)).body
    (error,) = body["errors"]
    assert (error["extensions"], error["path"]) == ({"code": "INVALID", "field": field}, ["explore"])
    assert message in error["message"]
    assert len(error["message"]) < 1500
    assert body["data"] == {"explore": None, "viewer": {"userId": "ada"}}
