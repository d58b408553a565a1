"""Facts in: checked one by one, written once, counted at once. And what names and places them, synced.

    inputs, entries, values, notation   what senders hand in, and how it is written
    check, metadata, hours, picture     what is good of it
    names, ids                          what it is called
    recorder                            on whose behalf facts come in
    lock                                one writer of a makerspace at a time, and its version
    kind, statements, write             a kind of fact, its SQL, and the one write of all kinds
    intake                              the way in of many senders: what comes together is committed together
    events, sessions, inventory, revenue    the kinds
    void, recount                       facts taken out again
    roster, sync                        members, machines, items and projects
    settings, choices, zone             a makerspace's own; a change of zone
    retention                           old raw events removed
    rollups, verify                     what is kept beside the facts, as SQL; the same against the facts
    outcome, audit                      what the sender gets back; who did what
    importing                           the same from files

Knows no GraphQL, no HTTP and no queue.
"""

from makrcave_analytics.recording.entries import (
    ClosureInput,
    EquipmentInput,
    InventoryItemInput,
    MakerspaceInput,
    MakerspaceSettingsInput,
    MemberInput,
    OpeningHoursInput,
    ProjectInput,
)
from makrcave_analytics.recording.events import EVENTS
from makrcave_analytics.recording.inputs import (
    EquipmentUsageInput,
    InventoryUsageInput,
    RevenueInput,
    UsageEventInput,
    VoidInput,
)
from makrcave_analytics.recording.intake import Intake
from makrcave_analytics.recording.inventory import INVENTORY_USAGE
from makrcave_analytics.recording.outcome import FactKind, RecordOutcome, RecordResult, RecordStatus, UserError
from makrcave_analytics.recording.recorder import Recorder
from makrcave_analytics.recording.revenue import REVENUE
from makrcave_analytics.recording.rollups import rebuild
from makrcave_analytics.recording.roster import ITEMS, MACHINES, MEMBERS, PROJECTS
from makrcave_analytics.recording.sessions import SESSIONS
from makrcave_analytics.recording.settings import create_makerspace, update_makerspace
from makrcave_analytics.recording.sync import sync
from makrcave_analytics.recording.values import ABSENT, Malformed
from makrcave_analytics.recording.void import void_facts
from makrcave_analytics.recording.write import record
from makrcave_analytics.recording.zone import change_zone

__all__ = [
    "ABSENT",
    "EVENTS",
    "INVENTORY_USAGE",
    "ITEMS",
    "MACHINES",
    "MEMBERS",
    "PROJECTS",
    "REVENUE",
    "SESSIONS",
    "ClosureInput",
    "EquipmentInput",
    "EquipmentUsageInput",
    "FactKind",
    "Intake",
    "InventoryItemInput",
    "InventoryUsageInput",
    "MakerspaceInput",
    "MakerspaceSettingsInput",
    "Malformed",
    "MemberInput",
    "OpeningHoursInput",
    "ProjectInput",
    "RecordOutcome",
    "RecordResult",
    "RecordStatus",
    "Recorder",
    "RevenueInput",
    "UsageEventInput",
    "UserError",
    "VoidInput",
    "change_zone",
    "create_makerspace",
    "rebuild",
    "record",
    "sync",
    "update_makerspace",
    "void_facts",
]
