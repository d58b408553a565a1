"""The source of machines: synced ones and those that only logs name, with their days in service."""

from typing import Any

from sqlalchemy import Date, FromClause, and_, cast, func, literal_column, null, select, union_all

from makrcave_analytics.metrics.source import Relation, Source, SpanTable
from makrcave_analytics.metrics.vocabulary import Dimension
from makrcave_analytics.models import equipment, equipment_usage_logs, makerspaces

_NO_HOURS: Any = literal_column("'[]'::jsonb")


def select_machines(makerspace_id: Any, zone: Any, *, is_network: bool = False) -> FromClause:
    """Return a row per machine, with columns of `equipment`; `hours` are its own, else the makerspace's, else [].

    A machine that was never synced is in service from the local day of its first log. `is_network`: see SpanTable.
    """
    own = equipment.c
    common = select(makerspaces.c.opening_hours).where(makerspaces.c.id == makerspace_id).scalar_subquery()
    synced = select(
        own.equipment_id,
        own.category,
        own.in_service_from,
        own.in_service_until,
        func.coalesce(func.nullif(own.opening_hours, _NO_HOURS), common).label("hours"),
    ).where(own.makerspace_id == makerspace_id)
    logged = _first_logs(makerspace_id, _every_name(makerspace_id) if is_network else _names(makerspace_id))
    unsynced = select(
        logged.c.equipment_id,
        cast(null(), own.category.type),
        cast(func.timezone(zone, logged.c.first), Date),
        cast(null(), Date),
        common,
    ).where(
        ~select(own.equipment_id)
        .where(own.makerspace_id == makerspace_id, own.equipment_id == logged.c.equipment_id)
        .exists(),
        logged.c.first.is_not(None),
    )
    return union_all(synced, unsynced).subquery()


def _first_logs(makerspace_id: Any, named: Any) -> Any:
    """Return each machine that a log names, with the start of its first log, by one index lookup each."""
    log = equipment_usage_logs.c
    first = (
        select(func.min(log.start_time))
        .where(log.makerspace_id == makerspace_id, log.equipment_id == named.c.equipment_id, log.voided_at.is_(None))
        .correlate(named)
        .scalar_subquery()
    )
    return select(named.c.equipment_id, first.label("first")).subquery()


def _names(makerspace_id: Any) -> Any:
    """Return the machines that logs name, by one index lookup per machine (a recursive CTE)."""
    log = equipment_usage_logs.c
    of_tenant = log.makerspace_id == makerspace_id
    found = select(func.min(log.equipment_id).label("equipment_id")).where(of_tenant).cte(recursive=True)
    following = (
        select(func.min(log.equipment_id))
        .where(of_tenant, log.equipment_id > found.c.equipment_id)
        .correlate(found)
        .scalar_subquery()
    )
    return found.union_all(select(following).where(found.c.equipment_id.is_not(None)))


def _every_name(makerspace_id: Any) -> Any:
    """Return the machines that logs name without recursion, which Citus refuses. It reads the whole index."""
    log = equipment_usage_logs.c
    return select(log.equipment_id).where(log.makerspace_id == makerspace_id).distinct().subquery()


def count_as_of(spans: SpanTable) -> Any:
    """Return the instant as of which machines are counted: the end of a span, or now where that is earlier."""
    return func.least(spans.now, spans.c.until)


def serves(machine: Any, instant: Any, zone: Any) -> Any:
    """Say whether a machine is in service at an instant: begun before it, and its last day not over by then."""
    began = cast(func.timezone(zone, instant - literal_column("interval '1 microsecond'")), Date)
    shown = cast(func.timezone(zone, instant), Date)
    return and_(
        func.coalesce(machine.in_service_from, began) <= began, func.coalesce(machine.in_service_until, shown) >= shown
    )


def _rows(spans: SpanTable, needed: frozenset[Dimension]) -> FromClause:
    """Return a row per span and machine in service."""
    machine = select_machines(spans.makerspace_id, spans.zone, is_network=spans.is_network)
    return (
        select(
            spans.c.span,
            *(machine.c.category.label(dimension.value) for dimension in sorted(needed)),
            literal_column("1").label("machines"),
        )
        .select_from(spans.c.span.table)
        .join(machine, serves(machine.c, count_as_of(spans), spans.zone))
        .subquery()
    )


MACHINES = Source(
    name="machines",
    subject="machines",
    relations=(
        Relation(
            name="machines",
            dimensions=frozenset({Dimension.EQUIPMENT_CATEGORY}),
            edges=("since", "until"),
            rows=_rows,
        ),
    ),
)
