"""A signature has one purpose, an opaque value opens unchanged or not at all, a pseudonym never changes."""

import base64
import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from makrcave_analytics.config import Settings
from makrcave_analytics.crypto import Keys, Signer, display_pseudonym
from makrcave_analytics.errors import ConfigurationError, Invalid, Unauthenticated

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(minutes=15)
HOME = UUID("0f0e0d0c-0b0a-4908-8706-050403020100")
ELSEWHERE = UUID("11111111-2222-4333-8444-555555555555")
KEYS = Keys.from_settings(Settings(_env_file=None, secret="s" * 32))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=4),
    max_leaves=8,
)  # fmt: skip


def flipped(text: str) -> list[str]:
    """Return every text that differs in one bit of one character and is still URL-safe."""
    spoilt = (
        text[:at] + chr(ord(letter) ^ 1 << bit) + text[at + 1 :] for at, letter in enumerate(text) for bit in range(7)
    )
    return [each for each in spoilt if re.fullmatch(r"[A-Za-z0-9_-]+", each)]


@given(JSON)
def test_a_sealed_value_opens_again_and_is_url_safe(value):
    text = KEYS.seal("report", value)
    assert re.fullmatch(r"[A-Za-z0-9_-]+", text)
    assert KEYS.open("report", text) == value
    assert KEYS.seal("report", value) == text


def test_no_bit_of_a_sealed_value_can_be_changed():
    text = KEYS.seal("report", [str(HOME), 7])
    spoilt = flipped(text)
    assert len(spoilt) > 100
    assert all(KEYS.open("report", each) is None for each in spoilt)


@pytest.mark.parametrize("text", ["", "x", "====", "é", "\ud800", "A" * 22, "A" * 2048, "A" * 10_000, "../..", " "])
def test_a_text_that_was_never_sealed_does_not_open(text):
    assert KEYS.open("report", text) is None


def test_padding_and_the_other_alphabet_are_refused():
    text = KEYS.seal("report", ["???>>>"])
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    for other in (base64.urlsafe_b64encode(data).decode(), base64.b64encode(data).decode(), text + "\n"):
        assert other == text or KEYS.open("report", other) is None


def test_a_value_sealed_for_one_purpose_does_not_open_for_another():
    assert KEYS.open("schedule", KEYS.seal("report", [1])) is None


def test_a_value_that_is_too_long_is_not_sealed():
    assert KEYS.open("x", KEYS.seal("x", "ü" * 700)) == "ü" * 700
    with pytest.raises(ValueError, match="too many"):
        KEYS.seal("x", "x" * 2000)


def test_a_cursor_belongs_to_one_list_and_one_makerspace():
    cursor = KEYS.seal_cursor("events", HOME, ["2026-03-01T12:00:00Z", str(HOME)])
    assert KEYS.open_cursor("events", HOME, cursor) == ["2026-03-01T12:00:00Z", str(HOME)]
    for connection, scope, text in (
        ("members", HOME, cursor),
        ("events", ELSEWHERE, cursor),
        ("events", HOME, ""),
        ("events", HOME, cursor[:-1]),
        ("events", HOME, "A" * 10_000),
        ("events", HOME, KEYS.seal("events", [1])),
    ):
        with pytest.raises(Invalid) as caught:
            KEYS.open_cursor(connection, scope, text)
        assert caught.value.extensions == {"code": "INVALID", "field": "after"}


@given(JSON)
def test_a_signed_payload_verifies_until_it_expires(payload):
    token = KEYS.downloads.sign(payload, LATER)
    assert KEYS.downloads.verify(token, LATER - timedelta(seconds=1)) == payload
    for late in (LATER, LATER + timedelta(seconds=1), LATER + timedelta(days=9999)):
        with pytest.raises(Unauthenticated) as caught:
            KEYS.downloads.verify(token, late)
        assert caught.value.reason == "signature: expired"


def test_no_bit_of_a_signed_token_can_be_changed():
    spoilt = [*flipped(KEYS.downloads.sign(["report"], LATER)), "", "A" * 60, "A" * 10_000, "é", "\ud800"]
    for each in spoilt:
        with pytest.raises(Unauthenticated):
            KEYS.downloads.verify(each, NOW)


def test_a_signature_of_another_key_is_refused():
    with pytest.raises(Unauthenticated):
        KEYS.downloads.verify(Signer(b"k" * 32).sign(["report"], LATER), NOW)


def test_a_pseudonym_is_stable_and_belongs_to_one_makerspace():
    # Computed by HKDF and HMAC from the secret s × 32; the first 100 bits in Crockford's base 32.
    assert KEYS.pseudonym(HOME, "ada") == "p_n10cwsg5qe5y0r3f4rxp"
    assert re.fullmatch(r"p_[0-9a-hjkmnp-tv-z]{20}", KEYS.pseudonym(HOME, "ada"))
    others = {KEYS.pseudonym(HOME, "bob"), KEYS.pseudonym(ELSEWHERE, "ada"), KEYS.pseudonym(HOME, "")}
    assert len(others | {KEYS.pseudonym(HOME, "ada")}) == 4
    assert KEYS.pseudonym(HOME, "\ud800").startswith("p_")


def test_a_pseudonym_has_a_display_form():
    assert display_pseudonym("p_7f3k2qxd00000000aaaa") == "Member 7F3K-2QXD"


def test_each_secret_makes_its_own_keys_and_secret_overrides_jwt_secret():
    def sealed(**settings: str) -> str:
        return Keys.from_settings(Settings(_env_file=None, **settings)).seal("x", 1)

    both = sealed(secret="s" * 32, jwt_secret="j" * 32)
    assert both == sealed(secret="s" * 32)
    # A derived secret differs from the token secret: neither can make the values of the other.
    assert len({both, sealed(jwt_secret="j" * 32), sealed(secret="j" * 32), sealed(jwt_secret="s" * 32)}) == 4


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({}, "ANALYTICS_SECRET"),
        ({"jwks_url": "https://login.example.org/certs"}, "ANALYTICS_SECRET"),
        ({"secret": "x" * 31}, "ANALYTICS_SECRET"),
        ({"secret": "", "jwt_secret": "x" * 32}, "ANALYTICS_SECRET"),
        ({"jwt_secret": "x" * 31}, "ANALYTICS_JWT_SECRET"),
    ],
)
def test_no_secret_or_a_short_one_does_not_start(settings, name):
    with pytest.raises(ConfigurationError, match=name):
        Keys.from_settings(Settings(_env_file=None, **settings))


def test_the_repr_of_keys_hides_them():
    assert "x01" not in repr(KEYS)
    assert "key" not in repr(KEYS.downloads)


def test_a_tombstone_belongs_to_one_person_of_one_makerspace_and_is_no_pseudonym():
    made = KEYS.tombstone(HOME, "asha")
    assert made == KEYS.tombstone(HOME, "asha")
    assert len({made, KEYS.tombstone(HOME, "ben"), KEYS.tombstone(UUID(int=1), "asha")}) == 3
    assert len(made) == 32
    assert KEYS.pseudonym(HOME, "asha") != KEYS.pseudonym(UUID(int=1), "asha")
