"""A program that sends events, repeats each batch until it is acknowledged, and keeps a ledger. `sender.py JSON`.

Each thread sends one batch after another, and repeats a batch with the same ids until it is acknowledged. Then the
batch is written to the ledger and synced to disk, before the next one is sent. After SIGTERM no new batch starts, and
the program exits with 0 once the last ones are acknowledged.
"""

import itertools
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, TextIO

import httpx

RECORD = """mutation($m: ID!, $in: [UsageEventInput!]!) { recordEvents(makerspaceId: $m, input: $in) {
  recorded duplicates rejected dataVersion results { status } } }"""
stopping = threading.Event()


class Ledger:
    """The acknowledged batches: one line of JSON each."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._lock = threading.Lock()

    def append(self, **entry: Any) -> None:
        with self._lock:
            self._file.write(json.dumps(entry) + "\n")
            self._file.flush()
            os.fsync(self._file.fileno())


class Sender:
    """The work of one thread."""

    def __init__(self, number: int, url: str, token: str, makerspace: str, ledger: Ledger) -> None:
        self._number = number
        self._makerspace = makerspace
        self._ledger = ledger
        self._http = httpx.Client(
            base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=30, trust_env=False
        )

    def send_lines(self, n: int) -> None:
        """Send 300 lines with ids."""
        ids = [f"{self._number}-{n}-{i}" for i in range(300)]
        self._repeat(ids, 0, lambda: self._post_lines([{"id": each} for each in ids], {}))

    def send_keyed_lines(self, n: int) -> None:
        """Send 300 lines without ids, under a key."""
        self._repeat([], 300, lambda: self._post_lines([{}] * 300, {"Idempotency-Key": f"{self._number}-{n}"}))

    def send_mutation(self, n: int) -> None:
        """Send 20 events by GraphQL."""
        ids = [f"{self._number}-{n}-{i}" for i in range(20)]
        self._repeat(ids, 0, lambda: self._post_mutation(ids))

    def send_single(self, n: int) -> None:
        """Send one event by GraphQL."""
        ids = [f"{self._number}-{n}"]
        self._repeat(ids, 0, lambda: self._post_mutation(ids))

    def run(self, methods: list[Callable[[int], None]]) -> None:
        for n in itertools.count():
            if stopping.is_set():
                break
            methods[n % len(methods)](n)

    def _repeat(self, ids: list[str], keyed: int, send: Callable[[], dict[str, Any] | None]) -> None:
        for tries in itertools.count(1):
            try:
                answer = send()
            except httpx.HTTPError:
                answer = None
            if answer is not None and "errors" not in answer:
                common = {"sender": self._number, "makerspace": self._makerspace, "tries": tries}
                self._ledger.append(**common, ids=ids, keyed=keyed, answer=answer)
                return
            if answer is not None:  # a failed request may have committed its first lines
                self._ledger.append(makerspace=self._makerspace, ids=ids[: answer.get("committedLines", 0)])
            time.sleep(0.02)

    def _post_lines(self, lines: list[dict[str, str]], headers: dict[str, str]) -> dict[str, Any] | None:
        events = [{"event_type": "check_in", "user_id": "ada", **line} for line in lines]
        body = b"".join(json.dumps(event).encode() + b"\n" for event in events)
        answer = self._http.post(
            f"/api/v1/analytics/events?makerspace_id={self._makerspace}",
            content=body,
            headers={"Content-Type": "application/x-ndjson", **headers},
        )
        return answer.json()

    def _post_mutation(self, ids: list[str]) -> dict[str, Any] | None:
        events = [{"id": each, "eventType": "login", "userId": "ben"} for each in ids]
        variables = {"m": self._makerspace, "in": events}
        body = self._http.post("/graphql", json={"query": RECORD, "variables": variables}).json()
        return body if "errors" in body else body["data"]["recordEvents"]


def main() -> None:
    """Send until SIGTERM."""
    settings = json.loads(sys.argv[1])
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    with open(settings["ledger"], "w") as file:  # noqa: PTH123
        ledger = Ledger(file)
        threads = []
        for number, makerspace in enumerate(settings["makerspaces"] * 2):
            sender = Sender(number, settings["url"], settings["token"], makerspace, ledger)
            methods = [sender.send_lines, sender.send_mutation, sender.send_keyed_lines, sender.send_single]
            rotated = methods[number:] + methods[:number]
            threads.append(threading.Thread(target=sender.run, args=(rotated,)))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


if __name__ == "__main__":
    main()
