"""The expected values of the inventory metrics, by Polars from the raw rows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

import polars as pl
from tests.metrics.facts import Facts
from tests.metrics.oracle import Instants, Oracle, Value
from tests.metrics.revenue_oracle import dated

from makrcave_analytics.metrics.vocabulary import Dimension, Section

_TEN_THOUSANDTH, _MILLIONTH = Fraction(1, 10_000), Fraction(1, 1_000_000)


def _used(facts: Facts, windows: pl.DataFrame) -> pl.DataFrame:
    return dated(facts, facts.consumption, windows, "date")


def _stating(column: str) -> Callable[[Facts, pl.DataFrame], pl.DataFrame]:
    return lambda facts, windows: _used(facts, windows).filter(pl.col(column).is_not_null())


def _reorders(facts: Facts, windows: pl.DataFrame) -> pl.DataFrame:
    return _used(facts, windows).filter("reorder_triggered")


@dataclass(frozen=True)
class OneUnit:
    """The sum where all rows have one unit, else None."""

    quantity: Oracle
    units: Oracle

    def values(self, facts: Facts, spans: Sequence[Instants], now: datetime) -> list[Value]:
        units = self.units.values(facts, spans, now)
        found = self.quantity.values(facts, spans, now)
        return [None if (several or 0) > 1 else value for value, several in zip(found, units, strict=True)]

    def parts(self, facts: Facts, span: Instants, now: datetime, by: Dimension) -> dict[str | None, Value]:
        units, found = (oracle.parts(facts, span, now, by) for oracle in (self.units, self.quantity))
        return {key: None if (units[key] or 0) > 1 else value for key, value in found.items()}


@dataclass(frozen=True)
class Stock:
    """The level as of now; the past is unknown."""

    worth: Callable[[dict[str, object]], Decimal]

    def values(self, facts: Facts, spans: Sequence[Instants], now: datetime) -> list[Value]:
        total = sum(map(self.worth, facts.items.rows(named=True)), Decimal(0))
        return [total if until > now else None for _, until in spans]

    def parts(self, facts: Facts, span: Instants, now: datetime, by: Dimension) -> dict[str | None, Value]:
        found: dict[str | None, Value] = {}
        for item in facts.items.rows(named=True) if span[1] > now else ():
            found[item[by.value]] = (found.get(item[by.value]) or Decimal(0)) + self.worth(item)
        return found


_waste_cost = (pl.col("cost") * pl.col("waste")).sum()
_weighted = (pl.col("cost") * pl.col("efficiency")).sum()
INVENTORY: dict[tuple[Section, str], Oracle | OneUnit | Stock] = {
    (Section.INVENTORY, key): oracle
    for key, oracle in {
        "quantityConsumed": OneUnit(
            Oracle(_used, pl.col("quantity").sum(), times=_MILLIONTH), Oracle(_used, pl.col("unit").n_unique())
        ),
        "costConsumed": Oracle(_used, pl.col("cost").sum(), times=_TEN_THOUSANDTH),
        "wasteCost": Oracle(_stating("waste"), _waste_cost, times=_TEN_THOUSANDTH * _MILLIONTH / 100),
        "wastePercentage": Oracle(_stating("waste"), _waste_cost, pl.col("cost").sum(), times=_MILLIONTH),
        "efficiency": Oracle(_stating("efficiency"), _weighted, pl.col("cost").sum(), times=_MILLIONTH),
        "reordersTriggered": Oracle(_reorders, pl.len()),
        "lowStockItems": Stock(lambda item: Decimal(bool(item["is_low"]))),
        "stockValue": Stock(lambda item: item["value"]),
    }.items()
}
