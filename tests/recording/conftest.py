"""What tests of recording share: a moment that is now, and a short way to record."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import UUID

import pytest
from tests.plugins.database import mint

from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.db import Database
from makrcave_analytics.recording import Recorder, RecordOutcome, UsageEventInput, record_events

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Record(Protocol):
    """Records a batch; `changes` are fields of Recorder, and `now`, `oldest`."""

    async def __call__(
        self, makerspace: MakerspaceId, inputs: Sequence[UsageEventInput], **changes: Any
    ) -> RecordOutcome: ...


@pytest.fixture
def now() -> datetime:
    """Sunday, 1 March 2026, 13:00 in Berlin."""
    return NOW


def pseudonym(makerspace_id: UUID, user_id: str) -> str:
    """Stands in for the keyed one: tests can see whose it is."""
    return f"p_{makerspace_id.hex[:4]}_{user_id}"


@pytest.fixture
def record(database: Database) -> Record:
    async def run(
        makerspace: MakerspaceId, inputs: Sequence[UsageEventInput], *, now: datetime = NOW, **changes: Any
    ) -> RecordOutcome:
        oldest = changes.pop("oldest", None)
        recorder = Recorder(**{"user_id": None, "pseudonym": pseudonym, "batch_limit": 1000} | changes)
        return await record_events(database, makerspace, inputs, recorder=recorder, now=now, oldest=oldest)

    return run


@pytest.fixture
def unknown_makerspace() -> MakerspaceId:
    """Minted by right, and without a row."""
    return mint(UUID("99999999-9999-4999-8999-999999999999"))
