"""The issuer's published keys for RS256 and ES256 tokens: fetched, checked and cached."""

import asyncio
import json
import urllib.request
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from jwt.utils import base64url_decode

from makrcave_analytics.errors import ConfigurationError, Unauthenticated, Unavailable
from makrcave_analytics.telemetry import logger

log = logger("auth.jwks")

Fetch: TypeAlias = Callable[[str], Awaitable[bytes]]
PublicKey: TypeAlias = RSAPublicKey | EllipticCurvePublicKey

FRESH_FOR = timedelta(minutes=5)
"""How long keys are used without a refresh; after that they are fetched in the background."""
MAX_AGE = timedelta(hours=1)
"""How long keys are used while the issuer does not answer."""
BETWEEN_FETCHES = timedelta(seconds=30)
BETWEEN_FAILURES = timedelta(seconds=5)
FETCH_SECONDS = 3.0
MAX_BYTES = 256 * 1024
MAX_KEYS = 100
MIN_RSA_BITS = 2048
MAX_RSA_BITS = 16_384


class WeakKey(ValueError):
    """An RSA key that is too short to be secure."""


@dataclass(frozen=True, slots=True)
class PublishedKey:
    """A usable key and the one algorithm that it is for."""

    key_id: str | None
    algorithm: str
    key: PublicKey


class KeySet:
    """Looks keys up by algorithm and kid. It fetches only from `url`; no token can change that."""

    def __init__(self, url: str, fetch: Fetch | None = None) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ConfigurationError("ANALYTICS_JWKS_URL is not an http or https address")
        self._url = url
        self._fetch = fetch or fetch_over_http
        self._keys: tuple[PublishedKey, ...] = ()
        self._weak_key_ids: tuple[str | None, ...] = ()
        self._fetched_at: datetime | None = None
        self._tried_at: datetime | None = None
        self._fetching: asyncio.Task[None] | None = None

    async def find(self, algorithm: str, key_id: str | None, now: datetime) -> PublicKey:
        """Return the key of a kid; without a kid, the only key of that algorithm. An unknown kid refreshes the keys.

        Raises:
            Unauthenticated: there is no such key.
            Unavailable: the issuer has not answered for an hour, or never.
        """
        key = self._choose(algorithm, key_id)
        if key is None or not _within(self._fetched_at, now, MAX_AGE):
            await self._refresh(now)
            key = self._choose(algorithm, key_id)
        elif not _within(self._fetched_at, now, FRESH_FOR):
            self._start_fetch(now)
        if not _within(self._fetched_at, now, MAX_AGE):
            raise Unavailable("Tokens cannot be checked at the moment: their issuer does not answer.")
        if key is None:
            raise Unauthenticated("no key of that kid and algorithm is published")
        return key

    async def prepare(self, now: datetime) -> None:
        """Fetch the keys at the start. If the issuer is away, later requests fetch them.

        Raises:
            ConfigurationError: the issuer publishes an RSA key under 2048 bits for signatures.
        """
        await self._refresh(now)
        if self._weak_key_ids:
            raise ConfigurationError(f"ANALYTICS_JWKS_URL publishes an RSA key under {MIN_RSA_BITS} bits")

    async def close(self) -> None:
        """Stop fetching."""
        task, self._fetching = self._fetching, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def _choose(self, algorithm: str, key_id: str | None) -> PublicKey | None:
        fitting = [each for each in self._keys if each.algorithm == algorithm]
        if key_id is not None:
            fitting = [each for each in fitting if each.key_id == key_id]
        return fitting[0].key if len(fitting) == 1 else None

    def _start_fetch(self, now: datetime) -> asyncio.Task[None] | None:
        """Start a fetch, unless one was tried recently; return the running one, which all waiters share."""
        failed = self._tried_at != self._fetched_at
        pause = BETWEEN_FAILURES if failed else BETWEEN_FETCHES
        if self._fetching is None and not _within(self._tried_at, now, pause):
            self._tried_at = now
            self._fetching = asyncio.create_task(self._load(now))
        return self._fetching

    async def _refresh(self, now: datetime) -> None:
        task = self._start_fetch(now)
        if task is not None:
            await asyncio.shield(task)

    async def _load(self, now: datetime) -> None:
        try:
            async with asyncio.timeout(2 * FETCH_SECONDS):
                document = await self._fetch(self._url)
            self._keys, self._weak_key_ids = read_keys(document)
            self._fetched_at = now
            log.info("keys fetched", keys=len(self._keys))
        except Exception as error:  # noqa: BLE001 - any failure there makes requests Unavailable
            log.warning("keys not fetched", error=f"{type(error).__name__}: {error}")
        finally:
            self._fetching = None


