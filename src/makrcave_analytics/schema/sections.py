"""The sections, whose metrics are those of the catalogue, and the dashboard that holds them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import strawberry
from strawberry.tools import create_type
from strawberry.types.field import StrawberryField

from makrcave_analytics.metrics.catalog import section_metrics
from makrcave_analytics.metrics.vocabulary import Section
from makrcave_analytics.resolvers import inventory, sections
from makrcave_analytics.schema import equipment, items, revenue, usage
from makrcave_analytics.schema.connections import named
from makrcave_analytics.schema.enums import DataOrigin
from makrcave_analytics.schema.fields import attribute, resolved
from makrcave_analytics.schema.makerspace import Makerspace
from makrcave_analytics.schema.metric import fields_of
from makrcave_analytics.schema.period import Period
from makrcave_analytics.schema.scalars import Long


@strawberry.type(description="What an answer is about, resolved: never what was asked, always what was computed.")
class AnswerMeta:
    """What an answer is about."""

    makerspace: Makerspace = attribute("The makerspace.")
    period: Period = attribute("The period.")
    compared_with: Period | None = attribute("What it is compared with.")
    currency: str = attribute("ISO 4217; all money is in it.")
    data_version: Long = attribute(
        "Grows with every recorded change of the makerspace. Equal versions mean equal numbers, but for what is still "
        "running: see computedAt."
    )
    data_origin: DataOrigin = attribute("Whether the data are real or a sample.")
    computed_at: datetime = attribute("The instant that counts as now.")
    notes: list[str] = attribute(
        "What the reader should know: a partial day, sessions still open, a source that fell silent, "
        "no opening hours set."
    )


def _section(
    name: str, section: Section, description: str, *more: StrawberryField, meta: Callable[..., Any] = sections.meta
) -> Any:
    """Make the type of a section: what it is about, a field a metric, and `more` fields."""
    return create_type(
        name,
        [
            named("meta", AnswerMeta, "What the answer is about.", meta),
            *fields_of(section_metrics(section)),
            *more,
        ],
        description=description,
    )


UsageAnalytics = _section(
    "UsageAnalytics", Section.USAGE, "Who comes, when, and what they do.", *usage.FIELDS, meta=usage.meta
)
EquipmentAnalytics = _section(
    "EquipmentAnalytics",
    Section.EQUIPMENT,
    "How much the machines are used, when they are down, what they bring in.",
    *equipment.FIELDS,
    meta=equipment.meta,
)
InventoryAnalytics = _section(
    "InventoryAnalytics",
    Section.INVENTORY,
    "What is used up, what is wasted of it, what is left.",
    items.FIELD,
    meta=inventory.meta,
)
RevenueAnalytics = _section(
    "RevenueAnalytics",
    Section.REVENUE,
    "What came in, what went back, what was earned; in one currency.",
    *revenue.FIELDS,
    meta=revenue.meta,
)


@strawberry.type(description="All of the first screen in one request; each section can fail on its own.")
class Dashboard:
    """The first screen."""

    meta = resolved(sections.meta, "What the answer is about.", AnswerMeta)
    usage = resolved(sections.same, "Who comes, when, and what they do.", UsageAnalytics | None)
    equipment = resolved(
        sections.same,
        "How much the machines are used, when they are down, what they bring in.",
        EquipmentAnalytics | None,
    )
    inventory = resolved(
        sections.same, "What is used up, what is wasted of it, what is left.", InventoryAnalytics | None
    )
    revenue = resolved(sections.same, "What came in, in the makerspace's own currency.", RevenueAnalytics | None)
