"""Makes ids for rows without one from their content, so that a file imported twice is recorded once.

Rows of equal content in one file all count: they are numbered in the order of the file.
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from hashlib import blake2b
from typing import Any
from uuid import UUID, uuid5

from makrcave_analytics.auth import RecordKind
from makrcave_analytics.recording.importing.times import Moment

_DIGEST_BYTES = 12


@dataclass
class Identity:
    """Makes the ids of the rows of one file. Keeps 12 bytes per row."""

    makerspace: UUID
    kind: RecordKind
    _seen: Counter[bytes] = field(default_factory=Counter)

    def id_of(self, values: Mapping[str, Any]) -> str:
        """Return the next row's id, from its fields as read. The order of columns and the format do not matter."""
        content = json.dumps(
            {name: _canonical(value) for name, value in values.items() if value is not None},
            sort_keys=True,
            separators=(",", ":"),
        )
        name = f"import:{self.kind}:{content}"
        digest = blake2b(name.encode(), digest_size=_DIGEST_BYTES).digest()
        self._seen[digest] += 1
        return str(uuid5(self.makerspace, f"{name}#{self._seen[digest]}"))


def _canonical(value: Any) -> Any:
    if isinstance(value, Moment):
        return value.written
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(value, date):
        return value.isoformat()
    return value
