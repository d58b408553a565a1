"""Malformed: what a value that cannot be read is kept as, so that it costs its item and not the whole request."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Malformed:
    """A value as it was sent, and why it is none. Scalars parse to it instead of raising; the checks refuse it."""

    raw: object
    why: str
    """A sentence for the sender, like "A timestamp needs an offset." It must not quote `raw`."""
