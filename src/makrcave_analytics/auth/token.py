"""Parses and verifies one bearer token: its form and header before a key is chosen, its claims after.

PyJWT checks the signature. What it accepts and should not (padding, duplicate members, NaN, fractional times, header
parameters that name keys) is refused here. Reasons go to the log; clients see one message.
"""

import base64
import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import jwt
from jwt.algorithms import HMACAlgorithm
from pydantic import SecretStr

from makrcave_analytics.crypto import MIN_SECRET_BYTES
from makrcave_analytics.errors import ConfigurationError, Unauthenticated

ALGORITHMS = ("HS256", "RS256", "ES256")
MAX_TOKEN_LENGTH = 8 * 1024
MAX_KEY_ID_LENGTH = 200
MAX_SUBJECT_LENGTH = 100
LEEWAY_SECONDS = 30
"""How far the issuer's clock may be ahead of ours for nbf and iat; exp has no leeway."""

_YEAR_10000 = 253_402_300_800
_SHAPE = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_HEADER_TYPES = {"jwt", "at+jwt", "application/at+jwt"}
_PAYLOAD_TYPES = {"bearer", "access", "jwt", "at+jwt"}
_OTHER_TOKENS = {"id", "id_token", "refresh", "refresh_token", "offline"}
_REFUSED_PARAMETERS = ("crit", "jwk", "jku", "x5u", "x5c")

_jws = jwt.PyJWS(algorithms=ALGORITHMS)


@dataclass(frozen=True, slots=True)
class Header:
    """The part of a token's header that is used before verification, to look up its key."""

    algorithm: str
    key_id: str | None


def bearer(authorization: object) -> str:
    """Return the token in the Authorization header or headers.

    Raises:
        Unauthenticated: no header, several headers, another scheme, too long, or not three segments of base64url.
    """
    if isinstance(authorization, Sequence) and not isinstance(authorization, str | bytes):
        if len(authorization) > 1:
            raise Unauthenticated("several Authorization headers")
        authorization = authorization[0] if authorization else None
    if authorization is None or authorization == "":
        raise Unauthenticated("no token")
    if not isinstance(authorization, str):
        raise Unauthenticated("the Authorization header is not text")
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthenticated("not a bearer token")
    if len(token) > MAX_TOKEN_LENGTH:
        raise Unauthenticated("the token is too long")
    if _SHAPE.fullmatch(token) is None:
        raise Unauthenticated("the token is not three segments of base64url")
    return token


def read_header(token: str) -> Header:
    """Parse the header of a well-formed token. It is used only to look up a key.

    Raises:
        Unauthenticated: a parameter is unknown, or would choose the key or the way of verification.
    """
    segment = token.partition(".")[0]
    try:
        header = _strict_json(base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))
    except ValueError:
        raise Unauthenticated("the header is not JSON") from None
    refused = next((name for name in _REFUSED_PARAMETERS if name in header), None)
    if refused is not None or header.get("b64", True) is not True:
        raise Unauthenticated(f"header parameter {refused or 'b64'}")
    kind = header.get("typ", "JWT")
    if not isinstance(kind, str) or kind.lower() not in _HEADER_TYPES:
        raise Unauthenticated("header: typ is not that of an access token")
    algorithm, key_id = header.get("alg"), header.get("kid")
    if algorithm not in ALGORITHMS:
        raise Unauthenticated("header: alg is not accepted")
    if "kid" in header and not (isinstance(key_id, str) and 0 < len(key_id) <= MAX_KEY_ID_LENGTH):
        raise Unauthenticated("header: kid is not a short text")
    return Header(algorithm, key_id)


def verify(token: str, algorithm: str, key: Any) -> bytes:
    """Verify the signature with this one algorithm and return the payload.

    Raises:
        Unauthenticated: the signature is wrong.
    """
    try:
        payload: bytes = _jws.decode_complete(token, key, algorithms=[algorithm])["payload"]
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        raise Unauthenticated(f"signature: {type(error).__name__}") from None
    return payload


def read_claims(payload: bytes, *, issuer: str | None, audience: str | None, now: datetime) -> dict[str, Any]:
    """Parse the claims of a verified payload and check those about the token itself.

    Raises:
        Unauthenticated: a claim is wrong; the reason names it.
    """
    try:
        claims = _strict_json(payload)
    except ValueError:
        raise Unauthenticated("the payload is not JSON") from None
    _check_times(claims, now.timestamp())
    _check_kind(claims)
    if not _is_name(claims.get("sub")):
        raise Unauthenticated("claim sub")
    if issuer is not None and claims.get("iss") != issuer:
        raise Unauthenticated("claim iss")
    if audience is not None and not _names(claims.get("aud"), audience):
        raise Unauthenticated("claim aud")
    return claims


def hmac_key(secret: SecretStr) -> bytes:
    """Return the key of HS256.

    Raises:
        ConfigurationError: shorter than 32 bytes, or a public key or certificate, which is not secret.
    """
    key = secret.get_secret_value().encode("utf-8", "surrogateescape")
    if len(key) < MIN_SECRET_BYTES:
        raise ConfigurationError(f"ANALYTICS_JWT_SECRET is shorter than {MIN_SECRET_BYTES} bytes")
    try:
        return HMACAlgorithm(HMACAlgorithm.SHA256).prepare_key(key)
    except jwt.InvalidKeyError:
        raise ConfigurationError("ANALYTICS_JWT_SECRET is a public key or a certificate, not a secret") from None


def _check_times(claims: dict[str, Any], now: float) -> None:
    for name, latest in (("nbf", now + LEEWAY_SECONDS), ("iat", now + LEEWAY_SECONDS), ("exp", math.inf)):
        value = claims.get(name)
        if name in claims and not (type(value) is int and 0 <= value < _YEAR_10000 and value <= latest):
            raise Unauthenticated(f"claim {name}")
    if "exp" not in claims or claims["exp"] <= now:
        raise Unauthenticated("claim exp: missing or past")


def _check_kind(claims: dict[str, Any]) -> None:
    kind = claims.get("typ", "Bearer")
    if not isinstance(kind, str) or kind.lower() not in _PAYLOAD_TYPES:
        raise Unauthenticated("claim typ: not an access token")
    for name in ("type", "token_type", "token_use"):
        if str(claims.get(name)).lower() in _OTHER_TOKENS:
            raise Unauthenticated(f"claim {name}: not an access token")


def _is_name(value: object) -> bool:
    if not isinstance(value, str) or value != value.strip():
        return False
    return 0 < len(value) <= MAX_SUBJECT_LENGTH and value.isprintable()


def _names(claim: object, audience: str) -> bool:
    if isinstance(claim, list):
        return all(isinstance(each, str) for each in claim) and audience in claim
    return claim == audience


def _strict_json(data: bytes) -> dict[str, Any]:
    """Parse a JSON object in UTF-8 without NaN and duplicate members; ValueError for everything else."""
    try:
        value = json.loads(data.decode(), object_pairs_hook=_unique, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError("too deep") from None
    if not isinstance(value, dict):
        raise ValueError("not an object")  # noqa: TRY004 - one kind of error for one kind of fault
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("duplicate member")
    return members


def _no_constant(name: str) -> Any:
    raise ValueError(name)
