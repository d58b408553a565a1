"""Locks a makerspace's row and raises its version, which every write does first; and retries whole transactions.

Writers of one makerspace queue up at the lock. So each sees all that the ones before it committed, and none deadlock.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from makrcave_analytics.auth import MakerspaceId, no_such_makerspace
from makrcave_analytics.db import Database, driver, sqlstate
from makrcave_analytics.errors import Unavailable, Uncertain
from makrcave_analytics.models.makerspace import Section, read_makerspace

T = TypeVar("T")

ATTEMPTS = 5
_FEW = 20
"""Up to so many facts are written with kept plans. PostgreSQL makes generic plans for arrays of ten. For a thousand
facts in a new makerspace these take three to fifteen times as long as their own plans, made in half a millisecond."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.02, 0.5
_RETRY_SECONDS = 10
"""How long a write is retried after a COMMIT without an answer."""
_DEADLOCK_OR_SERIALIZATION = ("40P01", "40001")


class NothingNew(Exception):
    """No error: rolls back a write that changes nothing, so that the version stays. `answer` is its result."""

    def __init__(self, answer: Any) -> None:
        super().__init__("nothing new")
        self.answer = answer


@dataclass(frozen=True)
class Locked:
    """The makerspace under the lock."""

    data_version: int
    """The version after this write: already raised by one."""
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
    """Lock the makerspace's row until the transaction ends, and raise its version for these sections.

    This is a statement of its own. The next statement's snapshot is younger than the lock, so it sees what the writers
    before it committed.

    Raises: NotFound.
    """
    row = await connection.fetchrow(_LOCK, makerspace.value, list(sections))
    if row is None:
        raise no_such_makerspace()
    return Locked(*row)


async def retry_conflicts(write: Callable[[], Awaitable[T]]) -> T:
    """Run a whole transaction, and retry it after a deadlock or a serialization failure."""
    for _ in range(ATTEMPTS - 1):
        try:
            return await write()
        except Unavailable as error:
            if error.__cause__ is None or sqlstate(error.__cause__) not in _DEADLOCK_OR_SERIALIZATION:
                raise
    return await write()


async def until_known(write: Callable[[], Awaitable[T]]) -> T:
    """Run a whole, repeatable transaction, and retry it until it is known whether it was committed.

    Raises: what `write` raises; Uncertain, where PostgreSQL stays away.
    """
    loop = asyncio.get_running_loop()
    unknown: Uncertain | None = None
    until, pause = 0.0, _FIRST_PAUSE
    while True:
        try:
            return await write()
        except Uncertain as error:
            until = loop.time() + _RETRY_SECONDS if unknown is None else until
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
    """Run `write` on the driver's connection in a transaction, with retries; its result has been committed.

    `seconds` is the timeout of each statement, `size` the number of facts or entries to write. Where `write` raises
    NothingNew, the transaction is rolled back, and the exception's answer is returned.

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


async def current_version(database: Database, makerspace: MakerspaceId) -> int:
    """Read the version from the primary: a replica may lack what the sender recorded before.

    Raises: NotFound, Unavailable.
    """
    async with database.write(makerspace) as transaction:
        return (await read_makerspace(transaction, makerspace)).data_version
