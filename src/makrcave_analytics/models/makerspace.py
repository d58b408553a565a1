"""A makerspace as a value, which answers and writes read first; and the sections of the product."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import RowMapping, Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from makrcave_analytics.auth import MakerspaceId, no_such_makerspace
from makrcave_analytics.models.names import makerspaces
from makrcave_analytics.period import Calendar

_COLUMNS = tuple(c for c in makerspaces.c if c.name not in ("logo", "brand_color", "created_at"))


class Section(StrEnum):
    """A section of the product. Each metric belongs to one; section_versions has the last write that touched it."""

    USAGE = "USAGE"
    EQUIPMENT = "EQUIPMENT"
    INVENTORY = "INVENTORY"
    PROJECTS = "PROJECTS"
    REVENUE = "REVENUE"


@dataclass(frozen=True)
class Makerspace:
    """One row of makerspaces. Days and hours as stored: day 0 is Monday, times are local "09:00" to "24:00"."""

    id: UUID
    name: str
    time_zone: str
    currency: str
    locale: str
    week_start: int
    fiscal_year_start_month: int
    opening_hours: list[dict[str, Any]]
    closures: list[dict[str, Any]]
    data_version: int
    section_versions: dict[str, int]
    origin: str
    events_kept_since: datetime | None

    @cached_property
    def calendar(self) -> Calendar:
        """The calendar: zone, first day of the week, first month of the fiscal year."""
        return Calendar(ZoneInfo(self.time_zone), self.week_start, self.fiscal_year_start_month)


def select_makerspace() -> Select[Any]:
    """Select the columns of Makerspace; the caller adds the condition."""
    return select(*_COLUMNS)


def makerspace_from(row: RowMapping) -> Makerspace:
    """Build the value from a row of `select_makerspace`."""
    return Makerspace(**row)


async def read_makerspace(connection: AsyncConnection, makerspace: MakerspaceId) -> Makerspace:
    """Read one makerspace.

    Raises: NotFound.
    """
    found = await connection.execute(select_makerspace().where(makerspaces.c.id == makerspace.value))
    row = found.mappings().one_or_none()
    if row is None:
        raise no_such_makerspace()
    return makerspace_from(row)
