"""PostgreSQL and Redis from their wheels, for the default run and the tests.

They are real servers, started as our own children on 127.0.0.1 and free ports, with their data in a folder that the
caller names. Only the wheels' binaries are used, never their Python. This package knows no table, no setting and no
event loop.

    account.py       who runs a server, and what that account can reach
    private_dir.py   a folder of our own for what cannot stay where it is
    dir_lock.py      one folder, held by one process; servers left over are ended
    child.py         what a child runs before the server, so that it ends with its parent
    process.py       start, wait until ready, stop
    postgres.py, redis.py
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from makrcave_analytics.embedded.dir_lock import FolderInUse
from makrcave_analytics.embedded.postgres import start_postgres
from makrcave_analytics.embedded.process import Server
from makrcave_analytics.embedded.redis import start_redis

__all__ = ["FolderInUse", "Server", "Servers", "servers", "start_postgres", "start_redis"]


@dataclass(frozen=True)
class Servers:
    """The running pair. Without a Redis for this platform, reports and shared caches wait for one."""

    postgres: Server
    redis: Server | None


@contextmanager
def servers(data_dir: Path, *, durable: bool = True) -> Iterator[Servers]:
    """Run both servers with their data under `data_dir`; on leaving, stop Redis and then PostgreSQL.

    A signal whose default is to end the process leaves no time for that: turn SIGTERM into an exception. If
    the process dies all the same, the servers shut down by themselves (on Linux at once, elsewhere when the
    folder is next used).

    Raises:
        ConfigurationError: one sentence for the operator.
    """
    with ExitStack() as running:
        postgres = start_postgres(data_dir / "postgres", durable=durable)
        running.callback(postgres.stop)
        redis = start_redis(data_dir / "redis")
        if redis is not None:
            running.callback(redis.stop)
        yield Servers(postgres, redis)
