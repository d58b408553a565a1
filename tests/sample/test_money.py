"""Revenue, stock and projects of the sample."""

from decimal import Decimal

from tests.sample.test_content import each, within

from makrcave_analytics.sample import MAKERSPACES

ROWS = "FROM revenue_analytics WHERE makerspace_id = $1"


async def test_every_amount_is_in_minor_units(whole) -> None:
    finer = f"{ROWS} AND (amount <> round(amount, 2) OR tax_amount <> round(tax_amount, 2))"
    assert await each(whole, f"SELECT count(*) {finer}") == [0, 0, 0]
    months = await whole.fetch("""
        SELECT sum(amount) AS paid FROM revenue_analytics
        GROUP BY makerspace_id, currency, date_trunc('month', transaction_date)
    """)
    assert len(months) > 3 * 14
    assert all(row["paid"] == row["paid"].quantize(Decimal("0.01")) for row in months)
    costs = (
        "SELECT count(*) FROM inventory_analytics WHERE makerspace_id = $1 AND cost_consumed <> round(cost_consumed, 2)"
    )
    assert await each(whole, costs) == [0, 0, 0]


async def test_tax_follows_the_rate_of_the_country(whole) -> None:
    for makerspace, percent in zip(MAKERSPACES, (18, 19, 13), strict=True):
        wrong = f"{ROWS} AND revenue_source <> 'donation' AND abs(tax_amount * (100 + $2) - amount * $2) > 1"
        assert await whole.fetchval(f"SELECT count(*) {wrong}", makerspace.id, percent) == 0


async def test_refunds_are_negative_and_name_their_payment(whole) -> None:
    await within(whole, 50, 1000, f"SELECT count(*) {ROWS} AND amount < 0")
    wrong = """
        SELECT count(*) FROM revenue_analytics r LEFT JOIN revenue_analytics paid
            ON paid.makerspace_id = r.makerspace_id AND paid.transaction_id = r.refund_of AND paid.line_id = r.line_id
        WHERE r.makerspace_id = $1 AND (r.amount < 0 OR r.refund_of IS NOT NULL)
          AND (paid.amount, paid.tax_amount, paid.currency) IS DISTINCT FROM (-r.amount, -r.tax_amount, r.currency)
    """
    assert await each(whole, wrong) == [0, 0, 0]
    undated = """
        SELECT count(*) FROM revenue_analytics r JOIN revenue_analytics paid
            ON paid.makerspace_id = r.makerspace_id AND paid.transaction_id = r.refund_of
        WHERE r.makerspace_id = $1 AND r.transaction_date <= paid.transaction_date
    """
    assert await each(whole, undated) == [0, 0, 0]


async def test_memberships_are_paid_by_month_and_by_year(whole) -> None:
    terms = f"SELECT count(*) {ROWS} AND is_recurring AND service_until - service_from"
    await within(whole, 1000, 6000, f"{terms} BETWEEN 27 AND 30")
    await within(whole, 50, 400, f"{terms} BETWEEN 364 AND 365")
    odd = f"{ROWS} AND is_recurring <> (revenue_source = 'membership' AND amount > 0)"
    assert await each(whole, f"SELECT count(*) {odd}") == [0, 0, 0]


async def test_there_are_five_sources_several_methods_and_two_currencies(whole) -> None:
    rows = await whole.fetch("SELECT DISTINCT revenue_source FROM revenue_analytics ORDER BY 1")
    assert [row["revenue_source"] for row in rows] == [
        "donation", "equipment_usage", "materials", "membership", "workshop",
    ]  # fmt: skip
    await within(whole, 4, 6, f"SELECT count(DISTINCT payment_method) {ROWS}")
    rows = await whole.fetch("SELECT makerspace_id, currency, count(*) FROM revenue_analytics GROUP BY 1, 2")
    others = {(row["makerspace_id"], row["currency"]) for row in rows if row["count"] < 100}
    assert others == {(makerspace.id, makerspace.second_currency) for makerspace in MAKERSPACES}
    await within(whole, 1000, 20_000, f"SELECT count(*) {ROWS} AND equipment_id IS NOT NULL")
    await within(whole, 100, 5000, f"SELECT count(*) {ROWS} AND line_id = '2'")


async def test_some_items_run_low_and_of_some_the_stock_is_unknown(whole) -> None:
    items = "SELECT count(*) FROM inventory_items WHERE makerspace_id = $1"
    await within(whole, 5, 40, f"{items} AND on_hand <= reorder_point")
    await within(whole, 1, 30, f"{items} AND on_hand IS NULL")
    await within(whole, 5, 9, "SELECT count(DISTINCT unit) FROM inventory_items WHERE makerspace_id = $1")


async def test_waste_and_efficiency_are_stated_in_part(whole) -> None:
    for column in ("waste_percentage", "efficiency_score"):
        share = f"SELECT 100 * count({column}) / count(*) FROM inventory_analytics WHERE makerspace_id = $1"
        await within(whole, 40, 70, share)
        out = f"SELECT count(*) FROM inventory_analytics WHERE makerspace_id = $1 AND {column} NOT BETWEEN 0 AND 100"
        assert await each(whole, out) == [0, 0, 0]
    await within(
        whole, 50, 1000, "SELECT count(*) FROM inventory_analytics WHERE makerspace_id = $1 AND reorder_triggered"
    )
    nothing = "SELECT count(*) FROM inventory_analytics WHERE makerspace_id = $1 AND quantity_consumed <= 0"
    assert await each(whole, nothing) == [0, 0, 0]


async def test_projects_have_every_status_and_matching_dates(whole) -> None:
    await within(whole, 5, 5, "SELECT count(DISTINCT status) FROM project_analytics WHERE makerspace_id = $1")
    odd = """
        SELECT count(*) FROM project_analytics WHERE makerspace_id = $1 AND (
            (status = 'planned') <> (started_at IS NULL) OR (status = 'completed') <> (completed_at IS NOT NULL)
            OR (status = 'cancelled') <> (cancelled_at IS NOT NULL) OR completed_at < started_at
            OR cancelled_at < started_at OR external_items_count > bom_items_count)
    """
    assert await each(whole, odd) == [0, 0, 0]
    stalled = """
        SELECT count(*) FROM project_analytics p WHERE makerspace_id = $1 AND status IN ('in_progress', 'on_hold')
          AND NOT EXISTS (SELECT FROM usage_events e WHERE e.makerspace_id = $1 AND e.project_id = p.project_id
                          AND e.timestamp > '2026-10-21')
          AND NOT EXISTS (SELECT FROM equipment_usage_logs l WHERE l.makerspace_id = $1
                          AND l.project_id = p.project_id AND l.start_time > '2026-10-21')
    """
    await within(whole, 5, 60, stalled)
