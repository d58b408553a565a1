"""What files hold, declared: the input that a row becomes, how it is recorded, and what older exports called things."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol

from makrcave_analytics.auth import MakerspaceId, RecordKind
from makrcave_analytics.db import Database
from makrcave_analytics.recording.entities.definitions import ITEMS, MACHINES, MEMBERS, PROJECTS, EntityKind
from makrcave_analytics.recording.entities.upsert import sync
from makrcave_analytics.recording.entity_inputs import EquipmentInput, InventoryItemInput, MemberInput, ProjectInput
from makrcave_analytics.recording.fact_inputs import (
    EquipmentUsageInput,
    InventoryUsageInput,
    RevenueInput,
    UsageEventInput,
)
from makrcave_analytics.recording.facts.events import EVENTS
from makrcave_analytics.recording.facts.inventory import INVENTORY_USAGE
from makrcave_analytics.recording.facts.kind import Kind
from makrcave_analytics.recording.facts.revenue import REVENUE
from makrcave_analytics.recording.facts.sessions import SESSIONS
from makrcave_analytics.recording.importing.cells import Reader, read_succeeded
from makrcave_analytics.recording.outcome import RecordOutcome
from makrcave_analytics.recording.recorder import Recorder
from makrcave_analytics.recording.writing.write import record


@dataclass(frozen=True)
class ImportTarget:
    """Through what rows are recorded: as the API does it."""

    database: Database
    recorder: Recorder
    clock: Callable[[], datetime]
    event_retention: timedelta | None = None
    """For how long raw events are kept; None: for ever."""


class Write(Protocol):
    """Records one batch."""

    def __call__(
        self, target: ImportTarget, makerspace: MakerspaceId, inputs: Sequence[Any]
    ) -> Awaitable[RecordOutcome]: ...


@dataclass(frozen=True, eq=False)
class FileKind:
    """What the rows of a file are."""

    name: RecordKind
    input: type
    write: Write
    id_field: str
    facts: Kind[Any] | None = None
    """Of facts a row without an id gets one from its content; of entries it is refused."""
    older: Mapping[str, str] = field(default_factory=dict)
    """Older name of a column → the field."""
    converts: Mapping[str, Reader] = field(default_factory=dict)
    """Older names whose cells mean something else than the field's."""
    needs: frozenset[str] = frozenset()
    """Fields that the API could do without, and a file cannot."""


async def _events(target: ImportTarget, makerspace: MakerspaceId, inputs: Sequence[Any]) -> RecordOutcome:
    now = target.clock()
    oldest = None if target.event_retention is None else now - target.event_retention
    return await record(target.database, EVENTS, makerspace, inputs, recorder=target.recorder, now=now, oldest=oldest)


def _recorded(kind: Kind[Any]) -> Write:
    async def write(target: ImportTarget, makerspace: MakerspaceId, inputs: Sequence[Any]) -> RecordOutcome:
        return await record(target.database, kind, makerspace, inputs, recorder=target.recorder, now=target.clock())

    return write


def _synced(kind: EntityKind) -> Write:
    async def write(target: ImportTarget, makerspace: MakerspaceId, inputs: Sequence[Any]) -> RecordOutcome:
        return await sync(target.database, kind, makerspace, inputs, recorder=target.recorder)

    return write


_facts = partial(FileKind, id_field="id")

_ALL = (
    _facts(
        RecordKind.EVENTS,
        UsageEventInput,
        _events,
        facts=EVENTS,
        older={"event_data": "metadata", "resource_type": "event_category"},
        needs=frozenset({"timestamp"}),
    ),
    _facts(
        RecordKind.EQUIPMENT,
        EquipmentUsageInput,
        _recorded(SESSIONS),
        facts=SESSIONS,
        older={
            "session_start": "start_time",
            "session_end": "end_time",
            "materials_consumed": "materials_used",
            "job_id": "project_id",
            "success_rate": "succeeded",
            "power_consumption_kwh": "energy_kwh",
        },
        converts={"success_rate": read_succeeded},
    ),
    _facts(
        RecordKind.INVENTORY,
        InventoryUsageInput,
        _recorded(INVENTORY_USAGE),
        facts=INVENTORY_USAGE,
        older={
            "inventory_item_id": "item_id",
            "consumed_quantity": "quantity_consumed",
            "total_cost_consumed": "cost_consumed",
        },
    ),
    FileKind(
        RecordKind.REVENUE,
        RevenueInput,
        _recorded(REVENUE),
        id_field="transaction_id",
        facts=REVENUE,
        older={
            "revenue_type": "revenue_source",
            "date": "transaction_date",
            "user_id": "customer_id",
            "reference_id": "transaction_id",
        },
    ),
    FileKind(RecordKind.MEMBERS, MemberInput, _synced(MEMBERS), id_field="user_id"),
    FileKind(RecordKind.PROJECTS, ProjectInput, _synced(PROJECTS), id_field="id", older={"project_id": "id"}),
    FileKind(RecordKind.MACHINES, EquipmentInput, _synced(MACHINES), id_field="id", older={"equipment_id": "id"}),
    FileKind(RecordKind.ITEMS, InventoryItemInput, _synced(ITEMS), id_field="id", older={"item_id": "id"}),
)

KINDS: Mapping[RecordKind, FileKind] = {kind.name: kind for kind in _ALL}
"""By the word that the command line has for it: the claim `record` has the same."""
