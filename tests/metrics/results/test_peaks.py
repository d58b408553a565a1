"""Peaks and heat map around changes of the clock, and the notes on usage."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.metrics.scenario import insert, insert_event, insert_members, insert_session, roll_up

BERLIN = ZoneInfo("Europe/Berlin")
FIELDS = "peakHour mostActiveDay heatmap { dayOfWeek hour value }"
AUTUMN = 'period: {range: {startDate: "2026-10-19", endDate: "2026-11-01"}}'
"""Two weeks whose first Sunday has 25 hours."""
SPRING = 'period: {range: {startDate: "2026-03-29", endDate: "2026-03-29"}}'
"""The Sunday without a 2:30."""


def at(day: int, hour: int, minute: int = 0, month: int = 10, fold: int = 0) -> datetime:
    """Return an instant from the local time of Berlin."""
    return datetime(2026, month, day, hour, minute, tzinfo=BERLIN, fold=fold)


@pytest.fixture
async def makerspace(owner, database, make_makerspace):
    """Some logins around the end of summer time."""
    makerspace = await make_makerspace()
    moments = [at(25, 2, 30), at(25, 2, 30, fold=1), at(25, 14), at(26, 14, 59), at(1, 2, 15, month=11), at(20, 9)]
    for moment in moments:
        await insert_event(owner, makerspace, moment, None, "login")
    await roll_up(database, makerspace, "Europe/Berlin")
    return makerspace


async def test_the_busiest_hour_and_day(api: Any, makerspace: Any) -> None:
    api.now = datetime(2026, 12, 1, tzinfo=UTC)
    usage = (await api.ask(f"{{ usage({AUTUMN}) {{ {FIELDS} }} }}", makerspace))["usage"]
    # At 2: three, two of them in the doubled hour; at 14: two. On the 25th three.
    assert (usage["peakHour"], usage["mostActiveDay"]) == (2, "2026-10-25")
    cells = {(cell["dayOfWeek"], cell["hour"]): cell["value"] for cell in usage["heatmap"]}
    assert list(cells) == [(day, hour) for day in range(7) for hour in range(24)]
    # Two Sundays have a 2:00, one of them twice: 3 events of 2 days. Of two Mondays, Tuesdays and Sundays one event.
    assert {cell: value for cell, value in cells.items() if value} == {
        (6, 2): 1.5, (6, 14): 0.5, (0, 14): 0.5, (1, 9): 0.5,
    }  # fmt: skip


async def test_equals_are_decided_for_the_earliest_and_nothing_is_null(api: Any, makerspace: Any) -> None:
    api.now = datetime(2026, 12, 1, tzinfo=UTC)
    tuesday_and_monday = 'period: {range: {startDate: "2026-10-20", endDate: "2026-10-24"}}'
    usage = (await api.ask(f"{{ usage({tuesday_and_monday}) {{ {FIELDS} }} }}", makerspace))["usage"]
    assert (usage["peakHour"], usage["mostActiveDay"]) == (9, "2026-10-20")
    last_day = 'period: {range: {startDate: "2026-10-26", endDate: "2026-11-01"}}'
    usage = (await api.ask(f"{{ usage({last_day}) {{ {FIELDS} }} }}", makerspace))["usage"]
    assert (usage["peakHour"], usage["mostActiveDay"]) == (2, "2026-10-26")
    usage = (await api.ask(f"{{ usage({SPRING}) {{ {FIELDS} }} }}", makerspace))["usage"]
    assert (usage["peakHour"], usage["mostActiveDay"]) == (None, None)


async def test_an_hour_that_never_came_has_no_mean(api: Any, makerspace: Any) -> None:
    api.now = at(29, 11, 20, month=3)
    heatmap = (await api.ask(f"{{ usage({SPRING}) {{ {FIELDS} }} }}", makerspace))["usage"]["heatmap"]
    # Of the Sunday that runs, 0, 1 and 3 to 11 have begun; 2 never does.
    begun = [(cell["dayOfWeek"], cell["hour"]) for cell in heatmap if cell["value"] is not None]
    assert begun == [(6, hour) for hour in (0, 1, *range(3, 12))]


async def test_notes_say_what_the_reader_should_know(api: Any, owner: Any, make_makerspace: Any) -> None:
    makerspace = await make_makerspace(events_kept_since=at(5, 0))
    api.now = at(25, 12)
    notes = "{ usage(period: {preset: LAST_30_DAYS}) { meta { notes } } }"
    running = "The period is still running: the last bucket of a series is not complete."
    kept = (
        "Events before 5 Oct 2026 are kept as sums: breakdowns by member, plan, machine, item and project begin there."
    )
    assert (await api.ask(notes, makerspace))["usage"]["meta"]["notes"] == [running, kept]

    await insert_members(owner, makerspace, "ada")
    await insert_session(owner, makerspace, "ada", at(24, 20), None)
    for kind, silent in (("EVENT", timedelta(days=7, seconds=1)), ("EQUIPMENT_USAGE", timedelta(days=7))):
        last = api.now.astimezone(UTC) - silent
        await insert(owner, "freshness", makerspace.value, kind=kind, last_recorded_at=last, last_fact_at=last)
    assert (await api.ask(notes, makerspace))["usage"]["meta"]["notes"] == [
        running,
        "No members were synced: people count as members from the day on which they were first seen.",
        "Machine sessions still open: 1. Until they end, their members count on the first day only.",
        "No events have come in since 18 Oct 2026.",
        kept,
    ]
