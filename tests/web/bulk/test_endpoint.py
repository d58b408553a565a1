"""The bulk endpoint: what it records, what it answers, and who may use it."""

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from tests.web.bulk.conftest import NDJSON, answer_of

from makrcave_analytics.auth import RecordKind
from makrcave_analytics.web.bulk.decoding import FIELDS

TEN = "2026-02-10T10:00:00Z"
GUIDE = {
    "event_type": "login",
    "event_category": "authentication",
    "metadata": {"login_method": "email", "device": "desktop"},
}
EVENT = {"id": "e1", "event_type": "login", "user_id": "asha", "timestamp": TEN}


def named(n: int, **fields: object) -> dict[str, object]:
    return EVENT | {"id": f"e{n}"} | fields


async def test_the_example_of_the_guide_is_recorded_unchanged(sender_of, make_makerspace, owner) -> None:
    makerspace = await make_makerspace()
    answer = sender_of(makerspace, role="member", user="asha").json(GUIDE)
    assert answer.status_code == 200
    assert answer.json() == {
        "recorded": 1, "duplicates": 0, "rejected": 0, "committedLines": 1, "rejects": [], "dataVersion": 1,
        "note": "Lines without an id got a new one: sent again they would count again. "
        "Send ids, or an Idempotency-Key.",
    }  # fmt: skip
    assert sender_of(makerspace, role="service").json(GUIDE).json()["recorded"] == 1
    assert sender_of(makerspace, role="admin", user="ben").json(GUIDE).json()["recorded"] == 1
    rows = await owner.fetch("SELECT user_id, metadata->>'device' AS device FROM usage_events ORDER BY recorded_at")
    assert [tuple(row) for row in rows] == [("asha", "desktop"), (None, "desktop"), ("ben", "desktop")]


async def test_lines_and_arrays_are_answered_alike(sender_of, make_makerspace, owner) -> None:
    makerspace = await make_makerspace()
    sender = sender_of(makerspace)
    events = [named(1), named(2), named(3, event_type="Log in"), named(4), named(1, user_id="ben"), named(1)]
    by_lines = sender.lines(events).json()
    assert {name: by_lines[name] for name in ("recorded", "duplicates", "rejected", "committedLines")} == {
        "recorded": 3, "duplicates": 1, "rejected": 2, "committedLines": 6,
    }  # fmt: skip
    assert [(each["line"], each["code"], each["path"]) for each in by_lines["rejects"]] == [
        (3, "INVALID", ["event_type"]),
        (5, "IDEMPOTENCY_CONFLICT", ["id"]),
    ]
    assert by_lines["note"] is None
    by_array = sender.json(events).json()
    assert (by_array["recorded"], by_array["duplicates"]) == (0, 4)
    assert by_array["rejects"] == by_lines["rejects"]
    assert by_array["dataVersion"] == by_lines["dataVersion"] == 1
    assert await owner.fetchval("SELECT sum(events) FROM event_hours") == 3


