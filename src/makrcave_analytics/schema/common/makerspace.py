"""Makerspaces, the viewer, and changes of data."""

from datetime import date, datetime

import strawberry

from makrcave_analytics.auth import Permission
from makrcave_analytics.metrics.vocabulary import Section
from makrcave_analytics.models.fact_kind import FactKind
from makrcave_analytics.period import DayOfWeek
from makrcave_analytics.resolvers.entities import makerspaces, viewer
from makrcave_analytics.schema.common.enums import DataOrigin
from makrcave_analytics.schema.common.fields import attribute, resolved
from makrcave_analytics.schema.common.scalars import Long


@strawberry.type(description="Who asks, as the token says.")
class Viewer:
    """The authenticated user."""

    user_id: strawberry.ID = attribute("The token's subject.")
    roles = resolved(viewer.roles, "The roles that the token names.", list[str])
    permissions = resolved(
        viewer.permissions,
        "What is allowed in a makerspace; nothing in one that the token does not name. Without makerspaceId: what is "
        "allowed in any.",
        list[Permission],
    )


@strawberry.type(description='Local times, "09:00" to "21:30"; to may be "24:00".')
class OpeningHours:
    """One span of opening hours on a day of the week."""

    day: DayOfWeek = attribute("The day of the week.")
    from_: str = strawberry.field(name="from", description="When it opens.")
    to: str = attribute("When it closes.")


@strawberry.type(description="Days on which nobody is let in, both included.")
class Closure:
    """Closed days."""

    start_date: date = attribute("The first closed day.")
    end_date: date = attribute("The last closed day.")
    name: str | None = attribute("Why, for people.")


@strawberry.type(description="When facts of a kind last came in.")
class SourceFreshness:
    """When facts of a kind were last recorded."""

    kind: FactKind = attribute("The kind of fact.")
    last_recorded_at: datetime | None = attribute("When the last one was recorded; null where none ever was.")
    last_fact_at: datetime | None = attribute("The latest instant that a fact was about.")


@strawberry.type(description="A makerspace and its settings.")
class Makerspace:
    """A makerspace."""

    id: strawberry.ID = attribute("Its UUID.")
    name: str = attribute("For people.")
    time_zone: str = attribute("The zone in which its days are counted.")
    currency: str = attribute("ISO 4217.")
    locale: str = attribute("The language in which numbers are written.")
    week_start = resolved(makerspaces.week_start, "The first day of its weeks.", DayOfWeek)
    fiscal_year_start_month: int = attribute("1 to 12.")
    opening_hours = resolved(makerspaces.opening_hours, "When it is open.", list[OpeningHours])
    closures = resolved(makerspaces.closures, "Days on which it is closed.", list[Closure])
    data_version: Long = attribute("Grows with every recorded change.")
    data_origin = resolved(makerspaces.origin, "Whether its data are real or a sample.", DataOrigin)
    sources = resolved(
        makerspaces.sources,
        "A door controller that died looks like a quiet week; here it shows.",
        list[SourceFreshness],
    )


@strawberry.type(description="A version of a makerspace's data, and what of it is new since the message before.")
class DataChange:
    """A version of a makerspace's data."""

    makerspace_id: strawberry.ID = attribute("The makerspace.")
    data_version: Long = attribute("That of the answers to queries from now on, or a later one.")
    sections: list[Section] = attribute(
        "Those whose numbers may have changed; in the first message all that hold anything."
    )
    at: datetime = attribute("When it was seen.")
