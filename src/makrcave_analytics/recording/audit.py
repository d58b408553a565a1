"""The audit log: what people did to a makerspace's data and settings."""

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
    """An entry of the audit log. `user_id` None: the system did it."""

    user_id: str | None
    action: str
    subject: str | None = None
    details: Mapping[str, Any] | None = None


async def write_note(
    connection: Any, makerspace: MakerspaceId, note: Note, now: datetime, randomness: Callable[[int], bytes]
) -> None:
    """Add an entry to the audit log, within the transaction of what it describes."""
    details = None if note.details is None else json.dumps(note.details)
    note_id = fresh_id(now, randomness(RANDOM_BYTES))
    await connection.execute(_NOTE, makerspace.value, note_id, now, note.user_id, note.action, note.subject, details)
