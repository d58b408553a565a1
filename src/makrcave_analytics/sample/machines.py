"""Machines and their downtime, for planned maintenance and repairs. Their uses are in sessions."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

from sqlalchemy.ext.asyncio import AsyncConnection

from makrcave_analytics.models import equipment, equipment_usage_logs
from makrcave_analytics.sample.plan import DAY, Plan, id_at
from makrcave_analytics.sample.scratch import Row, copy, scratch_tables
from makrcave_analytics.sample.settings import Opening, SampleMakerspace

PLACES = 400
"""Entries from which the machine of an event is drawn; a busy machine has several."""


@dataclass(frozen=True)
class Model:
    """A model with `count` machines, numbered from 1. Rates in euros; `shortest` and `longest` use in minutes."""

    slug: str
    name: str
    category: str
    count: int
    hourly_rate: str
    kilowatts: float
    shortest: int
    longest: int
    demand: float
    """Probability that a slot on an ordinary evening is used."""
    success: float
    interval_days: int | None
    interval_hours: int | None = None
    material: str | None = None
    runs_overnight: bool = False


MODELS = (
    Model("mk4", "Prusa MK4", "3d_printer", 5, "1.80", 0.12, 60, 310, 0.72, 0.91, 35, 600, "filament-pla-black", True),
    Model(
        "x1c", "Bambu Lab X1C", "3d_printer", 4, "2.40", 0.18, 45, 280, 0.8, 0.93, 42, 700, "filament-petg-grey", True
    ),
    Model(
        "form3", "Formlabs Form 3", "3d_printer", 3, "4.50", 0.07, 90, 320, 0.45, 0.88, 60, None, "resin-standard-grey"
    ),
    Model(
        "speedy", "Trotec Speedy 300", "laser_cutter", 2, "24.00", 1.9, 15, 85, 0.6, 0.97, 28, 400, "plywood-birch-3mm"
    ),
    Model("nova", "Thunder Nova 35", "laser_cutter", 2, "16.00", 1.4, 15, 85, 0.5, 0.95, 30, 400, "acrylic-clear-3mm"),
    Model("stepcraft", "Stepcraft M.1000", "cnc", 3, "14.00", 0.9, 30, 150, 0.3, 0.9, 45, 250, "plywood-birch-12mm"),
    Model("tormach", "Tormach PCNC 440", "cnc", 2, "28.00", 1.6, 40, 200, 0.28, 0.89, 45, 250, "aluminium-6061-10mm"),
    Model("tablesaw", "Table saw", "woodworking", 1, "9.00", 2.2, 10, 55, 0.42, 0.99, 56),
    Model("bandsaw", "Band saw", "woodworking", 2, "6.00", 1.1, 10, 55, 0.34, 0.99, 56),
    Model("planer", "Planer thicknesser", "woodworking", 1, "9.00", 2.4, 10, 55, 0.25, 0.99, 70),
    Model("router", "Router table", "woodworking", 1, "6.00", 1.5, 10, 55, 0.3, 0.98, 70),
    Model("drillpress", "Drill press", "woodworking", 2, "3.00", 0.6, 10, 55, 0.3, 0.99, 90),
    Model("lathe", "Wood lathe", "woodworking", 1, "7.00", 1.2, 20, 110, 0.3, 0.97, 70, None, "hardwood-blank"),
    Model(
        "solder", "Soldering station", "electronics", 4, "1.50", 0.06, 20, 110, 0.42, 0.96, None, None, "solder-sac305"
    ),
    Model("scope", "Oscilloscope", "electronics", 2, "2.00", 0.05, 15, 85, 0.3, 0.99, 365),
    Model("reflow", "Reflow oven", "electronics", 1, "5.00", 1.3, 20, 60, 0.22, 0.9, 90),
    Model("sewing", "Sewing machine", "textile", 2, "2.50", 0.09, 30, 140, 0.4, 0.98, 120, None, "cotton-canvas"),
    Model(
        "embroidery", "Embroidery machine", "textile", 1, "8.00", 0.12, 30, 140, 0.3, 0.92, 90, None, "thread-polyester"
    ),
    Model("vinyl", "Vinyl cutter", "textile", 1, "5.00", 0.05, 10, 55, 0.3, 0.97, 180, None, "vinyl-matt-black"),
)

RUNNING = "mk4-2"
"""The machine of the one session that runs now."""
OUT_OF_SERVICE = "nova-2"
NEW = "x1c-4"
UNDER_MAINTENANCE = "stepcraft-1"
OVERDUE_BY_DATE, OVERDUE_BY_DAYS, OVERDUE_BY_HOURS = "speedy-1", "bandsaw-2", "mk4-5"
UNSYNCED = ("loom-1", "kiln-2")
_OWN_HOURS = {"tablesaw-1": (12, 19), "planer-1": (12, 19), "tormach-1": (12, 18)}
"""Machines with supervised hours: from and to, on every open day."""
_REPAIR_EVERY_DAYS = 170


@dataclass(frozen=True)
class Machine:
    """One machine; its model tells how it is used."""

    equipment_id: str
    name: str
    model: Model
    opening_hours: tuple[Opening, ...] | None
    in_service_from: date | None
    in_service_until: date | None


@dataclass(frozen=True)
class Downtime:
    """A half-open time in which a machine is down."""

    equipment_id: str
    since: datetime
    until: datetime
    usage_type: str


def machines_of(plan: Plan) -> tuple[Machine, ...]:
    """Return the machines of a makerspace, in the order of MODELS."""
    return tuple(
        Machine(
            equipment_id=(equipment_id := f"{model.slug}-{number}"),
            name=model.name if model.count == 1 else f"{model.name} #{number}",
            model=model,
            opening_hours=_own_hours(plan.makerspace, equipment_id),
            in_service_from=plan.today - (150 if equipment_id == NEW else 800) * DAY,
            in_service_until=plan.today - 80 * DAY if equipment_id == OUT_OF_SERVICE else None,
        )
        for model in MODELS
        for number in range(1, model.count + 1)
    )


def hourly_rate(makerspace: SampleMakerspace, model: Model) -> Decimal:
    """Return the price of an hour in the makerspace's currency, before tax; whole numbers if prices are high."""
    rate = Decimal(model.hourly_rate) * makerspace.price_level
    return rate.quantize(Decimal("0.01") if makerspace.price_level == 1 else Decimal(1))


