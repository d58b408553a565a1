"""Visits: who comes when. Events, sessions and consumption are drawn for them elsewhere."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from math import exp

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from makrcave_analytics.sample.people import places
from makrcave_analytics.sample.plan import Plan
from makrcave_analytics.sample.scratch import scratch_tables
from makrcave_analytics.sample.settings import SATURDAY, SUNDAY, SampleMakerspace

VISITS = 28_600
"""Number of visits in the whole sample at scale 1."""
ARRIVALS = 200
"""Number of possible arrivals on a day."""
AT_HOME = 16
"""How many of these arrivals are people who book or look from home."""
_CLOSED = 7
"""Used instead of the weekday on closed days."""
_GRID_MINUTES = 5
_LAST_ARRIVAL_MINUTES = 45


@dataclass(frozen=True)
class Arrival:
    """One of a weekday's ARRIVALS possible arrivals, in local minutes; the visit ends at `closes` at the latest."""

    weekday: int
    place: int
    minute: int
    closes: int
    at_home: bool


def busyness(weekday: int, minute: float) -> float:
    """Return how busy a minute of an open day is, about 1 at the peak: evenings on weekdays, else afternoons."""
    peak, width = (14.5, 3.2) if weekday in (SATURDAY, SUNDAY) else (18.3, 2.0)
    return 0.28 + 0.72 * exp(-((((minute / 60) - peak) / width) ** 2))


def arrivals(makerspace: SampleMakerspace) -> Iterator[Arrival]:
    """Yield the arrivals of each weekday and of closed days, which are all from home."""
    for weekday in range(7):
        openings = makerspace.openings(weekday)
        grid = [
            (minute, opening.until)
            for opening in openings
            for minute in range(opening.since, opening.until - _LAST_ARRIVAL_MINUTES, _GRID_MINUTES)
        ]
        if grid:
            sums = list(accumulate(busyness(weekday, minute) for minute, _ in grid))
            there = ARRIVALS - AT_HOME
            for place in range(there):
                minute, closes = grid[bisect_left(sums, sums[-1] * (place + 0.5) / there)]
                yield Arrival(weekday, place, minute, closes, at_home=False)
            yield from _at_home(weekday, there)
    yield from _at_home(_CLOSED, 0)


def visits_of(plan: Plan) -> Iterator[int]:
    """Draw the number of visits of each day; their sum follows the scale."""
    random = plan.random("visits")
    per_weight = VISITS * plan.scale / sum(day.weight for day in plan.days)
    for day in plan.days:
        yield int(day.weight * per_weight + random.random())


async def fill_visits(connection: AsyncConnection, plan: Plan) -> None:
    """Create the temporary tables of days, arrivals and visits.

    A visit has its day and its place within the day, so that other statements can draw visitors of a day.
    """
    await scratch_tables(
        connection,
        "sample_days",
        {
            "day_no": "int", "local_day": "date", "weekday": "int", "rhythm": "int", "week_no": "int",
            "weight": "float", "is_open": "boolean", "visits": "int", "first_visit": "bigint",
        },
        _days(plan),
    )  # fmt: skip
    columns = {"rhythm": "int", "place": "int", "minute": "int", "closes": "int", "at_home": "boolean"}
    rows = [(a.weekday, a.place, a.minute, a.closes, a.at_home) for a in arrivals(plan.makerspace)]
    await scratch_tables(connection, "sample_arrivals", columns, rows)
    parameters = {
        "zone": plan.makerspace.time_zone,
        "offset": plan.offset("visits"),
        "arrivals": ARRIVALS,
        "people": places(plan),
    }
    await connection.execute(text(_VISITS), parameters)
    await connection.execute(text("ANALYZE sample_visits"))


_VISITS = """
    CREATE TEMPORARY TABLE sample_visits ON COMMIT DROP AS
    SELECT a.visit_no, a.day_no, a.local_day, a.week_no, a.place, a.at_home, p.user_id, a.arrives,
           CASE WHEN a.at_home THEN a.arrives + make_interval(secs => 240 + 2400 * a.length)
                ELSE least(a.arrives + make_interval(secs => 2400 + 15000 * a.length ^ 1.5), a.closes) END AS leaves
    FROM (
        SELECT v.visit_no, d.day_no, d.local_day, d.week_no, v.place, a.at_home,
               pg_temp.draw(v.number, 3) AS length,
               floor(pg_temp.draw(v.number, 2) * :people)::int AS person,
               (d.local_day + make_interval(mins => a.minute, secs => 300 * pg_temp.draw(v.number, 4)))
                   AT TIME ZONE :zone AS arrives,
               (d.local_day + make_interval(mins => a.closes)) AT TIME ZONE :zone AS closes
        FROM sample_days d
        CROSS JOIN LATERAL (
            SELECT place, d.first_visit + place AS visit_no, d.first_visit + place + :offset AS number
            FROM generate_series(0, d.visits - 1) AS place
        ) v
        JOIN sample_arrivals a
            ON a.rhythm = d.rhythm AND a.place = floor(pg_temp.draw(v.number, 1) * :arrivals)::int
    ) a
    JOIN sample_regulars p ON p.week_no = a.week_no AND p.place = a.person
    ORDER BY a.visit_no
"""


def _at_home(weekday: int, first: int) -> Iterator[Arrival]:
    for place in range(first, ARRIVALS):
        minute = 7 * 60 + (place * 37) % (16 * 60)
        yield Arrival(weekday, place, minute, 24 * 60, at_home=True)


def _days(plan: Plan) -> Iterator[tuple[object, ...]]:
    first_visit = 0
    for day, visits in zip(plan.days, visits_of(plan), strict=True):
        weekday = day.local_day.weekday()
        rhythm = weekday if day.is_open else _CLOSED
        yield (
            day.number, day.local_day, weekday, rhythm, day.week, day.weight, day.is_open, visits, first_visit,
        )  # fmt: skip
        first_visit += visits
