"""The section types, with a field for each metric of the catalogue, and the dashboard that holds them."""

from collections.abc import Callable
from typing import Any

import strawberry
from strawberry.tools import create_type
from strawberry.types.field import StrawberryField

from makrcave_analytics.metrics.catalog.registry import section_metrics
from makrcave_analytics.metrics.vocabulary import Section
from makrcave_analytics.resolvers.metrics import dashboard, inventory, overview, sections
from makrcave_analytics.schema.common.answer import AnswerMeta
from makrcave_analytics.schema.common.connections import named
from makrcave_analytics.schema.common.fields import resolved
from makrcave_analytics.schema.metrics import equipment, items, projects, revenue, usage
from makrcave_analytics.schema.metrics.metric import fields_of
from makrcave_analytics.schema.metrics.overview import Overview


def _section(
    name: str, section: Section, description: str, *more: StrawberryField, meta: Callable[..., Any] = sections.meta
) -> Any:
    """Make the type of a section: meta, one field per metric, and `more` fields."""
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
ProjectAnalytics = _section(
    "ProjectAnalytics",
    Section.PROJECTS,
    "What is begun, what is finished, how long it takes and what it costs.",
    projects.FIELD,
    meta=sections.money_meta,
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

    meta = resolved(
        dashboard.meta, "What the answer is about, with the notes of the sections that are asked for.", AnswerMeta
    )
    overview = resolved(overview.of_dashboard, "The cards at the top, as of now.", Overview | None)
    usage = resolved(sections.same, "Who comes, when, and what they do.", UsageAnalytics | None)
    equipment = resolved(
        sections.same,
        "How much the machines are used, when they are down, what they bring in.",
        EquipmentAnalytics | None,
    )
    inventory = resolved(
        sections.same, "What is used up, what is wasted of it, what is left.", InventoryAnalytics | None
    )
    projects = resolved(
        sections.same, "What is begun, what is finished, how long it takes and what it costs.", ProjectAnalytics | None
    )
    revenue = resolved(sections.same, "What came in, in the makerspace's own currency.", RevenueAnalytics | None)
