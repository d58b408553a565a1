"""Servers as children of ours: started by argument list, awaited, stopped in order. Knows no server by name."""

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
from makrcave_analytics.embedded.dir_lock import PATIENCE_SECONDS, DirLock
from makrcave_analytics.errors import ConfigurationError

START_SECONDS = 600.0
"""How long a living server may take to get ready: after a crash it reads its log first."""
HOST = "127.0.0.1"

T = TypeVar("T")
_lasting = ThreadPoolExecutor(1, thread_name_prefix="embedded")


class Engine(Protocol):
    """What differs between the servers: one of them, on one port."""

    @property
    def title(self) -> str:
        """What people call it."""

    @property
    def gentle(self) -> Sequence[Signals]:
        """The signals that end it, the gentlest first."""

    @property
    def abrupt(self) -> Sequence[Signals]:
        """The signals that end it without tidying up, the mildest first."""

    @property
    def command(self) -> list[str]:
        """The program by its path, and its arguments."""

    @property
    def configuration(self) -> str:
        """What it reads from its standard input."""

    @property
    def url(self) -> str:
        """Where clients find it, with its password."""

    @property
    def port(self) -> int:
        """Where it listens, on 127.0.0.1."""

    def is_ready(self) -> bool:
        """Tell whether it answers."""


class Server:
    """One running server, a child of this process, which it does not outlive."""

    def __init__(self, process: "subprocess.Popen[bytes]", engine: Engine, claim: DirLock) -> None:
        self._process = process
        self._engine = engine
        self._claim = claim

    @property
    def url(self) -> str:
        """Where clients find it; it contains the password."""
        return self._engine.url

    @property
    def port(self) -> int:
        return self._engine.port

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def folder(self) -> Path:
        """Where its files are: what was asked for, or its stand-in where that was out of reach."""
        return self._claim.folder

    def stop(self) -> None:
        """Shut down in order and wait until it is gone; open connections are cut. Idempotent."""
        self._end(self._engine.gentle)

    def kill(self) -> None:
        """End as a crash would, and wait until it is gone: the next start has to recover."""
        self._end(self._engine.abrupt)

    def _end(self, signals: Sequence[Signals]) -> None:
        for signal in signals:
            if self._process.poll() is not None:
                break
            self._process.send_signal(signal)
            try:
                self._process.wait(PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                continue
        self._claim.release()


def launch(engine_on: Callable[[int], Engine], claim: DirLock, port: int | None) -> Server:
    """Start the server in its claimed folder and wait until it answers.

    With a `port` it is that one or none. Without, a free one is taken, and another when somebody else was
    quicker. Its output goes to `log`; that of the run before is kept as `log.1`.

    Raises:
        ConfigurationError: it did not come up; says its last words. The claim is released.
    """
    log = claim.folder / "log"
    with claim.preparation():
        if log.exists():
            log.replace(log.with_suffix(".1"))
        for _ in range(1 if port else 10):
            engine = engine_on(port or free_port())
            process = _attempt(engine, claim)
            if process is not None:
                return Server(process, engine, claim)
            if b"ddress already in use" not in log.read_bytes():
                break
        last = " / ".join(log.read_text(errors="replace").splitlines()[-5:])
        raise ConfigurationError(f"{engine.title} did not come up in {claim.folder}. Its last words: {last}")


def _attempt(engine: Engine, claim: DirLock) -> "subprocess.Popen[bytes] | None":
    """Start it and wait until it answers; None when it has given up."""
    output = claim.open("log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND)
    try:
        process = spawn(engine.command, death=engine.gentle[0], account=claim.account, cwd=claim.data, output=output)
    finally:
        os.close(output)
    ready = False
    try:
        _feed(process, engine.configuration)
        deadline = time.monotonic() + START_SECONDS
        while not ready and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
            ready = engine.is_ready()
    finally:
        if not ready:
            process.kill()
            process.wait()
    return process if ready else None


def _feed(process: "subprocess.Popen[bytes]", text: str) -> None:
    """Write what fits into a pipe at once, and close it: a server may read up to the end."""
    assert process.stdin is not None  # noqa: S101 - as `spawn` starts it
    with suppress(BrokenPipeError), process.stdin as pipe:
        pipe.write(text.encode())


def free_port() -> int:
    """A port that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def run(command: Sequence[str], *, stdin: str, account: Account | None, cwd: Path) -> None:
    """Run a program of a server to its end, within the same bounds as the server itself.

    Raises:
        ConfigurationError: it failed; says its last words.
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
        raise ConfigurationError(f"{Path(command[0]).name} failed. Its last words: {last}")


def spawn(
    command: Sequence[str], *, death: Signals, account: Account | None, cwd: Path, output: int
) -> "subprocess.Popen[bytes]":
    """Start a child that gets `death` when this process ends, in a session of its own, so that Ctrl-C in the
    terminal reaches only us, and with an environment that holds none of our secrets.
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
    """Run `call` in a thread that lives as long as the process: a child on the leash dies with its thread."""
    if threading.current_thread() is threading.main_thread():
        return call()
    return _lasting.submit(call).result()
