"""Shared by the tests of recording: a fixed time, and fixtures that record, void and sync."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import UUID

import pytest
from tests.plugins.database import mint

from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.db import Database
from makrcave_analytics.recording.entities.definitions import ITEMS, MACHINES, MEMBERS, PROJECTS
from makrcave_analytics.recording.entities.upsert import sync
from makrcave_analytics.recording.entity_inputs import EquipmentInput, InventoryItemInput, MemberInput, ProjectInput
from makrcave_analytics.recording.facts import registry
from makrcave_analytics.recording.facts.events import EVENTS
from makrcave_analytics.recording.facts.kind import Kind
from makrcave_analytics.recording.outcome import RecordOutcome
from makrcave_analytics.recording.recorder import Recorder
from makrcave_analytics.recording.writing.void import void_facts
from makrcave_analytics.recording.writing.write import record as record_kind

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)

KINDS: dict[type, Kind[Any]] = {kind.input: kind for kind in registry.KINDS.values()}
ENTITY_KINDS = {MemberInput: MEMBERS, EquipmentInput: MACHINES, InventoryItemInput: ITEMS, ProjectInput: PROJECTS}


class Record(Protocol):
    """Records a batch of one kind; `changes` are fields of Recorder, and `now`."""

    async def __call__(self, makerspace: MakerspaceId, inputs: Sequence[Any], **changes: Any) -> RecordOutcome: ...


@pytest.fixture
def now() -> datetime:
    """Sunday, 1 March 2026, 13:00 in Berlin."""
    return NOW


def pseudonym(makerspace_id: UUID, user_id: str) -> str:
    """A readable pseudonym in place of the keyed one."""
    return f"p_{makerspace_id.hex[:4]}_{user_id}"


def tombstone(makerspace_id: UUID, user_id: str) -> bytes:
    """A readable digest in place of the keyed one."""
    return f"t_{user_id}".encode()


def recorder(**changes: Any) -> Recorder:
    return Recorder(**{"user_id": None, "pseudonym": pseudonym, "tombstone": tombstone, "batch_limit": 1000} | changes)


@pytest.fixture
def record(database: Database) -> Record:
    async def run(
        makerspace: MakerspaceId, inputs: Sequence[Any], *, now: datetime = NOW, **changes: Any
    ) -> RecordOutcome:
        kind = next((kind for raw, kind in KINDS.items() if inputs and isinstance(inputs[0], raw)), EVENTS)
        return await record_kind(database, kind, makerspace, inputs, recorder=recorder(**changes), now=now)

    return run


@pytest.fixture
def void(database: Database) -> Record:
    async def run(
        makerspace: MakerspaceId, inputs: Sequence[Any], *, now: datetime = NOW, **changes: Any
    ) -> RecordOutcome:
        return await void_facts(database, makerspace, inputs, recorder=recorder(**changes), now=now, user_id="ada")

    return run


@pytest.fixture
def sync_entries(database: Database) -> Record:
    async def run(makerspace: MakerspaceId, inputs: Sequence[Any], **changes: Any) -> RecordOutcome:
        kind = ENTITY_KINDS[type(inputs[0])]
        return await sync(database, kind, makerspace, inputs, recorder=recorder(**changes))

    return run


@pytest.fixture
def unknown_makerspace() -> MakerspaceId:
    """A valid id of a makerspace without a row."""
    return mint(UUID("99999999-9999-4999-8999-999999999999"))