def draw_downtime(plan: Plan, machine: Machine) -> list[Downtime]:
    """Draw the downtimes of a machine: ascending, without overlap, all of them over by now."""
    random = plan.random(f"downtime of {machine.equipment_id}")
    drawn = sorted(
        [*_maintenance(plan, machine, random), *_repairs(plan, machine, random)], key=lambda downtime: downtime.since
    )
    kept: list[Downtime] = []
    for downtime in drawn:
        is_apart = not kept or kept[-1].until <= downtime.since
        is_past = downtime.until <= plan.now - timedelta(hours=3)
        if is_apart and is_past and _serves(machine, plan, downtime):
            kept.append(downtime)
    return kept


async def fill_machines(connection: AsyncConnection, plan: Plan, machines: tuple[Machine, ...]) -> None:
    """Store the machines and their downtime, and the entries from which events draw a machine."""
    await copy(connection, equipment, [_row(plan, machine) for machine in machines])
    random = plan.random("ids of downtime")
    downtimes = [downtime for machine in machines for downtime in draw_downtime(plan, machine)]
    await copy(connection, equipment_usage_logs, [_log(plan, downtime, random) for downtime in downtimes])
    columns = {"place": "int", "equipment_id": "text"}
    await scratch_tables(connection, "sample_machine_places", columns, _places(plan, machines))


def _row(plan: Plan, machine: Machine) -> Row:
    model, equipment_id = machine.model, machine.equipment_id
    statuses = {RUNNING: "IN_USE", OUT_OF_SERVICE: "OFFLINE", UNDER_MAINTENANCE: "UNDER_MAINTENANCE"}
    hours = machine.opening_hours
    return {
        "makerspace_id": plan.makerspace.id,
        "equipment_id": equipment_id,
        "name": machine.name,
        "category": model.category,
        "status": statuses.get(equipment_id, "AVAILABLE"),
        "hourly_rate": hourly_rate(plan.makerspace, model),
        "in_service_from": machine.in_service_from,
        "in_service_until": machine.in_service_until,
        "next_maintenance_on": _next_maintenance(plan, machine),
        "maintenance_interval_hours": _interval_hours(machine),
        "maintenance_interval_days": model.interval_days,
        "opening_hours": None if hours is None else json.dumps([opening.stored() for opening in hours]),
        "updated_at": plan.now - timedelta(hours=2),
    }


