"""The beginning and the repetition of every write: one makerspace's row is taken, and its version raised.

Writers of one makerspace queue up here, so what follows sees all that they committed, and none of them deadlock.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from makrcave_analytics.auth import MakerspaceId, no_such_makerspace
from makrcave_analytics.db import Database, driver, sqlstate
from makrcave_analytics.errors import Unavailable, Uncertain
from makrcave_analytics.models.makerspace import Section

T = TypeVar("T")

ATTEMPTS = 5
_FEW = 20
"""What is written by the plans of before. PostgreSQL makes these for arrays of ten; for a thousand in a new makerspace
they take three to fifteen times as long as plans that are made for them, in half a millisecond."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.02, 0.5
_SURELY_SECONDS = 10
"""For so long after a COMMIT without an answer PostgreSQL is asked what became of it."""
_DEADLOCK_OR_SERIALIZATION = ("40P01", "40001")


class NothingNew(Exception):
    """No error: raised within a write that changes nothing, so that the version stays; `answer` is what it gives."""

    def __init__(self, answer: Any) -> None:
        super().__init__("nothing new")
        self.answer = answer


@dataclass(frozen=True)
class Locked:
    """The makerspace as it stands under the lock."""

    data_version: int
    """Already raised by one: what this write will have made, once committed."""
    time_zone: str
    currency: str
    events_kept_since: datetime | None


_VERSIONS = ", ".join(f"'{s}', CASE WHEN '{s}' = ANY ($2::text[]) THEN data_version + 1 END" for s in Section)
_LOCK = f"""
    UPDATE makerspaces
    SET data_version = data_version + 1,
        section_versions = section_versions || jsonb_strip_nulls(jsonb_build_object({_VERSIONS}))
    WHERE id = $1
    RETURNING data_version, time_zone, currency, events_kept_since
"""  # noqa: S608 - made of constants


async def lock(connection: Any, makerspace: MakerspaceId, sections: Iterable[Section]) -> Locked:
    """Take the makerspace's row until the transaction ends, and raise its version for these sections.

    A statement of its own: a later one has a snapshot younger than the lock, so it sees what it waited for.

    Raises: NotFound.
    """
    row = await connection.fetchrow(_LOCK, makerspace.value, list(sections))
    if row is None:
        raise no_such_makerspace()
    return Locked(*row)


async def retry_conflicts(write: Callable[[], Awaitable[T]]) -> T:
    """Run a whole transaction, again where PostgreSQL gave it up for the sake of another."""
    for _ in range(ATTEMPTS - 1):
        try:
            return await write()
        except Unavailable as error:
            if error.__cause__ is None or sqlstate(error.__cause__) not in _DEADLOCK_OR_SERIALIZATION:
                raise
    return await write()


async def until_known(write: Callable[[], Awaitable[T]]) -> T:
    """Run a whole transaction that may be run twice, again and again until it is known whether it was committed.

    Raises: what `write` raises; Uncertain, where PostgreSQL stayed away.
    """
    loop = asyncio.get_running_loop()
    unknown: Uncertain | None = None
    until, pause = 0.0, _FIRST_PAUSE
    while True:
        try:
            return await write()
        except Uncertain as error:
            until = loop.time() + _SURELY_SECONDS if unknown is None else until
            unknown = error
        except Unavailable:
            if unknown is None:
                raise
        if loop.time() + pause > until:
            raise unknown
        await asyncio.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)


async def in_transaction(
    database: Database,
    makerspace: MakerspaceId,
    write: Callable[[Any], Awaitable[T]],
    *,
    seconds: float = 10,
    size: int = 1,
) -> T:
    """Run `write` on the driver's connection in a transaction, patiently; what it gives has been committed.

    `seconds` is the time of each statement, `size` how many facts or entries are written. Where it raises NothingNew,
    everything is as before.

    Raises: what `write` raises; Unavailable.
    """

    async def run() -> T:
        async with database.write(makerspace, seconds=seconds, custom_plans=size > _FEW) as transaction:
            return await write(await driver(transaction))

    try:
        return await retry_conflicts(run)
    except NothingNew as nothing:
        answer: T = nothing.answer
        return answer
