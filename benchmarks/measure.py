"""Rows of a benchmark: our time, a peer's, their ratio and the aim. Runs are interleaved, so that load affects both."""

import statistics
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from time import perf_counter
from typing import Any

from rich.console import Console
from rich.table import Table

Step = Callable[[], Awaitable[Any]]


@dataclass(frozen=True)
class Row:
    """One comparison of medians, in milliseconds. The ratio is ours over the peer's, unless `aim` says "faster"."""

    suite: str
    name: str
    ours_ms: float
    peer: str
    peer_ms: float
    ratio: float
    aim: str
    reached: bool
    notes: str = ""

    @classmethod
    def at_most(cls, suite: str, name: str, ours: float, peer: str, peers: float, aim: float, notes: str = "") -> "Row":
        """Make a row whose aim is at most `aim` times the peer's time."""
        return cls(suite, name, ours, peer, peers, ours / peers, f"≤ {aim:g} ×", ours <= aim * peers, notes)

    @classmethod
    def faster(cls, suite: str, name: str, ours: float, peer: str, peers: float, aim: float, notes: str = "") -> "Row":
        """Make a row whose aim is `aim` times the peer's speed; the ratio is the peer's time over ours."""
        return cls(suite, name, ours, peer, peers, peers / ours, f"≥ {aim:g} × faster", peers >= aim * ours, notes)


async def medians(*steps: Step, runs: int, warm: int = 2) -> list[float]:
    """Run the steps in turn, repeatedly; return the median of each in milliseconds."""
    times: list[list[float]] = [[] for _ in steps]
    for run in range(warm + runs):
        for step, found in zip(steps, times, strict=True):
            started = perf_counter()
            await step()
            if run >= warm:
                found.append((perf_counter() - started) * 1000)
    return [statistics.median(found) for found in times]


def show(rows: list[Row]) -> None:
    """Print the rows."""
    table = Table("suite", "what", "ours ms", "peer", "peer ms", "ratio", "aim", "", "notes")
    for row in rows:
        mark = "[green]reached[/]" if row.reached else "[red]missed[/]"
        table.add_row(
            row.suite,
            row.name,
            f"{row.ours_ms:,.2f}",
            row.peer,
            f"{row.peer_ms:,.2f}",
            f"{row.ratio:,.2f}",
            row.aim,
            mark,
            row.notes,
        )
    Console(width=200).print(table)


def as_json(rows: list[Row]) -> list[dict[str, Any]]:
    """Return the rows as plain data."""
    return [asdict(row) for row in rows]
