"""The root types: Query, Mutation, Subscription."""

import strawberry

from makrcave_analytics.period import Grain
from makrcave_analytics.resolvers.entities import makerspaces as _makerspaces
from makrcave_analytics.resolvers.entities import members as _members
from makrcave_analytics.resolvers.entities import viewer as _viewer
from makrcave_analytics.resolvers.metrics import closing_figures as _snapshots
from makrcave_analytics.resolvers.metrics import dashboard as _dashboard
from makrcave_analytics.resolvers.metrics import explore as _table
from makrcave_analytics.resolvers.metrics import network as _network
from makrcave_analytics.resolvers.metrics import overview as _overview
from makrcave_analytics.resolvers.metrics import revenue as _revenue
from makrcave_analytics.resolvers.metrics import sections
from makrcave_analytics.resolvers.recording import record
from makrcave_analytics.resolvers.recording import settings as _settings
from makrcave_analytics.resolvers.recording import sync as _sync
from makrcave_analytics.resolvers.reports import reports as _reports
from makrcave_analytics.resolvers.reports import schedules as _schedules
from makrcave_analytics.resolvers.reports import subscriptions as _changes
from makrcave_analytics.schema.common.connections import connection
from makrcave_analytics.schema.common.fields import changing, resolved, subscribed
from makrcave_analytics.schema.common.makerspace import DataChange, Makerspace, Viewer
from makrcave_analytics.schema.common.period import PeriodInput
from makrcave_analytics.schema.entities.members import MemberConnection
from makrcave_analytics.schema.metrics.closing_figures import SnapshotConnection
from makrcave_analytics.schema.metrics.explore import Table, TableInput
from makrcave_analytics.schema.metrics.metric import MetricDefinition
from makrcave_analytics.schema.metrics.network import NetworkAnalytics
from makrcave_analytics.schema.metrics.overview import Overview
from makrcave_analytics.schema.metrics.sections import (
    Dashboard,
    EquipmentAnalytics,
    InventoryAnalytics,
    ProjectAnalytics,
    RevenueAnalytics,
    UsageAnalytics,
)
from makrcave_analytics.schema.recording import facts as _facts
from makrcave_analytics.schema.recording.record import (
    EquipmentUsageInput,
    InventoryUsageInput,
    RecordPayload,
    RevenueInput,
    UsageEventInput,
    VoidInput,
)
from makrcave_analytics.schema.recording.settings import MakerspaceInput, MakerspacePayload, MakerspaceSettingsInput
from makrcave_analytics.schema.recording.sync import EquipmentInput, InventoryItemInput, MemberInput, ProjectInput
from makrcave_analytics.schema.reports.report import Report, ReportConnection, ReportPayload, ReportRequestInput
from makrcave_analytics.schema.reports.schedule import ReportSchedule, ReportScheduleInput, ReportSchedulePayload

MakerspaceConnection = connection("Makerspace", Makerspace)


@strawberry.type(
    description="makerspaceId may be left out where the token names exactly one makerspace. What can fail on its own "
    "is nullable, so that one wrong argument never empties a dashboard."
)
class Query:
    """Fields to read."""

    viewer = resolved(_viewer.resolve_viewer, "Who asks.", Viewer)
    makerspaces = resolved(_makerspaces.page, "Those that the token may read, by name.", MakerspaceConnection | None)
    makerspace = resolved(_makerspaces.makerspace, "One makerspace and its settings.", Makerspace | None)
    dashboard = resolved(
        _dashboard.resolve_dashboard,
        "All of the first screen in one request.",
        Dashboard | None,
        period=PeriodInput | None,
    )
    overview = resolved(
        _overview.resolve_overview, "The cards at the top of the dashboard, as of now.", Overview | None
    )
    usage = resolved(
        sections.section, "Who comes, when, and what they do.", UsageAnalytics | None, period=PeriodInput | None
    )
    equipment = resolved(
        sections.section,
        "How much the machines are used, when they are down, what they bring in.",
        EquipmentAnalytics | None,
        period=PeriodInput | None,
    )
    inventory = resolved(
        sections.section,
        "What is used up, what is wasted of it, what is left.",
        InventoryAnalytics | None,
        period=PeriodInput | None,
    )
    projects = resolved(
        sections.section,
        "What is begun, what is finished, how long it takes and what it costs.",
        ProjectAnalytics | None,
        period=PeriodInput | None,
    )
    revenue = resolved(
        _revenue.section,
        "What came in, what went back, what was earned; in one currency, the makerspace's own unless another is asked "
        "for.",
        RevenueAnalytics | None,
        period=PeriodInput | None,
    )
    network = resolved(
        _network.resolve_network,
        "Every makerspace in which the viewer has the permission NETWORK, side by side.",
        NetworkAnalytics | None,
        period=PeriodInput | None,
    )
    explore = resolved(
        _table.resolve_explore,
        "Any metrics of one section by any dimensions: peak hours of a machine by member plan, the costliest items of "
        "a project, a member's hours by month.",
        Table | None,
        table=TableInput,
        period=PeriodInput | None,
    )
    metrics = resolved(sections.metrics, "The metric catalogue.", list[MetricDefinition] | None)
    events = _facts.events
    equipment_logs = _facts.equipment_logs
    inventory_rows = _facts.inventory_rows
    transactions = _facts.transactions
    members = resolved(
        _members.page,
        "Everyone ever synced or named by a fact, by name. `search` is part of what is shown of them, name or id.",
        MemberConnection | None,
    )
    snapshots = resolved(
        _snapshots.page, "Closing figures by a grain, the latest first.", SnapshotConnection | None, grain=Grain
    )
    reports = resolved(
        _reports.page,
        "Own reports; with MANAGE all. A report keeps the permissions it was made with.",
        ReportConnection | None,
    )
    report = resolved(_reports.report, "One report.", Report | None)
    report_schedules = resolved(
        _schedules.page, "Own schedules; with MANAGE all. The newest first.", list[ReportSchedule] | None
    )


