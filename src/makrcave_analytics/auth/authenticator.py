"""From the Authorization header to a Viewer: verifies tokens and caches the valid ones."""

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

CACHED_TOKENS = 2048
CACHED_FOR = timedelta(minutes=5)
"""After this a token is verified again, so that a withdrawn key stops working."""


class _CachedViewer(NamedTuple):
    viewer: Viewer
    since: datetime
    until: datetime


class Authenticator:
    """Verifies tokens with the configured keys, and caches the valid ones by their hash."""

    def __init__(self, settings: Settings, *, fetch: Fetch | None = None) -> None:
        """Take the keys from the settings; nothing is fetched yet. `fetch` replaces HTTP.

        Raises:
            ConfigurationError: neither jwt_secret nor jwks_url is set, or one of them is unsafe.
        """
        if settings.jwt_secret is None and settings.jwks_url is None:
            raise ConfigurationError("Set ANALYTICS_JWT_SECRET or ANALYTICS_JWKS_URL: they verify tokens")
        self._issuer = settings.issuer
        self._audience = settings.audience
        self._hmac_key = None if settings.jwt_secret is None else hmac_key(settings.jwt_secret)
        self._key_set = None if settings.jwks_url is None else KeySet(settings.jwks_url, fetch)
        self._cache: OrderedDict[bytes, _CachedViewer] = OrderedDict()

    async def prepare(self, now: datetime) -> None:
        """Fetch the published keys, if a key set is configured. Called at the start of the process."""
        if self._key_set is not None:
            await self._key_set.prepare(now)

    async def close(self) -> None:
        """Stop fetching keys."""
        if self._key_set is not None:
            await self._key_set.close()

    async def viewer(self, authorization: str | Sequence[str] | None, now: datetime) -> Viewer:
        """Return the viewer of an Authorization header, or of the list of them if a request has several.

        Raises:
            Unauthenticated: the token is not valid. The message is always the same; the reason is logged here.
            Unavailable: the issuer's keys cannot be fetched.
        """
        try:
            token = bearer(authorization)
            digest = hashlib.sha256(token.encode()).digest()
            return self._cached(digest, now) or await self._verify(token, digest, now)
        except Unauthenticated as error:
            log.info("token refused", reason=error.reason)
            raise

    async def _verify(self, token: str, digest: bytes, now: datetime) -> Viewer:
        header = read_header(token)
        key = await self._key(header.algorithm, header.key_id, now)
        payload = verify(token, header.algorithm, key)
        claims = read_claims(payload, issuer=self._issuer, audience=self._audience, now=now)
        viewer = read_viewer(claims, self._audience)
        self._store(digest, viewer, now)
        return viewer

    async def _key(self, algorithm: str, key_id: str | None, now: datetime) -> Any:
        """Return the key that we configured for the algorithm; the token does not choose the kind of key."""
        if algorithm == "HS256" and self._hmac_key is not None:
            if key_id is not None:
                raise Unauthenticated("header: kid names a key, but HS256 has one secret")
            return self._hmac_key
        if algorithm != "HS256" and self._key_set is not None:
            return await self._key_set.find(algorithm, key_id, now)
        raise Unauthenticated(f"{algorithm} is not configured")

    def _cached(self, digest: bytes, now: datetime) -> Viewer | None:
        found = self._cache.get(digest)
        if found is None or not found.since <= now < found.until:
            return None
        self._cache.move_to_end(digest)
        return found.viewer

    def _store(self, digest: bytes, viewer: Viewer, now: datetime) -> None:
        until = min(viewer.expires_at, now + CACHED_FOR)
        self._cache[digest] = _CachedViewer(viewer, now, until)
        self._cache.move_to_end(digest)
        if len(self._cache) > CACHED_TOKENS:
            self._cache.popitem(last=False)
