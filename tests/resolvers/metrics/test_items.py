"""The list of items: literal rows to literal numbers, each of one item alone, and stock cover computed by hand."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.metrics.scenario import insert, insert_consumption
from tests.plugins.api import Api

from makrcave_analytics.metrics.analyses.stock_cover import StockCover

TODAY = date(2026, 3, 31)
MARCH = 'period: {range: {startDate: "2026-03-01", endDate: "2026-03-31"}}'
METRICS = (
    "quantityConsumed", "costConsumed", "wasteCost", "wastePercentage", "efficiency", "reordersTriggered",
)  # fmt: skip
COVER = ("dailyRate", "daysOfCover", "stockOutOn", "isLow")


@pytest.fixture
async def store_room(api: Api, make_makerspace: Any, owner: Any) -> Any:
    """Plywood, screws, unused glue and unsynced tape. It is 23:59 on 31 March."""
    api.now = datetime(2026, 3, 31, 21, 59, tzinfo=UTC)
    makerspace = await make_makerspace("Europe/Berlin")
    for item, name, unit, on_hand, reorder, category, supplier in (
        ("ply", "Plywood", "m²", Decimal(30), 30, "wood", "local"),
        ("m4", "screws M4", "piece", Decimal(1000), 200, "metal", "online"),
        ("glue", "Glue", "kg", None, 1, None, None),
    ):
        row = {"item_id": item, "name": name, "unit": unit, "category": category, "supplier_type": supplier}
        row |= {"on_hand": on_hand, "reorder_point": Decimal(reorder)}
        await insert(owner, "inventory_items", makerspace.value, **row)
    # 20 m² for 200, a tenth of half of it wasted; 8 m² of the day before the 28 complete ones.
    stated = {"waste_percentage": Decimal(10), "efficiency_score": Decimal(80), "reorder_triggered": True}
    await insert_consumption(owner, makerspace, date(2026, 3, 30), "ply", "12", "100", **stated)
    await insert_consumption(owner, makerspace, date(2026, 3, 3), "ply", "8", "100", efficiency_score=Decimal(60))
    await insert_consumption(owner, makerspace, date(2026, 3, 2), "ply", "8", "80")
    # Used today, which is not complete, and two days ago for the first time.
    await insert_consumption(owner, makerspace, date(2026, 3, 31), "m4", "500", "50")
    await insert_consumption(owner, makerspace, date(2026, 3, 29), "m4", "140", "14")
    await insert_consumption(owner, makerspace, date(2026, 2, 1), "tape", "3", "9")
    return makerspace


async def rows(api: Api, makerspace: Any, arguments: str = "", role: str = "admin") -> Any:
    """The list by id, in order: each metric's exact value, then the cover."""
    fields = " ".join(f"{key} {{ decimal }}" for key in METRICS) + " " + " ".join(COVER)
    document = f"{{ inventory({MARCH}) {{ items{arguments} {{ nodes {{ item {{ id }} {fields} }} }} }} }}"
    nodes = (await api.ask(document, makerspace, role=role))["inventory"]["items"]["nodes"]
    return {
        node["item"]["id"]: [node[key] and node[key]["decimal"] for key in METRICS] + [node[key] for key in COVER]
        for node in nodes
    }


async def names(api: Api, makerspace: Any, arguments: str, role: str = "admin") -> list[str]:
    """The ids of the list, in order, read in pages of two."""
    seen: list[str] = []
    after, has_next = "null", True
    while has_next:
        document = f"""{{ inventory({MARCH}) {{ items(first: 2, after: {after}, {arguments}) {{
            nodes {{ item {{ id }} }} pageInfo {{ hasNextPage endCursor }} totalCount }} }} }}"""
        page = (await api.ask(document, makerspace, role=role))["inventory"]["items"]
        seen += [node["item"]["id"] for node in page["nodes"]]
        after, has_next = json.dumps(page["pageInfo"]["endCursor"]), page["pageInfo"]["hasNextPage"]
    assert page["totalCount"] == len(seen)
    return seen


