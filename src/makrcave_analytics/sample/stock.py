"""Items in stock, and their consumption by day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from itertools import product

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from makrcave_analytics.models import inventory_items
from makrcave_analytics.sample.plan import Plan
from makrcave_analytics.sample.projects import PLACES as PROJECT_PLACES
from makrcave_analytics.sample.scratch import Row, copy, scratch_tables
from makrcave_analytics.sample.settings import SampleMakerspace

ITEMS = 200
PLACES = 600
"""Entries from which the consumed item is drawn; an item in demand has several."""
UNSYNCED = ("walk-in-felt", "offcut-mixed", "donated-fasteners")
ROWS_PER_VISIT = 0.36
_LOW, _UNKNOWN_STOCK = 0.08, 0.04


@dataclass(frozen=True)
class Family:
    """Items that differ by variant. Cost in euros; `typical` is what one person takes, in `unit`."""

    slug: str
    name: str
    category: str
    unit: str
    cost: str
    typical: float
    supplier: str
    variants: tuple[str, ...]


_COLOURS = ("black", "white", "grey", "red", "blue", "green", "orange", "yellow")
_METRIC = ("M2", "M2.5", "M3", "M4", "M5", "M6", "M8", "M10")
_THICKNESS = ("3mm", "4mm", "6mm", "9mm", "12mm")

FAMILIES = (
    Family("filament-pla", "PLA filament", "filament", "kg", "19.50", 0.18, "online", (*_COLOURS, "natural", "silver")),
    Family("filament-petg", "PETG filament", "filament", "kg", "22.00", 0.2, "online", _COLOURS),
    Family("filament-abs", "ABS filament", "filament", "kg", "21.00", 0.18, "online", _COLOURS),
    Family("filament-tpu", "TPU filament", "filament", "kg", "31.00", 0.1, "online", _COLOURS),
    Family("resin-standard", "Standard resin", "resin", "l", "48.00", 0.08, "manufacturer", ("grey", "clear", "black")),
    Family("resin-tough", "Tough resin", "resin", "l", "95.00", 0.06, "manufacturer", ("grey", "amber")),
    Family("plywood-birch", "Birch plywood", "sheet", "m²", "14.00", 0.4, "local", _THICKNESS),
    Family("mdf", "MDF", "sheet", "m²", "7.50", 0.5, "local", _THICKNESS),
    Family("acrylic-clear", "Clear acrylic", "sheet", "m²", "38.00", 0.25, "local", _THICKNESS[:4]),
    Family("acrylic-colour", "Acrylic", "sheet", "m²", "42.00", 0.2, "local", _COLOURS),
    Family(
        "aluminium-6061", "Aluminium 6061", "metal", "kg", "11.00", 0.6, "local", ("5mm", "8mm", "10mm", "15mm", "20mm")
    ),
    Family("steel-flat", "Flat steel", "metal", "kg", "4.20", 0.9, "local", _THICKNESS),
    Family("brass-rod", "Brass rod", "metal", "kg", "17.00", 0.2, "local", ("4mm", "6mm", "8mm", "10mm")),
    Family("hardwood", "Hardwood", "wood", "piece", "8.00", 2, "local", ("blank", "oak", "walnut", "maple", "cherry")),
    Family("pine-board", "Pine board", "wood", "piece", "4.50", 3, "local", ("1m", "2m", "3m")),
    Family("screw", "Screws", "fasteners", "piece", "0.06", 16, "online", _METRIC),
    Family("nut", "Nuts", "fasteners", "piece", "0.04", 16, "online", _METRIC),
    Family("washer", "Washers", "fasteners", "piece", "0.03", 20, "online", _METRIC),
    Family("insert", "Threaded inserts", "fasteners", "piece", "0.14", 10, "online", _METRIC),
    Family("resistor", "Resistors", "electronics", "piece", "0.02", 12, "online", ("220R", "1k", "4k7", "10k", "100k")),
    Family("capacitor", "Capacitors", "electronics", "piece", "0.09", 8, "online", ("100nF", "1uF", "10uF", "100uF")),
    Family("led", "LEDs", "electronics", "piece", "0.07", 9, "online", _COLOURS[3:]),
    Family("board", "Microcontroller board", "electronics", "piece", "9.80", 1, "online", ("esp32", "rp2040", "stm32")),
    Family("solder", "Solder", "electronics", "kg", "62.00", 0.012, "online", ("sac305", "sn60pb40")),
    Family("wire", "Hook-up wire", "electronics", "m", "0.35", 2.5, "online", _COLOURS),
    Family("cotton", "Cotton", "textile", "m", "9.50", 1.2, "local", ("canvas", "twill", "poplin", "denim")),
    Family("thread-polyester", "Polyester thread", "textile", "m", "0.01", 60, "online", _COLOURS),
    Family("vinyl-matt", "Matt vinyl", "textile", "m", "4.80", 0.7, "manufacturer", _COLOURS),
    Family("leather", "Leather", "textile", "m²", "55.00", 0.15, "local", ("veg-tan", "suede", "lining")),
    Family(
        "sandpaper", "Sandpaper", "consumables", "piece", "0.60", 3, "local", ("80", "120", "180", "240", "400", "800")
    ),
    Family("glue", "Glue", "consumables", "piece", "5.20", 1, "local", ("wood", "epoxy", "super", "spray")),
    Family("paint", "Paint", "consumables", "l", "13.00", 0.12, "local", _COLOURS),
    Family("gloves", "Gloves", "safety", "pair", "0.45", 1, "online", ("s", "m", "l", "xl")),
    Family("mask", "Dust masks", "safety", "piece", "0.90", 1, "online", ("ffp2", "ffp3")),
    Family(
        "endmill",
        "End mill",
        "tooling",
        "piece",
        "12.50",
        1,
        "manufacturer",
        ("2mm", "3mm", "4mm", "6mm", "8mm", "10mm"),
    ),
    Family(
        "drill-bit", "Drill bit", "tooling", "piece", "2.40", 1, "local", ("2mm", "3mm", "4mm", "5mm", "6mm", "8mm")
    ),
)


@dataclass(frozen=True)
class Item:
    """One item of a family."""

    item_id: str
    name: str
    family: Family

    def unit_cost(self, makerspace: SampleMakerspace) -> Decimal:
        """Return the cost of a unit there, rounded to the currency's minor unit."""
        return (Decimal(self.family.cost) * makerspace.price_level).quantize(Decimal("0.01"))


