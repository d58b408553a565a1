"""The raw rows of one makerspace as Polars frames, with the dimensions of the product as columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
import polars as pl
from tests.metrics import inventory_facts, payments, project_facts
from tests.metrics.machine_facts import MachineFacts, read_machines
from tests.plugins.sample import SAMPLE_NOW

INSTANT = pl.Datetime("us", "UTC")
_TEXT = pl.String
_EVENTS = {
    "user_id": _TEXT, "event_type": _TEXT, "event_category": _TEXT, "equipment_id": _TEXT, "item_id": _TEXT,
    "project_id": _TEXT, "timestamp": INSTANT,
}  # fmt: skip
_SESSIONS = {
    "user_id": _TEXT, "equipment_id": _TEXT, "usage_type": _TEXT, "project_id": _TEXT, "start_time": INSTANT,
    "end_time": INSTANT,
}  # fmt: skip
_MEMBERS = {
    "user_id": _TEXT, "plan": _TEXT, "joined_on": pl.Date, "left_on": pl.Date, "first_seen_on": pl.Date,
    "is_synced": pl.Boolean,
}  # fmt: skip
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True)
class Facts:
    """All facts that are not voided. Columns that are dimensions have the names of the dimensions."""

    zone: ZoneInfo
    raw_events: pl.DataFrame
    sessions: pl.DataFrame
    members: pl.DataFrame
    machines: MachineFacts
    all_payments: pl.DataFrame
    consumption: pl.DataFrame
    items: pl.DataFrame
    projects: pl.DataFrame

    @cached_property
    def first_day(self) -> date | None:
        """The local day of the first fact, on which ALL_TIME begins."""
        begun = self.sessions["start_time"].dt.convert_time_zone(self.zone.key).dt.date()
        days = self.events["day"], begun, self.consumption["date"], self.all_payments["transaction_date"]
        return min((day.min() for day in days if len(day)), default=None)  # type: ignore[type-var]

    @cached_property
    def events(self) -> pl.DataFrame:
        local = pl.col("timestamp").dt.convert_time_zone(self.zone.key)
        named = self.raw_events.rename(
            {
                "user_id": "MEMBER",
                "event_type": "EVENT_TYPE",
                "event_category": "EVENT_CATEGORY",
                "equipment_id": "EQUIPMENT",
                "item_id": "ITEM",
                "project_id": "PROJECT",
            }
        )
        return self._with_plan(named).with_columns(
            HOUR_OF_DAY=local.dt.hour(), DAY_OF_WEEK=local.dt.weekday() - 1, day=local.dt.date()
        )

    @cached_property
    def presences(self) -> pl.DataFrame:
        """Presences of known people from `began` to `ended`, both included: by an event or a session."""
        events = self.events.select("MEMBER", began="timestamp", ended="timestamp", is_use=pl.lit(value=False))
        start, end = pl.col("start_time"), pl.col("end_time")
        uses = self.sessions.filter(~pl.col("usage_type").is_in(["maintenance", "repair"])).select(
            MEMBER="user_id",
            began=start,
            ended=pl.when(end > start).then(end - _TICK).otherwise(start),
            is_use=pl.lit(value=True),
        )
        return self._with_plan(pl.concat([events, uses]).drop_nulls("MEMBER"))

    @cached_property
    def presence_days(self) -> pl.DataFrame:
        """One row per known person and local day, with `at`, the first instant of presence."""
        return self._first_moments(self._moments)

    @cached_property
    def visits(self) -> pl.DataFrame:
        """The rows of `presence_days` by access and sessions alone."""
        return self._first_moments(self._moments.filter("is_visit"))

    @cached_property
    def people(self) -> pl.DataFrame:
        """All present and former members: the days of joining and leaving, and whether the joining counts as new."""
        synced = self.members.filter("is_synced")
        if len(synced):
            joined, left, is_new = pl.col("joined_on").fill_null(date.min), pl.col("left_on"), pl.lit(value=True)
        else:
            synced = self.members.drop_nulls("first_seen_on")
            first = pl.col("first_seen_on")
            joined, left, is_new = first, pl.lit(None, pl.Date), first >= first.min().dt.offset_by("28d")
        return synced.select(MEMBER="user_id", MEMBER_PLAN="plan", joined=joined, left=left, is_new=is_new)

    @cached_property
    def _moments(self) -> pl.DataFrame:
        """(MEMBER, day, at, is_visit) of events, and of each local day that a session touches."""
        events = self.events.select(
            "MEMBER", "day", at="timestamp", is_visit=pl.col("EVENT_CATEGORY") == "access"
        ).drop_nulls("MEMBER")
        uses = self.presences.filter("is_use")
        touched = [
            (member, day, max(began, self._midnight(day)), True)
            for member, began, ended in uses.select("MEMBER", "began", "ended").iter_rows()
            for day in _days(began.astimezone(self.zone).date(), ended.astimezone(self.zone).date())
        ]
        return pl.concat([events, pl.DataFrame(touched, schema=events.schema, orient="row")])

    def _first_moments(self, moments: pl.DataFrame) -> pl.DataFrame:
        first = self._with_plan(moments.group_by("MEMBER", "day").agg(pl.col("at").min()))
        return first.with_columns(DAY_OF_WEEK=pl.col("day").dt.weekday() - 1)

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.zone).astimezone(UTC)

    @cached_property
    def payments(self) -> pl.DataFrame:
        """Payments in the makerspace's own currency."""
        return payments.own(self.all_payments)

    @cached_property
    def recognized(self) -> pl.DataFrame:
        """Recognized revenue by day of service, in that currency."""
        return payments.spread(self.payments)

    def _with_plan(self, rows: pl.DataFrame) -> pl.DataFrame:
        plans = self.members.select(MEMBER="user_id", MEMBER_PLAN="plan")
        return rows.join(plans, on="MEMBER", how="left")


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


async def read_facts(connection: asyncpg.Connection, makerspace_id: UUID) -> Facts:
    """Read one makerspace's rows as the owner."""

    async def read(table: str, columns: Mapping[str, Any], condition: str = "true") -> pl.DataFrame:
        rows: Sequence[Any] = await connection.fetch(
            f"SELECT {', '.join(columns)} FROM {table} WHERE makerspace_id = $1 AND {condition}", makerspace_id
        )
        return pl.DataFrame([tuple(row) for row in rows], schema=columns, orient="row")

    zone = await connection.fetchval("SELECT time_zone FROM makerspaces WHERE id = $1", makerspace_id)
    return Facts(
        ZoneInfo(zone),
        await read("usage_events", _EVENTS, "voided_at IS NULL"),
        await read("equipment_usage_logs", _SESSIONS, "voided_at IS NULL"),
        await read("members", _MEMBERS),
        machines=await read_machines(connection, makerspace_id, SAMPLE_NOW + timedelta(days=40)),
        all_payments=await payments.read_payments(connection, makerspace_id),
        consumption=await inventory_facts.read_consumption(connection, makerspace_id),
        items=await inventory_facts.read_items(connection, makerspace_id),
        projects=await project_facts.read_projects(connection, makerspace_id),
    )
