"""Equipment metrics: use, downtime and revenue of machines."""

from functools import partial

from sqlalchemy import func

from makrcave_analytics.metrics.metric import Level, Measure, Ratio
from makrcave_analytics.metrics.sources.availability import BOOKABLE
from makrcave_analytics.metrics.sources.machines import MACHINES
from makrcave_analytics.metrics.sources.maintenance import MAINTENANCE, OVERDUE
from makrcave_analytics.metrics.sources.payments import PAYMENTS
from makrcave_analytics.metrics.sources.sessions import SESSIONS
from makrcave_analytics.metrics.sources.sql.intervals import seconds
from makrcave_analytics.metrics.vocabulary import Dimension, Polarity, Section, Unit
from makrcave_analytics.period import Grain

SECONDS_PER_HOUR = 3600
SECONDS_PER_MINUTE = 60

_equipment = partial(Measure, section=Section.EQUIPMENT)
_ratio = partial(Ratio, section=Section.EQUIPMENT)
_MACHINE = (Dimension.EQUIPMENT, Dimension.EQUIPMENT_CATEGORY)
_WHEN = (Dimension.HOUR_OF_DAY, Dimension.DAY_OF_WEEK)
_USES = (
    *_MACHINE,
    Dimension.USAGE_TYPE,
    Dimension.MEMBER,
    Dimension.MEMBER_PLAN,
    Dimension.PROJECT,
    *_WHEN,
)

used_hours = _equipment(
    key="usedHours",
    label="Used hours",
    description="How long the machines were used, to the second; what lasts beyond the period counts only within it. "
    "Two sessions at once on one machine count twice. A session without an end counts up to now, at most 24 hours.",
    formula="Σ length of uses within the period",
    unit=Unit.HOURS,
    source=SESSIONS,
    total=lambda row: seconds(row.used),
    divisor=SECONDS_PER_HOUR,
    is_additive=True,
    dimensions=_USES,
)

sessions = _equipment(
    key="sessions",
    label="Sessions",
    description="Uses of machines, each where it starts. Maintenance and repairs are none.",
    formula="number of uses that start in the period",
    unit=Unit.COUNT,
    source=SESSIONS,
    total=lambda row: func.sum(row.uses),
    is_additive=True,
    dimensions=_USES,
)

machine_users = _equipment(
    key="machineUsers",
    label="Machine users",
    description="Different members who started a session. Someone who used two machines, or one on two days, counts "
    "once: parts do not add up.",
    formula="distinct members of sessions",
    unit=Unit.COUNT,
    source=SESSIONS,
    total=lambda row: func.nullif(func.count(row.user_id.distinct()), 0),
    dimensions=(*_MACHINE, Dimension.USAGE_TYPE, Dimension.MEMBER_PLAN),
    counts_people=True,
)

_lasted = _equipment(
    key="sessionMinutes",
    label="Session minutes",
    description="Whole length of the sessions that start in the period.",
    formula="Σ length of sessions",
    unit=Unit.MINUTES,
    source=SESSIONS,
    total=lambda row: seconds(row.lasted),
    divisor=SECONDS_PER_MINUTE,
)

average_session_minutes = _ratio(
    key="averageSessionMinutes",
    label="Average session",
    description="How long a session lasts: whole lengths, also beyond the period, of those that start in it. One "
    "without an end counts up to now, at most 24 hours. It is a ratio: parts do not add up.",
    formula="minutes of sessions ÷ sessions",
    unit=Unit.MINUTES,
    better_when=Polarity.NEITHER,
    numerator=_lasted,
    denominator=sessions,
    dimensions=(*_MACHINE, Dimension.USAGE_TYPE),
)

_bookable = _equipment(
    key="bookableHours",
    label="Bookable hours",
    description="Opening hours of the machines, less closures, planned maintenance and days out of service, up to now.",
    formula="Σ bookable time",
    unit=Unit.HOURS,
    source=BOOKABLE,
    total=lambda row: seconds(row.bookable),
    divisor=SECONDS_PER_HOUR,
)

_used_bookable = _equipment(
    key="usedBookableHours",
    label="Used bookable hours",
    description="Bookable time in which the machine was used, sessions at once counted once.",
    formula="Σ merged use within bookable time",
    unit=Unit.HOURS,
    source=BOOKABLE,
    total=lambda row: seconds(row.used),
    divisor=SECONDS_PER_HOUR,
)

utilization = _ratio(
    key="utilization",
    label="Utilization",
    description="The part of the time that could be booked in which machines were in use. Bookable are a machine's "
    "opening hours (its own, else the makerspace's, else the whole day), less closures, planned maintenance and days "
    "out of service, up to now; a machine that nobody synced serves from the day of its first log on. Sessions at once "
    "on one machine count once; use outside bookable time does not count. Over several machines it is the ratio of "
    "the sums: parts do not add up.",
    formula="merged use within bookable time ÷ bookable time × 100",
    unit=Unit.PERCENT,
    numerator=_used_bookable,
    denominator=_bookable,
    times=100,
    dimensions=(*_MACHINE, *_WHEN),
)

