"""Payments from the raw rows, for the oracles. Amounts are whole numbers of ten-thousandths."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID

import asyncpg
import polars as pl

from makrcave_analytics.models.currency import minor_units

TEN_THOUSANDTHS = 10_000
WHOLE = pl.Int128
_DAY = timedelta(days=1)
_PARTS = {
    "day": pl.Date, "recognized": WHOLE, "is_recurring": pl.Boolean, "currency": pl.String, "REVENUE_SOURCE": pl.String,
}  # fmt: skip


async def read_payments(connection: asyncpg.Connection, makerspace_id: UUID) -> pl.DataFrame:
    """Read every line, with the plan of its customer."""
    rows = await connection.fetch(
        """
        WITH originals AS (
            SELECT DISTINCT ON (back.transaction_id, back.line_id) back.transaction_id, back.line_id,
                   paid.is_recurring, paid.service_from, paid.service_until
            FROM revenue_analytics back
            JOIN revenue_analytics paid ON paid.makerspace_id = $1 AND paid.transaction_id = back.refund_of
            WHERE back.makerspace_id = $1 AND back.amount < 0 AND paid.amount > 0 AND paid.voided_at IS NULL
            ORDER BY back.transaction_id, back.line_id, (paid.line_id = back.line_id) DESC, paid.line_id
        )
        SELECT r.transaction_id, r.transaction_date, r.currency, m.currency AS own,
               (r.amount * 10000)::bigint AS amount, (r.tax_amount * 10000)::bigint AS tax,
               r.is_recurring OR coalesce(o.is_recurring, false) AS is_recurring,
               coalesce(r.service_from, o.service_from) AS service_from,
               coalesce(r.service_until, o.service_until) AS service_until,
               r.customer_id AS "CUSTOMER", r.revenue_source AS "REVENUE_SOURCE",
               r.payment_method AS "PAYMENT_METHOD", r.equipment_id AS "EQUIPMENT", p.plan AS "MEMBER_PLAN"
        FROM revenue_analytics r JOIN makerspaces m ON m.id = r.makerspace_id
        LEFT JOIN originals o ON o.transaction_id = r.transaction_id AND o.line_id = r.line_id
        LEFT JOIN members p ON p.makerspace_id = r.makerspace_id AND p.user_id = r.customer_id
        WHERE r.makerspace_id = $1 AND r.voided_at IS NULL
        """,
        makerspace_id,
    )
    return pl.DataFrame(
        [dict(row) for row in rows],
        schema_overrides={"amount": WHOLE, "tax": WHOLE, "service_from": pl.Date, "service_until": pl.Date},
        infer_schema_length=None,
    )


def own(payments: pl.DataFrame) -> pl.DataFrame:
    """Return the payments in the makerspace's own currency."""
    return payments.filter(pl.col("currency") == pl.col("own"))


def spread(payments: pl.DataFrame) -> pl.DataFrame:
    """Distribute the net of each line over its days of service; without service, all of it is on its date."""
    return pl.DataFrame([part for row in payments.iter_rows(named=True) for part in _parts(row)], _PARTS, orient="row")


def _parts(row: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    net = row["amount"] - row["tax"]
    rest = row["is_recurring"], row["currency"], row["REVENUE_SOURCE"]
    since, until = row["service_from"], row["service_until"]
    if since is None or until is None or until < since:
        yield row["transaction_date"], net, *rest
        return
    unit = TEN_THOUSANDTHS // 10 ** minor_units(row["currency"])
    days = (until - since).days + 1
    before = 0
    for k in range(1, days + 1):
        # Python rounds a half to the even one.
        earned = round(Fraction(net * k, unit * days)) * unit
        yield since + (k - 1) * _DAY, earned - before, *rest
        before = earned


def monthly(payments: pl.DataFrame) -> pl.DataFrame:
    """Keep the recurring lines with service: its `days`, and its `months` where it is whole calendar months."""
    since, following = pl.col("service_from"), pl.col("service_until") + pl.duration(days=1)
    days = (following - since).dt.total_days()
    count = (following.dt.year() - since.dt.year()) * 12 + following.dt.month() - since.dt.month()
    months = pl.when((since.dt.day() == 1) & (following.dt.day() == 1)).then(count)
    return payments.filter(pl.col("is_recurring") & (days > 0)).with_columns(
        days=days.cast(WHOLE), months=months.cast(WHOLE)
    )