def items_of() -> tuple[Item, ...]:
    """Return the items, the same in every makerspace: the first variant of each family, then the second, and so on."""
    longest = max(len(family.variants) for family in FAMILIES)
    every = [
        Item(f"{family.slug}-{variant.lower()}", f"{family.name} {variant}", family)
        for place, family in product(range(longest), FAMILIES)
        for variant in family.variants[place : place + 1]
    ]
    return tuple(every[:ITEMS])


async def fill_items(connection: AsyncConnection, plan: Plan, items: Sequence[Item]) -> None:
    """Store the items, some of them running low, and the entries from which consumption draws an item."""
    random = plan.random("stock")
    await copy(connection, inventory_items, [_row(plan, item, random.random(), random.random()) for item in items])
    columns = {"place": "int", "item_id": "text", "unit_cost": "numeric", "typical": "float", "is_whole": "boolean"}
    await scratch_tables(connection, "sample_item_places", columns, _places(plan, items))


async def fill_consumption(connection: AsyncConnection, plan: Plan) -> None:
    """Store the consumption of visitors. Some rows have no waste or no efficiency."""
    parameters = {
        "makerspace": plan.makerspace.id,
        "now": plan.now,
        "places": PLACES,
        "projects": PROJECT_PLACES,
        "offset": plan.offset("consumption"),
        "chance": ROWS_PER_VISIT / max(1.0, plan.scale),
    }
    await connection.execute(text(_CONSUMPTION), parameters)


