"""Every bad token gets the same answer, and the reason stays in the log."""

import base64
import json
from datetime import timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from makrcave_analytics.auth import Authenticator, Permission
from makrcave_analytics.config import Settings
from makrcave_analytics.errors import ConfigurationError, Unauthenticated

EPOCH = 1_772_366_400  # 2026-03-01T12:00:00Z, the tests' now


async def refusal(authenticator, authorization, now) -> str:
    with pytest.raises(Unauthenticated) as caught:
        await authenticator.viewer(authorization, now)
    assert caught.value.message == "A valid bearer token is needed."
    assert caught.value.extensions == {"code": "UNAUTHENTICATED"}
    return caught.value.reason


@pytest.fixture
def authenticator(settings):
    return Authenticator(settings)


async def test_a_valid_token_gives_its_viewer(authenticator, craft, claims, now, home):
    viewer = await authenticator.viewer(f"Bearer {craft(claims)}", now)
    assert viewer.user_id == "ada"
    assert viewer.roles == ("analyst",)
    assert viewer.makerspaces == {home}
    assert viewer.expires_at == now + timedelta(hours=1)
    assert viewer.permissions(home) == {Permission.READ}


@pytest.mark.parametrize("scheme", ["bearer", "BEARER"])
async def test_the_scheme_is_case_insensitive(authenticator, craft, claims, now, scheme):
    assert (await authenticator.viewer(f"{scheme} {craft(claims)}", now)).user_id == "ada"


async def test_one_header_in_a_list_is_one_header(authenticator, craft, claims, now):
    assert (await authenticator.viewer([f"Bearer {craft(claims)}"], now)).user_id == "ada"


@pytest.mark.parametrize("authorization", [None, "", [], 5, b"Bearer x", {"a": 1}, "Bearer", "Bearer ", "Basic YTpi"])
async def test_anything_but_a_bearer_token_is_refused(authenticator, now, authorization):
    await refusal(authenticator, authorization, now)


async def test_two_authorization_headers_are_refused_even_where_both_are_good(authenticator, craft, claims, now):
    good = f"Bearer {craft(claims)}"
    assert "several" in await refusal(authenticator, [good, good], now)
    await refusal(authenticator, f"{good}, {good}", now)


@pytest.mark.parametrize(
    "damage",
    [
        lambda t: t.rsplit(".", 1)[0],  # two segments
        lambda t: t.rsplit(".", 1)[0] + ".",  # signature removed
        lambda t: t + ".e30",  # four segments
        lambda _: "..",
        lambda _: ".",
        lambda _: "...",
        lambda t: t + "=",
        lambda t: t.replace(".", "=.", 1),
        lambda t: " " + t,
        lambda t: t + " ",
        lambda t: t + "\n",
        lambda t: t.replace(".", ".\t", 1),
        lambda t: t[:-4] + "!!!!",
        lambda t: t[:-4] + "é€ß¢",
        lambda t: t[:-2] + ("AA" if t[-2:] != "AA" else "BA"),  # signature flipped
        lambda t: t.split(".")[0] + "." + t.split(".")[0] + "." + t.split(".")[2],
        lambda t: "A" + t,
        lambda t: t + "A" * 8192,
        lambda _: "A" * 1_000_000,
    ],
)
async def test_a_damaged_token_is_refused(authenticator, craft, claims, now, damage):
    await refusal(authenticator, f"Bearer {damage(craft(claims))}", now)


async def test_only_the_canonical_spelling_of_a_signature_is_accepted(authenticator, craft, claims, now):
    token = craft(claims)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    # 32 bytes are 43 characters. The last has two spare bits, so the next character decodes to the same bytes.
    neighbour = alphabet[alphabet.index(token[-1]) ^ 1]
    assert base64.urlsafe_b64decode(token.split(".")[2] + "=") == base64.urlsafe_b64decode(
        token.split(".")[2][:-1] + neighbour + "="
    )
    await refusal(authenticator, f"Bearer {token[:-1]}{neighbour}", now)


async def test_a_payload_with_the_signature_of_another_is_refused(authenticator, craft, claims, now):
    good, other = craft(claims).split("."), craft({**claims, "roles": ["super_admin"]}).split(".")
    await refusal(authenticator, f"Bearer {good[0]}.{other[1]}.{good[2]}", now)


async def test_another_key_is_refused(authenticator, craft, claims, now):
    await refusal(authenticator, f"Bearer {craft(claims, key=b'x' * 32)}", now)


@pytest.mark.parametrize("algorithm", ["none", "None", "nOnE", "NONE", ""])
@pytest.mark.parametrize("signature", ["", "signed"])
async def test_the_algorithm_none_is_refused(authenticator, craft, claims, now, algorithm, signature):
    token = craft(claims, {"alg": algorithm, "typ": "JWT"})
    await refusal(authenticator, f"Bearer {token if signature else token.rsplit('.', 1)[0] + '.'}", now)


