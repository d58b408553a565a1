"""Data-quality notes on usage metrics: no members synced, silent sources, open sessions, events kept as sums only."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, func, select

from makrcave_analytics.metrics.sources.sql.bitmaps import DOWNTIME
from makrcave_analytics.models import equipment_usage_logs, freshness, members
from makrcave_analytics.models.makerspace import Makerspace
from makrcave_analytics.period import Period, local_day
from makrcave_analytics.period.label import day_label

SILENT = timedelta(days=7)
"""A source that sent nothing for longer than this gets a note."""

_SILENCES = {"EVENT": "events", "EQUIPMENT_USAGE": "machine sessions"}


def select_usage_quality(makerspace: Makerspace, period: Period) -> Select[Any]:
    """Select one row: `known`, `synced`, `open`, `last`.

    Known and synced: numbers of people. Open: open sessions of the period. Last: by kind, the instant of the last fact
    in seconds since 1970.
    """
    log = equipment_usage_logs.c
    is_open = and_(log.makerspace_id == makerspace.id, log.end_time.is_(None), log.voided_at.is_(None))
    people = select(func.count().label("known"), func.count().filter(members.c.is_synced).label("synced"))
    people_of = people.where(members.c.makerspace_id == makerspace.id).subquery()
    running = select(func.count()).where(
        is_open, log.usage_type.not_in(DOWNTIME), log.start_time >= period.since, log.start_time < period.until
    )
    last = select(func.jsonb_object_agg(freshness.c.kind, func.extract("epoch", freshness.c.last_fact_at)))
    return select(
        people_of.c.known,
        people_of.c.synced,
        running.scalar_subquery().label("open"),
        last.where(freshness.c.makerspace_id == makerspace.id).scalar_subquery().label("last"),
    )


def usage_notes(found: Mapping[str, Any], makerspace: Makerspace, period: Period) -> list[str]:
    """Return the notes from the row of `select_usage_quality`."""
    notes = []
    if found["known"] and not found["synced"]:
        notes.append("No members were synced: people count as members from the day on which they were first seen.")
    if found["open"]:
        notes.append(
            f"Machine sessions still open: {found['open']}. Until they end, their members count on the first day only."
        )
    for kind, name in _SILENCES.items():
        last = (found["last"] or {}).get(kind)
        if last is not None and period.elapsed_until.timestamp() - last > SILENT.total_seconds():
            notes.append(f"No {name} have come in since {_day(last, period)}.")
    kept_since = makerspace.events_kept_since
    if kept_since is not None and period.since < kept_since:
        notes.append(
            f"Events before {day_label(local_day(kept_since, period.calendar.zone))} are kept as sums: breakdowns by "
            "member, plan, machine, item and project begin there."
        )
    return notes


def _day(epoch: float, period: Period) -> str:
    return day_label(datetime.fromtimestamp(epoch, period.calendar.zone).date())
