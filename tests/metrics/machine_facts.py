"""Machines from the raw rows: uses, downtime and bookable time. Interval algebra in plain Python."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, cached_property
from itertools import pairwise
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
import polars as pl

INSTANT = pl.Datetime("us", "UTC")
HOUR, DAY, QUARTER = timedelta(hours=1), timedelta(days=1), timedelta(minutes=15)
Interval = tuple[datetime, datetime]


@dataclass(frozen=True)
class Machine:
    """A machine; `hours` are the opening hours that apply to it, None: always open."""

    id: str
    category: str | None
    hours: list[dict[str, Any]] | None
    first: date | None
    last: date | None
    next_on: date | None
    every_hours: float | None
    every_days: int | None
    is_synced: bool


@dataclass(frozen=True)
class MachineFacts:
    """The machines of a makerspace and all their logs that are not voided."""

    zone: ZoneInfo
    closures: list[dict[str, str]]
    machines: list[Machine]
    logs: list[dict[str, Any]]
    paid: pl.DataFrame
    """Payments that name a machine, in the makerspace's currency: `day` and `net`, in ten-thousandths."""
    until: datetime
    """The end of the time that questions cover."""

    def at(self, day: date, clock: str = "00:00") -> datetime:
        """Return the instant of a local time; 24:00 is midnight."""
        hours, minutes = map(int, clock.split(":"))
        midnight = datetime.combine(day, time())
        wall = midnight + hours * HOUR + timedelta(minutes=minutes)
        return wall.replace(tzinfo=self.zone).astimezone(UTC)

    @cached_property
    def categories(self) -> dict[str, str | None]:
        return {machine.id: machine.category for machine in self.machines}

    def of(self, kind: str, machine: str | None = None) -> list[dict[str, Any]]:
        """Return the logs of a kind: use, maintenance or repair."""
        return [log for log in self.logs if log["kind"] == kind and machine in (None, log["equipment_id"])]

    @cached_property
    def log_pieces(self) -> pl.DataFrame:
        """All logs cut at the hours of the local clock. An open one is cut as if it lasted two days."""
        rows = []
        for log in self.logs:
            end = log["end_time"] or log["start_time"] + 2 * DAY
            for number, (since, until, hour, weekday) in enumerate(_hours(log["start_time"], end, self.zone)):
                rows.append(
                    {
                        "since": since, "until": until, "start": log["start_time"], "end": log["end_time"],
                        "is_use": log["kind"] == "use", "begins": number == 0, "EQUIPMENT": log["equipment_id"],
                        "EQUIPMENT_CATEGORY": self.categories[log["equipment_id"]], "USAGE_TYPE": log["usage_type"],
                        "MEMBER": log["user_id"], "MEMBER_PLAN": log["plan"], "PROJECT": log["project_id"],
                        "HOUR_OF_DAY": hour, "DAY_OF_WEEK": weekday, "succeeded": log["succeeded"],
                        "watt_hours": None if log["energy_kwh"] is None else int(log["energy_kwh"] * 1_000_000),
                    }
                )  # fmt: skip
        instants = dict.fromkeys(("since", "until", "start", "end"), INSTANT)
        return pl.DataFrame(rows, schema_overrides=instants, infer_schema_length=None)

    @cached_property
    def time_pieces(self) -> pl.DataFrame:
        """Bookable time, and use and repairs within it, cut at the hours of the local clock. Independent of now."""
        rows = []
        for machine in self.machines:
            bookable = list(self._bookable(machine))
            for kind, times in (
                ("bookable", bookable),
                ("use", list(_common(bookable, self._merged("use", machine.id)))),
                ("repair", list(_common(bookable, self._merged("repair", machine.id)))),
            ):
                rows += [
                    (machine.id, machine.category, kind, *piece)
                    for since, until in times
                    for piece in _hours(since, until, self.zone)
                ]
        names = ("EQUIPMENT", "EQUIPMENT_CATEGORY", "kind", "since", "until", "HOUR_OF_DAY", "DAY_OF_WEEK")
        types = (pl.String, pl.String, pl.String, INSTANT, INSTANT, pl.Int64, pl.Int64)
        return pl.DataFrame(rows, schema=dict(zip(names, types, strict=True)), orient="row")

    def _bookable(self, machine: Machine) -> Iterator[Interval]:
        closed = [(self.at(_day(c["start_date"])), self.at(_day(c["end_date"]) + DAY)) for c in self.closures]
        away = sorted(closed + self._merged("maintenance", machine.id))
        day, last = machine.first or date(2026, 1, 1), machine.last or self.until.date()
        while day <= last:
            hours = (
                machine.hours if machine.hours is not None else [{"day": day.weekday(), "from": "0:00", "to": "24:00"}]
            )
            for opening in (opening for opening in hours if opening["day"] == day.weekday()):
                yield from _without((self.at(day, opening["from"]), self.at(day, opening["to"])), away)
            day += DAY

    def _merged(self, kind: str, machine: str) -> list[Interval]:
        merged: list[Interval] = []
        longest = DAY if kind == "use" else 400 * DAY
        logs = ((log["start_time"], log["end_time"] or log["start_time"] + longest) for log in self.of(kind, machine))
        for since, until in sorted(logs):
            if merged and since <= merged[-1][1]:
                merged[-1] = merged[-1][0], max(merged[-1][1], until)
            else:
                merged.append((since, until))
        return merged


