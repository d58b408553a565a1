"""Runs the named suites, or all; prints a table and writes `benchmarks.json` into the data folder."""

import asyncio
import json
import sys
from pathlib import Path

from benchmarks import dashboard, explore, recording, reports, reports_life, usage
from benchmarks.measure import Row, as_json, show
from makrcave_analytics.embedded import run_servers

SUITES = {
    "usage": usage.run,
    "dashboard": dashboard.run,
    "explore": explore.run,
    "recording": recording.run,
    "reports": reports.run,
    "reports_life": reports_life.run,
}
FOLDER = Path(".makrcave/bench")


async def run(owner_url: str, names: list[str]) -> list[Row]:
    """Run suites one after the other."""
    rows: list[Row] = []
    for name in names:
        rows += await SUITES[name](owner_url)
    return rows


def main() -> None:
    """Run the suites on the command line."""
    names = sys.argv[1:] or list(SUITES)
    with run_servers(FOLDER) as running:
        rows = asyncio.run(run(running.postgres.url, names))
    show(rows)
    (FOLDER / "benchmarks.json").write_text(json.dumps(as_json(rows), indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
