"""Published keys: only the issuer's, of the right kind, fetched rarely and from one address."""

import asyncio
import json
from datetime import timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from makrcave_analytics.auth import Authenticator, Permission
from makrcave_analytics.config import Settings
from makrcave_analytics.errors import ConfigurationError, Unauthenticated, Unavailable


@pytest.fixture
async def authenticator(issuer):
    made = Authenticator(Settings(_env_file=None, jwks_url=issuer.url))
    yield made
    await made.close()


@pytest.fixture
def sign(claims, rsa_key):
    """Sign the claims with a private key, by default the issuer's RSA key."""

    def make(kid="rsa-1", key=rsa_key, algorithm="RS256", headers=None, **more):
        header = ({} if kid is None else {"kid": kid}) | (headers or {})
        return "Bearer " + jwt.encode({**claims, **more}, key, algorithm=algorithm, headers=header)

    return make


async def refuse(authenticator, token, now):
    with pytest.raises(Unauthenticated) as caught:
        await authenticator.viewer(token, now)
    return caught.value.reason


async def test_a_keycloak_token_gives_its_viewer(issuer, rsa_key, now, home, elsewhere):
    realm = "https://login.example.org/realms/makers"
    settings = Settings(_env_file=None, jwks_url=issuer.url, issuer=realm, audience="analytics")
    token = jwt.encode(
        {
            "exp": int(now.timestamp()) + 300,
            "iat": int(now.timestamp()) - 1,
            "auth_time": int(now.timestamp()) - 1,
            "jti": "onrtac:5b0c4f3e-0000-4000-8000-000000000001",
            "iss": realm,
            "aud": ["analytics", "account"],
            "sub": "c3a1f7de-0000-4000-8000-000000000002",
            "typ": "Bearer",
            "azp": "portal",
            "sid": "9d1a0b0c-0000-4000-8000-000000000003",
            "acr": "1",
            "allowed-origins": ["https://portal.example.org"],
            "realm_access": {"roles": ["default-roles-makers", "offline_access", "makerspace-admin"]},
            "resource_access": {
                "analytics": {"roles": ["finance"]},
                "account": {"roles": ["manage-account", "super_admin"]},
            },
            "scope": "openid profile email",
            "groups": [f"/makerspace:{home}", f"makerspace:{elsewhere}", "/laser-crew", "offline_access"],
            "preferred_username": "ada",
            "email": "ada@example.org",
        },
        rsa_key,
        algorithm="RS256",
        headers={"kid": "rsa-1"},
    )
    viewer = await Authenticator(settings).viewer(f"Bearer {token}", now)
    assert viewer.user_id == "c3a1f7de-0000-4000-8000-000000000002"
    assert viewer.makerspaces == {home, elsewhere}
    assert viewer.permissions(home) == set(Permission)
    assert not viewer.is_super_admin
    assert issuer.requests == ["/certs"]


async def test_es256_is_verified_with_its_own_key(authenticator, sign, ec_key, now):
    assert (await authenticator.viewer(sign("ec-1", ec_key, "ES256"), now)).user_id == "ada"


async def test_a_kid_may_be_missing_where_one_key_fits(authenticator, sign, ec_key, now):
    assert (await authenticator.viewer(sign(None), now)).user_id == "ada"
    assert (await authenticator.viewer(sign(None, ec_key, "ES256"), now)).user_id == "ada"


async def test_a_kid_is_needed_where_several_keys_fit(authenticator, issuer, sign, rsa_key, publish, now):
    issuer.serve_keys(publish(rsa_key, kid="a"), publish(rsa_key, kid="b"))
    await refuse(authenticator, sign(None), now)
    assert (await authenticator.viewer(sign("b"), now)).user_id == "ada"


@pytest.mark.parametrize("algorithm", ["RS384", "RS512", "PS256", "PS512"])
async def test_other_algorithms_of_the_same_key_are_refused(authenticator, issuer, sign, now, algorithm):
    await refuse(authenticator, sign(algorithm=algorithm), now)
    assert issuer.requests == []


async def test_the_kind_of_key_must_fit(authenticator, sign, rsa_key, ec_key, now):
    await refuse(authenticator, sign("ec-1"), now)
    await refuse(authenticator, sign("rsa-1", ec_key, "ES256"), now)


async def test_another_issuers_key_is_refused(authenticator, sign, now):
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assert "Signature" in await refuse(authenticator, sign(key=stranger), now)


@pytest.mark.parametrize("kid", ["../../certs", "' OR 1=1--", "unknown", "http://127.0.0.1:1/", "x" * 200])
async def test_an_unknown_kid_is_only_looked_up(authenticator, issuer, sign, now, kid):
    await refuse(authenticator, sign(kid), now)
    assert issuer.requests == ["/certs"]


@pytest.mark.parametrize("name", ["jwk", "jku", "x5u", "x5c"])
async def test_a_key_that_comes_with_the_token_is_refused_and_nothing_is_fetched(
    authenticator, issuer, sign, publish, now, name
):
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    value = publish(stranger, kid="mine") if name == "jwk" else f"{issuer.url}/evil"
    token = sign("mine", stranger, headers={name: [value] if name == "x5c" else value})
    assert name in await refuse(authenticator, token, now)
    assert issuer.requests == []