def _log(plan: Plan, downtime: Downtime, random: Random) -> Row:
    return {
        "makerspace_id": plan.makerspace.id,
        "id": id_at(downtime.since, random),
        "equipment_id": downtime.equipment_id,
        "start_time": downtime.since,
        "end_time": downtime.until,
        "duration_minutes": (downtime.until - downtime.since) // timedelta(minutes=1),
        "usage_type": downtime.usage_type,
        "recorded_at": min(downtime.until + timedelta(minutes=20), plan.now),
    }


def _maintenance(plan: Plan, machine: Machine, random: Random) -> list[Downtime]:
    interval = machine.model.interval_days
    if interval is None:
        return []
    if machine.equipment_id in (OVERDUE_BY_DAYS, OVERDUE_BY_HOURS):
        last_number = len(plan.open_days) - 1 - 130
    else:
        last_number = len(plan.open_days) - 1
    downtimes, number = [], random.randrange(1, min(interval, 60))
    while number <= last_number:
        day = plan.open_days[number]
        opening = plan.makerspace.openings(day.local_day.weekday())[0]
        since = plan.at(day.local_day, opening.since)
        until = since + timedelta(minutes=random.choice((60, 90, 120, 180)))
        downtimes.append(Downtime(machine.equipment_id, since, until, "maintenance"))
        number += max(5, round(interval * random.uniform(0.7, 0.8)))  # counted in open days
    return downtimes


def _repairs(plan: Plan, machine: Machine, random: Random) -> list[Downtime]:
    downtimes, day = [], plan.first_day
    while (day := day + max(4, round(random.expovariate(1 / _REPAIR_EVERY_DAYS))) * DAY) < plan.today:
        since = plan.at(day, random.randrange(11 * 60, 19 * 60))
        until = since + timedelta(minutes=random.choice((180, 300, 1260, 1500, 2900, 5800)))
        downtimes.append(Downtime(machine.equipment_id, since, until, "repair"))
    return downtimes


def _serves(machine: Machine, plan: Plan, downtime: Downtime) -> bool:
    since = machine.in_service_from is None or plan.at(machine.in_service_from, 0) <= downtime.since
    return since and (machine.in_service_until is None or downtime.until < plan.at(machine.in_service_until, 0))


def _next_maintenance(plan: Plan, machine: Machine) -> date | None:
    """Return the maintenance appointment of some machines; for the others only their intervals count."""
    if machine.equipment_id == OVERDUE_BY_DATE:
        return plan.today - 9 * DAY
    if machine.model.category in ("laser_cutter", "cnc") and machine.in_service_until is None:
        return plan.today + plan.random(f"appointment of {machine.equipment_id}").randint(3, 27) * DAY
    return None


def _interval_hours(machine: Machine) -> Decimal | None:
    hours = machine.model.interval_hours
    return None if hours is None else Decimal(hours)


def _own_hours(makerspace: SampleMakerspace, equipment_id: str) -> tuple[Opening, ...] | None:
    hours = _OWN_HOURS.get(equipment_id)
    if hours is None:
        return None
    days = sorted({opening.day for opening in makerspace.opening_hours})
    return tuple(Opening(day, hours[0] * 60, hours[1] * 60) for day in days)


def _places(plan: Plan, machines: Sequence[Machine]) -> list[tuple[int, str]]:
    """Distribute the entries by demand; each unsynced machine has one."""
    random = plan.random("places of machines")
    serving = [machine for machine in machines if machine.in_service_until is None and machine.equipment_id != NEW]
    weights = [machine.model.demand for machine in serving]
    drawn = random.choices([machine.equipment_id for machine in serving], weights, k=PLACES - len(UNSYNCED))
    return list(enumerate([*UNSYNCED, *drawn]))
