"""Recorder: on whose behalf facts come in, and what of the process their writing needs."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from makrcave_analytics.errors import LimitExceeded


@dataclass(frozen=True)
class Recorder:
    """On whose behalf facts come in, and what of the process they need."""

    user_id: str | None
    """A member who records for themselves: whom facts are about that name nobody, and the only one they may name.
    None: services and admins, who may name anybody."""
    pseudonym: Callable[[UUID, str], str]
    """Gives what stands for a person of a makerspace where names must not be shown."""
    tombstone: Callable[[UUID, str], bytes]
    """Gives what is kept of a person who was erased, to know their id by."""
    batch_limit: int
    """Inputs of one batch."""
    default_user_id: str | None = None
    """Whom events are about that name nobody, where user_id is None."""
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