@cache
def _hours(since: datetime, until: datetime, zone: ZoneInfo) -> list[tuple[datetime, datetime, int, int]]:
    """Cut at full local hours, which lie on quarter hours of UTC; with the hour and the weekday."""
    quarter = datetime.fromtimestamp(since.timestamp() // 900 * 900, UTC)
    edges = [since]
    while (quarter := quarter + QUARTER) < until:
        if quarter.astimezone(zone).minute == 0:
            edges.append(quarter)
    shown = [edge.astimezone(zone) for edge in edges]
    return [
        (start, end, at.hour, at.weekday()) for (start, end), at in zip(pairwise([*edges, until]), shown, strict=True)
    ]


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _without(interval: Interval, away: Iterable[Interval]) -> Iterator[Interval]:
    since, until = interval
    for start, end in away:
        if start < until and end > since:
            if start > since:
                yield since, start
            since = max(since, end)
    if since < until:
        yield since, until


def _common(first: list[Interval], second: list[Interval]) -> Iterator[Interval]:
    for since, until in first:
        for start, end in second:
            if start < until and end > since:
                yield max(since, start), min(until, end)


async def read_machines(connection: asyncpg.Connection, makerspace_id: UUID, until: datetime) -> MachineFacts:
    """Read one makerspace's machines and logs as the owner."""
    makerspace = await connection.fetchrow("SELECT * FROM makerspaces WHERE id = $1", makerspace_id)
    zone = ZoneInfo(makerspace["time_zone"])
    found = await connection.fetch(
        "SELECT l.*, m.plan FROM equipment_usage_logs l LEFT JOIN members m USING (makerspace_id, user_id) "
        "WHERE makerspace_id = $1 AND l.voided_at IS NULL ORDER BY l.start_time",
        makerspace_id,
    )
    logs = [dict(row) | {"kind": row["usage_type"]} for row in found]
    for log in logs:
        log["kind"] = log["kind"] if log["kind"] in ("maintenance", "repair") else "use"
    common = json.loads(makerspace["opening_hours"]) or None
    machines = [
        Machine(
            row["equipment_id"], row["category"],
            common if row["opening_hours"] is None else json.loads(row["opening_hours"]),
            row["in_service_from"], row["in_service_until"], row["next_maintenance_on"],
            row["maintenance_interval_hours"], row["maintenance_interval_days"], is_synced=True,
        )
        for row in await connection.fetch("SELECT * FROM equipment WHERE makerspace_id = $1", makerspace_id)
    ]  # fmt: skip
    first: dict[str, date] = {}
    for log in logs:
        first.setdefault(log["equipment_id"], log["start_time"].astimezone(zone).date())
    machines += [
        Machine(name, None, common, first[name], None, None, None, None, is_synced=False)
        for name in first.keys() - {machine.id for machine in machines}
    ]
    paid = await connection.fetch(
        "SELECT transaction_date, ((amount - tax_amount) * 10000)::bigint, equipment_id, category "
        "FROM revenue_analytics LEFT JOIN equipment USING (makerspace_id, equipment_id) "
        "WHERE makerspace_id = $1 AND voided_at IS NULL AND currency = $2 AND equipment_id IS NOT NULL",
        makerspace_id, makerspace["currency"],
    )  # fmt: skip
    schema = {"day": pl.Date, "net": pl.Int64, "EQUIPMENT": pl.String, "EQUIPMENT_CATEGORY": pl.String}
    frame = pl.DataFrame([tuple(row) for row in paid], schema=schema, orient="row")
    read = MachineFacts(zone, json.loads(makerspace["closures"]), machines, logs, frame, until)
    len(read.log_pieces), len(read.time_pieces)  # computed now, outside the time limits of answers
    return read
