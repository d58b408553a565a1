"""PostgreSQL and Redis from their wheels, for the default run and the tests.

They are real servers: child processes on 127.0.0.1 and free ports, with their data in a folder that the caller
names. Only the wheels' binaries are used, never their Python. This package knows no table, no setting and no event
loop.

    account.py       the account that runs a server, and which paths it can reach
    private_dir.py   a folder of our own for programs and data that this account cannot reach
    dir_lock.py      the lock on a server's folder; ends servers that a dead process left in it
    child.py         the program that a child runs before the server, so that it ends with its parent
    process.py       starts a server, waits until it is ready, stops it
    postgres.py, redis.py
    servers.py       both servers together
"""

from makrcave_analytics.embedded.dir_lock import FolderInUse
from makrcave_analytics.embedded.postgres import start_postgres
from makrcave_analytics.embedded.process import Server
from makrcave_analytics.embedded.redis import start_redis
from makrcave_analytics.embedded.servers import Servers, run_servers

__all__ = ["FolderInUse", "Server", "Servers", "run_servers", "start_postgres", "start_redis"]