def read_keys(document: bytes) -> tuple[tuple[PublishedKey, ...], tuple[str | None, ...]]:
    """Parse a JWK set (RFC 7517) into the signature keys that we accept and the kids of RSA keys that are too short.

    Raises:
        ValueError: the document is not a JWK set.
    """
    try:
        entries = json.loads(document)["keys"]
    except (TypeError, KeyError, RecursionError) as error:
        raise ValueError("not a JWK set") from error
    if not isinstance(entries, list):
        raise ValueError("not a JWK set")  # noqa: TRY004 - one kind of error for one kind of fault
    keys: list[PublishedKey] = []
    weak: list[str | None] = []
    for entry in entries[:MAX_KEYS]:
        if not isinstance(entry, dict) or not isinstance(entry.get("kid"), str | None):
            continue
        try:
            keys += _read_key(entry)
        except WeakKey:
            log.warning("key refused: under 2048 bits", kid=entry.get("kid"))
            weak.append(entry.get("kid"))
        except (KeyError, TypeError, ValueError, jwt.PyJWTError) as error:
            log.warning("key left out", kid=entry.get("kid"), error=type(error).__name__)
    return tuple(keys), tuple(weak)


def _read_key(jwk: dict[str, Any]) -> list[PublishedKey]:
    """Make a key of the public members only: a private key published by mistake is used as a public one."""
    kind = jwk.get("kty"), jwk.get("crv")
    if jwk.get("use", "sig") != "sig":
        return []
    if kind[0] == "RSA" and jwk.get("alg", "RS256") == "RS256":
        bits = int.from_bytes(base64url_decode(jwk["n"]), "big").bit_length()
        if bits < MIN_RSA_BITS:
            raise WeakKey
        if bits > MAX_RSA_BITS:
            return []
        rsa = RSAAlgorithm.from_jwk({name: jwk[name] for name in ("kty", "n", "e")})
        return [PublishedKey(jwk.get("kid"), "RS256", rsa)] if isinstance(rsa, RSAPublicKey) else []
    if kind == ("EC", "P-256") and jwk.get("alg", "ES256") == "ES256":
        curve = ECAlgorithm.from_jwk({name: jwk[name] for name in ("kty", "crv", "x", "y")})
        return [PublishedKey(jwk.get("kid"), "ES256", curve)] if isinstance(curve, EllipticCurvePublicKey) else []
    return []


async def fetch_over_http(url: str) -> bytes:
    """Fetch the key set: at most 3 s per network step and 256 kB, without redirects."""
    return await asyncio.to_thread(_download, url)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: Any, **_kwargs: Any) -> None:
        return None


def _download(url: str) -> bytes:
    opener = urllib.request.build_opener(_NoRedirect)
    with opener.open(url, timeout=FETCH_SECONDS) as answer:
        document: bytes = answer.read(MAX_BYTES + 1)
    if len(document) > MAX_BYTES:
        raise ValueError("the key set is too long")
    return document


def _within(then: datetime | None, now: datetime, span: timedelta) -> bool:
    """Return whether `then` is less than `span` ago; False if the clock was set back before it."""
    return then is not None and timedelta(0) <= now - then < span
