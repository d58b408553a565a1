"""The cards at the top of the first screen."""

import strawberry

from makrcave_analytics.metrics.catalog.equipment import machine_count, machines_overdue
from makrcave_analytics.metrics.catalog.inventory import low_stock_items
from makrcave_analytics.metrics.catalog.usage import active_members, members
from makrcave_analytics.resolvers.metrics import overview, sections
from makrcave_analytics.schema.common.answer import AnswerMeta
from makrcave_analytics.schema.common.fields import resolved
from makrcave_analytics.schema.metrics.metric import Metric


@strawberry.type(description="The cards at the top of the dashboard, as of now.")
class Overview:
    """Counts as of now."""

    meta = resolved(sections.money_meta, "What the answer is about: today.", AnswerMeta)
    total_members = resolved(
        overview.today(members), "Members now; where none are synced, everybody whom a fact ever named."
    )
    active_members_today = resolved(overview.today(active_members), "Different people who were active today.")
    active_members_this_week = resolved(
        overview.active_members_this_week, "Different people who were active in the week so far."
    )
    total_projects = resolved(overview.standing("projects"), "All projects that were ever synced.")
    active_projects = resolved(overview.active_projects, "Projects that have started and are not over.")
    total_equipment = resolved(overview.today(machine_count), "Machines in service.")
    equipment_in_use = resolved(
        overview.standing("in_use"),
        "Machines that a session without an end, begun in the last 24 hours, or one that covers now says are used, or "
        "their status.",
    )
    machines_overdue = resolved(overview.today(machines_overdue), "Machines whose maintenance is overdue.")
    total_inventory_items = resolved(
        overview.standing("items"), "Items of the stock, and those that nobody synced but something was used of."
    )
    low_stock_items = resolved(
        overview.today(low_stock_items), "Items of which no more is on hand than the point at which to reorder."
    )
    total_revenue = resolved(overview.total_revenue, "Net revenue of all time. Null without READ_MONEY.", Metric | None)
    revenue_this_month = resolved(
        overview.revenue_this_month,
        "Net revenue of this month so far, compared with as much of the last. Null without READ_MONEY.",
        Metric | None,
    )
