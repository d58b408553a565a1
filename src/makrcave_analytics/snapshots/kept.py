"""Stored closing figures as rows, written once."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from makrcave_analytics.metrics.catalog.registry import CATALOG
from makrcave_analytics.metrics.vocabulary import Unit
from makrcave_analytics.models import analytics_snapshots
from makrcave_analytics.period import Grain
from makrcave_analytics.snapshots.due import Ended
from makrcave_analytics.snapshots.figures import Figures

GRAINS = (Grain.DAY, Grain.WEEK, Grain.MONTH)
"""The grains that are closed, in this order: levels of weeks and months are those of their last days."""

_kept = analytics_snapshots.c


@dataclass(frozen=True)
class Closing:
    """The figures of one day, week or month. `since` and `until` are its bounds in the zone of that time, half-open."""

    grain: Grain
    start_date: date
    end_date: date
    since: datetime
    until: datetime
    data_version: int
    taken_at: datetime
    figures: Mapping[str, Any]


def select_closings(makerspace_id: UUID, grain: Grain, before: date | None = None) -> Select[Any]:
    """Select the closing figures of a grain, the latest first. `before`: only those that begin earlier."""
    columns = [column for column in _kept if column.name != "makerspace_id"]
    found = select(*columns).where(_kept.makerspace_id == makerspace_id, _kept.grain == grain.value)
    if before is not None:
        found = found.where(_kept.start_date < before)
    return found.order_by(_kept.start_date.desc())


def select_days(makerspace_id: UUID, grain: Grain) -> Select[Any]:
    """Select first and last day of each stored closing of a grain."""
    return select(_kept.start_date, _kept.end_date).where(
        _kept.makerspace_id == makerspace_id, _kept.grain == grain.value
    )


def closing_from(row: Mapping[str, Any]) -> Closing:
    """Build the value from a row of `select_closings`."""
    return Closing(**{**row, "grain": Grain(row["grain"])})


def without_money(figures: Mapping[str, Any]) -> Figures:
    """Return figures with null for amounts of money, and for keys that are no metric any more."""
    shown = {(metric.section.value, metric.key) for metric in CATALOG if metric.unit is not Unit.MONEY}
    return {
        section: {key: value if (section, key) in shown else None for key, value in values.items()}
        if isinstance(values, dict)
        else values
        for section, values in figures.items()
    }


async def keep(
    connection: Any,
    makerspace_id: UUID,
    grain: Grain,
    run: Sequence[Ended],
    figures: Sequence[Figures],
    data_version: int,
    taken_at: datetime,
) -> int:
    """Store figures; existing ones stay. Return the number of new ones."""
    rows = [
        (one.start_date, one.end_date, one.bucket.span.since, one.bucket.span.until, json.dumps(measured))
        for one, measured in zip(run, figures, strict=True)
    ]
    columns = zip(*rows, strict=True)
    status = await connection.execute(_KEEP, makerspace_id, grain.value, data_version, taken_at, *map(list, columns))
    return int(str(status).split()[-1])


_KEEP = """
    INSERT INTO analytics_snapshots
        (makerspace_id, grain, start_date, end_date, since, until, data_version, taken_at, figures)
    SELECT m.id, $2, u.start_date, u.end_date, u.since, u.until, $3, $4, u.figures::jsonb
    FROM makerspaces m, unnest($5::date[], $6::date[], $7::timestamptz[], $8::timestamptz[], $9::text[])
        AS u(start_date, end_date, since, until, figures)
    WHERE m.id = $1
    ON CONFLICT (makerspace_id, grain, start_date) DO NOTHING
"""