_CONSUMPTION = """
    INSERT INTO inventory_analytics (
        makerspace_id, id, item_id, date, quantity_consumed, cost_consumed, efficiency_score, waste_percentage,
        reorder_triggered, user_id, project_id, recorded_at)
    SELECT :makerspace, pg_temp.id_at(r.arrives, r.number), r.item_id, r.local_day, r.quantity,
           round(r.quantity * r.unit_cost, 2),
           CASE WHEN pg_temp.draw(r.number, 45) < 0.55
                THEN round((70 + 29 * pg_temp.draw(r.number, 46))::numeric, 1) END,
           CASE WHEN pg_temp.draw(r.number, 47) < 0.6
                THEN round((18 * pg_temp.draw(r.number, 48) ^ 2)::numeric, 1) END,
           pg_temp.draw(r.number, 49) < 0.02,
           CASE WHEN pg_temp.draw(r.number, 50) < 0.95 THEN r.user_id END,
           p.project_id,
           least(r.arrives + interval '2 hours', :now)
    FROM (
        SELECT v.number, v.arrives, v.local_day, v.week_no, v.user_id, i.item_id, i.unit_cost,
               CASE WHEN i.is_whole THEN ceil(t.taken)::numeric
                    ELSE greatest(round(t.taken::numeric, 3), 0.001) END AS quantity
        FROM (SELECT *, visit_no + :offset AS number FROM sample_visits) v
        JOIN sample_item_places i ON i.place = floor(pg_temp.draw(v.number, 42) * :places)::int
        CROSS JOIN LATERAL (SELECT i.typical * (0.4 + 1.4 * pg_temp.draw(v.number, 43)) AS taken) t
        WHERE NOT v.at_home AND v.arrives < :now AND pg_temp.draw(v.number, 41) < :chance
    ) r
    LEFT JOIN sample_project_places p
        ON p.week_no = r.week_no AND p.place = floor(pg_temp.draw(r.number, 44) * 2.5 * :projects)::int
    ORDER BY r.arrives
"""


def _row(plan: Plan, item: Item, fullness: float, chance: float) -> Row:
    """Make an item's row. `fullness` (0 to 1) sets the stock above the reorder point, if it is not low or unknown."""
    family = item.family
    reorder_point = Decimal(round(family.typical * 25) or 1)
    if chance < _LOW:
        on_hand: Decimal | None = (reorder_point * Decimal(str(round(fullness, 2)))).quantize(Decimal("0.1"))
    elif chance < _LOW + _UNKNOWN_STOCK:
        on_hand = None
    else:
        on_hand = (reorder_point * Decimal(str(round(1.2 + 7 * fullness, 2)))).quantize(Decimal("0.1"))
    if on_hand is not None and _is_whole(item):
        on_hand = on_hand.quantize(Decimal(1))
    return {
        "makerspace_id": plan.makerspace.id,
        "item_id": item.item_id,
        "name": item.name,
        "unit": family.unit,
        "category": family.category,
        "supplier_type": family.supplier,
        "location": f"{'ABCDEF'[len(family.slug) % 6]}{len(item.item_id) % 9 + 1}",
        "on_hand": on_hand,
        "on_hand_at": None if on_hand is None else plan.now - timedelta(hours=4),
        "unit_cost": item.unit_cost(plan.makerspace),
        "reorder_point": reorder_point,
        "updated_at": plan.now - timedelta(hours=4),
    }


def _places(plan: Plan, items: Sequence[Item]) -> list[tuple[int, str, Decimal, float, bool]]:
    """Distribute the entries by demand; each unsynced item has one."""
    random = plan.random("places of items")
    weights = [(place + 1) ** -0.5 for place in range(len(items))]
    drawn = random.choices(items, weights, k=PLACES - len(UNSYNCED))
    cheap = Decimal(plan.makerspace.price_level)
    unsynced = [(place, item_id, cheap, 1.0, True) for place, item_id in enumerate(UNSYNCED)]
    return unsynced + [
        (place, item.item_id, item.unit_cost(plan.makerspace), float(item.family.typical), _is_whole(item))
        for place, item in enumerate(drawn, len(UNSYNCED))
    ]


def _is_whole(item: Item) -> bool:
    return item.family.unit in ("piece", "pair")
