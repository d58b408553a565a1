"""Labels of periods and buckets: short English, independent of the server's locale. Knows dates only."""

from datetime import date, datetime

from makrcave_analytics.period.days import DAY, Calendar
from makrcave_analytics.period.vocabulary import Grain

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day_label(day: date) -> str:
    """Format a day: 22 Nov 2026."""
    return f"{_day_and_month(day)} {day.year}"


def days_label(start: date, end: date, calendar: Calendar) -> str:
    """Format days, both included: 2026, Q4 2026, Nov 2026, 22 Nov 2026, 1–22 Nov 2026, 1 Oct – 22 Nov 2026."""
    for cycle, grain in (
        (calendar.year(), Grain.YEAR),
        (calendar.quarter(), Grain.QUARTER),
        (calendar.month(), Grain.MONTH),
    ):
        if cycle.start(start) == start and cycle.shift(start, 1) == end + DAY:
            return cycle_label(start, grain)
    if start == end:
        return day_label(end)
    if start.year != end.year:
        return f"{day_label(start)} – {day_label(end)}"
    if start.month != end.month:
        return f"{_day_and_month(start)} – {day_label(end)}"
    return f"{start.day}–{day_label(end)}"


def cycle_label(start: date, grain: Grain) -> str:
    """Format a bucket of days by its regular first day, also if the period cuts it."""
    match grain:
        case Grain.YEAR:
            return str(start.year)
        case Grain.QUARTER:
            return f"Q{(start.month + 2) // 3} {start.year}"
        case Grain.MONTH:
            return f"{MONTHS[start.month - 1]} {start.year}"
        case Grain.WEEK:
            return f"Week of {day_label(start)}"
        case _:
            return day_label(start)


def hour_label(clock: datetime, first: date, last: date) -> str:
    """Format an hour: 14:00, 22 Nov 14:00, or 22 Nov 2026 14:00, as the days [first, last] require.

    An hour that repeats when the clock goes back is 02:00 (2nd).
    """
    time = f"{clock.hour:02}:{clock.minute:02} (2nd)" if clock.fold else f"{clock.hour:02}:{clock.minute:02}"
    if first == last:
        return time
    day = f"{clock.day} {MONTHS[clock.month - 1]}"
    return f"{day} {time}" if first.year == last.year else f"{day} {clock.year} {time}"


def _day_and_month(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]}"
