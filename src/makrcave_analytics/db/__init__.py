"""Connections to PostgreSQL: engines by database role, and transactions that belong to one makerspace.

    database      the engines of a process and the transactions on them
    connection    asyncpg's connection under SQLAlchemy's: commit, roll back, abandon
    failures      from an error of PostgreSQL, or of the way to it, to one that clients see

Row-level security is the second wall behind the compiler's own filter: each transaction names its makerspace in the
same message as its BEGIN, and sees no other rows. Nothing connects before the first transaction.
"""

from makrcave_analytics.db.connection import abandon, driver
from makrcave_analytics.db.database import Database, Reads, Role
from makrcave_analytics.db.failures import is_away, sqlstate, translated, unavailable

__all__ = ["Database", "Reads", "Role", "abandon", "driver", "is_away", "sqlstate", "translated", "unavailable"]
