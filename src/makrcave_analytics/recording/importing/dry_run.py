"""A database that forgets: what is written through it is judged by all that is there, and then taken back."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from sqlalchemy.ext.asyncio import AsyncConnection

from makrcave_analytics.auth import MakerspaceId
from makrcave_analytics.db import Database


class _TakenBack(Exception):
    """No error: ends a transaction without COMMIT."""


class DryRunDatabase(Database):
    """Ends every write by taking it back. One batch does not see what another wrote."""

    @asynccontextmanager
    async def write(
        self, makerspace: MakerspaceId, *, seconds: float = 10, custom_plans: bool = False
    ) -> AsyncIterator[AsyncConnection]:
        """Open a transaction that leaves no trace."""
        with suppress(_TakenBack):
            async with super().write(makerspace, seconds=seconds, custom_plans=custom_plans) as connection:
                yield connection
                raise _TakenBack
