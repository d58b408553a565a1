"""Inventory metrics of given rows, through GraphQL: consumption, waste and stock."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.metrics.scenario import insert, insert_consumption
from tests.plugins.database import mint
from tests.plugins.sample import SAMPLE_NOW

from makrcave_analytics import sample
from makrcave_analytics.metrics.catalog import inventory
from makrcave_analytics.metrics.query import Filter, Scope
from makrcave_analytics.metrics.results.number import Number
from makrcave_analytics.metrics.vocabulary import Dimension
from makrcave_analytics.period import Grain

NOW = datetime(2026, 3, 11, 15, 25, tzinfo=ZoneInfo("Europe/Berlin"))
MARCH = "period: {preset: THIS_MONTH}, compareTo: PREVIOUS_PERIOD"
"""1 to 11 March so far, and 1 to 11 February whole."""
UNITS_NOTE = "Items of several units were used up, which do not add up to one quantity: ask for it by item."


def day(number: int, month: int = 3) -> date:
    return date(2026, month, number)


@pytest.fixture
async def store(api: Any, owner: Any, make_makerspace: Any) -> Any:
    """A makerspace with synced items and one item that was never synced."""
    api.now = NOW
    makerspace = await make_makerspace(locale="de-DE")
    for item, unit, category, supplier, on_hand, unit_cost, reorder_point in (
        ("pla", "kg", "filament", "online", "4.5", "20.00", "5"),
        ("petg", "kg", "filament", "local", "9", "22.50", "5"),
        ("screw", "piece", "fasteners", "online", "200", "0.05", "200"),
        ("felt", None, None, None, None, None, None),
    ):
        stock = {"on_hand": on_hand, "unit_cost": unit_cost, "reorder_point": reorder_point}
        await insert(
            owner, "inventory_items", makerspace.value, item_id=item, unit=unit, category=category,
            supplier_type=supplier, **{key: None if text is None else Decimal(text) for key, text in stock.items()},
        )  # fmt: skip
    rows: list[tuple[date, str, str, str, dict[str, Any]]] = [
        (day(11, 2), "pla", "1.25", "25.00", {"waste_percentage": Decimal(4)}),
        (day(12, 2), "pla", "9", "180.00", {}),  # a day after what March so far is compared with
        (day(1), "pla", "0.5", "10.00", {"waste_percentage": Decimal("12.5"), "user_id": "ada", "project_id": "boat"}),
        (day(1), "petg", "2", "45.00", {"waste_percentage": Decimal(0), "efficiency_score": Decimal(80)}),
        (day(2), "screw", "40", "2.00", {"efficiency_score": Decimal(95), "reorder_triggered": True}),
        (day(11), "offcut", "3", "0.00", {"efficiency_score": Decimal(10), "reorder_triggered": True}),
        (day(5), "pla", "99", "999.00", {"voided_at": NOW}),
    ]
    for on, item, quantity, cost, columns in rows:
        await insert_consumption(owner, makerspace, on, item, quantity, cost, **columns)
    return makerspace


async def _march(api: Any, store: Any, *keys: str, fields: str = "decimal previous") -> list[Any]:
    document = f"{{ inventory({MARCH}) {{ {' '.join(f'{key} {{ {fields} }}' for key in keys)} }} }}"
    answer = (await api.ask(document, store))["inventory"]
    return [tuple(answer[key].values()) for key in keys]


async def test_what_was_used_up_and_wasted(api: Any, store: Any) -> None:
    found = await _march(api, store, "costConsumed", "wasteCost", "wastePercentage", "efficiency", "reordersTriggered")
    assert found == [
        ("57.00", 25.0),  # 10 + 45 + 2 + 0; February: only the 11th
        ("1.25", 1.0),  # 12.5 % of 10; 4 % of 25
        ("2.272727", 4.0),  # 1.25 of the 10 + 45 that state a waste; 1 of 25
        ("80.638298", None),  # (80 × 45 + 95 × 2 + 10 × 0) ÷ 47; none stated in February
        ("2", 0.0),
    ]


async def test_quantities_of_several_units_do_not_add_up(api: Any, store: Any) -> None:
    fields = """decimal previous formatted ITEM: breakdown(by: ITEM, top: 2) { key decimal previous share isOther }
        ITEM_CATEGORY: breakdown(by: ITEM_CATEGORY) { key decimal }"""
    ((total, before, formatted, items, categories),) = await _march(api, store, "quantityConsumed", fields=fields)
    assert (total, before, formatted) == (None, 1.25, "—")
    # No share of what has no total, and no rest.
    assert items == [
        {"key": "screw", "decimal": "40", "previous": 0.0, "share": None, "isOther": False},
        {"key": "offcut", "decimal": "3", "previous": 0.0, "share": None, "isOther": False},
    ]
    # Filament is all in kg; offcut was never synced and has no category.
    assert {part["key"]: Decimal(part["decimal"]) for part in categories} == {
        "fasteners": 40, None: 3, "filament": Decimal("2.5"),
    }  # fmt: skip
    # On the 1st only kg were used up: 0.5 + 2.
    ((points,),) = await _march(api, store, "quantityConsumed", fields="series(grain: DAY) { value }")
    assert [point["value"] for point in points] == [2.5, 40, 0, 0, 0, 0, 0, 0, 0, 0, 3]


async def test_a_note_says_that_there_is_no_one_quantity(api: Any, store: Any) -> None:
    notes = "{ meta { notes } }"
    answer = await api.ask(
        f"""{{ mixed: inventory({MARCH}) {notes}
            pure: inventory(period: {{range: {{startDate: "2026-03-01", endDate: "2026-03-01"}}}}) {notes} }}""",
        store,
    )
    assert UNITS_NOTE in answer["mixed"]["meta"]["notes"]
    assert answer["pure"]["meta"]["notes"] == []


async def test_breakdowns_of_cost(api: Any, store: Any) -> None:
    fields = " ".join(
        f"{by}: breakdown(by: {by}) {{ key decimal }}"
        for by in ("ITEM", "ITEM_CATEGORY", "SUPPLIER_TYPE", "MEMBER", "PROJECT")
    )
    ((items, categories, suppliers, members, projects),) = await _march(api, store, "costConsumed", fields=fields)
    assert _pairs(items) == [("petg", "45.00"), ("pla", "10.00"), ("screw", "2.00"), ("offcut", "0.00")]
    assert _pairs(categories) == [("filament", "55.00"), ("fasteners", "2.00"), (None, "0.00")]
    assert _pairs(suppliers) == [("local", "45.00"), ("online", "12.00"), (None, "0.00")]
    assert _pairs(members) == [(None, "47.00"), ("ada", "10.00")]
    assert _pairs(projects) == [(None, "47.00"), ("boat", "10.00")]


async def test_stock_is_as_of_now_and_the_past_unknown(api: Any, store: Any) -> None:
    fields = "decimal previous series(grain: DAY) { value } breakdown(by: ITEM_CATEGORY) { key decimal }"
    low, value = await _march(api, store, "lowStockItems", "stockValue", fields=fields)
    # PLA is below 5 kg; 200 screws are just the point at which to reorder. Of felt nothing is known.
    # 4.5 × 20 + 9 × 22.50 + 200 × 0.05 = 90 + 202.50 + 10.
    assert low[:2] == ("2", None)
    assert value[:2] == ("302.50", None)
    assert [point["value"] for point in low[2]] == [None] * 10 + [2.0]
    assert _pairs(low[3]) == [("fasteners", "1"), ("filament", "1"), (None, "0")]
    assert _pairs(value[3]) == [("filament", "292.50"), ("fasteners", "10.00"), (None, "0.00")]


async def test_stock_of_the_past_is_what_closing_figures_say(api: Any, owner: Any, store: Any) -> None:
    closing = datetime(2026, 3, 10, tzinfo=UTC)
    await insert(
        owner, "analytics_snapshots", store.value, grain="DAY", start_date=day(9), end_date=day(9), since=closing,
        until=closing, data_version=1, taken_at=closing,
        figures='{"INVENTORY": {"lowStockItems": 7, "stockValue": "120.50"}}',
    )  # fmt: skip
    fields = "series(grain: DAY) { value }"
    (low,), (value,) = await _march(api, store, "lowStockItems", "stockValue", fields=fields)
    assert [point["value"] for point in low] == [None] * 8 + [7.0, None, 2.0]
    assert [point["value"] for point in value] == [None] * 8 + [120.5, None, 302.5]


async def test_costs_are_for_those_who_may_see_money(api: Any, store: Any) -> None:
    document = f"""{{ inventory({MARCH}) {{ costConsumed {{ value }} wasteCost {{ value }} stockValue {{ value }}
        wastePercentage {{ value }} lowStockItems {{ value }} }} }}"""
    assert (await api.ask(document, store, role="operations"))["inventory"] == {
        "costConsumed": None, "wasteCost": None, "stockValue": None,
        "wastePercentage": {"value": 2.272727}, "lowStockItems": {"value": 2.0},
    }  # fmt: skip


@pytest.mark.parametrize("place", sample.MAKERSPACES, ids=lambda place: place.prefix)
async def test_quantities_of_one_item_add_up(sample_database: Any, asking: Any, place: sample.SampleMakerspace) -> None:
    asked = asking(sample_database, mint(place.id))
    year = (date(2027, 11, 20), date(2028, 11, 17))
    every = await asked.number(inventory.quantity_consumed, year, SAMPLE_NOW)
    assert await every.total() is None
    most = (await every.breakdown(Dimension.ITEM, 1))[0]
    scope = every.scope
    only = Scope(scope.makerspace, scope.period, where=(Filter(Dimension.ITEM, frozenset({most.key})),))
    number = Number(inventory.quantity_consumed, only, asked.reading.answers.load)
    assert await number.total() == most.value
    for grain in (Grain.DAY, Grain.WEEK, Grain.MONTH):
        assert sum(point.value for point in await number.series(grain)) == most.value
    parts = await number.breakdown(Dimension.MEMBER, 1)
    assert sum(part.value for part in parts) == most.value
    assert parts[-1].is_other


def _pairs(parts: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [(part["key"], part["decimal"]) for part in parts]
