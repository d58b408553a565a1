"""The kinds of files, declared: the input that a row becomes, how it is recorded, and older names of columns."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from makrcave_analytics.auth import MakerspaceId, RecordKind
from makrcave_analytics.db import Database
from makrcave_analytics.models.fact_kind import FactKind
from makrcave_analytics.recording.entities.definitions import ITEMS, MACHINES, MEMBERS, PROJECTS, EntityKind
from makrcave_analytics.recording.entities.upsert import sync
from makrcave_analytics.recording.entity_inputs import EquipmentInput, InventoryItemInput, MemberInput, ProjectInput
from makrcave_analytics.recording.facts import registry
from makrcave_analytics.recording.facts.kind import Kind
from makrcave_analytics.recording.importing.cells import Reader, read_succeeded
from makrcave_analytics.recording.outcome import RecordOutcome
from makrcave_analytics.recording.recorder import Recorder
from makrcave_analytics.recording.writing.write import record


@dataclass(frozen=True)
class ImportTarget:
    """What rows are recorded with: the same as in the API."""

    database: Database
    recorder: Recorder
    clock: Callable[[], datetime]


class Write(Protocol):
    """Records one batch."""

    def __call__(
        self, target: ImportTarget, makerspace: MakerspaceId, inputs: Sequence[Any]
    ) -> Awaitable[RecordOutcome]: ...


@dataclass(frozen=True, eq=False)
class FileKind:
    """What the rows of a file hold."""

    name: RecordKind
    input: type
    write: Write
    id_field: str
    facts: Kind[Any] | None = None
    """The kind of fact; None: entities. A fact without an id gets one from its content, an entity without one is
    refused."""
    older: Mapping[str, str] = field(default_factory=dict)
    """Older name of a column → the field."""
    converts: Mapping[str, Reader] = field(default_factory=dict)
    """Older name of a column → how its cells are read, where they mean something else than the field's."""
    needs: frozenset[str] = frozenset()
    """Fields that are optional in the API and required in a file."""


@dataclass(frozen=True)
class _Columns:
    """What a file of a kind of fact may have besides the fields of its input."""

    older: Mapping[str, str] = field(default_factory=dict)
    converts: Mapping[str, Reader] = field(default_factory=dict)
    needs: frozenset[str] = frozenset()


_COLUMNS: Mapping[FactKind, _Columns] = {
    FactKind.EVENT: _Columns(
        older={"event_data": "metadata", "resource_type": "event_category"}, needs=frozenset({"timestamp"})
    ),
    FactKind.EQUIPMENT_USAGE: _Columns(
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
    FactKind.INVENTORY_USAGE: _Columns(
        older={
            "inventory_item_id": "item_id",
            "consumed_quantity": "quantity_consumed",
            "total_cost_consumed": "cost_consumed",
        }
    ),
    FactKind.REVENUE: _Columns(
        older={
            "revenue_type": "revenue_source",
            "date": "transaction_date",
            "user_id": "customer_id",
            "reference_id": "transaction_id",
        }
    ),
}


def _facts(kind: Kind[Any]) -> FileKind:
    async def write(target: ImportTarget, makerspace: MakerspaceId, inputs: Sequence[Any]) -> RecordOutcome:
        return await record(target.database, kind, makerspace, inputs, recorder=target.recorder, now=target.clock())

    columns = _COLUMNS.get(kind.fact, _Columns())
    id_field = kind.key_columns[0].name
    return FileKind(kind.claim, kind.input, write, id_field, kind, columns.older, columns.converts, columns.needs)


def _entities(name: RecordKind, input_: type, kind: EntityKind, older_id: str | None = None) -> FileKind:
    async def write(target: ImportTarget, makerspace: MakerspaceId, inputs: Sequence[Any]) -> RecordOutcome:
        return await sync(target.database, kind, makerspace, inputs, recorder=target.recorder)

    older = {} if older_id is None else {older_id: kind.id_name}
    return FileKind(name, input_, write, kind.id_name, older=older)


KINDS: Mapping[RecordKind, FileKind] = {
    kind.name: kind
    for kind in (
        *map(_facts, registry.KINDS.values()),
        _entities(RecordKind.MEMBERS, MemberInput, MEMBERS),
        _entities(RecordKind.PROJECTS, ProjectInput, PROJECTS, "project_id"),
        _entities(RecordKind.MACHINES, EquipmentInput, MACHINES, "equipment_id"),
        _entities(RecordKind.ITEMS, InventoryItemInput, ITEMS, "item_id"),
    )
}
"""By the command line's word for it, which is that of the token's claim `record`."""
