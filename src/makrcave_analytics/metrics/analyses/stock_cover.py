"""Stock cover: how fast items are used up and how long the stock on hand lasts, as of today. SQL and arithmetic only.

The rate is the mean consumption per day over the last 28 complete days; for a newer item, over the days since its first
row, at least 7. The period of the question does not matter.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from math import floor
from typing import Any

from sqlalchemy import Date, Select, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from makrcave_analytics.metrics.metric import divide
from makrcave_analytics.metrics.results.number import Value
from makrcave_analytics.models import inventory_analytics, inventory_items
from makrcave_analytics.models.base import Identifier
from makrcave_analytics.models.makerspace import Makerspace

RATE_DAYS = 28
FEWEST_DAYS = 7
FURTHEST_DAYS = 36_500
"""A century: no day is given beyond it."""


@dataclass(frozen=True)
class StockCover:
    """The stock and consumption of one item."""

    item_id: str
    today: date
    on_hand: Decimal | None
    reorder_point: Decimal | None
    first_on: date | None
    """The day of its first consumption; None where there is none."""
    used: Decimal
    """The quantity used up in the days of the rate."""

    @property
    def daily_rate(self) -> Value:
        """Units per day; None where nothing was ever used up."""
        return None if self.first_on is None else divide(self.used, self._days)

    @property
    def days_of_cover(self) -> Value:
        """How many days the stock lasts at that rate; None where nothing is used or the stock is unknown."""
        if self.on_hand is None or self.used <= 0:
            return None
        return divide(max(self.on_hand, Decimal(0)) * self._days, self.used)

    @property
    def stock_out_on(self) -> date | None:
        """The day on which the stock runs out at that rate; None also where that is a century ahead or more."""
        days = self.days_of_cover
        return None if days is None or days > FURTHEST_DAYS else self.today + timedelta(days=floor(days))

    @property
    def is_low(self) -> bool:
        """Whether the stock on hand is at or below the reorder point."""
        return self.on_hand is not None and self.reorder_point is not None and self.on_hand <= self.reorder_point

    @property
    def _days(self) -> int:
        since_first = RATE_DAYS if self.first_on is None else (self.today - self.first_on).days
        return min(max(since_first, FEWEST_DAYS), RATE_DAYS)


def select_stock_cover(makerspace: Makerspace, today: date, ids: Sequence[str]) -> Select[Any]:
    """Select the fields of StockCover, except `today`, for each of the ids, synced or not."""
    named = func.unnest(literal(list(ids), ARRAY(Identifier))).table_valued("item_id", name="named").render_derived()
    row, item = inventory_analytics.c, inventory_items.c
    of_item = (row.makerspace_id == makerspace.id, row.item_id == named.c.item_id, row.voided_at.is_(None))
    since, until = (literal(day, Date) for day in (today - timedelta(days=RATE_DAYS), today))
    used = select(func.coalesce(func.sum(row.quantity_consumed), 0)).where(
        *of_item, row.date >= since, row.date < until
    )
    known = (item.makerspace_id == makerspace.id) & (item.item_id == named.c.item_id)
    return (
        select(
            named.c.item_id,
            item.on_hand,
            item.reorder_point,
            select(func.min(row.date)).where(*of_item).correlate(named).scalar_subquery().label("first_on"),
            used.correlate(named).scalar_subquery().label("used"),
        )
        .select_from(named)
        .outerjoin(inventory_items, known)
    )
