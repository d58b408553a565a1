"""The source of machine availability: bookable time, and use and repairs within it. Computed with multiranges.

Opening hours, closures and days in service are in local time. They are combined in local time, then converted to
instants, one stretch of constant UTC offset after another. A local hour that occurs twice is open twice.
"""

from typing import Any

from sqlalchemy import (
    DateTime,
    FromClause,
    Integer,
    Interval,
    Select,
    Text,
    and_,
    case,
    cast,
    column,
    extract,
    func,
    literal_column,
    select,
    true,
    union_all,
)

from makrcave_analytics.metrics.source import Relation, Source, SpanTable
from makrcave_analytics.metrics.sources.machines import select_machines
from makrcave_analytics.metrics.sources.sessions import select_downtime, select_uses
from makrcave_analytics.metrics.sources.sql.intervals import BY_CLOCK, pieces, whole_second
from makrcave_analytics.metrics.vocabulary import Dimension
from makrcave_analytics.models import equipment_usage_logs, makerspaces

_DAY: Any = literal_column("interval '1 day'")
_NO_TIME: Any = literal_column("'{}'::tstzmultirange")
_NO_CLOCK_TIME: Any = literal_column("'{}'::tsmultirange")


def _rows(spans: SpanTable, needed: frozenset[Dimension]) -> FromClause:
    """Return a row per piece of time; its length is in one of the columns `bookable`, `used`, `broken`."""
    times = _machine_times(spans)
    kinds = union_all(
        *(
            select(literal_column(f"'{kind}'").label("kind"), func.unnest(time).label("time")).correlate(times)
            for kind, time in (
                ("bookable", times.c.bookable),
                ("used", times.c.used.op("*")(times.c.bookable)),
                ("broken", times.c.broken.op("*")(times.c.bookable)),
            )
        )
    ).lateral()
    intervals = (
        select(
            times.c.equipment_id.label(Dimension.EQUIPMENT.value),
            times.c.category.label(Dimension.EQUIPMENT_CATEGORY.value),
            kinds.c.kind,
            func.lower(kinds.c.time, type_=DateTime(timezone=True)).label("since"),
            func.upper(kinds.c.time, type_=DateTime(timezone=True)).label("until"),
        )
        .select_from(times)
        .join(kinds, true())
        .subquery()
    )
    cut = pieces(spans, intervals, needed)
    return select(
        cut.c.span,
        *(cut.c[dimension.value] for dimension in sorted(needed)),
        *(
            case((cut.c.kind == literal_column(f"'{kind}'"), cut.c.length)).label(kind)
            for kind in ("bookable", "used", "broken")
        ),
    ).subquery()


def _machine_times(spans: SpanTable) -> Any:
    """Return the times of machines over all spans. Branches that cut the same time differently share them."""
    return spans.once(f"machine_times_{spans.outline}", lambda: _select_machine_times(spans))


def _select_machine_times(spans: SpanTable) -> Select[Any]:
    """Select for each machine its bookable time up to now, its merged uses and its merged repairs."""
    machine = select_machines(spans.makerspace_id, spans.zone, is_network=spans.is_network)
    hours = select(machine.c.hours).distinct().subquery()
    opened = _open_times(spans, hours)
    planned, broken = (_merged(spans, select_downtime, kind) for kind in ("maintenance", "repair"))
    used = _merged(spans, select_uses)
    elapsed = func.tstzmultirange(func.tstzrange(literal_column("null::timestamptz"), whole_second(spans.now)))
    in_service = _in_service(spans, machine.c)
    bookable = opened.c.times.op("*")(in_service).op("*")(elapsed).op("-")(func.coalesce(planned.c.times, _NO_TIME))
    return (
        select(
            machine.c.equipment_id,
            machine.c.category,
            bookable.label("bookable"),
            func.coalesce(used.c.times, _NO_TIME).label("used"),
            func.coalesce(broken.c.times, _NO_TIME).label("broken"),
        )
        .select_from(machine)
        .join(opened, opened.c.hours == machine.c.hours)
        .outerjoin(planned, planned.c.equipment_id == machine.c.equipment_id)
        .outerjoin(broken, broken.c.equipment_id == machine.c.equipment_id)
        .outerjoin(used, used.c.equipment_id == machine.c.equipment_id)
        .offset(literal_column("0"))
    )


def _merged(spans: SpanTable, logs: Any, kind: str | None = None) -> Any:
    """Return the merged time of the logs of each machine; of downtime only those of one kind."""
    log = equipment_usage_logs.c
    selected = logs(spans, log.equipment_id, log.usage_type).subquery()
    merged = select(
        selected.c.equipment_id, func.range_agg(func.tstzrange(selected.c.since, selected.c.until)).label("times")
    ).group_by(selected.c.equipment_id)
    if kind is not None:
        merged = merged.where(selected.c.usage_type == literal_column(f"'{kind}'"))
    return merged.subquery()


