"""Runs PostgreSQL and Redis together, with their data under one folder."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from makrcave_analytics.embedded.postgres import start_postgres
from makrcave_analytics.embedded.process import Server
from makrcave_analytics.embedded.redis import start_redis


@dataclass(frozen=True)
class Servers:
    """The two running servers. Redis is None on a platform that has none."""

    postgres: Server
    redis: Server | None


@contextmanager
def run_servers(data_dir: Path, *, durable: bool = True) -> Iterator[Servers]:
    """Run both servers with their data under `data_dir`; on leaving, stop Redis and then PostgreSQL.

    The default action of SIGTERM ends a process before it can stop its servers: turn the signal into an exception.
    If the process dies all the same, the servers shut down by themselves: on Linux at once, elsewhere when the
    folder is next used.

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
