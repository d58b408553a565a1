"""What people did to a makerspace's data and settings, for those who manage it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.models.ids import RANDOM_BYTES, fresh_id

_NOTE = """
    INSERT INTO audit_log (makerspace_id, id, at, user_id, action, subject, details)
    SELECT m.id, $2, $3, $4, $5, $6, $7::jsonb FROM makerspaces m WHERE m.id = $1
"""


@dataclass(frozen=True)
class Note:
    """One thing that was done. `user_id` None: by the system."""

    user_id: str | None
    action: str
    subject: str | None = None
    details: Mapping[str, Any] | None = None


async def write_note(
    connection: Any, makerspace: MakerspaceId, note: Note, now: datetime, randomness: Callable[[int], bytes]
) -> None:
    """Add to the audit log within the transaction that does what it tells of."""
    details = None if note.details is None else json.dumps(note.details)
    note_id = fresh_id(now, randomness(RANDOM_BYTES))
    await connection.execute(_NOTE, makerspace.value, note_id, now, note.user_id, note.action, note.subject, details)
