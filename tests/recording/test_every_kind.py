"""Rules of every kind of fact: one id counts once, a bad item is refused alone, erased people stay erased."""

from typing import Any

import pytest
from tests.recording.factories import item_use, login, payment, session, statuses

from makrcave_analytics.errors import LimitExceeded, NotFound
from makrcave_analytics.models.fact_kind import FactKind
from makrcave_analytics.recording.entity_inputs import MemberInput, ProjectInput
from makrcave_analytics.recording.rollups.verify import verify_rollups

KNOWN = "0190aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee"
NIL = "00000000-0000-0000-0000-000000000000"
MAKE = dict(zip(FactKind, (login, session, item_use, payment), strict=True))
WITH_IDS = [login, session, item_use]


def about(make: Any, person: str | None) -> dict[str, str | None]:
    return {"customer_id" if make is payment else "user_id": person}


every_kind = pytest.mark.parametrize("make", MAKE.values(), ids=MAKE)


@every_kind
async def test_of_500_inputs_with_50_bad_ones_450_are_stored(record, make_makerspace, owner, database, make) -> None:
    makerspace = await make_makerspace()
    bad = set(range(3, 500, 10))
    batch = [make(f"f{n}", **about(make, "" if n in bad else f"u{n % 7}")) for n in range(500)]
    outcome = await record(makerspace, batch)
    assert (outcome.recorded, outcome.rejected, len(outcome.results)) == (450, 50, 500)
    assert {result.index for result in outcome.results if result.error} == bad
    again = await record(makerspace, batch)
    assert (again.duplicates, again.rejected, again.data_version) == (450, 50, outcome.data_version)
    assert await verify_rollups(database, makerspace) == []


@every_kind
async def test_one_id_in_two_makerspaces_is_two_facts(record, make_makerspace, make) -> None:
    here, there = await make_makerspace(), await make_makerspace()
    assert statuses(await record(here, [make("f1")])) == ["RECORDED"]
    assert statuses(await record(there, [make("f1", **about(make, "ben"))])) == ["RECORDED"]


@every_kind
async def test_a_batch_over_the_limit_is_refused_and_an_empty_one_is_accepted(record, make_makerspace, make) -> None:
    makerspace = await make_makerspace(data_version=7)
    with pytest.raises(LimitExceeded):
        await record(makerspace, [make("f1"), make("f2"), make("f3")], batch_limit=2)
    assert (await record(makerspace, [])).data_version == 7


@every_kind
async def test_an_unknown_makerspace_is_not_found(record, unknown_makerspace, make) -> None:
    for batch in ([make("f1")], [make("")]):
        with pytest.raises(NotFound):
            await record(unknown_makerspace, batch)


@pytest.mark.parametrize("make", WITH_IDS)
async def test_ids_are_uuids_in_either_case_or_become_one(record, make_makerspace, make) -> None:
    makerspace = await make_makerspace()
    batch = [make(KNOWN), make(KNOWN.upper()), make("badge 17"), make(None), make(NIL), make(""), make("x" * 101)]
    outcome = await record(makerspace, batch)
    assert statuses(outcome) == ["RECORDED", "DUPLICATE", "RECORDED", "RECORDED", "INVALID", "INVALID", "INVALID"]
    assert [result.id[14] if result.id else None for result in outcome.results[:4]] == ["7", "7", "5", "7"]


async def test_two_kinds_may_have_the_same_id(record, make_makerspace, owner) -> None:
    makerspace = await make_makerspace()
    ids = {str((await record(makerspace, [make("f1")])).results[0].id) for make in WITH_IDS}
    assert len(ids) == 3
    for make in WITH_IDS:
        assert statuses(await record(makerspace, [make(KNOWN)])) == ["RECORDED"]


@every_kind
async def test_facts_of_an_erased_person_are_refused(record, make_makerspace, owner, make) -> None:
    makerspace, other = await make_makerspace(), await make_makerspace()
    await owner.execute("INSERT INTO tombstones (makerspace_id, digest) VALUES ($1, 't_asha')", makerspace.value)
    batch = [make("f1"), make("f2", **about(make, "ben")), make("f3", **about(make, None))]
    outcome = await record(makerspace, batch)
    assert statuses(outcome) == ["CONFLICT", "RECORDED", "RECORDED"]
    assert outcome.user_errors[0].path == ("input", "0", "customerId" if make is payment else "userId")
    assert await owner.fetchval("SELECT count(*) FROM members WHERE user_id = 'asha'") == 0
    alone = await record(makerspace, batch[:1])
    assert (alone.rejected, alone.data_version) == (1, 1)
    assert statuses(await record(other, batch[:1])) == ["RECORDED"]


async def test_an_erased_person_is_not_synced_and_owns_no_project(sync_entries, make_makerspace, owner) -> None:
    makerspace = await make_makerspace()
    await owner.execute("INSERT INTO tombstones (makerspace_id, digest) VALUES ($1, 't_asha')", makerspace.value)
    assert statuses(await sync_entries(makerspace, [MemberInput("asha"), MemberInput("ben")])) == [
        "CONFLICT",
        "RECORDED",
    ]
    projects = await sync_entries(makerspace, [ProjectInput("p1", owner_id="asha"), ProjectInput("p2", owner_id="ben")])
    assert statuses(projects) == ["CONFLICT", "RECORDED"]
    assert projects.user_errors[0].path == ("input", "0", "ownerId")
