"""Tables of roll-ups, written in the transaction of the facts. A query over a year reads few rows of them."""

from sqlalchemy import BigInteger, Date, Index, Integer, SmallInteger, Table
from sqlalchemy.dialects.postgresql import BIT

from makrcave_analytics.models.base import Instant, Text, key, metadata, needed, tenant

CHUNK_BITS = 4096
"""Members in one row of presence: member n is bit n % CHUNK_BITS of chunk n // CHUNK_BITS."""

event_hours = Table(
    "event_hours",
    metadata,
    tenant(),
    key("hour_start", Instant),
    key("event_type", Text),
    key("event_category", Text),
    needed("local_day", Date),
    needed("hour_of_day", SmallInteger),
    needed("events", BigInteger),
    Index("idx_event_hours_local_day", "makerspace_id", "local_day"),
    comment="Events of one local hour of the makerspace, kept as the instant at which it starts.",
)

member_presence = Table(
    "member_presence",
    metadata,
    tenant(),
    key("local_day", Date),
    key("kind", Text),
    key("chunk", Integer),
    needed("bits", BIT(CHUNK_BITS)),
    comment="Members present on a local day; kind any: an event or a use session; visit: access or a use session.",
)