async def test_each_number_is_of_one_item_alone(api: Api, store_room: Any) -> None:
    found = await rows(api, store_room)
    assert list(found) == ["ply", "m4", "glue", "tape"]  # 280, 64, nothing, nothing
    # Waste 10 of the 100 that state one; efficiency (80 · 100 + 60 · 100) ÷ 200. From 3 to 30 March 20 m² were used
    # in 28 days; 30 ÷ (20 ÷ 28) = 42 days, and 42 days after 31 March is 12 May.
    assert found["ply"] == ["28", "280.00", "10.00", "10", "70", "1", 0.714286, 42.0, "2026-05-12", True]
    # First used on 29 March, so that seven days count: 140 ÷ 7; 1,000 ÷ 20 = 50 days; on 20 May.
    assert found["m4"] == ["640", "64.00", "0.00", None, None, "0", 20.0, 50.0, "2026-05-20", False]
    nothing = ["0", "0.00", "0.00", None, None, "0"]
    assert found["glue"] == [*nothing, None, None, None, False]
    # Its one row is older than 28 days: nothing a day.
    assert found["tape"] == [*nothing, 0.0, None, None, False]


async def test_stock_cover_is_as_of_today_for_every_period(api: Api, store_room: Any) -> None:
    before = await rows(api, store_room)
    document = """{ inventory(period: {preset: TODAY}) { items(orderBy: NAME) { nodes {
        item { id name unit } dailyRate daysOfCover stockOutOn isLow quantityConsumed { value } } } } }"""
    nodes = (await api.ask(document, store_room))["inventory"]["items"]["nodes"]
    assert {node["item"]["id"]: [node[key] for key in COVER] for node in nodes} == {
        id_: row[len(METRICS) :] for id_, row in before.items()
    }
    assert {node["item"]["id"]: node["quantityConsumed"]["value"] for node in nodes if node["dailyRate"]} == {
        "ply": 0.0,
        "m4": 500.0,
    }
    assert nodes[-1]["item"] == {"id": "tape", "name": "tape", "unit": ""}
    # A minute later it is 1 April in Berlin: 3 March falls out of 28 days, and 31 March comes in.
    api.now += timedelta(minutes=1)
    nodes = (await api.ask(document, store_room))["inventory"]["items"]["nodes"]
    rates = {node["item"]["id"]: node["dailyRate"] for node in nodes}
    assert rates == {"ply": 0.428571, "m4": 91.428571, "glue": None, "tape": 0.0}  # 12 ÷ 28, 640 ÷ 7


@pytest.mark.parametrize(
    ("order", "usual", "turned"),
    [
        ("NAME", ["glue", "ply", "m4", "tape"], ["tape", "m4", "ply", "glue"]),
        ("QUANTITY_CONSUMED", ["m4", "ply", "glue", "tape"], ["glue", "tape", "ply", "m4"]),
        ("COST_CONSUMED", ["ply", "m4", "glue", "tape"], ["glue", "tape", "m4", "ply"]),
        ("WASTE", ["ply", "glue", "m4", "tape"], ["ply", "glue", "m4", "tape"]),
        ("DAYS_OF_COVER", ["m4", "ply", "glue", "tape"], ["ply", "m4", "glue", "tape"]),
    ],
)
async def test_orders_have_a_default_direction_and_the_reverse(
    api: Api, store_room: Any, order: str, usual: list[str], turned: list[str]
) -> None:
    """Rows without a value come last in both directions, by name: Glue, Plywood, screws M4, tape."""
    assert await names(api, store_room, f"orderBy: {order}") == usual
    other = "true" if order == "NAME" else "false"
    assert await names(api, store_room, f"orderBy: {order}, descending: {other}") == turned
    if order == "COST_CONSUMED":
        assert await names(api, store_room, f"orderBy: {order}", role="analyst") == ["glue", "ply", "m4", "tape"]


