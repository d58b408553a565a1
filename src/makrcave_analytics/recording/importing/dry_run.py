"""A database for dry runs: each write is judged by the stored data, and then rolled back."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from sqlalchemy.ext.asyncio import AsyncConnection

from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.db import Database


class _RollBack(Exception):
    """No error: rolls a transaction back."""


class DryRunDatabase(Database):
    """Rolls back every write. A batch does not see the batches before it."""

    @asynccontextmanager
    async def write(
        self, makerspace: MakerspaceId, *, seconds: float = 10, custom_plans: bool = False
    ) -> AsyncIterator[AsyncConnection]:
        """Open a transaction that is rolled back."""
        with suppress(_RollBack):
            async with super().write(makerspace, seconds=seconds, custom_plans=custom_plans) as connection:
                yield connection
                raise _RollBack
