"""Without READ_PEOPLE, reports hide groups below the setting's size."""

import csv
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from tests.metrics.scenario import insert_members
from tests.reports.plugin import FINANCE, MANAGER, content

from makrcave_analytics.metrics.explore.inputs import TableInput
from makrcave_analytics.metrics.vocabulary import Dimension
from makrcave_analytics.reports.requests.context import Requester
from makrcave_analytics.reports.requests.queries import find_report
from makrcave_analytics.reports.vocabulary import ReportType

EVERYBODY = {"maker": "12", "pro": "7", "student": "4"}


@pytest.mark.parametrize(
    ("requester", "least", "seen"),
    [
        (FINANCE, 4, EVERYBODY),
        (FINANCE, 8, {"maker": "12", "pro": "", "student": ""}),
        (MANAGER, 8, EVERYBODY),
    ],
)
async def test_small_groups_are_hidden(
    ask: Any,
    runner: Any,
    database: Any,
    owner: Any,
    folder: Any,
    make_makerspace: Any,
    requester: Requester,
    least: int,
    seen: dict[str, str],
) -> None:
    makerspace = await make_makerspace()
    for plan, count in EVERYBODY.items():
        for n in range(int(count)):
            await insert_members(
                owner, makerspace, f"{plan}-{n}", plan=plan, joined_on=date(2026, 3, 2), is_synced=True
            )
    table = TableInput(metrics=["newMembers"], by=[Dimension.MEMBER_PLAN])
    report = await ask(makerspace, requester, type=ReportType.CUSTOM, table=table)
    assert await replace(runner, min_group_size=least).make(makerspace, report.id)
    done = await find_report(database, makerspace, report.id)
    rows = list(csv.DictReader(content(folder, done).decode("utf-8-sig").splitlines()))
    assert [(row["member_plan"].lower(), row["new_members"]) for row in rows] == list(seen.items())
