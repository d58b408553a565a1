"""Data-quality notes on equipment metrics: sessions without an end, machines without opening hours."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, Select, func, literal, literal_column, select
from sqlalchemy.types import Text

from makrcave_analytics.metrics.sources.machines import select_machines
from makrcave_analytics.metrics.sources.sessions import IS_DOWNTIME, OPEN_HOURS
from makrcave_analytics.models import equipment_usage_logs
from makrcave_analytics.models.makerspace import Makerspace
from makrcave_analytics.period import Span


def select_session_quality(makerspace: Makerspace, span: Span, now: datetime) -> Select[Any]:
    """Select one row of counts: `running`, `forgotten`, `unhoured`.

    Running: open sessions that reach into a span. Forgotten: those open for longer than OPEN_HOURS. Unhoured: machines
    without opening hours.
    """
    log = equipment_usage_logs.c
    instant = DateTime(timezone=True)
    day: Any = literal_column(f"interval '{OPEN_HOURS} hours'")
    is_forgotten = log.start_time + day < literal(now, instant)
    found = (
        select(
            func.count().filter(~is_forgotten).label("running"), func.count().filter(is_forgotten).label("forgotten")
        )
        .where(
            log.makerspace_id == makerspace.id,
            log.end_time.is_(None),
            log.voided_at.is_(None),
            ~IS_DOWNTIME,
            log.start_time < literal(min(span.until, now), instant),
            log.start_time + day > literal(span.since, instant),
        )
        .subquery()
    )
    machine = select_machines(makerspace.id, literal(makerspace.time_zone, Text))
    unhoured = (
        select(func.count())
        .select_from(machine)
        .where(machine.c.hours == literal_column("'[]'::jsonb"))
        .scalar_subquery()
    )
    return select(found.c.running, found.c.forgotten, unhoured.label("unhoured"))


def session_notes(found: Mapping[str, Any]) -> list[str]:
    """Return the notes from the row of `select_session_quality`."""
    notes = [
        (found["running"], "Sessions still open: {}. They count up to now."),
        (found["forgotten"], f"Sessions without an end for a day or longer: {{}}. Each counts {OPEN_HOURS} hours."),
        (found["unhoured"], "Machines without opening hours: {}. The whole day counts as bookable."),
    ]
    return [note.format(count) for count, note in notes if count]
