"""A wrong argument makes its own field null and says what is accepted. The other fields are answered."""

from typing import Any

from makrcave_analytics.auth import MakerspaceId

DOCUMENT = """query($cursor: String) {
  right: usage(period: {range: {startDate: "2016-01-01", endDate: "2026-02-01"}}) {
    logins { value breakdown(by: HOUR_OF_DAY) { key } }
  }
  wrong: usage(period: {range: {startDate: "2016-01-01", endDate: "2026-02-01"}}) {
    events { value }
    logins { lacking: breakdown(by: ITEM) { key } none: breakdown(by: MEMBER, top: 0) { key } }
    visits { many: breakdown(by: MEMBER, top: 1001) { key } long: series(grain: HOUR) { value } }
    projectsCreated { long: columns(grain: HOUR) { values } }
  }
  yen: revenue(currency: "JPY") { refunds { value } }
  lower: revenue(currency: "eur") { refunds { value } }
  machines: equipment { machines(after: $cursor) { totalCount } }
  people: members(after: $cursor) { totalCount }
  events(after: $cursor) { totalCount }
}"""
COARSER = "DAY, WEEK, MONTH, QUARTER, YEAR."
EXPECTED = {
    ("wrong", "logins", "lacking"): "logins cannot be broken down by ITEM. Accepted: MEMBER, MEMBER_PLAN, HOUR_OF_DAY, "
    "DAY_OF_WEEK.",
    ("wrong", "logins", "none"): "top must be from 1 to 1,000.",
    ("wrong", "visits", "many"): "top must be from 1 to 1,000.",
    ("wrong", "visits", "long"): f"HOUR needs a period of at most 31 days here. Accepted for this one: {COARSER}",
    ("wrong", "projectsCreated", "long"): f"HOUR needs a period of at most 10 years. Accepted for this one: {COARSER}",
    ("yen",): "No money was taken in this currency. Accepted: CHF, EUR.",
    ("lower",): "No money was taken in this currency. Accepted: CHF, EUR.",
    ("machines", "machines"): "after is not a cursor of this list.",
    ("people",): "after is not a cursor of this list.",
}


async def test_each_field_is_refused_by_itself(api: Any, owner: Any, make_makerspace: Any) -> None:
    makerspace: MakerspaceId = await make_makerspace(currency="EUR")
    record = """mutation { recordEvents(input: [{eventType: "login"}, {eventType: "login"}]) { recorded }
      recordRevenue(input: [{transactionId: "t", transactionDate: "2026-02-01", revenueSource: "shop", amount: "1.00",
        currency: "CHF", paymentMethod: "cash"}]) { recorded } }"""
    await api.ask(record, makerspace)
    page = await api.ask("{ events(first: 1) { pageInfo { endCursor } } }", makerspace)
    cursor = page["events"]["pageInfo"]["endCursor"]
    body = (await api.run(DOCUMENT, makerspace, cursor=cursor)).body
    assert {tuple(error["path"]): error["message"] for error in body["errors"]} == EXPECTED
    assert {error["extensions"]["code"] for error in body["errors"]} == {"INVALID"}
    assert {error["path"][-1]: error["extensions"]["field"] for error in body["errors"]} == {
        "lacking": "by",
        "none": "top",
        "many": "top",
        "long": "grain",
        "yen": "currency",
        "lower": "currency",
        "machines": "after",
        "people": "after",
    }
    data = body["data"]
    assert (data["right"]["logins"]["value"], len(data["right"]["logins"]["breakdown"])) == (0, 24)
    assert data["wrong"] == {
        "events": {"value": 0},
        "logins": {"lacking": None, "none": None},
        "visits": {"many": None, "long": None},
        "projectsCreated": {"long": None},
    }
    assert (data["yen"], data["lower"], data["machines"], data["people"]) == (None, None, {"machines": None}, None)
    assert data["events"] == {"totalCount": 2}
