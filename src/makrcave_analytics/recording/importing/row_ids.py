"""An id for rows that have none: made of their content, so that the same file twice is the same facts once.

Of rows with equal content in one file each counts: they are numbered, the first, the second … in its order.
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
    """Ids of the rows of one file. Remembers 12 bytes a row."""

    makerspace: UUID
    kind: RecordKind
    _seen: Counter[bytes] = field(default_factory=Counter)

    def id_of(self, values: Mapping[str, Any]) -> str:
        """Give the next row's id, from its fields as they were read, whatever the order or the format of the file."""
        content = json.dumps(
            {name: _said(value) for name, value in values.items() if value is not None},
            sort_keys=True,
            separators=(",", ":"),
        )
        name = f"import:{self.kind}:{content}"
        digest = blake2b(name.encode(), digest_size=_DIGEST_BYTES).digest()
        self._seen[digest] += 1
        return str(uuid5(self.makerspace, f"{name}#{self._seen[digest]}"))


def _said(value: Any) -> Any:
    if isinstance(value, Moment):
        return value.said
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(value, date):
        return value.isoformat()
    return value
