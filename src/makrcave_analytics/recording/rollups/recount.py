"""Recounts presence and first days of some people after facts of theirs were voided.

It runs within the voiding transaction, under the lock, and uses the same definitions as the write.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, TypeAlias

from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.models import CHUNK_BITS
from makrcave_analytics.recording.rollups import definitions

PersonDay: TypeAlias = tuple[str, date]

# Facts that can make the people $3 present on the days $4, with a day more on either side for the zone. A use that
# touches a day began at most 31 days before.
_PAIRS = "unnest($3::text[], $4::date[]) AS w(user_id, day)"
_EVENTS = f"""(
    SELECT e.user_id, e.timestamp, e.event_category FROM {_PAIRS}
    JOIN usage_events e ON e.makerspace_id = $1 AND e.user_id = w.user_id AND e.voided_at IS NULL
     AND e.timestamp >= (w.day - 1)::timestamp AT TIME ZONE $2 AND e.timestamp < (w.day + 2)::timestamp AT TIME ZONE $2
)"""  # noqa: S608 - made of constants, as all here
_SESSIONS = f"""(
    SELECT s.user_id, s.start_time, s.end_time, s.usage_type FROM {_PAIRS}
    JOIN equipment_usage_logs s ON s.makerspace_id = $1 AND s.user_id = w.user_id AND s.voided_at IS NULL
     AND s.start_time >= (w.day - 33)::timestamp AT TIME ZONE $2
     AND s.start_time < (w.day + 2)::timestamp AT TIME ZONE $2
)"""  # noqa: S608
_DAYS = f"""(
    SELECT * FROM ({definitions.days_of_events(_EVENTS)} UNION ALL {definitions.days_of_sessions(_SESSIONS)}) d
    WHERE (d.user_id, d.local_day) IN (SELECT w.user_id, w.day FROM {_PAIRS})
) d"""  # noqa: S608

# For each row of presence: the bits in question (mask), and the row as it should be (due).
_BITS = f"""
    WITH asked AS (
        SELECT w.day AS local_day, n.number / {CHUNK_BITS} AS chunk,
               bit_or(set_bit(B'0'::bit({CHUNK_BITS}), n.number % {CHUNK_BITS}, 1)) AS mask
        FROM {_PAIRS} JOIN members n ON n.makerspace_id = $1 AND n.user_id = w.user_id
        GROUP BY 1, 2
    ), present AS (
        {definitions.presence_of(f"({definitions.marks_of(_DAYS, 'k.number')})")}
    ), changed AS (
        SELECT p.local_day, p.kind, p.chunk, p.bits,
               (p.bits & ~a.mask) | coalesce(e.bits, B'0'::bit({CHUNK_BITS})) AS due
        FROM asked a
        JOIN member_presence p ON p.makerspace_id = $1 AND p.local_day = a.local_day AND p.chunk = a.chunk
        LEFT JOIN present e ON e.local_day = p.local_day AND e.kind = p.kind AND e.chunk = p.chunk
        WHERE p.local_day >= {definitions.FIRST_DAY}
    ), emptied AS (
        DELETE FROM member_presence p USING changed a
        WHERE p.makerspace_id = $1 AND p.local_day = a.local_day AND p.kind = a.kind AND p.chunk = a.chunk
          AND bit_count(a.due) = 0
    )
    UPDATE member_presence p SET bits = a.due FROM changed a
    WHERE p.makerspace_id = $1 AND p.local_day = a.local_day AND p.kind = a.kind AND p.chunk = a.chunk
      AND bit_count(a.due) > 0 AND a.due <> a.bits
"""  # noqa: S608

# Only people whose first day may have changed; all facts that name them are read.
_FIRST_SEEN = f"""
    WITH asked AS (
        SELECT DISTINCT w.user_id FROM {_PAIRS}
        JOIN members n ON n.makerspace_id = $1 AND n.user_id = w.user_id AND n.first_seen_on = w.day
        WHERE w.day >= {definitions.FIRST_DAY}
    )
    UPDATE members n SET first_seen_on = f.first_seen_on
    FROM asked a LEFT JOIN ({definitions.first_seen_of("f.person = ANY ($3::text[])")}) f USING (user_id)
    WHERE n.makerspace_id = $1 AND n.user_id = a.user_id
"""  # noqa: S608


async def recount_rollups(connection: Any, makerspace: MakerspaceId, zone: str, days: Iterable[PersonDay]) -> None:
    """Recount presence and first days of these people on these local days, from the facts as they are now.

    Days before the first kept event stay as they are.
    """
    pairs: Sequence[PersonDay] = sorted(set(days))
    if not pairs:
        return
    people, local_days = zip(*pairs, strict=True)
    for statement in (_BITS, _FIRST_SEEN):
        await connection.execute(statement, makerspace.value, zone, people, local_days)
