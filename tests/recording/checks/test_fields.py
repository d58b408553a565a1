from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from makrcave_analytics.errors import AnalyticsError, Forbidden, Invalid
from makrcave_analytics.recording.checks.fields import Bounds
from makrcave_analytics.recording.fact_inputs import UsageEventInput
from makrcave_analytics.recording.facts.events import CheckedEvent, check_event
from makrcave_analytics.recording.parsing import Malformed

MAKERSPACE = UUID("0f0e0d0c-0b0a-4908-8706-050403020100")
FRESH = UUID("0190aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee")
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
BOUNDS = Bounds(MAKERSPACE, NOW)
TICK = timedelta(microseconds=1)


def check(bounds: Bounds = BOUNDS, /, **fields: Any) -> CheckedEvent:
    return check_event(UsageEventInput(**{"event_type": "login"} | fields), bounds, lambda: FRESH)


def test_an_event_needs_only_a_type() -> None:
    assert check() == CheckedEvent(FRESH, None, "login", "authentication", None, None, None, None, NOW, False)


@pytest.mark.parametrize(
    ("older", "canonical", "category"),
    [
        ("equipment_reserved", "equipment_reservation", "equipment"),
        ("equipment_booked", "equipment_reservation", "equipment"),
        ("inventory_consumed", "inventory_issue", "inventory"),
        ("project_creation", "project_created", "project"),
        ("member_registered", "member_joined", "membership"),
        ("check_in", "check_in", "access"),
        ("door_access", "door_access", "access"),
    ],
)
def test_older_event_types_become_the_current_ones_with_their_category(
    older: str, canonical: str, category: str
) -> None:
    event = check(event_type=older)
    assert (event.event_type, event.event_category) == (canonical, category)


def test_a_given_category_stays() -> None:
    assert check(event_category="kiosk").event_category == "kiosk"


def test_ids_default_to_those_in_metadata() -> None:
    metadata = {"equipment_id": "m1", "itemId": "i1", "project_id": 7}
    event = check(metadata=metadata, item_id="i2")
    assert (event.equipment_id, event.item_id, event.project_id) == ("m1", "i2", None)


@pytest.mark.parametrize("name", ["", "x" * 101, "a\nb", 5, None, ["m1"]])
def test_metadata_that_cannot_be_an_id_is_ignored(name: object) -> None:
    assert check(metadata={"equipment_id": name}).equipment_id is None


BAD = {
    "type of upper case": ({"event_type": "Login"}, "eventType"),
    "type with a space": ({"event_type": "log in"}, "eventType"),
    "type ending in _": ({"event_type": "login_"}, "eventType"),
    "type with __": ({"event_type": "log__in"}, "eventType"),
    "type beginning with a digit": ({"event_type": "1st_login"}, "eventType"),
    "type with a line end": ({"event_type": "login\n"}, "eventType"),
    "type empty": ({"event_type": ""}, "eventType"),
    "type of 65 characters": ({"event_type": "a" * 65, "event_category": "x"}, "eventType"),
    "unknown type without a category": ({"event_type": "dance"}, "eventCategory"),
    "category of upper case": ({"event_category": "Access"}, "eventCategory"),
    "category of 65 characters": ({"event_category": "a" * 65}, "eventCategory"),
    "id empty": ({"id": ""}, "id"),
    "id of 101 characters": ({"id": "x" * 101}, "id"),
    "id nil": ({"id": "00000000-0000-0000-0000-000000000000"}, "id"),
    "id with NUL": ({"id": "a\x00"}, "id"),
    "user empty": ({"user_id": ""}, "userId"),
    "user of 101 characters": ({"user_id": "ü" * 101}, "userId"),
    "user with a control character": ({"user_id": "a\x85"}, "userId"),
    "machine with half a pair": ({"equipment_id": "\udc00"}, "equipmentId"),
    "item with a tab": ({"item_id": "a\tb"}, "itemId"),
    "project empty": ({"project_id": ""}, "projectId"),
    "metadata a list": ({"metadata": [1]}, "metadata"),
    "timestamp malformed": ({"timestamp": Malformed("2026-06-30T23:59:60Z", "There is no second 60.")}, "timestamp"),
    "timestamp without offset": ({"timestamp": NOW.replace(tzinfo=None)}, "timestamp"),
    "timestamp an hour ahead": ({"timestamp": NOW + timedelta(hours=1)}, "timestamp"),
    "timestamp in 2999": ({"timestamp": datetime(2999, 1, 1, tzinfo=UTC)}, "timestamp"),
    "timestamp at the end of time": (
        {"timestamp": datetime.max.replace(tzinfo=timezone(-timedelta(hours=14)))},
        "timestamp",
    ),
    "timestamp at its beginning": (
        {"timestamp": datetime.min.replace(tzinfo=timezone(timedelta(hours=14)))},
        "timestamp",
    ),
    "timestamp before 1970": ({"timestamp": datetime(1970, 1, 1, tzinfo=UTC) - TICK}, "timestamp"),
}


@pytest.mark.parametrize(("fields", "at_fault"), BAD.values(), ids=BAD)
def test_a_bad_field_is_refused_by_its_name(fields: dict[str, Any], at_fault: str) -> None:
    with pytest.raises(Invalid) as refused:
        check(**fields)
    assert refused.value.path == (at_fault,)


def test_a_malformed_value_is_refused_with_its_reason() -> None:
    with pytest.raises(Invalid, match=r"There is no second 60\."):
        check(timestamp=Malformed("2026-06-30T23:59:60Z", "There is no second 60."))


def test_values_at_the_limits_pass() -> None:
    oldest = NOW - timedelta(days=30)
    bounds = replace(BOUNDS, oldest=oldest)
    assert check(bounds, timestamp=NOW + timedelta(minutes=5)).is_timed
    assert check(bounds, timestamp=oldest).timestamp == oldest
    assert check(timestamp=datetime(1970, 1, 1, tzinfo=UTC)).timestamp.year == 1970
    assert check(id="x" * 100, user_id="ü" * 100, event_type="a" * 64, event_category="b" * 64).user_id == "ü" * 100
    with pytest.raises(Invalid):
        check(bounds, timestamp=oldest - TICK)
    with pytest.raises(Invalid):
        check(bounds, timestamp=NOW + timedelta(minutes=5) + TICK)


def test_a_member_records_only_for_themselves() -> None:
    bounds = replace(BOUNDS, only_user="asha", default_user="asha")
    assert check(bounds).user_id == "asha"
    assert check(bounds, user_id="asha").user_id == "asha"
    with pytest.raises(Forbidden) as refused:
        check(bounds, user_id="ben")
    assert refused.value.path == ("userId",)


def test_a_service_may_name_any_person_or_none() -> None:
    assert check(user_id="ben").user_id == "ben"
    assert check().user_id is None


anything = st.none() | st.text() | st.integers() | st.floats() | st.lists(st.text())
fields = st.fixed_dictionaries(
    {"event_type": st.text()},
    optional={
        **dict.fromkeys(
            ("id", "user_id", "event_category", "equipment_id", "item_id", "project_id"), st.none() | st.text()
        ),
        "metadata": st.recursive(anything, lambda inner: st.dictionaries(st.text(), inner)),
        "timestamp": st.none() | st.datetimes() | st.datetimes(timezones=st.timezones()),
    },
)


@given(fields)
def test_any_input_is_judged_without_another_error(fields: dict[str, Any]) -> None:
    try:
        check(**fields)
    except AnalyticsError as error:
        refused = error
    else:
        return
    assert refused.code in {"INVALID", "FORBIDDEN"}
    assert refused.path