async def test_of_500_lines_with_50_bad_ones_450_are_stored_and_50_reported(sender_of, make_makerspace, owner) -> None:
    makerspace = await make_makerspace()
    bad = [
        b'{"event_type": 5}', b"{", b"[]", b"5", b'{"event_type": "login", "userId": "asha"}',
        b'{"event_type": "login", "timestamp": "2026-02-10T10:00:00"}', b'{"event_type": "login", "id": ""}',
        b'{"event_type": "login", "metadata": {"a": 1e400}}', b'{"event_type": "login", "metadata": {"a": "\\ud800"}}',
        b'{"event_type": "login", "metadata": ' + b'{"a":' * 200 + b"1" + b"}" * 200 + b"}",
    ]  # fmt: skip
    lines = [bad[n // 10 % 10] if n % 10 == 3 else json.dumps(named(n)).encode() for n in range(500)]
    summary = sender_of(makerspace).lines(b"\n".join(lines)).json()
    assert (summary["recorded"], summary["rejected"], summary["committedLines"]) == (450, 50, 500)
    assert [each["line"] for each in summary["rejects"]] == list(range(4, 500, 10))
    assert await owner.fetchval("SELECT count(*) FROM usage_events") == 450
    # The same as an array: what the typed decoder refuses whole is judged one by one, but for what is no JSON.
    items = [line for line in lines if line != b"{"]
    summary = sender_of(makerspace).json(b"[" + b",".join(items) + b"]").json()
    assert (summary["duplicates"], summary["rejected"], summary["committedLines"]) == (450, 45, 495)


SOON = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
FACTS = [
    ({"id": "00000000-0000-0000-0000-000000000000"}, "id", "The nil UUID identifies nothing."),
    ({"id": ""}, "id", "Must have 1 to 100 characters."),
    ({"id": "x" * 101}, "id", "Must have 1 to 100 characters."),
    ({"id": 5}, "id", "Must be a text, or null."),
    ({"timestamp": SOON}, "timestamp", "The timestamp lies more than 5 minutes ahead."),
    ({"timestamp": "2999-01-01T00:00:00Z"}, "timestamp", "The timestamp lies more than 5 minutes ahead."),
    ({"timestamp": "1969-12-31T23:59:59Z"}, "timestamp", "The timestamp lies before 1970."),
    ({"timestamp": "2016-12-31T23:59:60Z"}, "timestamp", "Leap seconds are not accepted."),
    ({"timestamp": "2026-02-10T10:00:00"}, "timestamp", "with its offset."),
    ({"timestamp": 1770717600}, "timestamp", "with its offset."),
    ({"event_type": None}, "event_type", "Must be a text."),
    ({"event_type": "kiln_opened"}, "event_category", "event_category is needed, as this event_type is not"),
    ({"metadata": [1]}, "metadata", "Metadata must be a JSON object."),
    ({"metadata": {"a": "x" * 33_000}}, "metadata", "Metadata is larger than 32 kB."),
    ({"metadata": {f"{n:05}": 1 for n in range(10_001)}}, None, "longer than 65536 bytes"),
    ({"metadata": {"a\0": 1}}, "metadata", "NUL"),
    ({"metadata": {"a": "\ud800"}}, "metadata", "surrogate"),
    ({"metadata": {"a": 10**400}}, None, None),
    ({"surprise": 1}, "surprise", ", ".join(FIELDS)),
]


@pytest.mark.parametrize(("change", "field", "words"), FACTS, ids=[f"{field}: {words}" for _, field, words in FACTS])
async def test_a_bad_fact_rejects_its_own_line_only(sender_of, make_makerspace, owner, change, field, words) -> None:
    sender = sender_of(await make_makerspace())
    summary = sender.lines([EVENT, EVENT | {"id": "e2"} | change, EVENT | {"id": "e3"}]).json()
    if words is None:  # a number of 401 digits is a number
        assert summary["recorded"] == 3
        return
    (reject,) = summary["rejects"]
    assert (summary["recorded"], summary["committedLines"], reject["line"]) == (2, 3, 2)
    assert reject["path"] == ([field] if field else [])
    assert words in reject["message"]
    assert await owner.fetchval("SELECT count(*) FROM usage_events") == 2


async def test_a_single_bad_event_has_a_status_of_its_own(sender_of, make_makerspace) -> None:
    makerspace = await make_makerspace()
    sender = sender_of(makerspace)
    assert sender.json(EVENT).status_code == 200
    for body, status, code in (
        (EVENT | {"user_id": "ben"}, 409, "IDEMPOTENCY_CONFLICT"),
        ({"event_type": 5}, 400, "INVALID"),
        ({}, 400, "INVALID"),
    ):
        answer = sender.json(body)
        assert (answer.status_code, answer.json()["rejects"][0]["code"]) == (status, code)
    foreign = sender_of(makerspace, role="member", user="ben").json(EVENT | {"id": "other"})
    assert (foreign.status_code, foreign.json()["rejects"][0]["code"]) == (403, "FORBIDDEN")


async def test_a_key_gives_ids_to_lines_that_have_none(sender_of, make_makerspace, owner) -> None:
    makerspace = await make_makerspace()
    sender = sender_of(makerspace)
    lines = [{"event_type": "check_in"}, "", {"event_type": "check_out"}, EVENT, {"event_type": "check_in"}]
    body = b"\n".join(json.dumps(line).encode() if line else b" \r" for line in lines)
    first = sender.lines(body, idempotency_key="night of 10 February").json()
    again = sender.lines(body, idempotency_key="night of 10 February").json()
    assert (first["recorded"], again["recorded"], again["duplicates"]) == (4, 0, 4)
    assert first["committedLines"] == again["committedLines"] == 5
    assert "counts once" in first["note"]
    # A key belongs to its sender and its makerspace.
    assert sender.lines(body, idempotency_key="another night").json()["recorded"] == 3
    assert (
        sender_of(makerspace, user="kiosk").lines(body, idempotency_key="night of 10 February").json()["recorded"] == 3
    )
    assert await owner.fetchval("SELECT count(*) FROM usage_events WHERE uuid_extract_version(id) = 5") == 10


async def test_without_a_key_the_answer_says_that_a_retry_would_count_again(sender_of, make_makerspace) -> None:
    sender = sender_of(await make_makerspace())
    for _ in range(2):
        summary = sender.lines([{"event_type": "check_in"}]).json()
        assert (summary["recorded"], "count again" in summary["note"]) == (1, True)


async def test_a_disconnect_before_the_answer_and_a_retry_are_stored_once(sender_of, make_makerspace, owner) -> None:
    sender = sender_of(await make_makerspace())
    lines = b"".join(json.dumps({"event_type": "check_in", "user_id": f"u{n}"}).encode() + b"\n" for n in range(50))
    head = f"content-type: {NDJSON}\ncontent-length: {len(lines)}\nidempotency-key: k"
    sender.raw(head, lines).close()
    summary = sender.lines(lines, idempotency_key="k").json()
    assert summary["recorded"] + summary["duplicates"] == 50
    assert await owner.fetchval("SELECT count(*) FROM usage_events") == 50


async def test_only_the_first_thousand_rejects_are_listed(sender_of, make_makerspace) -> None:
    summary = sender_of(await make_makerspace()).lines(b"x\n" * 1_500).json()
    assert (summary["rejected"], summary["committedLines"], len(summary["rejects"])) == (1_500, 1_500, 1_000)
    assert summary["rejects"][-1]["line"] == 1_000


@pytest.mark.parametrize("body", [b"", b"\n\n"])
async def test_a_body_without_lines_is_accepted(sender_of, make_makerspace, body) -> None:
    makerspace = await make_makerspace(data_version=7)
    summary = sender_of(makerspace).lines(body).json()
    assert (summary["recorded"], summary["dataVersion"], summary["committedLines"]) == (0, 7, len(body))
    assert sender_of(makerspace).json([]).json()["dataVersion"] == 7


async def test_a_body_may_be_longer_than_a_batch(sender_of, make_makerspace, owner) -> None:
    makerspace = await make_makerspace()
    summary = sender_of(makerspace).lines([named(n) for n in range(2_500)] + [named(7)]).json()
    assert (summary["recorded"], summary["duplicates"], summary["committedLines"]) == (2_500, 1, 2_501)
    assert summary["dataVersion"] == await owner.fetchval("SELECT data_version FROM makerspaces")
    summary = sender_of(makerspace).json([named(n) for n in range(1_500, 3_500)]).json()
    assert (summary["recorded"], summary["duplicates"]) == (1_000, 1_000)


async def test_recording_needs_the_permission_in_the_makerspace(sender_of, make_makerspace, owner) -> None:
    here, there = await make_makerspace(), await make_makerspace()
    for role in ("finance", "operations", "analyst"):
        answer = sender_of(here, role=role).json(EVENT)
        assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (403, "FORBIDDEN")
    assert sender_of(here, record=[RecordKind.EQUIPMENT]).json(EVENT).status_code == 403
    assert sender_of(here, record=[RecordKind.EVENTS]).json([]).status_code == 200
    both = sender_of(here, there)
    assert both.json(EVENT).status_code == 400
    assert both.json(EVENT, f"?makerspace_id={there}").json()["recorded"] == 1
    foreign, absent = (sender_of(here).lines([EVENT], f"?makerspace_id={each}") for each in (there, uuid4()))
    unknown = sender_of(role="super_admin").lines([EVENT], f"?makerspace_id={uuid4()}")
    assert [each.status_code for each in (foreign, absent, unknown)] == [404, 404, 404]
    assert foreign.json() == absent.json()
    assert await owner.fetchval("SELECT array_agg(makerspace_id) FROM usage_events") == [there.value]


async def test_a_bad_token_and_none_get_one_answer(sender_of, make_makerspace) -> None:
    sender = sender_of(await make_makerspace())
    sender.token = sender.token[:-4] + "AAAA"
    answer = sender.lines([EVENT])
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert answer.json() == {
        "errors": [{"message": "A valid bearer token is needed.", "extensions": {"code": "UNAUTHENTICATED"}}]
    }


@pytest.mark.parametrize("kind", ["text/plain", "application/x-ndjson; charset=latin-1", "application/jsonlines", ""])
async def test_another_content_type_is_refused_naming_the_accepted(sender_of, make_makerspace, kind) -> None:
    answer = sender_of(await make_makerspace()).json(EVENT, content_type=kind)
    assert answer.status_code == 415
    assert answer.json()["errors"][0]["message"] == "Send application/json or application/x-ndjson in UTF-8."
    assert sender_of(await make_makerspace()).json(EVENT, content_encoding="gzip").status_code == 415


@pytest.mark.parametrize("body", [b"", b"5", b'"x"', b"null", b"[1", b"\xff", b"[" * 100_000, b'[{"event_type":NaN}]'])
async def test_invalid_json_is_a_400(sender_of, make_makerspace, owner, body) -> None:
    answer = sender_of(await make_makerspace()).json(body)
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (400, "INVALID")
    assert answer.json()["committedLines"] == 0
    assert await owner.fetchval("SELECT data_version FROM makerspaces") == 0


async def test_two_mebibytes_of_json_pass_and_one_byte_more_does_not(sender_of, make_makerspace) -> None:
    sender = sender_of(await make_makerspace())
    body = json.dumps([EVENT]).encode()
    body += b" " * (2 * 1024 * 1024 - len(body))
    assert sender.json(body).json()["recorded"] == 1
    refused = sender.json(body + b" ")
    assert (refused.status_code, refused.json()["errors"][0]["extensions"]["code"]) == (413, "LIMIT_EXCEEDED")


@pytest.mark.parametrize("key", ["", "x" * 201])
async def test_an_invalid_idempotency_key_is_refused(sender_of, make_makerspace, key) -> None:
    sender = sender_of(await make_makerspace())
    assert sender.lines([EVENT], idempotency_key=key).status_code == 400
    body = json.dumps(EVENT).encode()
    head = f"content-type: application/json\ncontent-length: {len(body)}\nidempotency-key: a\nidempotency-key: b"
    with answer_of(sender.raw(head, body)) as (status, _):
        assert status == 400


async def test_get_is_not_allowed(sender_of, make_makerspace) -> None:
    sender = sender_of(await make_makerspace())
    assert sender.client.get("/api/v1/analytics/events").status_code == 405