_working = _equipment(
    key="workingHours",
    label="Working hours",
    description="Bookable time in which the machine was not under repair.",
    formula="Σ bookable time − Σ merged repairs within it",
    unit=Unit.HOURS,
    source=BOOKABLE,
    total=lambda row: seconds(row.bookable) - func.coalesce(seconds(row.broken), 0),
    divisor=SECONDS_PER_HOUR,
)

uptime = _ratio(
    key="uptime",
    label="Uptime",
    description="The part of the time that could be booked in which machines were not under repair. Planned "
    "maintenance is not bookable, so that it does not count against it. It is a ratio: parts do not add up.",
    formula="(1 − merged repairs within bookable time ÷ bookable time) × 100",
    unit=Unit.PERCENT,
    numerator=_working,
    denominator=_bookable,
    times=100,
    dimensions=_MACHINE,
)

maintenance_hours = _equipment(
    key="maintenanceHours",
    label="Maintenance hours",
    description="How long machines were down, for planned maintenance and for repairs, at any hour; what goes on "
    "counts up to now.",
    formula="Σ length of maintenance and repairs within the period",
    unit=Unit.HOURS,
    better_when=Polarity.LOWER,
    source=SESSIONS,
    total=lambda row: seconds(row.down),
    divisor=SECONDS_PER_HOUR,
    is_additive=True,
    dimensions=(Dimension.EQUIPMENT, Dimension.USAGE_TYPE),
)

revenue = _equipment(
    key="revenue",
    label="Machine revenue",
    description="Net revenue of payments that name a machine: what was paid less refunds and tax, on its date.",
    formula="netRevenue of rows with a machine",
    unit=Unit.MONEY,
    source=PAYMENTS,
    total=lambda row: func.sum(row.amount - row.tax).filter(row.machine.is_not(None)),
    is_exact=True,
    is_additive=True,
    dimensions=_MACHINE,
    finest=Grain.DAY,
)

revenue_per_used_hour = _ratio(
    key="revenuePerUsedHour",
    label="Revenue per used hour",
    description="What machines bring in for each hour that they are used. It is a ratio: parts do not add up.",
    formula="revenue ÷ usedHours",
    unit=Unit.MONEY,
    numerator=revenue,
    denominator=used_hours,
    dimensions=_MACHINE,
    finest=Grain.DAY,
)

_known = _equipment(
    key="judgedSessions",
    label="Judged sessions",
    description="Sessions with a known outcome.",
    formula="sessions known to have succeeded or failed",
    unit=Unit.COUNT,
    source=SESSIONS,
    total=lambda row: func.sum(row.uses).filter(row.succeeded.is_not(None)),
)

_succeeded = _equipment(
    key="successfulSessions",
    label="Successful sessions",
    description="Sessions known to have succeeded.",
    formula="sessions known to have succeeded",
    unit=Unit.COUNT,
    source=SESSIONS,
    total=lambda row: func.sum(row.uses).filter(row.succeeded),
)

success_rate = _ratio(
    key="successRate",
    label="Success rate",
    description="The part of the sessions that succeeded, of those whose outcome is known. It is a ratio: parts do not "
    "add up.",
    formula="sessions known to have succeeded ÷ sessions with a known outcome × 100",
    unit=Unit.PERCENT,
    numerator=_succeeded,
    denominator=_known,
    times=100,
    dimensions=(Dimension.EQUIPMENT, Dimension.USAGE_TYPE),
)

energy = _equipment(
    key="energy",
    label="Energy",
    description="What the sessions that start in the period consumed, where it was measured.",
    formula="Σ kWh of sessions",
    unit=Unit.KWH,
    better_when=Polarity.NEITHER,
    source=SESSIONS,
    total=lambda row: func.sum(row.energy_kwh),
    is_exact=True,
    is_additive=True,
    dimensions=(Dimension.EQUIPMENT,),
)

machine_count = _equipment(
    key="machineCount",
    label="Machines",
    description="Machines in service at the end of the period, now while it runs. One that nobody synced serves from "
    "the day of its first log on. It is a level: days do not add up.",
    formula="machines in service",
    unit=Unit.COUNT,
    source=MACHINES,
    total=lambda row: func.sum(row.machines),
    is_as_of=True,
    dimensions=(Dimension.EQUIPMENT_CATEGORY,),
)

machines_overdue = Level(
    section=Section.EQUIPMENT,
    key=OVERDUE,
    label="Machines overdue",
    description="Machines in service whose maintenance is overdue, now; of periods that are over, as their closing "
    "figures say, null where there are none. Due is a machine on the earliest of: its appointment; its last "
    "maintenance, else its first day in service, and the interval in days; the day on which its hours of use since "
    "then reach the interval in hours, at the rate of the last 28 days. Overdue: that day has passed, or the hours are "
    "reached. It is a level: days do not add up.",
    formula="machines in service that are overdue",
    unit=Unit.COUNT,
    better_when=Polarity.LOWER,
    source=MAINTENANCE,
    total=lambda row: func.sum(row.overdue),
    is_as_of=True,
    dimensions=(Dimension.EQUIPMENT_CATEGORY,),
    finest=Grain.DAY,
)