def _open_times(spans: SpanTable, hours: Any) -> Any:
    """Return the open time of each of some opening hours, less the closures of the makerspace."""
    days = _days(spans)
    week = (
        func.jsonb_to_recordset(hours.c.hours)
        .table_valued(column("day", Integer), column("from", Text), column("to", Text))
        .render_derived(with_types=True)
    )
    begins, ends = cast(week.c["from"], Interval), cast(week.c["to"], Interval)
    shown = (
        select(hours.c.hours, func.range_agg(func.tsrange(days.c.day + begins, days.c.day + ends)).label("times"))
        .select_from(hours)
        .join(week, true())
        .join(days, and_(days.c.weekday == week.c.day, begins < ends))
        .group_by(hours.c.hours)
        .subquery()
    )
    always: Any = literal_column("'{(,)}'::tsmultirange")
    is_unset = hours.c.hours == literal_column("'[]'::jsonb")
    clock_times = case((is_unset, always), else_=func.coalesce(shown.c.times, _NO_CLOCK_TIME)).op("-")(_closed(spans))
    each = (
        select(hours.c.hours, clock_times.label("times"))
        .select_from(hours)
        .outerjoin(shown, shown.c.hours == hours.c.hours)
        .subquery()
    )
    stretches = select(each.c.hours, func.unnest(each.c.times).label("time")).subquery()
    instants = _instants(spans, func.lower(stretches.c.time), func.upper(stretches.c.time))
    return (
        select(stretches.c.hours, func.range_agg(instants).label("times"))
        .select_from(stretches)
        .join(spans.clock, true())
        .group_by(stretches.c.hours)
        .subquery()
    )


def _instants(spans: SpanTable, since: Any, until: Any) -> Any:
    """Return the instants of a stretch of local time within one clock offset; either end may be open."""
    clock = spans.clock.c
    first = func.greatest(clock.since, func.timezone("UTC", since) - clock.shift)
    last = func.least(clock.until, func.timezone("UTC", until) - clock.shift)
    return func.tstzrange(first, func.greatest(first, last))


def _days(spans: SpanTable) -> Any:
    """Return the local days of all spans: `day`, its midnight in local time, and `weekday`, 0 for Monday."""
    clock = spans.clock.c
    shown = [func.timezone("UTC", edge + clock.shift) for edge in (clock.since, clock.until)]
    midnights = func.generate_series(func.date_trunc(literal_column("'day'"), shown[0]), shown[1], _DAY)
    each = midnights.table_valued(column("day", DateTime())).render_derived()
    found = select(each.c.day).select_from(spans.clock).join(each, true()).distinct().subquery()
    return select(found.c.day, cast(extract("isodow", found.c.day) - 1, Integer).label("weekday")).subquery()


def _closed(spans: SpanTable) -> Any:
    """Return the closures of the makerspace in local time; their last days are included."""
    closures = (
        func.jsonb_to_recordset(makerspaces.c.closures)
        .table_valued(column("start_date", DateTime()), column("end_date", DateTime()))
        .render_derived(with_types=True)
    )
    days = func.tsrange(closures.c.start_date, closures.c.end_date + _DAY)
    return (
        select(func.coalesce(func.range_agg(days), _NO_CLOCK_TIME))
        .select_from(makerspaces)
        .join(closures, true())
        .where(makerspaces.c.id == spans.makerspace_id)
        .scalar_subquery()
    )


def _in_service(spans: SpanTable, machine: Any) -> Any:
    """Return the instants of the days on which a machine is in service; the last day is included."""
    until = cast(machine.in_service_until, DateTime()) + _DAY
    days = _instants(spans, cast(machine.in_service_from, DateTime()), until)
    return select(func.coalesce(func.range_agg(days), _NO_TIME)).select_from(spans.clock).scalar_subquery()


BOOKABLE = Source(
    name="bookable",
    subject="machines",
    relations=(
        Relation(
            name="by_span",
            dimensions=frozenset({Dimension.EQUIPMENT, Dimension.EQUIPMENT_CATEGORY}),
            edges=("since", "until"),
            rows=_rows,
            reads_clock=True,
        ),
        Relation(
            name="by_hour",
            dimensions=frozenset({Dimension.EQUIPMENT, Dimension.EQUIPMENT_CATEGORY}) | BY_CLOCK,
            edges=("since", "until"),
            rows=_rows,
            reads_clock=True,
        ),
    ),
)
