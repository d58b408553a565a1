"""Values that stand for no value: what could not be read, and what was not sent."""

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True)
class Malformed:
    """A value as it was sent, and why it is none. Scalars parse to it instead of raising; the checks refuse it."""

    raw: object
    why: str
    """A sentence for the sender, like "A timestamp needs an offset." It must not quote `raw`."""


class Absent(Enum):
    """What a field holds that was left out, where that is not the same as null."""

    ABSENT = "absent"


ABSENT = Absent.ABSENT
