"""Equipment metrics of given sessions, through GraphQL."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.metrics.scenario import insert, insert_members, insert_session

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 31, 12, tzinfo=BERLIN)
"""A Tuesday."""
WEEKDAYS = [{"day": day, "from": "10:00", "to": "20:00"} for day in range(5)]


def at(day: int, clock: str, month: int = 3, fold: int = 0) -> datetime:
    hours, minutes = map(int, clock.split(":"))
    return datetime(2026, month, day, hours, minutes, tzinfo=BERLIN, fold=fold).astimezone(UTC)


@pytest.fixture
async def makerspace(api: Any, make_makerspace: Any) -> Any:
    """Open on weekdays from 10 to 20 h; closed on Friday 13 March."""
    api.now = NOW
    closure = {"start_date": "2026-03-13", "end_date": "2026-03-13", "name": "Stocktaking"}
    return await make_makerspace(opening_hours=json.dumps(WEEKDAYS), closures=json.dumps([closure]))


async def insert_machine(owner: Any, makerspace: Any, name: str, **columns: Any) -> None:
    """Insert a synced machine that has been in service since 2020."""
    row = {"equipment_id": name, "category": "laser_cutter", "in_service_from": date(2020, 1, 1)}
    await insert(owner, "equipment", makerspace.value, **row | columns)


async def numbers(api: Any, makerspace: Any, first: date, last: date, *keys: str) -> dict[str, str | None]:
    period = f'period: {{range: {{startDate: "{first}", endDate: "{last}"}}}}'
    document = f"{{ equipment({period}) {{ {' '.join(f'{key} {{ decimal }}' for key in keys)} }} }}"
    answer = (await api.ask(document, makerspace))["equipment"]
    return {key: answer[key]["decimal"] for key in keys}


async def parts(api: Any, makerspace: Any, day: date, key: str, by: str, last: date | None = None) -> dict[str, Any]:
    period = f'period: {{range: {{startDate: "{day}", endDate: "{last or day}"}}}}'
    document = f"{{ equipment({period}) {{ {key} {{ breakdown(by: {by}) {{ key value }} }} }} }}"
    slices = (await api.ask(document, makerspace))["equipment"][key]["breakdown"]
    return {part["key"]: part["value"] for part in slices if part["value"]}


def march(day: int) -> date:
    return date(2026, 3, day)


async def test_a_session_across_midnight_counts_in_both_days(api: Any, owner: Any, makerspace: Any) -> None:
    await insert_session(owner, makerspace, "ada", at(3, "23:15"), at(4, "01:45"))
    # 23:15 to 24:00 are 0.75 h; 0:00 to 1:45 are 1.75 h; the session is of the day that it starts on.
    assert await numbers(api, makerspace, march(3), march(3), "usedHours", "sessions") == {
        "usedHours": "0.75",
        "sessions": "1",
    }
    assert await numbers(api, makerspace, march(4), march(4), "usedHours", "sessions") == {
        "usedHours": "1.75",
        "sessions": "0",
    }
    # 2.5 h are 150 minutes, also those of the next day.
    assert await numbers(api, makerspace, march(3), march(3), "averageSessionMinutes") == {
        "averageSessionMinutes": "150"
    }
    assert await parts(api, makerspace, march(3), "usedHours", "HOUR_OF_DAY", march(4)) == {
        "23": 0.75,
        "0": 1,
        "1": 0.75,
    }
    assert await parts(api, makerspace, march(3), "usedHours", "DAY_OF_WEEK", march(4)) == {"1": 0.75, "2": 1.75}


async def test_buckets_split_a_session_to_the_second(api: Any, owner: Any, makerspace: Any) -> None:
    await insert_session(
        owner, makerspace, "ada", at(3, "09:59") + timedelta(seconds=59), at(3, "11:00") + timedelta(seconds=1)
    )
    document = """{ equipment(period: {range: {startDate: "2026-03-03", endDate: "2026-03-03"}}) {
        usedHours { decimal columns(grain: HOUR) { values } } } }"""
    found = (await api.ask(document, makerspace))["equipment"]["usedHours"]
    assert found["decimal"] == "1.000556"  # 3,602 s ÷ 3,600
    # 1 s ÷ 3,600 = 0.00027(7): one in the hour before, one in the hour after.
    assert found["columns"]["values"][9:12] == [0.000278, 1.0, 0.000278]


@pytest.mark.parametrize(
    ("day", "month", "hours", "by_hour"),
    [
        # 1:30 to 3:30 by the clock, which jumps from 2:00 to 3:00: one hour.
        (29, 3, "1", {"1": 0.5, "3": 0.5}),
        # 1:30 to 3:30 by the clock, which shows 2:00 to 3:00 twice: three hours.
        (25, 10, "3", {"1": 0.5, "2": 2.0, "3": 0.5}),
    ],
)
async def test_nights_in_which_the_clock_changes(
    api: Any, owner: Any, makerspace: Any, day: int, month: int, hours: str, by_hour: dict[str, float]
) -> None:
    api.now = datetime(2026, 11, 1, tzinfo=BERLIN)
    await insert_session(owner, makerspace, "ada", at(day, "01:30", month), at(day, "03:30", month))
    there = date(2026, month, day)
    assert await numbers(api, makerspace, there, there, "usedHours") == {"usedHours": hours}
    assert await parts(api, makerspace, there, "usedHours", "HOUR_OF_DAY") == by_hour


@pytest.mark.parametrize(("day", "month"), [(29, 3), (25, 10)])
async def test_a_day_of_23_or_25_hours_is_bookable_as_long(
    api: Any, owner: Any, make_makerspace: Any, day: int, month: int
) -> None:
    api.now = datetime(2026, 11, 1, tzinfo=BERLIN)
    always_open = await make_makerspace()
    await insert_machine(owner, always_open, "laser")
    await insert_session(owner, always_open, "ada", at(day, "01:30", month), at(day, "03:30", month))
    there = date(2026, month, day)
    # 1 ÷ 23 and 3 ÷ 25.
    expected = {"utilization": {29: "4.347826", 25: "12"}[day]}
    assert await numbers(api, always_open, there, there, "utilization") == expected


async def test_overlapping_sessions_count_twice_as_hours_and_once_as_utilization(
    api: Any, owner: Any, makerspace: Any
) -> None:
    await insert_machine(owner, makerspace, "laser")
    await insert_members(owner, makerspace, "ada", "ben")
    await insert_session(owner, makerspace, "ada", at(3, "10:00"), at(3, "12:00"))
    await insert_session(owner, makerspace, "ben", at(3, "11:00"), at(3, "14:00"))
    await insert_session(owner, makerspace, "ben", at(3, "19:00"), at(3, "21:00"))
    # 2 + 3 + 2 h; merged within 10 to 20 h: 10–14 and 19–20 are 5 h of 10.
    assert await numbers(api, makerspace, march(3), march(3), "usedHours", "utilization", "machineUsers") == {
        "usedHours": "7",
        "utilization": "50",
        "machineUsers": "2",
    }
    # By the hour: 10 to 14 h and 19 h whole; all hours of Tuesday alike, 5 of 10.
    whole = {"10": 100.0, "11": 100.0, "12": 100.0, "13": 100.0, "19": 100.0}
    assert await parts(api, makerspace, march(3), "utilization", "HOUR_OF_DAY") == whole
    assert await parts(api, makerspace, march(3), "utilization", "DAY_OF_WEEK") == {"1": 50.0}


async def test_maintenance_is_not_bookable_and_repairs_are_downtime(api: Any, owner: Any, makerspace: Any) -> None:
    await insert_machine(owner, makerspace, "laser")
    await insert_session(owner, makerspace, "ada", at(3, "08:00"), at(3, "12:00"), usage_type="maintenance")
    await insert_session(owner, makerspace, "ada", at(3, "18:00"), at(3, "22:00"), usage_type="repair")
    await insert_session(owner, makerspace, "ada", at(3, "19:00"), at(3, "20:00"), usage_type="repair")
    await insert_session(owner, makerspace, "ada", at(3, "11:00"), at(3, "14:00"))
    # Bookable: 12 to 20 h, 8 h. Used of it: 12 to 14 h, 2 h. Under repair of it: 18 to 20 h, 2 h, once.
    # Downtime: 4 + 4 + 1 h.
    assert await numbers(
        api, makerspace, march(3), march(3), "utilization", "uptime", "maintenanceHours", "sessions"
    ) == {
        "utilization": "25",
        "uptime": "75",
        "maintenanceHours": "9",
        "sessions": "1",
    }
    assert await parts(api, makerspace, march(3), "maintenanceHours", "USAGE_TYPE") == {"repair": 5, "maintenance": 4}


async def test_closures_and_days_out_of_service_are_not_bookable(api: Any, owner: Any, makerspace: Any) -> None:
    # Monday 9 to Sunday 15 March: open on five days, closed on Friday: 40 h for the laser.
    await insert_machine(owner, makerspace, "laser")
    # Bought on Wednesday, and out of service after Thursday: 20 h.
    await insert_machine(owner, makerspace, "mill", in_service_from=march(11), in_service_until=march(12))
    # Its own hours: Sunday 12 to 18 h, 6 h.
    own = json.dumps([{"day": 6, "from": "12:00", "to": "18:00"}])
    await insert_machine(owner, makerspace, "loom", category="textile", opening_hours=own)
    for machine in ("laser", "mill", "loom"):
        await insert_session(owner, makerspace, "ada", at(12, "10:00"), at(12, "15:00"), equipment_id=machine)
    week = march(9), march(15)
    # Used: 5 h of the laser and the mill; the loom was used outside its hours. (5 + 5) ÷ (40 + 20 + 6).
    assert await numbers(api, makerspace, *week, "utilization") == {"utilization": "15.151515"}
    by_machine = await parts(api, makerspace, march(9), "utilization", "EQUIPMENT", march(15))
    assert by_machine == {"mill": 25.0, "laser": 12.5}
    assert await parts(api, makerspace, march(9), "utilization", "EQUIPMENT_CATEGORY", march(15)) == {
        "laser_cutter": 16.666667  # 10 ÷ 60
    }


async def test_what_is_open_counts_up_to_now_and_a_forgotten_use_for_a_day(
    api: Any, owner: Any, makerspace: Any
) -> None:
    await insert_machine(owner, makerspace, "laser")
    await insert_session(
        owner, makerspace, "ada", at(31, "09:30"), None
    )  # now is 12:00: 2.5 h, of which 2 h are bookable
    await insert_session(owner, makerspace, "ben", at(29, "18:00"), None, equipment_id="mill")  # to the 30th, 18:00
    today = await numbers(api, makerspace, march(31), march(31), "usedHours", "averageSessionMinutes")
    assert today == {"usedHours": "2.5", "averageSessionMinutes": "150"}
    assert await parts(api, makerspace, march(31), "utilization", "EQUIPMENT") == {"laser": 100.0}
    # 6 h on the 29th and 18 h on the 30th.
    assert await numbers(api, makerspace, march(29), march(29), "usedHours") == {"usedHours": "6"}
    assert await numbers(api, makerspace, march(30), march(30), "usedHours") == {"usedHours": "18"}
    answer = await api.ask("{ equipment { meta { notes } } }", makerspace)
    assert answer["equipment"]["meta"]["notes"][1:] == [
        "Sessions still open: 1. They count up to now.",
        "Sessions without an end for a day or longer: 1. Each counts 24 hours.",
    ]


async def test_a_makerspace_without_hours_is_always_open_and_says_so(
    api: Any, owner: Any, make_makerspace: Any
) -> None:
    api.now = NOW
    makerspace = await make_makerspace()
    await insert_session(owner, makerspace, "ada", at(3, "00:00"), at(3, "06:00"))
    # The laser was never synced: it is in service from the day of its first log. 6 ÷ 24, and 6 ÷ 48.
    assert await numbers(api, makerspace, march(3), march(3), "utilization") == {"utilization": "25"}
    assert await numbers(api, makerspace, march(1), march(4), "utilization") == {"utilization": "12.5"}
    answer = await api.ask("{ equipment { meta { notes } machineCount { decimal } } }", makerspace)
    assert answer["equipment"]["meta"]["notes"][1:] == [
        "Machines without opening hours: 1. The whole day counts as bookable."
    ]
    assert answer["equipment"]["machineCount"]["decimal"] == "1"


async def test_outcomes_and_energy(api: Any, owner: Any, makerspace: Any) -> None:
    for succeeded, energy in ((True, "0.25"), (True, "1.5"), (False, None), (None, "2.000001")):
        columns = {"succeeded": succeeded, "energy_kwh": None if energy is None else Decimal(energy)}
        await insert_session(owner, makerspace, "ada", at(3, "10:00"), at(3, "11:00"), **columns)
    # 2 of 3 known; 0.25 + 1.5 + 2.000001 kWh.
    assert await numbers(api, makerspace, march(3), march(3), "successRate", "energy") == {
        "successRate": "66.666667",
        "energy": "3.750001",
    }
    assert await numbers(api, makerspace, march(4), march(4), "successRate", "energy", "averageSessionMinutes") == {
        "successRate": None,
        "energy": "0",
        "averageSessionMinutes": None,
    }


async def test_revenue_of_machines(api: Any, owner: Any, makerspace: Any) -> None:
    await insert_session(owner, makerspace, "ada", at(3, "10:00"), at(3, "12:30"))
    for line, (amount, tax, machine) in enumerate(
        [("119", "19", "laser"), ("-23.80", "-3.80", "laser"), ("50", "0", None)]
    ):
        await insert(
            owner, "revenue_analytics", makerspace.value, transaction_id="t", line_id=str(line),
            transaction_date=march(3), revenue_source="machine_time", amount=Decimal(amount), tax_amount=Decimal(tax),
            currency="EUR", payment_method="card", equipment_id=machine,
        )  # fmt: skip
    # Net: 100 − 20; the 50 name no machine. 80 ÷ 2.5 h.
    assert await numbers(api, makerspace, march(3), march(3), "revenue", "revenuePerUsedHour") == {
        "revenue": "80.00",
        "revenuePerUsedHour": "32.00",
    }


async def test_machines_are_overdue_by_appointment_by_days_and_by_hours(api: Any, owner: Any, makerspace: Any) -> None:
    await insert_machine(owner, makerspace, "fine", next_maintenance_on=march(31), maintenance_interval_days=30)
    await insert_machine(owner, makerspace, "appointed", next_maintenance_on=march(30))
    await insert_machine(owner, makerspace, "days", maintenance_interval_days=10)
    await insert_machine(owner, makerspace, "hours", maintenance_interval_hours=Decimal(5))
    await insert_machine(owner, makerspace, "soon", maintenance_interval_hours=Decimal("5.001"))
    await insert_machine(owner, makerspace, "gone", next_maintenance_on=march(1), in_service_until=march(20))
    for machine, day in (("fine", 10), ("days", 20), ("hours", 5), ("soon", 5)):
        await insert_session(
            owner, makerspace, "ada", at(day, "10:00"), at(day, "11:00"), usage_type="maintenance", equipment_id=machine
        )
    for machine in ("hours", "soon"):  # before the maintenance: counts no more; then 4 h and 1 h
        await insert_session(owner, makerspace, "ada", at(4, "10:00"), at(4, "18:00"), equipment_id=machine)
        await insert_session(owner, makerspace, "ada", at(5, "10:30"), at(5, "15:00"), equipment_id=machine)
        await insert_session(owner, makerspace, "ada", at(9, "10:00"), at(9, "11:00"), equipment_id=machine)
        await insert_session(
            owner, makerspace, "ada", at(9, "12:00"), at(9, "13:00"), usage_type="repair", equipment_id=machine
        )
    # "fine": due on 31 March, today. "days": 20 March + 10 = 30 March. "hours": 4 + 1 = 5 h of 5.
    assert await numbers(api, makerspace, march(25), march(31), "machineCount", "machinesOverdue") == {
        "machineCount": "5",
        "machinesOverdue": "3",
    }
    # On 20 March "gone" was still there when the day ended with it: its last day is over at the end.
    assert await numbers(api, makerspace, march(19), march(19), "machineCount", "machinesOverdue") == {
        "machineCount": "6",
        "machinesOverdue": None,
    }
    figures = json.dumps({"EQUIPMENT": {"machinesOverdue": 2}})
    await insert(
        owner, "analytics_snapshots", makerspace.value, grain="DAY", start_date=march(19), end_date=march(19),
        since=at(19, "00:00"), until=at(20, "00:00"), data_version=1, taken_at=at(20, "00:01"), figures=figures,
    )  # fmt: skip
    assert await numbers(api, makerspace, march(19), march(19), "machinesOverdue") == {"machinesOverdue": "2"}


async def test_the_heatmap_is_the_mean_over_the_weekdays_that_had_such_an_hour(
    api: Any, owner: Any, makerspace: Any
) -> None:
    await insert_session(owner, makerspace, "ada", at(3, "10:00"), at(3, "11:30"))
    document = """{ equipment(period: {range: {startDate: "2026-03-03", endDate: "2026-03-31"}}) {
        heatmap { dayOfWeek hour value } } }"""
    cells = (await api.ask(document, makerspace))["equipment"]["heatmap"]
    assert [(cell["dayOfWeek"], cell["hour"]) for cell in cells] == [(d, h) for d in range(7) for h in range(24)]
    # Tuesdays: 3, 10, 17, 24 and 31 March, on which 10 h and 11 h have begun and 12 h begins now, not before it.
    values = {(cell["dayOfWeek"], cell["hour"]): cell["value"] for cell in cells}
    assert (values[1, 10], values[1, 11]) == (0.2, 0.1)  # 1 ÷ 5, 0.5 ÷ 5
    assert values[0, 10] == 0
