"""Both servers as the demo runs them: another process starts them, and ends in several ways."""

import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from tests.embedded.conftest import ask

from makrcave_analytics import embedded
from makrcave_analytics.embedded import account, redis
from makrcave_analytics.errors import ConfigurationError

ACCOUNTS: dict[str, list[str]] = {"our account": []}
if account.as_root() and (setpriv := shutil.which("setpriv")):
    # An ordinary user cannot reach an interpreter under /root: the capability to read, and only that, is kept.
    reading = ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
    ordinary = [setpriv, "--reuid=65534", "--regid=65534", "--clear-groups"]
    # Run twice, because setpriv itself has the rights of root when it runs the first command.
    probe = "import subprocess, sys; sys.exit(subprocess.call([sys.executable, '-c', 'import makrcave_analytics']))"
    for prefix in (ordinary, [*ordinary, *reading]):
        if subprocess.run([*prefix, sys.executable, "-c", probe], check=False, capture_output=True).returncode == 0:
            ACCOUNTS["an ordinary account"] = prefix
            break

PROGRAM = """
import json, sys
from pathlib import Path
from makrcave_analytics.embedded import run_servers, process
if sys.argv[2] == "detached":
    spawn = process.spawn
    process.spawn = lambda *args, **named: spawn(*args, **{**named, "death": 0})
with run_servers(Path(sys.argv[1]), durable=False) as pair:
    pids = [pair.postgres.pid] + ([pair.redis.pid] if pair.redis else [])
    print(json.dumps({"url": pair.postgres.url, "pids": pids}), flush=True)
    sys.stdin.read()
"""


class Demo:
    """A process that runs both servers until its standard input ends."""

    def __init__(self, folder: Path, *, attached: bool = True, prefix: Sequence[str] = ()) -> None:
        self.process = subprocess.Popen(
            [*prefix, sys.executable, "-c", PROGRAM, str(folder), "attached" if attached else "detached"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd="/",
            start_new_session=True,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.process.communicate()[1].decode()
        ready = json.loads(line)
        self.url: str = ready["url"]
        self.servers = [psutil.Process(pid) for pid in ready["pids"]]

    def ends(self) -> int:
        self.process.communicate(timeout=60)
        return self.process.returncode


@contextmanager
def demo(folder: Path, *, attached: bool = True, prefix: Sequence[str] = ()) -> Iterator[Demo]:
    running = Demo(folder, attached=attached, prefix=prefix)
    try:
        yield running
    finally:
        running.process.kill()
        running.process.communicate()


def is_alive(process: psutil.Process) -> bool:
    """Return whether the process runs; one that has ended and was not reaped does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_until_dead(processes: list[psutil.Process]) -> None:
    deadline = time.monotonic() + 60
    while any(map(is_alive, processes)):
        assert time.monotonic() < deadline, "the servers are still alive"
        time.sleep(0.01)


@pytest.fixture
def data_dir(cluster: Path) -> Path:
    return cluster.parent


@pytest.mark.parametrize("prefix", ACCOUNTS.values(), ids=ACCOUNTS.keys())
async def test_servers_die_with_a_killed_parent_and_the_next_start_has_the_data(
    folder: Path, prefix: list[str]
) -> None:
    if prefix:
        shutil.chown(folder, 65534, 65534)
    with demo(folder, prefix=prefix) as first:
        assert all(server.uids().real != 0 for server in first.servers)
        await ask(first.url, "create table kept as select 7 as number")
        first.process.kill()
        if sys.platform == "linux":
            wait_until_dead(first.servers)
        with demo(folder, prefix=prefix) as second:
            assert await ask(second.url, "select number from kept") == 7
            second.process.stdin.close()  # type: ignore[union-attr]
            second.process.stdin = None
            assert second.ends() == 0
            assert not any(map(is_alive, second.servers))


async def test_servers_that_outlived_their_parent_are_ended_by_the_next_start(data_dir: Path) -> None:
    with demo(data_dir, attached=False) as first:
        await ask(first.url, "create table kept as select 7 as number")
        first.process.kill()
        first.process.communicate()
        assert all(map(is_alive, first.servers))
        with embedded.run_servers(data_dir, durable=False) as pair:
            assert not any(map(is_alive, first.servers))
            assert await ask(pair.postgres.url, "select number from kept") == 7


def test_a_folder_of_a_living_demo_is_refused_by_its_pid(data_dir: Path) -> None:
    with demo(data_dir) as first:
        with (
            pytest.raises(ConfigurationError, match=rf"in use by process {first.process.pid}\."),
            embedded.run_servers(data_dir),
        ):
            pytest.fail("it started")
        assert all(map(is_alive, first.servers))
        first.process.kill()
        wait_until_dead(first.servers)


def test_ctrl_c_stops_both_and_leaves_no_lock(data_dir: Path) -> None:
    with demo(data_dir) as first:
        first.process.send_signal(signal.SIGINT)
        assert first.ends() != 0
        assert not any(map(is_alive, first.servers))
        assert not [*data_dir.rglob("lock"), *data_dir.rglob("postmaster.pid")]


async def test_without_a_redis_there_is_postgres_alone(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis, "executable", lambda: None)
    with embedded.run_servers(data_dir, durable=False) as pair:
        assert pair.redis is None
        assert await ask(pair.postgres.url, "select 1") == 1
