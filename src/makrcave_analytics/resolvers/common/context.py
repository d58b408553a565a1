"""Context of an operation: its viewer, its time, and the services that it uses."""

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
    """What all operations of the process share."""

    database: Database
    keys: Keys
    queue: Queue
    public_url: str
    """The base URL of the API, without a slash at the end."""
    batch_size: int
    """The most items of one recording mutation."""
    event_retention: timedelta | None = None
    """How long raw events are kept. None: for ever."""
    sample_fallback: Reads | None = None
    """Replaces the database for queries where sample data is switched on."""
    min_group_size: int = MIN_GROUP_SIZE
    """The smallest group of people shown to viewers without READ_PEOPLE."""
    storage: Storage | None = None
    """Where report files are stored. None: out of this process's reach."""
    channels: DeliveryChannels = WEBHOOKS_ONLY
    """How people are notified of reports."""
    poll_seconds: float = SECONDS
    """Between two polls for subscribers, and at least between two changes sent to one subscriber."""

    @cached_property
    def group_committer(self) -> GroupCommitter:
        """Commits events of concurrent requests in groups."""
        return GroupCommitter(self.database)

    @cached_property
    def versions(self) -> Poll[UUID, Version]:
        """Polls the versions of watched makerspaces, with one statement for all."""
        poll = Poll(partial(read_versions, self.database), seconds=self.poll_seconds)
        self.database.on_write.append(lambda makerspace: poll.wake(makerspace.value))
        return poll

    @cached_property
    def reports(self) -> Poll[ReportKey, Seen]:
        """Polls the progress of watched reports, with two statements for all."""
        return Poll(partial(look_at, self.database), seconds=self.poll_seconds)

    async def close(self) -> None:
        """Commit the waiting events and stop polling. The database and the others are closed by their owner."""
        await self.group_committer.close()
        await self.versions.close()
        await self.reports.close()


@dataclass
class Context:
    """One operation: its viewer, its time, its snapshots."""

    viewer: Viewer
    now: datetime
    services: Services
    is_mutation: bool = False
    """A mutation reads the database, never the sample fallback."""
    readings: ReadSessions = field(init=False)
    statements: int = 0
    """How many reading statements the operation sent, for the log and for tests."""

    def __post_init__(self) -> None:
        sample_fallback = None if self.is_mutation else self.services.sample_fallback
        self.readings = ReadSessions(sample_fallback or self.services.database, self.services.database)

    def read(self, makerspace_id: str | None, *needs: Permission) -> ReadSession:
        """Return the read session of a makerspace, where the viewer has the permissions (default READ).

        Raises: what `Viewer.makerspace` raises.
        """
        return self.readings.of(self.viewer.makerspace(makerspace_id, *(needs or (Permission.READ,))))

    def may(self, makerspace: MakerspaceId, permission: Permission) -> bool:
        """True where the viewer has a permission in a makerspace."""
        return permission in self.viewer.permissions(makerspace)

    def visibility(self, makerspace: MakerspaceId) -> Visibility:
        """Return what the viewer may see of people and money in a makerspace."""
        return Visibility(self.viewer.permissions(makerspace), self.services.min_group_size)

    async def close(self) -> None:
        """End every snapshot. Later reads open new ones, which show later writes."""
        self.statements += await self.readings.close()


Info = strawberry.Info[Context, None]