async def test_keys_that_are_not_for_verification_are_ignored(authenticator, issuer, sign, rsa_key, publish, now):
    weak = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 - meant to be refused
    curve = ec.generate_private_key(ec.SECP384R1())
    good = publish(rsa_key, kid="good")
    issuer.serve_keys(
        publish(weak, kid="weak"),
        publish(curve, kid="curve"),
        {**good, "kid": "encryption", "use": "enc"},
        {**good, "kid": "other algorithm", "alg": "RS512"},
        {"kty": "oct", "k": "c2VjcmV0", "kid": "oct"},
        {"kty": "RSA", "kid": "no numbers"},
        {"kty": "RSA", "kid": "bad numbers", "n": 5, "e": []},
        {"kty": "RSA", "kid": ["list"], "n": good["n"], "e": good["e"]},
        "no object",
        good,
    )
    for kid in ("encryption", "other algorithm", "no numbers", "bad numbers", "oct"):
        await refuse(authenticator, sign(kid), now)
    with pytest.warns(jwt.InsecureKeyLengthWarning):
        token = sign("weak", weak)
    await refuse(authenticator, token, now)
    assert (await authenticator.viewer(sign("good"), now)).user_id == "ada"


async def test_a_private_key_published_by_mistake_is_used_as_a_public_one(authenticator, issuer, sign, rsa_key, now):
    issuer.serve_keys({**json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(rsa_key)), "kid": "rsa-1"})
    assert (await authenticator.viewer(sign(), now)).user_id == "ada"


@pytest.mark.parametrize("bits", [512, 1024])
async def test_a_short_rsa_key_does_not_start(issuer, publish, now, bits):
    short = {"kty": "RSA", "kid": "weak", "e": "AQAB", "n": jwt.utils.base64url_encode(b"\xff" * (bits // 8)).decode()}
    issuer.serve_keys(short)
    with pytest.raises(ConfigurationError, match="under 2048 bits"):
        await Authenticator(Settings(_env_file=None, jwks_url=issuer.url)).prepare(now)


async def test_an_issuer_that_is_away_at_the_start_is_asked_again(authenticator, issuer, sign, now):
    issuer.status = 503
    await authenticator.prepare(now)
    with pytest.raises(Unavailable):
        await authenticator.viewer(sign(), now + timedelta(seconds=1))
    issuer.status = 200
    assert (await authenticator.viewer(sign(), now + timedelta(seconds=5))).user_id == "ada"
    assert len(issuer.requests) == 2


@pytest.mark.parametrize("document", [b"", b"{}", b"[]", b"null", b'{"keys":5}', b"[" * 100_000, b"x" * 300_000])
async def test_an_answer_without_a_key_set_counts_as_an_issuer_that_is_away(authenticator, issuer, sign, now, document):
    issuer.document = document
    with pytest.raises(Unavailable):
        await authenticator.viewer(sign(), now)


async def test_a_redirect_is_not_followed(authenticator, issuer, sign, now):
    issuer.status = 302
    with pytest.raises(Unavailable):
        await authenticator.viewer(sign(), now)
    assert issuer.requests == ["/certs"]


async def test_hundreds_of_concurrent_requests_fetch_once(authenticator, issuer, sign, now):
    issuer.gate.clear()
    waiting = [asyncio.create_task(authenticator.viewer(sign(jti=str(n)), now)) for n in range(200)]
    assert await asyncio.to_thread(issuer.asked.wait, 10)
    issuer.gate.set()
    assert {viewer.user_id for viewer in await asyncio.gather(*waiting)} == {"ada"}
    assert issuer.requests == ["/certs"]


async def test_an_unknown_kid_fetches_again_at_most_every_30_seconds(
    authenticator, issuer, sign, rsa_key, publish, now
):
    await authenticator.viewer(sign(), now)
    issuer.serve_keys(publish(rsa_key, kid="rsa-2"))
    for second in range(30):
        await refuse(authenticator, sign("rsa-2"), now + timedelta(seconds=second))
    assert len(issuer.requests) == 1
    assert (await authenticator.viewer(sign("rsa-2"), now + timedelta(seconds=30))).user_id == "ada"
    assert len(issuer.requests) == 2


async def test_a_withdrawn_key_stops_working_for_cached_tokens_too(authenticator, issuer, sign, rsa_key, publish, now):
    token = sign()
    await authenticator.viewer(token, now)
    issuer.serve_keys(publish(rsa_key, kid="rsa-2"))
    assert await authenticator.viewer(token, now + timedelta(minutes=4))
    # After five minutes the keys are fetched in the background; later requests use the new ones.
    await authenticator.viewer(sign(jti="other"), now + timedelta(minutes=5))
    await authenticator._key_set._refresh(now + timedelta(minutes=5))
    await refuse(authenticator, token, now + timedelta(minutes=5, seconds=1))


async def test_known_keys_serve_for_an_hour_while_the_issuer_is_away(authenticator, issuer, sign, now):
    await authenticator.viewer(sign(), now)
    issuer.status = 500
    assert (await authenticator.viewer(sign(exp=1_900_000_000), now + timedelta(minutes=59))).user_id == "ada"
    with pytest.raises(Unavailable):
        await authenticator.viewer(sign(exp=1_900_000_001), now + timedelta(minutes=60))


async def test_both_kinds_of_keys_work_side_by_side(issuer, settings, craft, sign, claims, now):
    authenticator = Authenticator(settings.model_copy(update={"jwks_url": issuer.url}))
    assert (await authenticator.viewer(f"Bearer {craft(claims)}", now)).user_id == "ada"
    assert issuer.requests == []
    assert (await authenticator.viewer(sign(), now)).user_id == "ada"


@pytest.mark.parametrize("url", ["", "file:///etc/passwd", "ftp://example.org/certs", "https://", "certs.json"])
def test_an_address_without_http_does_not_start(url):
    with pytest.raises(ConfigurationError, match="ANALYTICS_JWKS_URL"):
        Authenticator(Settings(_env_file=None, jwks_url=url))
