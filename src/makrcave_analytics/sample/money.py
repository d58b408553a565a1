"""Revenue: memberships paid by month or year, machine time, workshops, materials, donations, and refunds."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from makrcave_analytics.models import revenue_analytics
from makrcave_analytics.period.days import add_months
from makrcave_analytics.sample.people import COMPANIES, Person
from makrcave_analytics.sample.plan import DAY, Plan
from makrcave_analytics.sample.scratch import Row, copy

CENT = Decimal("0.01")
"""The minor unit of every currency in the sample."""
_YEARLY, _YEARLY_MONTHS = 0.18, 10
"""The share of members who pay by the year, and how many months they pay for."""
_WORKSHOP_PRICES = ("18.00", "25.00", "39.00", "65.00")
_EUROS_ABROAD = ("40.00", "75.00", "120.00", "250.00")
_ABROAD = 14
"""Number of rows in the second currency."""


async def fill_money(connection: AsyncConnection, plan: Plan, people: Sequence[Person]) -> None:
    """Store the revenue up to today. Sessions and consumption must be stored before: some of them are paid for."""
    rows = [*_memberships(plan, people), *_workshops(plan, people), *_gifts(plan, people), *_abroad(plan)]
    await copy(connection, revenue_analytics, rows)
    parameters = {
        "makerspace": plan.makerspace.id,
        "zone": plan.makerspace.time_zone,
        "now": plan.now,
        "today": plan.today,
        "currency": plan.makerspace.currency,
        "tax": plan.makerspace.tax_percent,
        "methods": list(plan.makerspace.payment_methods),
        "offset": plan.offset("money"),
    }
    for statement in (_MACHINE_TIME, _MATERIALS_WITH_MACHINE_TIME, _MATERIALS, _REFUNDS):
        used = {name: value for name, value in parameters.items() if f":{name}" in statement}
        await connection.execute(text(statement), used)


_COLUMNS = """
    INSERT INTO revenue_analytics (
        makerspace_id, transaction_id, line_id, transaction_date, revenue_source, amount, tax_amount, currency,
        payment_method, customer_id, equipment_id, refund_of, recorded_at)
"""

_MACHINE_TIME = f"""{_COLUMNS}
    SELECT :makerspace, 'EQ-' || lpad(s.number::text, 6, '0'), '1', s.day, 'equipment_usage', a.amount,
           round(a.amount - a.amount * 100 / (100 + :tax), 2), :currency,
           m.methods[1 + floor(pg_temp.draw(s.number + :offset, 61) * cardinality(m.methods))::int],
           s.user_id, s.equipment_id, NULL, s.end_time
    FROM (
        SELECT row_number() OVER (ORDER BY l.start_time, l.id) AS number, l.user_id, l.equipment_id, l.end_time,
               (l.end_time AT TIME ZONE :zone)::date AS day,
               q.hourly_rate * l.duration_minutes / 60 * (100 + :tax) / 100 AS price
        FROM equipment_usage_logs l
        JOIN equipment q ON q.makerspace_id = l.makerspace_id AND q.equipment_id = l.equipment_id
        WHERE l.makerspace_id = :makerspace AND l.usage_type NOT IN ('maintenance', 'repair')
          AND l.end_time IS NOT NULL AND l.user_id IS NOT NULL
    ) s
    CROSS JOIN LATERAL (SELECT greatest(round(s.price, 2), 0.05) AS amount) a
    CROSS JOIN (SELECT CAST(:methods AS text[]) AS methods) m
    WHERE pg_temp.draw(s.number + :offset, 60) < 0.42
"""  # noqa: S608 - made of constants

_MATERIALS_WITH_MACHINE_TIME = f"""{_COLUMNS}
    SELECT makerspace_id, transaction_id, '2', transaction_date, 'materials', a.amount,
           round(a.amount - a.amount * 100 / (100 + :tax), 2), currency, payment_method, customer_id, NULL, NULL,
           recorded_at
    FROM (
        SELECT *, row_number() OVER (ORDER BY transaction_id) + :offset AS number FROM revenue_analytics
        WHERE makerspace_id = :makerspace AND revenue_source = 'equipment_usage'
    ) r
    CROSS JOIN LATERAL (SELECT round(r.amount * (0.2 + pg_temp.draw(r.number, 63))::numeric, 2) AS amount) a
    WHERE pg_temp.draw(r.number, 62) < 0.2 AND a.amount > 0
"""  # noqa: S608

_MATERIALS = f"""{_COLUMNS}
    SELECT :makerspace, 'MA-' || lpad(i.number::text, 6, '0'), '1', i.date, 'materials', a.amount,
           round(a.amount - a.amount * 100 / (100 + :tax), 2), :currency,
           m.methods[1 + floor(pg_temp.draw(i.number + :offset, 65) * cardinality(m.methods))::int],
           i.user_id, NULL, NULL, i.recorded_at
    FROM (
        SELECT *, row_number() OVER (ORDER BY date, id) AS number FROM inventory_analytics
        WHERE makerspace_id = :makerspace AND user_id IS NOT NULL
    ) i
    CROSS JOIN LATERAL (SELECT round(i.cost_consumed * 1.25 * (100 + :tax) / 100, 2) AS amount) a
    CROSS JOIN (SELECT CAST(:methods AS text[]) AS methods) m
    WHERE pg_temp.draw(i.number + :offset, 64) < 0.4 AND a.amount > 0
