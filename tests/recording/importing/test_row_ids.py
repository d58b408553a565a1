"""Rows without an id are recorded once, in any order and format of the file."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID, uuid5

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.recording.importing.conftest import counts
from tests.recording.importing.files import FORMATS, write

from makrcave_analytics.auth import RecordKind
from makrcave_analytics.recording.importing.row_ids import Identity
from makrcave_analytics.recording.importing.times import Moment
from makrcave_analytics.recording.rollups.verify import verify_rollups
from makrcave_analytics.recording.settings.time_zone import change_zone

MAKERSPACE = UUID("0f0e0d0c-0b0a-4908-8706-050403020100")
LOGIN = {"event_type": "login", "user_id": "asha", "timestamp": "2026-02-10 10:00:00"}

formats = st.sampled_from([*FORMATS])
moments = st.integers(0, 3).map(lambda n: datetime(2026, 2, 10, 9) + timedelta(minutes=n))  # noqa: DTZ001
events = st.fixed_dictionaries(
    {
        "event_type": st.sampled_from(["login", "check_in"]),
        "user_id": st.sampled_from(["asha", "ben", None]),
        "timestamp": moments,
        "metadata": st.sampled_from([None, {"a": 1}, {"b": {"c": "ü"}, "a": 1}]),
    }
)


def test_an_id_is_made_of_the_content_and_its_number() -> None:
    identity = Identity(MAKERSPACE, RecordKind.INVENTORY)
    ten = datetime(2026, 2, 10, 9, tzinfo=UTC)
    values = {"b": Decimal("12.50"), "a": "x", "day": date(2026, 2, 10), "at": Moment(ten, "by the clock"), "no": None}
    said = 'import:inventory:{"a":"x","at":"by the clock","b":"12.5","day":"2026-02-10"}'
    assert identity.id_of(values) == str(uuid5(MAKERSPACE, said + "#1"))
    assert identity.id_of(dict(reversed(values.items()))) == str(uuid5(MAKERSPACE, said + "#2"))
    assert identity.id_of(values | {"b": Decimal("12.500001")}) == str(
        uuid5(MAKERSPACE, said.replace("12.5", "12.500001") + "#1")
    )


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(events, min_size=1, max_size=12), st.sampled_from([*FORMATS]), st.sampled_from([*FORMATS]), st.randoms()
)
async def test_each_row_counts_and_no_row_counts_twice(
    importing, make_makerspace, owner, database, tmp_path, rows, one, other, random: Random
) -> None:
    makerspace = await make_makerspace()
    first = await importing(write(tmp_path, one, rows), "events", makerspace, batch=5)
    assert counts(first) == (len(rows), 0, 0, 0)
    random.shuffle(rows)
    again = await importing(write(tmp_path, other, rows, "again"), "events", makerspace, batch=4)
    assert counts(again) == (0, 0, len(rows), 0)
    more = await importing(write(tmp_path, other, [*rows, rows[0]], "more"), "events", makerspace)
    assert counts(more) == (1, 0, len(rows), 0)
    assert await verify_rollups(database, makerspace) == []


async def test_payments_without_an_id_get_one_too(importing, make_makerspace, owner, tmp_path) -> None:
    row = {"date": date(2026, 2, 10), "revenue_type": "cafe", "amount": Decimal("2.50"), "payment_method": "cash"}
    makerspace = await make_makerspace()
    path = write(tmp_path, "workbook", [row, row, row | {"reference_id": "r1"}][:2])
    assert counts(await importing(path, "revenue", makerspace)) == (2, 0, 0, 0)
    assert counts(await importing(path, "revenue", makerspace)) == (0, 0, 2, 0)
    assert await owner.fetchval("SELECT sum(amount) FROM revenue_analytics") == 5


async def test_the_same_file_after_a_change_of_zone_counts_once(
    importing, make_makerspace, owner, database, tmp_path
) -> None:
    makerspace = await make_makerspace("Europe/Berlin")
    path = write(tmp_path, "commas", [LOGIN, LOGIN])
    assert counts(await importing(path, "events", makerspace)) == (2, 0, 0, 0)
    await change_zone(database, makerspace, "Asia/Kolkata")
    assert counts(await importing(path, "events", makerspace)) == (0, 0, 2, 0)
    assert await owner.fetchval("SELECT count(*) FROM usage_events") == 2


async def test_ids_of_the_file_are_those_of_the_api(importing, make_makerspace, record, owner, tmp_path) -> None:
    makerspace = await make_makerspace()
    path = write(tmp_path, "commas", [LOGIN | {"id": "door-4711"}, LOGIN | {"id": None}])
    assert counts(await importing(path, "events", makerspace)) == (2, 0, 0, 0)
    ids = [row["id"] for row in await owner.fetch("SELECT id FROM usage_events")]
    assert uuid5(makerspace.value, "EVENT:door-4711") in ids