@pytest.mark.parametrize(
    "algorithm", ["HS384", "HS512", "RS256", "RS512", "PS256", "ES256", "EdDSA", "hs256", "HS256 ", 5, None, ["HS256"]]
)
async def test_algorithms_that_are_not_configured_are_refused(authenticator, craft, claims, now, algorithm):
    await refusal(authenticator, f"Bearer {craft(claims, {'alg': algorithm, 'typ': 'JWT'})}", now)


@pytest.mark.parametrize(
    "header",
    [
        {"typ": "JWT"},
        [],
        "HS256",
        None,
        b"null",
        b"not json",
        b"\xff\xfe",
        b'{"alg":"HS256","alg":"HS256"}',
        b"[" * 3000,
        {"alg": "HS256", "crit": ["unknown"]},
        {"alg": "HS256", "crit": []},
        {"alg": "HS256", "crit": ["exp"], "exp": 1},
        {"alg": "HS256", "b64": False},
        {"alg": "HS256", "b64": False, "crit": ["b64"]},
        {"alg": "HS256", "jwk": {"kty": "oct", "k": "YQ"}},
        {"alg": "HS256", "jku": "http://127.0.0.1:1/certs"},
        {"alg": "HS256", "x5u": "http://127.0.0.1:1/cert"},
        {"alg": "HS256", "x5c": ["MIIB"]},
        {"alg": "HS256", "typ": "ID"},
        {"alg": "HS256", "typ": "Refresh"},
        {"alg": "HS256", "typ": "logout+jwt"},
        {"alg": "HS256", "typ": 5},
        {"alg": "HS256", "typ": None},
        {"alg": "HS256", "kid": "../../../../dev/null"},
        {"alg": "HS256", "kid": "' UNION SELECT 'key'--"},
        {"alg": "HS256", "kid": "unknown"},
        {"alg": "HS256", "kid": 5},
        {"alg": "HS256", "kid": ["a"]},
        {"alg": "HS256", "kid": None},
        {"alg": "HS256", "kid": "x" * 5000},
    ],
)
async def test_a_header_that_would_choose_the_verification_is_refused(authenticator, craft, claims, now, header):
    header = b"null" if header is None else header
    await refusal(authenticator, f"Bearer {craft(claims, header)}", now)


@pytest.mark.parametrize("kind", ["JWT", "jwt", "at+jwt", "application/at+jwt"])
async def test_the_type_of_an_access_token_is_accepted(authenticator, craft, claims, now, kind):
    assert (await authenticator.viewer(f"Bearer {craft(claims, {'alg': 'HS256', 'typ': kind})}", now)).user_id
    assert (await authenticator.viewer(f"Bearer {craft(claims, {'alg': 'HS256'})}", now)).user_id


@pytest.mark.parametrize(
    "payload",
    [b"null", b"[]", b'"x"', b"1", b"not json", b"\xff", b'{"sub":"a","sub":"b","exp":1999999999}', b"[" * 5000],
)
async def test_a_payload_that_is_no_plain_object_is_refused(authenticator, craft, now, payload):
    await refusal(authenticator, f"Bearer {craft(payload)}", now)


@pytest.mark.parametrize(
    "exp", [None, EPOCH - 1, EPOCH, str(EPOCH + 60), EPOCH + 60.5, 10**30, True, -1, [], b"NaN", b"Infinity", b"1e400"]
)
async def test_exp_is_a_whole_number_of_seconds_in_the_future(authenticator, craft, claims, now, exp):
    payload = json.dumps({**claims, "exp": 0 if isinstance(exp, bytes) else exp}).encode()
    if isinstance(exp, bytes):
        payload = payload.replace(b'"exp": 0', b'"exp": ' + exp)
    await refusal(authenticator, f"Bearer {craft(payload)}", now)


async def test_exp_is_needed(authenticator, craft, claims, now):
    del claims["exp"]
    await refusal(authenticator, f"Bearer {craft(claims)}", now)


@pytest.mark.parametrize("claim", ["nbf", "iat"])
async def test_a_token_from_the_future_is_refused_beyond_30_seconds(authenticator, craft, claims, now, claim):
    assert await authenticator.viewer(f"Bearer {craft({**claims, claim: EPOCH + 30})}", now)
    await refusal(authenticator, f"Bearer {craft({**claims, claim: EPOCH + 31})}", now)


@pytest.mark.parametrize("claim", ["nbf", "iat"])
@pytest.mark.parametrize("value", ["0", 1.5, None, True, -1, [], {}])
async def test_times_are_whole_numbers(authenticator, craft, claims, now, claim, value):
    await refusal(authenticator, f"Bearer {craft({**claims, claim: value})}", now)


@pytest.mark.parametrize(
    "sub", [..., "", " ", 5, None, [], "a\u0000", "a\nb", "\u202eada", "\ud800", "x" * 101, "x" * 5000]
)
async def test_sub_is_a_short_printable_text(authenticator, craft, claims, now, sub):
    if sub is ...:
        del claims["sub"]
    else:
        claims["sub"] = sub
    await refusal(authenticator, f"Bearer {craft(claims)}", now)


