"""The raw rows of one makerspace as Polars frames, with what the product may be asked to break them down by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
import polars as pl

_INSTANT = pl.Datetime("us", "UTC")
_TEXT = pl.String
_EVENTS = {
    "user_id": _TEXT, "event_type": _TEXT, "event_category": _TEXT, "equipment_id": _TEXT, "item_id": _TEXT,
    "project_id": _TEXT, "timestamp": _INSTANT,
}  # fmt: skip
_SESSIONS = {
    "user_id": _TEXT, "equipment_id": _TEXT, "usage_type": _TEXT, "project_id": _TEXT, "start_time": _INSTANT,
    "end_time": _INSTANT,
}  # fmt: skip
_MEMBERS = {
    "user_id": _TEXT, "plan": _TEXT, "joined_on": pl.Date, "left_on": pl.Date, "first_seen_on": pl.Date,
    "is_synced": pl.Boolean,
}  # fmt: skip
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True)
class Facts:
    """Everything that was not voided; columns that are dimensions are named as those are."""

    zone: ZoneInfo
    raw_events: pl.DataFrame
    sessions: pl.DataFrame
    members: pl.DataFrame

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
        """From `since` to `last`, both included, somebody known was there: for an event, or with a machine."""
        events = self.events.select("MEMBER", since="timestamp", last="timestamp")
        start, end = pl.col("start_time"), pl.col("end_time")
        uses = self.sessions.filter(~pl.col("usage_type").is_in(["maintenance", "repair"])).select(
            MEMBER="user_id",
            since=start,
            last=pl.when(end > start).then(end - _TICK).otherwise(start),
        )
        return self._with_plan(pl.concat([events, uses]).drop_nulls("MEMBER"))

    def _with_plan(self, rows: pl.DataFrame) -> pl.DataFrame:
        plans = self.members.select(MEMBER="user_id", MEMBER_PLAN="plan")
        return rows.join(plans, on="MEMBER", how="left")


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
    )
