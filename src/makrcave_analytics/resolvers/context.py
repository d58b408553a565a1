"""Context: what one operation knows: who asks, when, and through what it reads and writes."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import strawberry

from makrcave_analytics.auth import MakerspaceId, Permission, Viewer
from makrcave_analytics.crypto import Keys
from makrcave_analytics.db import Database, Reads
from makrcave_analytics.loaders.reading import Readings
from makrcave_analytics.metrics.reading import Reading
from makrcave_analytics.queue import Queue
from makrcave_analytics.recording import Intake


@dataclass(frozen=True)
class Services:
    """What the process lends to every operation."""

    database: Database
    keys: Keys
    queue: Queue
    public_url: str
    """Where clients reach the API, without a slash at the end."""
    batch_size: int
    """The most items of one recording mutation."""
    event_retention: timedelta | None = None
    """For how long raw events are kept; None: for ever."""
    stand_in: Reads | None = None
    """Through what queries read makerspaces in place of the database, where sample data was asked for."""
    intake: Intake = field(init=False)
    """The way in of events."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "intake", Intake(self.database))


@dataclass
class Context:
    """One operation: its viewer, its now, its snapshots."""

    viewer: Viewer
    now: datetime
    services: Services
    readings: Readings = field(init=False)
    statements: int = 0
    """How many statements the operation sent while it read; for the log and for tests."""

    def __post_init__(self) -> None:
        self.readings = Readings(self.services.stand_in or self.services.database)

    def read(self, makerspace_id: str | None, *needs: Permission) -> Reading:
        """Return the reading of the makerspace that a field names, where the viewer may.

        Raises: what `Viewer.makerspace` raises.
        """
        return self.readings.of(self.viewer.makerspace(makerspace_id, *(needs or (Permission.READ,))))

    def may(self, makerspace: MakerspaceId, permission: Permission) -> bool:
        """Say whether the viewer holds a permission in a makerspace."""
        return permission in self.viewer.permissions(makerspace)

    async def close(self) -> None:
        """End every snapshot; what is read from now on sees what was written since."""
        self.statements += await self.readings.close()


Info = strawberry.Info[Context, None]
