"""The expected values of the revenue metrics, by Polars from the raw rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from math import lcm

import polars as pl
from tests.metrics.facts import Facts
from tests.metrics.oracle import TICK, Instants, Oracle, Rows, Value, _divided, _members, _present
from tests.metrics.payments import TEN_THOUSANDTHS, WHOLE, monthly

from makrcave_analytics.metrics.vocabulary import Section

MONEY = Fraction(1, TEN_THOUSANDTHS)


@dataclass(frozen=True)
class Over:
    """One metric over another, from different rows."""

    above: Oracle
    below: Oracle

    def values(self, facts: Facts, spans: Sequence[Instants], now: datetime) -> list[Value]:
        above, below = self.above.values(facts, spans, now), self.below.values(facts, spans, now)
        return [_divided(a or 0, b or 0) for a, b in zip(above, below, strict=True)]

    def parts(self, *_: object) -> dict[str | None, Value]:
        """Return nothing: the metric has no dimensions."""
        return {}


def dated(facts: Facts, frame: pl.DataFrame, windows: pl.DataFrame, day: str) -> pl.DataFrame:
    """Join rows to the windows that touch their date; an empty window touches none."""
    ends = (pl.col("to") - TICK).dt.convert_time_zone(facts.zone.key).dt.date()
    there = windows.filter(pl.col("from") < pl.col("to")).with_columns(touched=ends)
    return frame.join_where(there, pl.col(day) >= pl.col("first"), pl.col(day) <= pl.col("touched"))


def _paid(*conditions: pl.Expr) -> Rows:
    return lambda facts, windows: dated(facts, facts.payments.filter(*conditions), windows, "transaction_date")


def _recognized(facts: Facts, windows: pl.DataFrame) -> pl.DataFrame:
    return dated(facts, facts.recognized, windows, "day")


def _monthly(facts: Facts, windows: pl.DataFrame) -> pl.DataFrame:
    """Return recurring lines with service on the last day of the window, or today.

    `monthly` is 16 × _ALL_DAYS times the net of an average month, and whole.
    """
    there = windows.with_columns(last=pl.max_horizontal("first", "last"))
    by_days, by_months = _net * 487 * _ALL_DAYS // pl.col("days"), _net * 16 * _ALL_DAYS // pl.col("months")
    lines = monthly(facts.payments).with_columns(monthly=pl.coalesce(by_months, by_days))
    return lines.join_where(there, pl.col("service_from") <= pl.col("last"), pl.col("service_until") >= pl.col("last"))


_ALL_DAYS = lcm(28, 29, 30, 31, 365, 366, *range(1, 13))
"""Of every service in the sample, and of its months."""
_amount, _net = pl.col("amount"), (pl.col("amount") - pl.col("tax")).cast(WHOLE)
_positive = _paid(_amount > 0)
_transactions = Oracle(_positive, pl.col("transaction_id").n_unique())
_recognized_revenue = Oracle(_recognized, pl.col("recognized").sum(), times=MONEY)
_recurring = pl.when("is_recurring").then("recognized").otherwise(0)
_whole = pl.col("recognized").sum().clip(lower_bound=0)
_part = pl.min_horizontal(_recurring.sum().clip(lower_bound=0), _whole)
"""Refunds of one kind make its sum negative, or the other's larger than the whole."""

REVENUE: dict[tuple[Section, str], Oracle | Over] = {
    (Section.REVENUE, key): oracle
    for key, oracle in {
        "grossRevenue": Oracle(_positive, _amount.sum(), times=MONEY),
        "refunds": Oracle(_paid(_amount < 0), _amount.sum(), times=-MONEY),
        "tax": Oracle(_paid(), pl.col("tax").sum(), times=MONEY),
        "netRevenue": Oracle(_paid(), _net.sum(), times=MONEY),
        "recognizedRevenue": _recognized_revenue,
        "monthlyRecurringRevenue": Oracle(
            _monthly, pl.col("monthly").sum(), times=Fraction(1, 16 * _ALL_DAYS * TEN_THOUSANDTHS)
        ),
        "transactions": _transactions,
        "averageTransaction": Oracle(_positive, _amount.sum(), pl.col("transaction_id").n_unique(), times=MONEY),
        "payingCustomers": Oracle(_paid(_amount > 0, pl.col("CUSTOMER").is_not_null()), pl.col("CUSTOMER").n_unique()),
        "revenuePerActiveMember": Over(_recognized_revenue, Oracle(_present, _members)),
        "recurringShare": Oracle(_recognized, _part, _whole, times=100),
        "membershipRevenue": Oracle(_paid(pl.col("REVENUE_SOURCE") == "membership"), _net.sum(), times=MONEY),
    }.items()
}
