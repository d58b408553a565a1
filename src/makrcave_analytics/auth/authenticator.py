"""Authorization header in, Viewer out."""

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from makrcave_analytics.auth.claims import read_viewer
from makrcave_analytics.auth.jwks import Fetch, KeySet
from makrcave_analytics.auth.token import bearer, hmac_key, read_claims, read_header, verify
from makrcave_analytics.auth.viewer import Viewer
from makrcave_analytics.config import Settings
from makrcave_analytics.errors import ConfigurationError, Unauthenticated
from makrcave_analytics.telemetry import logger

log = logger("auth")

REMEMBERED_TOKENS = 2048
REMEMBERED_FOR = timedelta(minutes=5)
"""Then a token is verified again, so that a key which its issuer withdrew stops working."""


class _Remembered(NamedTuple):
    viewer: Viewer
    since: datetime
    until: datetime


class Authenticator:
    """Checks tokens by the configured keys, and remembers the good ones by their hash for a while."""

    def __init__(self, settings: Settings, *, fetch: Fetch | None = None) -> None:
        """Take the keys from the settings; nothing is fetched yet. `fetch` stands in for HTTP.

        Raises:
            ConfigurationError: neither jwt_secret nor jwks_url, or one that must not be used.
        """
        if settings.jwt_secret is None and settings.jwks_url is None:
            raise ConfigurationError("Set ANALYTICS_JWT_SECRET or ANALYTICS_JWKS_URL: tokens are checked by them")
        self._issuer = settings.issuer
        self._audience = settings.audience
        self._hmac_key = None if settings.jwt_secret is None else hmac_key(settings.jwt_secret)
        self._key_set = None if settings.jwks_url is None else KeySet(settings.jwks_url, fetch)
        self._remembered: OrderedDict[bytes, _Remembered] = OrderedDict()

    async def prepare(self, now: datetime) -> None:
        """Fetch the published keys, where there are such; for the start of the process."""
        if self._key_set is not None:
            await self._key_set.prepare(now)

    async def close(self) -> None:
        """Stop fetching keys."""
        if self._key_set is not None:
            await self._key_set.close()

    async def viewer(self, authorization: str | Sequence[str] | None, now: datetime) -> Viewer:
        """Check the Authorization header (all of them, where a request has several) and say who asks.

        Raises:
            Unauthenticated: always with the same message; the reason is logged here.
            Unavailable: the issuer's keys cannot be had.
        """
        try:
            token = bearer(authorization)
            digest = hashlib.sha256(token.encode()).digest()
            return self._recall(digest, now) or await self._verify(token, digest, now)
        except Unauthenticated as error:
            log.info("token refused", reason=error.reason)
            raise

    async def _verify(self, token: str, digest: bytes, now: datetime) -> Viewer:
        header = read_header(token)
        key = await self._key(header.algorithm, header.key_id, now)
        payload = verify(token, header.algorithm, key)
        claims = read_claims(payload, issuer=self._issuer, audience=self._audience, now=now)
        viewer = read_viewer(claims, self._audience)
        self._remember(digest, viewer, now)
        return viewer

    async def _key(self, algorithm: str, key_id: str | None, now: datetime) -> Any:
        """Find the key by where we look for that algorithm; a token has no say in which kind of key it meets."""
        if algorithm == "HS256" and self._hmac_key is not None:
            if key_id is not None:
                raise Unauthenticated("header: kid names a key, and the secret has no name")
            return self._hmac_key
        if algorithm != "HS256" and self._key_set is not None:
            return await self._key_set.find(algorithm, key_id, now)
        raise Unauthenticated(f"{algorithm} is not configured")

    def _recall(self, digest: bytes, now: datetime) -> Viewer | None:
        found = self._remembered.get(digest)
        if found is None or not found.since <= now < found.until:
            return None
        self._remembered.move_to_end(digest)
        return found.viewer

    def _remember(self, digest: bytes, viewer: Viewer, now: datetime) -> None:
        until = min(viewer.expires_at, now + REMEMBERED_FOR)
        self._remembered[digest] = _Remembered(viewer, now, until)
        self._remembered.move_to_end(digest)
        if len(self._remembered) > REMEMBERED_TOKENS:
            self._remembered.popitem(last=False)
