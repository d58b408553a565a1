"""What senders hand in, as plain values. Nothing here is checked yet.

A field that was left out and one that was null are the same: None. No slots: the API makes its input types of these.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from makrcave_analytics.recording.values import Malformed


@dataclass
class UsageEventInput:
    """One event: who did what, where and when."""

    event_type: str
    id: str | None = None
    user_id: str | None = None
    event_category: str | None = None
    equipment_id: str | None = None
    item_id: str | None = None
    project_id: str | None = None
    metadata: Any = None
    """As JSON was read: dicts, lists, strings, numbers; refused unless an object or None."""
    timestamp: datetime | Malformed | None = None
