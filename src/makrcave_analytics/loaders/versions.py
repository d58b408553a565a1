"""Data versions of makerspaces, by which subscribers learn of a change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ARRAY, Uuid, any_, func, literal, select

from makrcave_analytics.db import Database
from makrcave_analytics.models import makerspaces
from makrcave_analytics.models.makerspace import Section
from makrcave_analytics.period import local


@dataclass(frozen=True)
class Version:
    """A version of a makerspace's data. Equal versions are of the same data."""

    data_version: int
    section_versions: Mapping[str, int]
    """Section → version of the last write that touched it."""
    at: datetime = field(compare=False)
    """The time of the read, by the database's clock and in the makerspace's offset."""

    def sections_since(self, data_version: int) -> list[Section]:
        """Return the sections that were touched after a version, in their order."""
        return [section for section in Section if self.section_versions.get(section, 0) > data_version]


async def read_versions(database: Database, ids: Sequence[UUID]) -> Mapping[UUID, Version]:
    """Read the versions of the makerspaces that exist, from the primary.

    Raises: Unavailable.
    """
    columns = makerspaces.c
    asked = select(
        columns.id, columns.data_version, columns.section_versions, columns.time_zone, func.now().label("at")
    ).where(columns.id == any_(literal(list(ids), ARRAY(Uuid()))))
    async with database.across() as connection:
        rows: list[Any] = list(await connection.execute(asked))
    return {
        row.id: Version(row.data_version, row.section_versions, local(row.at, ZoneInfo(row.time_zone))) for row in rows
    }
