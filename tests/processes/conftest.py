"""Processes as users start them, `python -m makrcave_analytics …`, observed from outside."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx
import psutil
import pytest
from tests.plugins.socket_client import PROTOCOL, SocketClient
from websockets.sync.client import connect

T = TypeVar("T")
SECRET = "a-secret-of-the-tests-that-is-long-enough"
TIMEOUT_SECONDS = 90


def eventually(condition: Callable[[], T | None], what: str) -> T:
    """Wait until `condition` returns a true value, and return it."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"never: {what}")


class Running:
    """A started command and its output."""

    def __init__(self, process: subprocess.Popen[str], errors: Path) -> None:
        self.process = process
        self._errors = errors

    def line(self) -> str:
        """Return the next line of its standard output; if it ended without one, fail with its errors."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.errors()
        return line

    def errors(self) -> str:
        return self._errors.read_text()

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal, wait for the end and return the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(TIMEOUT_SECONDS)

    def children(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)


@contextmanager
def run(*arguments: str, folder: Path, **environment: str) -> Iterator[Running]:
    """Run a command in an empty folder, without the ANALYTICS_ variables of our environment."""
    errors = folder / f"errors-{time.monotonic_ns()}.txt"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANALYTICS_")}
    with errors.open("w") as writing:
        process = subprocess.Popen(
            [sys.executable, "-m", "makrcave_analytics", *arguments],
            cwd=folder,
            env=kept | {"ANALYTICS_JWT_SECRET": SECRET} | environment,
            stdout=subprocess.PIPE,
            stderr=writing,
            text=True,
        )
    running = Running(process, errors)
    try:
        yield running
    finally:
        running.stop()
        if process.stdout is not None:
            process.stdout.close()


class Client:
    """A client of a running API."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._token = token
        self._http = httpx.Client(
            base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=TIMEOUT_SECONDS, trust_env=False
        )

    def answer(self, document: str, **variables: Any) -> httpx.Response:
        return self._http.post("/graphql", json={"query": document, "variables": variables})

    def ask(self, document: str, **variables: Any) -> Mapping[str, Any]:
        """Return the data of an answer without errors."""
        body = self.answer(document, **variables).json()
        assert "errors" not in body, body
        return body["data"]

    @contextmanager
    def socket(self) -> Iterator[SocketClient]:
        """Open a socket and authenticate on it."""
        url = self._url.replace("http", "ws", 1) + "/graphql"
        with connect(url, subprotocols=[PROTOCOL], proxy=None, close_timeout=5) as opened:  # type: ignore[list-item]
            yield SocketClient(opened, self._token).initialize()

    def get(self, path: str) -> httpx.Response:
        return self._http.get(path)

    def close(self) -> None:
        self._http.close()


@pytest.fixture(scope="session")
def open_folder(scratch: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose path has a space."""
    return tmp_path_factory.mktemp("a folder")


@pytest.fixture(scope="session")
def demo(open_folder: Path) -> Iterator[tuple[Running, Mapping[str, Any]]]:
    """A running demo with a small sample, and the JSON that it printed."""
    with run(
        "demo", "--port", "0", "--data-dir", "the demo", "--scale", "0.02", "--json", folder=open_folder
    ) as running:
        yield running, json.loads(running.line())


@pytest.fixture
def client(demo: tuple[Running, Mapping[str, Any]]) -> Iterator[Client]:
    """A client with the first makerspace's admin token."""
    _, summary = demo
    made = Client(summary["url"], summary["tokens"]["admin"])
    yield made
    made.close()
