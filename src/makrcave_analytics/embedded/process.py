"""Servers as child processes: started by argument list, awaited, stopped in order. Knows no server by name."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from signal import Signals
from typing import Protocol, TypeVar

from makrcave_analytics.embedded.account import Account
from makrcave_analytics.embedded.dir_lock import SIGNAL_SECONDS, DirLock
from makrcave_analytics.errors import ConfigurationError

START_SECONDS = 600.0
"""How long a living server may take to become ready: after a crash it recovers from its log first."""
HOST = "127.0.0.1"

T = TypeVar("T")
_spawner = ThreadPoolExecutor(1, thread_name_prefix="embedded")


class Engine(Protocol):
    """One kind of server on one port: everything in which the servers differ."""

    @property
    def title(self) -> str:
        """Its name in messages."""

    @property
    def gentle(self) -> Sequence[Signals]:
        """The signals that shut it down in order, the gentlest first."""

    @property
    def abrupt(self) -> Sequence[Signals]:
        """The signals that end it as a crash would, the mildest first."""

    @property
    def command(self) -> list[str]:
        """The path of the program, and its arguments."""

    @property
    def configuration(self) -> str:
        """The text that it reads from standard input."""

    @property
    def url(self) -> str:
        """The URL for clients, with the password."""

    @property
    def port(self) -> int:
        """The port on 127.0.0.1."""

    def is_ready(self) -> bool:
        """Return whether it answers."""


class Server:
    """A running server: a child of this process that ends with it."""

    def __init__(self, process: "subprocess.Popen[bytes]", engine: Engine, dir_lock: DirLock) -> None:
        self._process = process
        self._engine = engine
        self._dir_lock = dir_lock

    @property
    def url(self) -> str:
        """The URL for clients; it contains the password."""
        return self._engine.url

    @property
    def port(self) -> int:
        return self._engine.port

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def folder(self) -> Path:
        """The folder of its files: the one that was asked for, or one in the private folder if that is out of reach."""
        return self._dir_lock.folder

    def stop(self) -> None:
        """Shut down in order and wait until it has ended; open connections are closed. Idempotent."""
        self._end(self._engine.gentle)

    def kill(self) -> None:
        """End it as a crash would and wait; the next start has to recover."""
        self._end(self._engine.abrupt)

    def _end(self, signals: Sequence[Signals]) -> None:
        for signal in signals:
            if self._process.poll() is not None:
                break
            self._process.send_signal(signal)
            try:
                self._process.wait(SIGNAL_SECONDS)
            except subprocess.TimeoutExpired:
                continue
        self._dir_lock.release()


def launch(engine_on: Callable[[int], Engine], dir_lock: DirLock, port: int | None) -> Server:
    """Start the server in its locked folder and wait until it answers.

    A given `port` must be free. Without one a free port is chosen, and another if a different process takes it first.
    The output goes to `log`; that of the previous run is kept as `log.1`.

    Raises:
        ConfigurationError: it did not start; the message has the last lines of its log. The lock is released.
    """
    log = dir_lock.folder / "log"
    with dir_lock.preparation():
        if log.exists():
            log.replace(log.with_suffix(".1"))
        for _ in range(1 if port else 10):
            engine = engine_on(port or free_port())
            process = _attempt(engine, dir_lock)
            if process is not None:
                return Server(process, engine, dir_lock)
            if b"ddress already in use" not in log.read_bytes():
                break
        last = " / ".join(log.read_text(errors="replace").splitlines()[-5:])
        raise ConfigurationError(f"{engine.title} did not start in {dir_lock.folder}. The end of its log: {last}")


def _attempt(engine: Engine, dir_lock: DirLock) -> "subprocess.Popen[bytes] | None":
    """Start it and wait until it answers; return None if it ended or did not get ready in time."""
    output = dir_lock.open("log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND)
    try:
        process = spawn(
            engine.command, death=engine.gentle[0], account=dir_lock.account, cwd=dir_lock.data, output=output
        )
    finally:
        os.close(output)
    ready = False
    try:
        _send_configuration(process, engine.configuration)
        deadline = time.monotonic() + START_SECONDS
        while not ready and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
            ready = engine.is_ready()
    finally:
        if not ready:
            process.kill()
            process.wait()
    return process if ready else None


def _send_configuration(process: "subprocess.Popen[bytes]", text: str) -> None:
    """Write the text, which fits into a pipe's buffer, and close it: a server may read to the end of its input."""
    assert process.stdin is not None  # noqa: S101 - as `spawn` starts it
    with suppress(BrokenPipeError), process.stdin as pipe:
        pipe.write(text.encode())


def free_port() -> int:
    """Return a port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def run(command: Sequence[str], *, stdin: str, account: Account | None, cwd: Path) -> None:
    """Run one of a server's programs to its end, under the same account and limits as the server.

    Raises:
        ConfigurationError: it failed; the message has the end of its output.
    """
    process = spawn(command, death=Signals.SIGTERM, account=account, cwd=cwd, output=subprocess.PIPE)
    try:
        output, _ = process.communicate(stdin.encode(), timeout=START_SECONDS)
    except BaseException:
        process.kill()
        process.communicate()
        raise
    if process.returncode != 0:
        last = " / ".join(output.decode(errors="replace").splitlines()[-5:])
        raise ConfigurationError(f"{Path(command[0]).name} failed. The end of its output: {last}")


def spawn(
    command: Sequence[str], *, death: Signals, account: Account | None, cwd: Path, output: int
) -> "subprocess.Popen[bytes]":
    """Start a child that gets the signal `death` when this process ends.

    It has its own session, so that Ctrl-C in the terminal reaches only us, and an environment without our secrets.
    """
    owner = (account.uid, account.gid) if account else (-1, -1)
    child = Path(__file__).with_name("child.py")
    arguments = [sys.executable, "-I", "-S", str(child), *map(str, (os.getpid(), int(death), *owner)), *command]
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return _in_lasting_thread(
        lambda: subprocess.Popen(
            arguments,
            cwd=cwd,
            env={**kept, "LC_ALL": "C", "TZ": "UTC"},
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            umask=0o077,
        )
    )


def _in_lasting_thread(call: Callable[[], T]) -> T:
    """Run `call` in a thread that lives as long as the process: a child gets its signal when its thread ends."""
    if threading.current_thread() is threading.main_thread():
        return call()
    return _spawner.submit(call).result()
