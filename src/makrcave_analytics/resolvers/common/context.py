"""Context: what one operation knows: who asks, when, and through what it reads and writes."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property, partial
from uuid import UUID

import strawberry

from makrcave_analytics.auth import MakerspaceId, Permission, Viewer
from makrcave_analytics.config import MIN_GROUP_SIZE
from makrcave_analytics.crypto import Keys
from makrcave_analytics.db import Database, Reads
from makrcave_analytics.loaders.read_sessions import ReadSessions
from makrcave_analytics.loaders.versions import Version, read_versions
from makrcave_analytics.metrics.execution.session import ReadSession
from makrcave_analytics.metrics.privacy.visibility import Visibility
from makrcave_analytics.polling import SECONDS, Poll
from makrcave_analytics.queue import Queue
from makrcave_analytics.recording.writing.group_commit import GroupCommitter
from makrcave_analytics.reports.recipients import WEBHOOKS_ONLY, DeliveryChannels
from makrcave_analytics.reports.requests.progress import ReportKey, Seen, look_at
from makrcave_analytics.reports.storage.base import Storage


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
    sample_fallback: Reads | None = None
    """Through what queries read makerspaces in place of the database, where sample data was asked for."""
    min_group_size: int = MIN_GROUP_SIZE
    """The fewest people of a group that is shown to those who may not see people."""
    storage: Storage | None = None
    """Where report files lie; None: nowhere that this process can reach."""
    channels: DeliveryChannels = WEBHOOKS_ONLY
    """How people can be told of reports."""
    poll_seconds: float = SECONDS
    """From one look at what subscribers wait for to the next; also the least time between two changes told to one."""

    @cached_property
    def group_committer(self) -> GroupCommitter:
        """The way in of events."""
        return GroupCommitter(self.database)

    @cached_property
    def versions(self) -> Poll[UUID, Version]:
        """The versions of makerspaces, one statement for all that are watched."""
        poll = Poll(partial(read_versions, self.database), seconds=self.poll_seconds)
        self.database.on_write.append(lambda makerspace: poll.wake(makerspace.value))
        return poll

    @cached_property
    def reports(self) -> Poll[ReportKey, Seen]:
        """How far reports are, two statements for all that are watched."""
        return Poll(partial(look_at, self.database), seconds=self.poll_seconds)

    async def close(self) -> None:
        """Write what waits to be recorded, and stop looking; what was lent is closed by its owner."""
        await self.group_committer.close()
        await self.versions.close()
        await self.reports.close()


@dataclass
class Context:
    """One operation: its viewer, its now, its snapshots."""

    viewer: Viewer
    now: datetime
    services: Services
    is_mutation: bool = False
    """Nothing is recorded by what a sample says: then what is read is always the database."""
    readings: ReadSessions = field(init=False)
    statements: int = 0
    """How many statements the operation sent while it read; for the log and for tests."""

    def __post_init__(self) -> None:
        sample_fallback = None if self.is_mutation else self.services.sample_fallback
        self.readings = ReadSessions(sample_fallback or self.services.database, self.services.database)

    def read(self, makerspace_id: str | None, *needs: Permission) -> ReadSession:
        """Return the reading of the makerspace that a field names, where the viewer may.

        Raises: what `Viewer.makerspace` raises.
        """
        return self.readings.of(self.viewer.makerspace(makerspace_id, *(needs or (Permission.READ,))))

    def may(self, makerspace: MakerspaceId, permission: Permission) -> bool:
        """Say whether the viewer holds a permission in a makerspace."""
        return permission in self.viewer.permissions(makerspace)

    def visibility(self, makerspace: MakerspaceId) -> Visibility:
        """Return what the viewer may see of people and money in a makerspace."""
        return Visibility(self.viewer.permissions(makerspace), self.services.min_group_size)

    async def close(self) -> None:
        """End every snapshot; what is read from now on sees what was written since."""
        self.statements += await self.readings.close()


Info = strawberry.Info[Context, None]
