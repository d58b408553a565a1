"""Usage and members: who comes, when, and what they do."""

from functools import partial

from sqlalchemy import func, literal_column

from makrcave_analytics.metrics.events import EVENTS
from makrcave_analytics.metrics.metric import Measure
from makrcave_analytics.metrics.presence import PRESENCE
from makrcave_analytics.metrics.vocabulary import Dimension, Section, Unit

_usage = partial(Measure, section=Section.USAGE, unit=Unit.COUNT)
_WHEN = (Dimension.HOUR_OF_DAY, Dimension.DAY_OF_WEEK)

events = _usage(
    key="events",
    label="Events",
    description="Everything that was recorded: logins, check-ins, reservations, issues and whatever else was sent.",
    formula="number of events",
    source=EVENTS,
    total=lambda row: func.sum(row.events),
    is_additive=True,
    dimensions=(
        Dimension.EVENT_TYPE,
        Dimension.EVENT_CATEGORY,
        Dimension.MEMBER,
        Dimension.MEMBER_PLAN,
        Dimension.EQUIPMENT,
        Dimension.PROJECT,
        *_WHEN,
    ),
)

logins = _usage(
    key="logins",
    label="Logins",
    description="Sign-ins to the makerspace's software.",
    formula="number of events of type login",
    source=EVENTS,
    total=lambda row: func.sum(row.events).filter(row.event_type == literal_column("'login'")),
    is_additive=True,
    dimensions=(Dimension.MEMBER, Dimension.MEMBER_PLAN, *_WHEN),
)

active_members = _usage(
    key="activeMembers",
    label="Active members",
    description="Different people who did something in the period: an event of theirs, or a machine session. "
    "Someone active on several days counts once, so that days do not add up to a week.",
    formula="distinct members present",
    source=PRESENCE,
    total=lambda row: func.sum(row.members),
    dimensions=(Dimension.MEMBER_PLAN,),
    finest_days=31,
)

METRICS = (events, logins, active_members)
