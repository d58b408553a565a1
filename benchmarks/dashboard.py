"""The first screen, cold: `dashboard.graphql` against its statements on a bare connection, SQL on raw rows, and itself
on less data."""

from pathlib import Path

from benchmarks.measure import Row
from benchmarks.sizes import Subject, at_each_size
from benchmarks.usage import ACTIVE, RAW

SUITE = "dashboard"
DOCUMENT = (Path(__file__).parent / "dashboard.graphql").read_text()

_DAY = "date '2026-11-22'"


def _on(table: str, column: str, figures: str, groups: str = "") -> str:
    """Return a statement on the rows of one period."""
    by = f"GROUP BY {groups}" if groups else ""
    return f"""SELECT {figures} FROM {table} WHERE makerspace_id = $1 AND voided_at IS NULL
        AND {column} > {_DAY} - $2::interval AND {column} < {_DAY} + 1 {by}"""


_HOURS = "sum(extract(epoch FROM coalesce(end_time, now()) - start_time)), count(*)"
_MONEY = "sum(amount), sum(amount - tax_amount), count(DISTINCT transaction_id), count(DISTINCT customer_id)"
_USED = "sum(quantity_consumed), sum(cost_consumed), sum(cost_consumed * waste_percentage)"
_LOCAL = "start_time AT TIME ZONE 'Asia/Kolkata'"
RAW_SCREEN = (
    # The usage section's raw statements except retention, which no first screen shows; active members once more.
    *RAW[:-1],
    ACTIVE,
    *(
        _on("equipment_usage_logs", "start_time", f"{groups or 1}, {_HOURS}", groups)
        for groups in ("", "equipment_id", f"extract(hour FROM {_LOCAL})", f"({_LOCAL})::date")
    ),
    *(
        _on("revenue_analytics", "transaction_date", f"{groups or 1}, {_MONEY}", groups)
        for groups in ("", "revenue_source", "payment_method", "transaction_date")
    ),
    *(_on("inventory_analytics", "date", f"{groups or 1}, {_USED}", groups) for groups in ("", "item_id", "date")),
)
"""SQL for the same figures on the facts alone. Without the hard ones: bookable time, overdue machines, stock cover,
recurring revenue, and compared periods except that of events."""

SCREEN = Subject(SUITE, DOCUMENT, lambda preset: {"period": {"preset": preset}}, RAW_SCREEN, faster=50)


async def run(owner_url: str) -> list[Row]:
    """Measure at each size."""
    return await at_each_size(owner_url, SCREEN)
