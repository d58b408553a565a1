"""The dashboard's notes: those of the selected sections, read once."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from tests.metrics.scenario import insert, insert_consumption, insert_members, insert_session

SILENT = "No events have come in since 1 Feb 2026."
UNSYNCED = "No members were synced: people count as members from the day on which they were first seen."
OPEN = "Machine sessions still open: 1. Until they end, their members count on the first day only."
RUNNING = "Sessions still open: 1. They count up to now."
HOURS = "Machines without opening hours: 1. The whole day counts as bookable."
UNITS = "Items of several units were used up, which do not add up to one quantity: ask for it by item."
PARTIAL = "The period is still running: the last bucket of a series is not complete."


@pytest.fixture
async def runner(api: Any, owner: Any, make_makerspace: Any) -> Any:
    """Facts with a note on usage, on machines and on items."""
    api.now = datetime(2026, 3, 31, 12, tzinfo=UTC)
    makerspace = await make_makerspace()
    await insert_members(owner, makerspace, "ada")
    await insert_session(owner, makerspace, "ada", datetime(2026, 3, 31, 11, tzinfo=UTC), None)
    seen = {"kind": "EVENT", "last_recorded_at": api.now, "last_fact_at": datetime(2026, 2, 1, 12, tzinfo=UTC)}
    await insert(owner, "freshness", makerspace.value, **seen)
    for item, unit in (("plywood", "m²"), ("screws", "piece")):
        await insert(owner, "inventory_items", makerspace.value, item_id=item, unit=unit)
        await insert_consumption(owner, makerspace, date(2026, 3, 30), item, "1", "1")
    return makerspace


async def _notes(api: Any, makerspace: Any, shown: str, role: str = "admin") -> list[str]:
    answer = await api.ask(f"{{ dashboard {{ meta {{ notes }} {shown} }} }} {FRAGMENTS}", makerspace, role=role)
    notes: list[str] = answer["dashboard"]["meta"]["notes"]
    return notes


FRAGMENTS = """fragment Usage on Dashboard { people: usage { logins { value } } }"""


async def test_the_notes_are_those_of_the_selected_sections(api: Any, runner: Any) -> None:
    usage = [UNSYNCED, OPEN, SILENT]
    assert await _notes(api, runner, "...Usage") == [PARTIAL, *usage]
    shown = "equipment { sessions { value } } ... on Dashboard { inventory { costConsumed { value } } ...Usage }"
    assert await _notes(api, runner, shown) == [PARTIAL, *usage, RUNNING, HOURS, UNITS]


async def test_a_note_on_several_sections_is_given_once(api: Any, runner: Any) -> None:
    shown = "revenue { transactions { value } } projects { projectsStarted { value } } ...Usage"
    notes = await _notes(api, runner, shown, role="analyst")
    assert [note for note in notes if "READ_MONEY" in note] == [
        "Money is left out: it is shown to those who may see it (READ_MONEY)."
    ]
    assert notes.count(PARTIAL) == 1
    assert "Groups of fewer than 5 people are not shown." in notes


async def test_notes_that_are_selected_twice_are_read_once(api: Any, runner: Any, statements: Any) -> None:
    shown = "usage { META logins { value } } equipment { META sessions { value } } overview { totalMembers }"
    await _notes(api, runner, shown.replace("META", "") + "...Usage")
    once = len(statements)
    statements.clear()
    await _notes(api, runner, shown.replace("META", "meta { notes }") + "...Usage")
    assert len(statements) == once


async def test_a_table_has_the_notes_that_concern_it(api: Any, runner: Any) -> None:
    async def notes(metric: str, more: str = "", role: str = "admin") -> list[str]:
        table = f'{{metrics: ["{metric}"] {more}}}'
        answer = await api.ask(f"{{ explore(table: {table}) {{ meta {{ notes }} }} }}", runner, role=role)
        found: list[str] = answer["explore"]["meta"]["notes"]
        return found

    assert await notes("sessions") == await notes("sessions", role="analyst") == [PARTIAL, RUNNING, HOURS]
    assert await notes("quantityConsumed") == [PARTIAL, UNITS]
    assert await notes("quantityConsumed", "by: [ITEM]") == [PARTIAL]
    assert await notes("reordersTriggered", role="analyst") == [PARTIAL]
    assert (await notes("costConsumed", role="analyst"))[1:] == [
        "Money is left out: it is shown to those who may see it (READ_MONEY)."
    ]
    by_plan = await notes("activeMembers", "by: [MEMBER_PLAN]", role="analyst")
    assert by_plan[1:] == [UNSYNCED, OPEN, SILENT, "Groups of fewer than 5 people are not shown."]
