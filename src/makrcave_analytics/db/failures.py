"""Failures of PostgreSQL and of the way to it: which mean that it is away, and what clients see of them."""

from collections.abc import Iterator

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from makrcave_analytics import telemetry
from makrcave_analytics.errors import Invalid, Unavailable

log = telemetry.logger(__name__)

# SQLSTATEs that mean the server is away or out of resources, not that the statement is wrong. Class 08: connection;
# 53: resources; 57: shutdown, start-up, statement timeout; 58: disk; 25006: standby; 40: deadlock;
# 55P03: lock timeout; 42P01 and 3D000: not migrated yet; 25P02: follows any of these.
_AWAY = ("08", "53", "57", "58", "25006", "40", "55P03", "42P01", "3D000", "25P02")
_ROLLED_BACK = "40"
_NOT_TEXT = ("22021", "22P05")
_AWAY_ERRORS = (OSError, TimeoutError, PoolTimeoutError, asyncpg.InterfaceError, asyncpg.InternalClientError)


def sqlstate(error: BaseException) -> str | None:
    """Return PostgreSQL's five-character code of an error; None where it has none."""
    original = getattr(error, "orig", error)
    state = getattr(original, "sqlstate", None) or getattr(original.__cause__, "sqlstate", None)
    return state if isinstance(state, str) else None


def is_away(error: BaseException) -> bool:
    """Return whether PostgreSQL cannot serve at the moment, so that a later try may succeed."""
    state = sqlstate(error)
    if state is not None:
        return state.startswith(_AWAY)
    if isinstance(error, DBAPIError):
        cause = getattr(error.orig, "__cause__", None)
        return error.connection_invalidated or isinstance(cause, _AWAY_ERRORS)
    return isinstance(error, _AWAY_ERRORS)


def was_rolled_back(error: BaseException) -> bool:
    """Return whether PostgreSQL itself reported that it rolled the transaction back."""
    return (sqlstate(error) or "").startswith(_ROLLED_BACK)


def unavailable() -> Unavailable:
    """Return the one error that clients see while PostgreSQL is away."""
    return Unavailable("The database is not available at the moment. Nothing was changed; please try again.")


def translated(error: Exception) -> Exception:
    """Return the error that clients see instead of a failure of PostgreSQL; any other error unchanged."""
    if sqlstate(error) in _NOT_TEXT or any(isinstance(cause, UnicodeError) for cause in _causes(error)):
        return Invalid("A text holds a character that cannot be stored or searched for.")
    if not is_away(error):
        return error
    log.warning("database unavailable", error=repr(error), sqlstate=sqlstate(error))
    return unavailable()


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and its causes, each once: an error may be its own cause."""
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield cause
        cause = cause.__cause__ or cause.__context__
