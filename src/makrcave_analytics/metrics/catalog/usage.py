"""Usage metrics: events, visits and members."""

from collections.abc import Callable
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, and_, func, literal_column

from makrcave_analytics.metrics.metric import Measure, Ratio
from makrcave_analytics.metrics.sources.events import EVENTS
from makrcave_analytics.metrics.sources.members import PEOPLE, is_member, joins, leaves, was_member
from makrcave_analytics.metrics.sources.presence import PRESENCE, ROLLING
from makrcave_analytics.metrics.sources.visits import VISITS
from makrcave_analytics.metrics.vocabulary import Dimension, Polarity, Section, Unit
from makrcave_analytics.period import Grain

_usage = partial(Measure, section=Section.USAGE, unit=Unit.COUNT)
_rate = partial(Ratio, section=Section.USAGE)
_WHEN = (Dimension.HOUR_OF_DAY, Dimension.DAY_OF_WEEK)
_PLAN = (Dimension.MEMBER_PLAN,)


def _of_type(event_type: str) -> Callable[[Any], ColumnElement[Any]]:
    return lambda row: func.sum(row.events).filter(row.event_type == literal_column(f"'{event_type}'"))


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
    total=_of_type("login"),
    is_additive=True,
    dimensions=(Dimension.MEMBER, Dimension.MEMBER_PLAN, *_WHEN),
)

visits = _usage(
    key="visits",
    label="Visits",
    description="Days on which a member came in, by door or check-in, or used a machine: one visit a member and day, "
    "however often they went out and in again. By hours, a visit counts in the one in which it begins.",
    formula="distinct pairs of a member and a local day with an event of category access or a use session",
    source=VISITS,
    total=lambda row: func.sum(row.visits),
    is_additive=True,
    dimensions=(Dimension.MEMBER, Dimension.MEMBER_PLAN, Dimension.DAY_OF_WEEK),
    finest_days=31,
)

active_members = _usage(
    key="activeMembers",
    label="Active members",
    description="Different people who did something in the period: an event of theirs, or a machine session. "
    "Someone active on several days counts once, so that days do not add up to a week.",
    formula="distinct members present",
    source=PRESENCE,
    total=lambda row: func.sum(row.members),
    dimensions=_PLAN,
    finest_days=31,
    counts_people=True,
)

members = _usage(
    key="members",
    label="Members",
    description="Members at the end of the period, or now while it runs. Someone whose last day has not passed is one. "
    "It is a level, so that days do not add up.",
    formula="members who joined before the end and had not left by then",
    source=PEOPLE,
    total=lambda row: func.sum(row.people).filter(is_member(row)),
    is_as_of=True,
    dimensions=_PLAN,
    finest=Grain.DAY,
    counts_people=True,
)

new_members = _usage(
    key="newMembers",
    label="New members",
    description="Members who joined in the period. Where no members are synced, a person joins on the day on which "
    "they are first seen, except in the first 28 days of recording.",
    formula="members with a joining day in the period",
    source=PEOPLE,
    total=lambda row: func.sum(row.people).filter(joins(row)),
    is_additive=True,
    dimensions=_PLAN,
    finest=Grain.DAY,
    counts_people=True,
)

lost_members = _usage(
    key="lostMembers",
    label="Lost members",
    description="Members whose last day was in the period.",
    formula="members with a last day in the period",
    source=PEOPLE,
    total=lambda row: func.sum(row.people).filter(leaves(row)),
    better_when=Polarity.LOWER,
    is_additive=True,
    dimensions=_PLAN,
    finest=Grain.DAY,
    counts_people=True,
)

_members_before = _usage(
    key="membersBefore",
    label="Members before",
    description="Members when the period began. They do not add up.",
    formula="members who joined before the beginning and had not left by then",
    source=PEOPLE,
    total=lambda row: func.sum(row.people).filter(was_member(row)),
)

_lost_of_before = _usage(
    key="lostOfMembersBefore",
    label="Lost of the members before",
    description="Members when the period began whose last day was in it. They do not add up.",
    formula="members who joined before the beginning and left in the period",
    source=PEOPLE,
    total=lambda row: func.sum(row.people).filter(and_(was_member(row), leaves(row))),
)

churn_rate = _rate(
    key="churnRate",
    label="Churn",
    description="Of the members at the beginning of the period, the share whose last day was in it. Shares do not add "
    "up: the churn of a year is not the sum of its months.",
    formula="members at the beginning who left in the period ÷ members at the beginning × 100",
    unit=Unit.PERCENT,
    better_when=Polarity.LOWER,
    numerator=_lost_of_before,
    denominator=_members_before,
    times=100,
    dimensions=_PLAN,
    finest=Grain.DAY,
    counts_people=True,
)

equipment_reservations = _usage(
    key="equipmentReservations",
    label="Reservations",
    description="Reservations of machines, counted when they were made.",
    formula="number of events of type equipment_reservation",
    source=EVENTS,
    total=_of_type("equipment_reservation"),
    is_additive=True,
    dimensions=(Dimension.EQUIPMENT, Dimension.MEMBER, *_WHEN),
)

inventory_issues = _usage(
    key="inventoryIssues",
    label="Items issued",
    description="Issues of items from the inventory, counted when they were handed out.",
    formula="number of events of type inventory_issue",
    source=EVENTS,
    total=_of_type("inventory_issue"),
    is_additive=True,
    dimensions=(Dimension.ITEM, Dimension.MEMBER, *_WHEN),
)

projects_created = _usage(
    key="projectsCreated",
    label="Projects created",
    description="Projects that members created.",
    formula="number of events of type project_created",
    source=EVENTS,
    total=_of_type("project_created"),
    is_additive=True,
    dimensions=(Dimension.MEMBER, *_WHEN),
)

events_per_member = _rate(
    key="eventsPerMember",
    label="Events per active member",
    description="How much those who were active did, on average. Means do not add up.",
    formula="events ÷ active members",
    unit=Unit.PER_MEMBER,
    numerator=events,
    denominator=active_members,
    finest_days=31,
)

_daily_active = _usage(
    key="dailyActiveMembers",
    label="Active members by day",
    description="Active members of each day, summed up over the days that have begun. They do not add up to people.",
    formula="Σ over days of the members active on it",
    source=ROLLING,
    total=lambda row: func.sum(row.of_day),
)

_monthly_active = _usage(
    key="monthlyActiveMembers",
    label="Active members by 30 days",
    description="Members active in the 30 days that end with each day, summed up over those days. They do not add up "
    "to people.",
    formula="Σ over days of the members active in the 30 days ending with it",
    source=ROLLING,
    total=lambda row: func.sum(row.of_month),
)

stickiness = _rate(
    key="stickiness",
    label="Stickiness",
    description="How many of the members active in a month come on any one day. At 100 % all of them come every day. "
    "Shares do not add up.",
    formula="mean over the days of active members ÷ mean over the same days of members active in the 30 days "
    "ending with each × 100",
    unit=Unit.PERCENT,
    numerator=_daily_active,
    denominator=_monthly_active,
    times=100,
    finest=Grain.DAY,
)

active_days = _usage(
    key="activeDays",
    label="Active days",
    description="Local days on which anything was recorded.",
    formula="distinct local days with at least one event",
    source=EVENTS,
    total=lambda row: func.count(row.local_day.distinct()).filter(row.events > 0),
    is_additive=True,
    finest=Grain.DAY,
)
