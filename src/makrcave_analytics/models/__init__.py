"""The tables, and nothing about their use.

    base, currency      column types that recur; currencies
    makerspace          a makerspace as a value, and the sections
    names, facts        makerspaces and entities; the facts
    rollups, records    sums that are kept with the facts; records of the service about itself
    fact_kind, ids      the kinds of facts; new ids
    reports             reports, files, schedules, deliveries

Three rules shape them. Every key starts with makerspace_id, which is never updated, so that the tables can be
distributed by it unchanged. No fact's key has a time in it, so that its id counts once for ever. Facts have no
foreign keys: the write reads its makerspace's row under a lock, which checks it once per batch, not once per row.
"""

from makrcave_analytics.models.base import metadata
from makrcave_analytics.models.facts import (
    FACT_TABLES,
    FactTable,
    equipment_usage_logs,
    inventory_analytics,
    project_analytics,
    revenue_analytics,
    usage_events,
)
from makrcave_analytics.models.names import equipment, inventory_items, makerspaces, members
from makrcave_analytics.models.records import analytics_snapshots, audit_log, closings, freshness, tombstones
from makrcave_analytics.models.reports import deliveries, report_files, report_requests, report_schedules
from makrcave_analytics.models.rollups import CHUNK_BITS, event_hours, member_presence

__all__ = [
    "CHUNK_BITS",
    "FACT_TABLES",
    "FactTable",
    "analytics_snapshots",
    "audit_log",
    "closings",
    "deliveries",
    "equipment",
    "equipment_usage_logs",
    "event_hours",
    "freshness",
    "inventory_analytics",
    "inventory_items",
    "makerspaces",
    "member_presence",
    "members",
    "metadata",
    "project_analytics",
    "report_files",
    "report_requests",
    "report_schedules",
    "revenue_analytics",
    "tombstones",
    "usage_events",
]