_SYNC = "Insert or update by id. An absent field keeps what is there, null clears it; older updatedAt is ignored."


@strawberry.type(description="Each answers on its own: one that failed never hides what another acknowledged.")
class Mutation:
    """Fields to write."""

    record_events = changing(
        record.record_events,
        "Records events, each on its own; answers once they are committed.",
        RecordPayload | None,
        input=list[UsageEventInput],
    )
    record_equipment_usage = changing(
        record.record_equipment_usage,
        "Records sessions at machines, maintenance and repairs; closes open ones.",
        RecordPayload | None,
        input=list[EquipmentUsageInput],
    )
    record_inventory_usage = changing(
        record.record_inventory_usage,
        "Records what was used up.",
        RecordPayload | None,
        input=list[InventoryUsageInput],
    )
    record_revenue = changing(
        record.record_revenue,
        "Records what was paid, line by line.",
        RecordPayload | None,
        input=list[RevenueInput],
    )
    void_facts = changing(
        record.void_facts,
        "Takes wrong facts out of every number; the rows stay, marked.",
        RecordPayload | None,
        input=list[VoidInput],
    )
    sync_members = changing(_sync.members, f"Members. {_SYNC}", RecordPayload | None, input=list[MemberInput])
    sync_equipment = changing(_sync.equipment, f"Machines. {_SYNC}", RecordPayload | None, input=list[EquipmentInput])
    sync_inventory_items = changing(
        _sync.inventory_items, f"Items of the stock. {_SYNC}", RecordPayload | None, input=list[InventoryItemInput]
    )
    sync_projects = changing(_sync.projects, f"Projects. {_SYNC}", RecordPayload | None, input=list[ProjectInput])
    request_report = changing(
        _reports.request,
        "Asks for a report; a worker makes it and `report` tells how far it is.",
        ReportPayload | None,
        input=ReportRequestInput,
    )
    cancel_report = changing(
        _reports.cancel, "Ends a report that waits or is being made, without a file.", ReportPayload | None
    )
    retry_report = changing(
        _reports.retry, "Makes a report that has ended anew, from the data of now.", ReportPayload | None
    )
    delete_report = changing(
        _reports.delete, "Deletes a report, and its file where no other report shares it.", ReportPayload | None
    )
    schedule_report = changing(
        _schedules.add,
        "Asks for a report again and again; its files show what the permissions of now allow.",
        ReportSchedulePayload | None,
        input=ReportScheduleInput,
    )
    update_report_schedule = changing(
        _schedules.change, "Changes a schedule, all of it.", ReportSchedulePayload | None, input=ReportScheduleInput
    )
    delete_report_schedule = changing(
        _schedules.delete, "Deletes a schedule; its reports stay.", ReportSchedulePayload | None
    )
    create_makerspace = changing(
        _settings.create, "Makes a makerspace; super_admin only.", MakerspacePayload | None, input=MakerspaceInput
    )
    update_makerspace = changing(
        _settings.update,
        "Changes settings, all of them or none. Another time zone counts everything anew.",
        MakerspacePayload | None,
        input=MakerspaceSettingsInput,
    )


@strawberry.type(description="What happens, told as it does; over WebSocket, by the protocol graphql-transport-ws.")
class Subscription:
    """Fields to watch."""

    report_progress = subscribed(
        _changes.report_progress,
        "Every change of status or progress, the current state first; ends when the report has ended.",
        Report,
    )
    data_changed = subscribed(
        _changes.data_changed,
        "A new version of the makerspace's data, at most one a second; the current one first.",
        DataChange,
    )
