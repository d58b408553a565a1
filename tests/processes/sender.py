"""A sender who never gives up, and remembers on disk what was acknowledged. A program of its own: `sender.py JSON`.

Each of its threads sends batch after batch, and each again with the same ids until it is acknowledged. Once that is so,
and not before, it is written into the ledger, which is on the disk before the next batch is begun. SIGTERM: no batch
more is begun, and it ends with 0 once the last are acknowledged.
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
ended = threading.Event()


class Ledger:
    """What was acknowledged: a line of JSON each."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._lock = threading.Lock()

    def keep(self, **entry: Any) -> None:
        with self._lock:
            self._file.write(json.dumps(entry) + "\n")
            self._file.flush()
            os.fsync(self._file.fileno())


class Sender:
    """One thread's work."""

    def __init__(self, number: int, url: str, token: str, makerspace: str, ledger: Ledger) -> None:
        self._number = number
        self._makerspace = makerspace
        self._ledger = ledger
        self._http = httpx.Client(
            base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=30, trust_env=False
        )

    def lines(self, n: int) -> None:
        """Send 300 lines with ids."""
        ids = [f"{self._number}-{n}-{i}" for i in range(300)]
        self._insist(ids, 0, lambda: self._door([{"id": each} for each in ids], {}))

    def keyed(self, n: int) -> None:
        """Send 300 lines without ids, under a key."""
        self._insist([], 300, lambda: self._door([{}] * 300, {"Idempotency-Key": f"{self._number}-{n}"}))

    def mutation(self, n: int) -> None:
        """Send 20 events by GraphQL."""
        ids = [f"{self._number}-{n}-{i}" for i in range(20)]
        self._insist(ids, 0, lambda: self._graphql(ids))

    def single(self, n: int) -> None:
        """Send one event by GraphQL."""
        ids = [f"{self._number}-{n}"]
        self._insist(ids, 0, lambda: self._graphql(ids))

    def run(self, ways: list[Callable[[int], None]]) -> None:
        for n in itertools.count():
            if ended.is_set():
                break
            ways[n % len(ways)](n)

    def _insist(self, ids: list[str], keyed: int, send: Callable[[], dict[str, Any] | None]) -> None:
        for tries in itertools.count(1):
            try:
                told = send()
            except httpx.HTTPError:
                told = None
            if told is not None and "errors" not in told:
                common = {"sender": self._number, "makerspace": self._makerspace, "tries": tries}
                self._ledger.keep(**common, ids=ids, keyed=keyed, told=told)
                return
            if told is not None:  # how far it is committed, though it did not end well
                self._ledger.keep(makerspace=self._makerspace, ids=ids[: told.get("committedLines", 0)])
            time.sleep(0.02)

    def _door(self, lines: list[dict[str, str]], headers: dict[str, str]) -> dict[str, Any] | None:
        events = [{"event_type": "check_in", "user_id": "ada", **line} for line in lines]
        body = b"".join(json.dumps(event).encode() + b"\n" for event in events)
        answer = self._http.post(
            f"/api/v1/analytics/events?makerspace_id={self._makerspace}",
            content=body,
            headers={"Content-Type": "application/x-ndjson", **headers},
        )
        return answer.json()

    def _graphql(self, ids: list[str]) -> dict[str, Any] | None:
        events = [{"id": each, "eventType": "login", "userId": "ben"} for each in ids]
        variables = {"m": self._makerspace, "in": events}
        body = self._http.post("/graphql", json={"query": RECORD, "variables": variables}).json()
        return body if "errors" in body else body["data"]["recordEvents"]


def main() -> None:
    """Send until SIGTERM."""
    told = json.loads(sys.argv[1])
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    with open(told["ledger"], "w") as file:  # noqa: PTH123
        ledger = Ledger(file)
        threads = []
        for number, makerspace in enumerate(told["makerspaces"] * 2):
            sender = Sender(number, told["url"], told["token"], makerspace, ledger)
            ways = [sender.lines, sender.mutation, sender.keyed, sender.single]
            turned = ways[number:] + ways[:number]
            threads.append(threading.Thread(target=sender.run, args=(turned,)))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


if __name__ == "__main__":
    main()
