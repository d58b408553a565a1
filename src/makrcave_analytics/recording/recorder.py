"""Recorder: the sender's rights, and what recording needs of the process."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from makrcave_analytics.errors import LimitExceeded


@dataclass(frozen=True)
class Recorder:
    """The sender's rights, and what recording needs of the process."""

    user_id: str | None
    """The member who records for themselves: the only person whom the facts may name, and the default. None: a service
    or an admin, who may name anyone."""
    pseudonym: Callable[[UUID, str], str]
    """Returns the pseudonym of a person of a makerspace."""
    tombstone: Callable[[UUID, str], bytes]
    """Returns the digest by which the id of an erased person is recognized."""
    batch_limit: int
    """The most inputs of one batch."""
    default_user_id: str | None = None
    """The person of events that name no one, where user_id is None."""
    event_retention: timedelta | None = None
    """How long raw events are kept; None: for ever."""
    randomness: Callable[[int], bytes] = os.urandom

    def oldest_event(self, now: datetime) -> datetime | None:
        """Return the instant before which events are refused; None: no limit."""
        return None if self.event_retention is None else now - self.event_retention

    def check_size(self, inputs: Sequence[object]) -> None:
        """Refuse a batch that is too long.

        Raises: LimitExceeded.
        """
        if len(inputs) > self.batch_limit:
            raise LimitExceeded(f"At most {self.batch_limit} items in one request.", path=("input",))
