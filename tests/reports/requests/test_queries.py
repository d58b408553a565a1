"""Queries of reports: their owner, order and id."""

from datetime import timedelta
from uuid import UUID

import pytest
from tests.reports.plugin import FINANCE, MANAGER, NOW

from makrcave_analytics.auth import Permission, Viewer
from makrcave_analytics.errors import Forbidden, NotFound
from makrcave_analytics.reports.ids import locate_report, seal_report
from makrcave_analytics.reports.requests.queries import ReportsAsked, count_reports, find_report, find_reports, place
from makrcave_analytics.reports.vocabulary import ReportStatus


def viewer(makerspace: UUID, *roles: str) -> Viewer:
    return Viewer("u", roles, frozenset({makerspace}), NOW + timedelta(hours=1))


async def test_pages_list_the_latest_first_and_miss_none(ask, database, make_makerspace) -> None:
    makerspace = await make_makerspace()
    asked = [(await ask(makerspace)).id for _ in range(5)]
    await ask(await make_makerspace())
    everything = ReportsAsked(None)
    first = await find_reports(database, makerspace, everything, limit=2)
    await ask(makerspace)  # a new report between pages does not shift them
    second = await find_reports(database, makerspace, everything, after=place(first[-1]), limit=2)
    third = await find_reports(database, makerspace, everything, after=place(second[-1]), limit=2)
    assert [report.id for report in (*first, *second, *third)] == asked[::-1]
    assert await count_reports(database, makerspace, everything) == 6


async def test_reports_of_the_same_instant_are_ordered_by_id(ask, database, make_makerspace, owner) -> None:
    makerspace = await make_makerspace()
    asked = sorted([(await ask(makerspace)).id for _ in range(4)], reverse=True)
    await owner.execute("UPDATE report_requests SET requested_at = '2026-04-01T12:00Z'")
    first = await find_reports(database, makerspace, ReportsAsked(None), limit=3)
    rest = await find_reports(database, makerspace, ReportsAsked(None), after=place(first[-1]), limit=3)
    assert [report.id for report in (*first, *rest)] == asked


async def test_people_see_their_own_reports_and_with_manage_all(ask, database, make_makerspace) -> None:
    makerspace = await make_makerspace()
    mine, theirs = await ask(makerspace, MANAGER), await ask(makerspace, FINANCE)
    assert [r.id for r in await find_reports(database, makerspace, ReportsAsked("finn"))] == [theirs.id]
    assert await count_reports(database, makerspace, ReportsAsked("mira")) == 1
    assert (await find_report(database, makerspace, mine.id)).id == mine.id
    with pytest.raises(NotFound, match=r"No such report\."):
        await find_report(database, makerspace, mine.id, ReportsAsked("finn"))


async def test_status_narrows_and_a_report_expires_on_time(ask, database, make_makerspace, runner, owner) -> None:
    makerspace = await make_makerspace()
    waiting, completed = await ask(makerspace), await ask(makerspace)
    await runner.make(makerspace, completed.id)

    async def having(status: ReportStatus) -> list[UUID]:
        return [report.id for report in await find_reports(database, makerspace, ReportsAsked(None, status))]

    assert await having(ReportStatus.PENDING) == [waiting.id]
    assert await having(ReportStatus.COMPLETED) == [completed.id]
    await owner.execute("UPDATE report_requests SET expires_at = now() WHERE id = $1", completed.id)
    assert await having(ReportStatus.COMPLETED) == []
    assert await having(ReportStatus.EXPIRED) == [completed.id]


async def test_another_makerspaces_report_is_not_found(ask, database, make_makerspace, keys) -> None:
    theirs = await ask(await make_makerspace())
    mine = await make_makerspace()
    with pytest.raises(NotFound, match=r"No such report\."):
        await find_report(database, mine, theirs.id)
    with pytest.raises(NotFound, match=r"No such report\."):
        locate_report(keys, viewer(mine.value, "admin"), seal_report(keys, theirs.makerspace, theirs.id))


async def test_an_id_is_opaque_and_leads_back(ask, make_makerspace, keys) -> None:
    report = await ask(await make_makerspace())
    sealed = seal_report(keys, report.makerspace, report.id)
    assert str(report.id) not in sealed
    assert sealed == seal_report(keys, report.makerspace, report.id)
    asking = viewer(report.makerspace.value, "finance")
    assert locate_report(keys, asking, sealed) == (report.makerspace, report.id)
    with pytest.raises(Forbidden) as refused:
        locate_report(keys, viewer(report.makerspace.value, "analyst"), sealed)
    assert refused.value.details == {"permission": Permission.REPORT.value}


@pytest.mark.parametrize("text", ["", "x", "%2e%2e", "A" * 64, "A" * 5000, "../../etc/passwd"])
def test_a_malformed_id_is_not_found(keys, text) -> None:
    with pytest.raises(NotFound, match=r"No such report\."):
        locate_report(keys, Viewer.system("a test"), text)


def test_an_id_sealed_for_another_purpose_is_not_found(keys) -> None:
    with pytest.raises(NotFound):
        locate_report(keys, Viewer.system("a test"), keys.seal("schedule", [str(UUID(int=1)), str(UUID(int=2))]))