async def test_every_filter_narrows(api: Api, store_room: Any) -> None:
    expected = {
        '{ids: ["tape", "nowhere"]}': ["tape"],
        '{ids: ["nowhere"]}': [],
        '{search: "W"}': ["ply", "m4"],
        '{search: "x\' OR 1=1 --"}': [],
        '{category: "metal"}': ["m4"],
        '{supplierType: "local"}': ["ply"],
        "{isLow: true}": ["ply"],
        "{isLow: false}": ["glue", "m4", "tape"],
        '{isLow: true, category: "metal"}': [],
    }
    for filter_, ids in expected.items():
        assert await names(api, store_room, f"orderBy: NAME, filter: {filter_}") == ids, filter_


async def test_voided_uses_do_not_count(api: Api, store_room: Any, owner: Any) -> None:
    await owner.execute("UPDATE inventory_analytics SET voided_at = now() WHERE item_id IN ('tape', 'm4')")
    found = await rows(api, store_room)
    assert list(found) == ["ply", "glue", "m4"]
    assert found["m4"][len(METRICS) :] == [None, None, None, False]


async def test_without_money_costs_are_null_and_the_rest_is_shown(api: Api, store_room: Any) -> None:
    found = await rows(api, store_room, role="operations")
    assert found["ply"] == ["28", None, None, "10", "70", "1", 0.714286, 42.0, "2026-05-12", True]


async def test_a_source_is_read_once_for_a_list_of_any_length(
    api: Api, make_makerspace: Any, owner: Any, counts: list[int]
) -> None:
    api.now = datetime(2026, 3, 31, 12, tzinfo=UTC)
    metrics = " ".join(f"{key} {{ value previous series {{ value }} }}" for key in METRICS)
    document = f"""{{ inventory(compareTo: PREVIOUS_PERIOD) {{ items(first: 100) {{ totalCount nodes {{
        item {{ name }} {metrics} {" ".join(COVER)} }} }} }} }}"""
    for items in (4, 400):
        makerspace = await make_makerspace()
        await owner.execute(
            """INSERT INTO inventory_analytics (makerspace_id, id, item_id, date, quantity_consumed, cost_consumed)
            SELECT $1, gen_random_uuid(), 'i' || n, '2026-03-20', n, n FROM generate_series(1, $2) n""",
            makerspace.value, items,
        )  # fmt: skip
        found = (await api.ask(document, makerspace))["inventory"]["items"]
        assert found["totalCount"] == items
        assert found["nodes"][0]["costConsumed"]["value"] == items
    # The makerspace, the list, its order, names and cover, what was used up of each.
    assert counts == [5, 5]


@settings(max_examples=60)
@given(
    on_hand=st.none() | st.decimals(-10, 10_000, places=3),
    used=st.decimals(0, 5_000, places=3),
    age=st.none() | st.integers(-3, 400),
)
def test_the_stock_lasts_as_many_days_as_the_rate_takes(on_hand: Any, used: Decimal, age: int | None) -> None:
    """Rate times cover is the stock, but for rounding each to six places."""
    first = None if age is None else TODAY - timedelta(days=age)
    cover = StockCover("x", TODAY, on_hand, None, first, used if age is not None else Decimal(0))
    days = 28 if age is None or age > 28 else max(age, 7)
    assert cover.daily_rate == (None if age is None else (used / days).quantize(Decimal("0.000001")))
    if on_hand is None or not cover.used:
        assert cover.days_of_cover is cover.stock_out_on is None
        return
    exact = max(on_hand, Decimal(0)) * days / used
    assert abs(cover.days_of_cover - exact) <= Decimal("0.000001")
    if exact > 36_500:
        assert cover.stock_out_on is None
    else:
        assert cover.stock_out_on == TODAY + timedelta(days=int(cover.days_of_cover))
