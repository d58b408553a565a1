"""A makerspace as a value: what every answer and every write first reads of it; and the sections of its numbers."""

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
    """A page of the product: metrics belong to one, and section_versions says which a write touched last."""

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
        """How this makerspace counts days, weeks and years."""
        return Calendar(ZoneInfo(self.time_zone), self.week_start, self.fiscal_year_start_month)


def select_makerspace() -> Select[Any]:
    """Select the columns of Makerspace; the caller says which rows."""
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
