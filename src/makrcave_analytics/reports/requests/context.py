"""Who asks for a report or a schedule, where, and with what time and randomness."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from makrcave_analytics.auth import MakerspaceId, Permission
from makrcave_analytics.db import Database
from makrcave_analytics.models.ids import RANDOM_BYTES, fresh_id
from makrcave_analytics.reports.recipients import WEBHOOKS_ONLY, DeliveryChannels, Notify, fresh_seed


@dataclass(frozen=True)
class Requester:
    """Who asks, and what they may do in the makerspace; their reports keep these permissions."""

    user_id: str
    name: str
    permissions: frozenset[Permission]


@dataclass(frozen=True)
class RequestContext:
    """What every request needs besides its question."""

    database: Database
    makerspace: MakerspaceId
    requester: Requester
    now: datetime
    random: Callable[[int], bytes] = secrets.token_bytes
    channels: DeliveryChannels = WEBHOOKS_ONLY

    def fresh_id(self) -> UUID:
        """Make the id of a new row."""
        return fresh_id(self.now, self.random(RANDOM_BYTES))

    def fresh_seed(self, notify: Notify) -> bytes | None:
        """Make the seed of a webhook's secret; None where there is no webhook."""
        return fresh_seed(notify, self.random)