@pytest.mark.parametrize("sub", ["x" * 100, "José María", "auth0|5f7c8ec7", "ada@example.org"])
async def test_common_subs_are_accepted(authenticator, craft, claims, now, sub):
    assert (await authenticator.viewer(f"Bearer {craft({**claims, 'sub': sub})}", now)).user_id == sub


@pytest.mark.parametrize(
    "more",
    [
        {"typ": "ID"},
        {"typ": "Refresh"},
        {"typ": "Offline"},
        {"typ": "Logout"},
        {"typ": 5},
        {"typ": None},
        {"token_use": "id"},
        {"type": "refresh"},
        {"token_type": "refresh"},
    ],
)
async def test_id_and_refresh_tokens_are_no_access_tokens(authenticator, craft, claims, now, more):
    await refusal(authenticator, f"Bearer {craft({**claims, **more})}", now)
    assert await authenticator.viewer(f"Bearer {craft({**claims, 'typ': 'Bearer'})}", now)


ISSUER = "https://login.example.org/realms/makers"


@pytest.mark.parametrize("iss", [..., None, "", "https://evil.example.org", ISSUER + "/", ISSUER.upper(), [ISSUER], 5])
async def test_iss_is_exact_where_configured(settings, craft, claims, now, iss):
    authenticator = Authenticator(settings.model_copy(update={"issuer": ISSUER}))
    assert await authenticator.viewer(f"Bearer {craft({**claims, 'iss': ISSUER})}", now)
    wrong = claims if iss is ... else {**claims, "iss": iss}
    await refusal(authenticator, f"Bearer {craft(wrong)}", now)


@pytest.mark.parametrize(
    "aud", [..., None, "", "other", "analytics-api", "analytic", [], ["other"], ["analytics", 5], 5, {}]
)
async def test_aud_names_us_where_configured(settings, craft, claims, now, aud):
    authenticator = Authenticator(settings.model_copy(update={"audience": "analytics"}))
    assert await authenticator.viewer(f"Bearer {craft({**claims, 'aud': 'analytics'})}", now)
    assert await authenticator.viewer(f"Bearer {craft({**claims, 'aud': ['account', 'analytics']})}", now)
    wrong = claims if aud is ... else {**claims, "aud": aud}
    await refusal(authenticator, f"Bearer {craft(wrong)}", now)


async def test_a_public_key_is_no_secret(craft, claims, now, issuer, rsa_key, publish, settings):
    public = rsa_key.public_key()
    encodings = [
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        public.public_bytes(Encoding.PEM, PublicFormat.PKCS1),
        public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        json.dumps(publish(rsa_key, kid="rsa-1", alg="RS256")).encode(),
    ]
    only_published = Settings(_env_file=None, jwks_url=issuer.url)
    both = settings.model_copy(update={"jwks_url": issuer.url})
    for authenticator in (Authenticator(only_published), Authenticator(both)):
        for key in encodings:
            for header in ({"alg": "HS256", "typ": "JWT"}, {"alg": "HS256", "typ": "JWT", "kid": "rsa-1"}):
                await refusal(authenticator, f"Bearer {craft(claims, header, key=key)}", now)
    assert issuer.requests == []


async def test_a_cached_token_still_expires(authenticator, craft, claims, now):
    token = f"Bearer {craft(claims)}"
    first = await authenticator.viewer(token, now)
    assert await authenticator.viewer(token, now + timedelta(seconds=1)) is first
    assert await authenticator.viewer(token, now + timedelta(seconds=3599)) == first
    await refusal(authenticator, token, now + timedelta(seconds=3600))


async def test_the_cache_of_tokens_is_bounded(authenticator, craft, claims, now, monkeypatch):
    monkeypatch.setattr("makrcave_analytics.auth.authenticator.CACHED_TOKENS", 3)
    tokens = [f"Bearer {craft({**claims, 'sub': f'user {n}'})}" for n in range(5)]
    first = [await authenticator.viewer(token, now) for token in tokens]
    again = [await authenticator.viewer(token, now) for token in reversed(tokens)][::-1]
    assert [old is new for old, new in zip(first, again, strict=True)] == [False, False, True, True, True]
    assert first == again


@pytest.mark.parametrize(
    "secret", ["", "short", "x" * 31, "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----"]
)
def test_a_weak_secret_does_not_start(secret):
    with pytest.raises(ConfigurationError, match="ANALYTICS_JWT_SECRET"):
        Authenticator(Settings(_env_file=None, jwt_secret=secret))


def test_no_key_at_all_does_not_start():
    with pytest.raises(ConfigurationError, match="ANALYTICS_JWKS_URL"):
        Authenticator(Settings(_env_file=None))


async def test_tokens_of_other_libraries_are_accepted(authenticator, settings, claims, now):
    token = jwt.encode(claims, settings.jwt_secret.get_secret_value(), algorithm="HS256")
    assert (await authenticator.viewer(f"Bearer {token}", now)).user_id == "ada"