"""  # noqa: S608

_REFUNDS = f"""{_COLUMNS}
    SELECT makerspace_id, 'RF-' || r.transaction_id, r.line_id, d.day, r.revenue_source, -r.amount, -r.tax_amount,
           r.currency, r.payment_method, r.customer_id, r.equipment_id, r.transaction_id,
           least((d.day + time '17:00') AT TIME ZONE :zone, :now)
    FROM (
        SELECT *, row_number() OVER (ORDER BY transaction_id, line_id) + :offset AS number FROM revenue_analytics
        WHERE makerspace_id = :makerspace AND amount > 0
    ) r
    CROSS JOIN LATERAL (SELECT r.transaction_date + 1 + floor(pg_temp.draw(r.number, 67) * 6)::int AS day) d
    WHERE pg_temp.draw(r.number, 66) < 0.012 AND d.day <= :today
"""  # noqa: S608


def with_tax(plan: Plan, amount: Decimal) -> dict[str, Decimal]:
    """Return the amount and the tax that it includes, both rounded to the minor unit."""
    amount = amount.quantize(CENT)
    without = amount * 100 / (100 + plan.makerspace.tax_percent)
    return {"amount": amount, "tax_amount": (amount - without).quantize(CENT)}


def _memberships(plan: Plan, people: Sequence[Person]) -> Iterator[Row]:
    for person in people:
        if person.plan is None or person.joined_on is None:
            continue
        random = plan.random(f"payments of {person.user_id}")
        months = 12 if random.random() < _YEARLY else 1
        price = Decimal(plan.makerspace.plans[person.plan]) * (_YEARLY_MONTHS if months == 12 else 1)
        method = random.choice(plan.makerspace.payment_methods)
        for place, (since, until) in enumerate(_terms(plan, person.joined_on, person.left_on, months)):
            paid_on = min(since + random.choice((0, 0, 0, 1, 3)) * DAY, plan.today)
            transaction = f"MS-{person.number + 1:04}-{place + 1:02}"
            yield _row(plan, transaction, paid_on, "membership", with_tax(plan, price), method) | {
                "customer_id": person.user_id,
                "is_recurring": True,
                "service_from": since,
                "service_until": until,
            }


def _terms(plan: Plan, joined: date, left: date | None, months: int) -> Iterator[tuple[date, date]]:
    """Yield the first and last day of each term that begins within the sample and during the membership."""
    last = min(left or plan.today, plan.today)
    terms_before = max(0, (plan.first_day - joined).days // 31 // months)
    for count in range(terms_before * months, 2400, months):
        since, until = add_months(joined, count), add_months(joined, count + months) - DAY
        if since > last:
            return
        if since >= plan.first_day:
            yield since, until


def _workshops(plan: Plan, people: Sequence[Person]) -> Iterator[Row]:
    """Yield the payments for about two workshops a week; a company pays for several people at once."""
    random = plan.random("workshops")
    number = 0
    for day in plan.open_days:
        if random.random() > 0.34:
            continue
        price = Decimal(random.choice(_WORKSHOP_PRICES)) * plan.makerspace.price_level
        for _ in range(random.randint(3, 10)):
            number += 1
            customer, seats = _payer(random, day.local_day, people)
            paid = with_tax(plan, price * seats)
            method = random.choice(plan.makerspace.payment_methods)
            row = _row(plan, f"WS-{number:05}", day.local_day, "workshop", paid, method)
            yield row | {"customer_id": customer}


def _payer(random: Random, day: date, people: Sequence[Person]) -> tuple[str, int]:
    if random.random() < 0.02:
        return random.choice(COMPANIES), random.randint(2, 6)
    there = random.choice(people)
    while not (there.is_synced and there.is_member(day, day)):
        there = random.choice(people)
    return there.user_id, 1


def _gifts(plan: Plan, people: Sequence[Person]) -> Iterator[Row]:
    """Yield the donations: without tax, and half of them anonymous."""
    random = plan.random("gifts")
    for number in range(40):
        amount = Decimal(random.choice(("5.00", "10.00", "20.00", "50.00"))) * plan.makerspace.price_level
        paid = {"amount": amount.quantize(CENT), "tax_amount": Decimal(0)}
        day = random.choice(plan.days).local_day
        giver = _payer(random, day, people)[0] if random.random() < 0.5 else None
        yield _row(plan, f"GI-{number + 1:03}", day, "donation", paid, "cash") | {"customer_id": giver}


def _abroad(plan: Plan) -> Iterator[Row]:
    """Yield the payments in the second currency: workshops that companies booked from abroad."""
    random = plan.random("abroad")
    level = 80 if plan.makerspace.second_currency == "INR" else 1
    for number in range(_ABROAD):
        paid = with_tax(plan, Decimal(random.choice(_EUROS_ABROAD)) * level)
        row = _row(plan, f"AB-{number + 1:03}", random.choice(plan.days).local_day, "workshop", paid, "bank_transfer")
        yield row | {"currency": plan.makerspace.second_currency, "customer_id": random.choice(COMPANIES)}


def _row(plan: Plan, transaction: str, day: date, source: str, paid: dict[str, Decimal], method: str) -> Row:
    evening = datetime.combine(day, time(18), plan.makerspace.zone)
    return {
        "makerspace_id": plan.makerspace.id,
        "transaction_id": transaction,
        "line_id": "1",
        "transaction_date": day,
        "revenue_source": source,
        **paid,
        "currency": plan.makerspace.currency,
        "payment_method": method,
        "customer_id": None,
        "is_recurring": False,
        "service_from": None,
        "service_until": None,
        "recorded_at": min(evening + timedelta(minutes=5), plan.now),
    }
