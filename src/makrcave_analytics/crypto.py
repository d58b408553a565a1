"""Signatures, opaque ids and pseudonyms, all derived from one secret.

Each purpose has its own key, derived by HKDF (RFC 5869): a value made for one purpose is invalid for another.
Nothing here encrypts: sealed values are readable, but cannot be changed or forged without the key.
Knows no clock: `now` is passed in.
"""

import base64
import hmac
import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import TypeAlias
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from makrcave_analytics.config import Settings
from makrcave_analytics.errors import ConfigurationError, Invalid, Unauthenticated

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"

MIN_SECRET_BYTES = 32
MAX_SEALED_LENGTH = 2048
"""Characters of a sealed value: a cursor may hold the longest name, in any script."""

_SEAL_BYTES = 16
_EXPIRY = struct.Struct(">q")
_DIGEST_BYTES = 32
_PEOPLE_KEPT = 20_000
"""Cached pseudonyms: each recorded fact needs one."""

# Crockford's alphabet: without i, l, o and u, so that it can be read aloud.
_BASE32 = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"0123456789abcdefghjkmnpqrstvwxyz")


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs values that expire."""

    key: bytes = field(repr=False)

    def sign(self, payload: Json, until: datetime) -> str:
        """Make a URL-safe token of the payload, valid before `until` (whole seconds, exclusive)."""
        body = _EXPIRY.pack(int(until.timestamp())) + _dump(payload)
        return _encode(_digest(self.key, body) + body)

    def verify(self, token: str, now: datetime) -> Json:
        """Return the payload.

        Raises:
            Unauthenticated: forged, changed or expired; the reason says which.
        """
        data = _decode(token) if len(token) <= MAX_SEALED_LENGTH else None
        if data is None or len(data) < _DIGEST_BYTES + _EXPIRY.size:
            raise Unauthenticated("signature: malformed")
        digest, body = data[:_DIGEST_BYTES], data[_DIGEST_BYTES:]
        if not hmac.compare_digest(digest, _digest(self.key, body)):
            raise Unauthenticated("signature: wrong")
        if now.timestamp() >= _EXPIRY.unpack_from(body)[0]:
            raise Unauthenticated("signature: expired")
        return _load(body[_EXPIRY.size :])


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys derived from the secret, and what is made with them. One per process."""

    downloads: Signer
    _seals: bytes = field(repr=False)
    _pseudonyms: bytes = field(repr=False)
    _tombstones: bytes = field(repr=False)
    _webhooks: bytes = field(repr=False)

    @classmethod
    def from_settings(cls, settings: Settings) -> "Keys":
        """Derive the keys from ANALYTICS_SECRET or, if that is not set, from ANALYTICS_JWT_SECRET.

        Raises:
            ConfigurationError: neither is set, or the secret is shorter than 32 bytes.
        """
        root = _root(settings)
        return cls(
            downloads=Signer(_derive(root, "downloads")),
            _seals=_derive(root, "seals"),
            _pseudonyms=_derive(root, "pseudonyms"),
            _tombstones=_derive(root, "tombstones"),
            _webhooks=_derive(root, "webhooks"),
        )

    def seal(self, purpose: str, value: Json) -> str:
        """Make an opaque, URL-safe text of a value. The same value always gives the same text."""
        body = _dump(value)
        text = _encode(self._seal(purpose, body) + body)
        if len(text) > MAX_SEALED_LENGTH:
            raise ValueError(f"{len(text)} characters are too many to seal: {purpose}")
        return text

    def open(self, purpose: str, text: str) -> Json:
        """Return the sealed value; None for a text that was forged, changed or sealed for another purpose."""
        data = _decode(text) if len(text) <= MAX_SEALED_LENGTH else None
        if data is None or len(data) <= _SEAL_BYTES:
            return None
        seal, body = data[:_SEAL_BYTES], data[_SEAL_BYTES:]
        return _load(body) if hmac.compare_digest(seal, self._seal(purpose, body)) else None

    def seal_cursor(self, connection: str, scope: object, position: Sequence[Json]) -> str:
        """Make the cursor of a position in a list; `scope` is the owner of the list: a makerspace or a viewer."""
        return self.seal(_cursor(connection, scope), position)

    def open_cursor(self, connection: str, scope: object, text: str) -> Sequence[Json]:
        """Return the position of a cursor.

        Raises:
            Invalid: with the path `after`; not a cursor of this list.
        """
        position = self.open(_cursor(connection, scope), text)
        if not isinstance(position, list):
            raise Invalid("after is not a cursor of this list.", path=("after",))
        return position

    def pseudonym(self, makerspace_id: UUID, user_id: str) -> str:
        """Return the pseudonym of a person in one makerspace: p_ and 20 characters, always the same."""
        return _pseudonym(self._pseudonyms, makerspace_id, user_id)

    def tombstone(self, makerspace_id: UUID, user_id: str) -> bytes:
        """Return what is kept of an erased person: it recognises their id and does not reveal it."""
        return _tombstone(self._tombstones, makerspace_id, user_id)

    def webhook_secret(self, makerspace_id: UUID, seed: bytes) -> str:
        """Return the secret that signs a webhook's messages. The seed in the database is not enough to derive it."""
        return "whsec_" + _encode(_digest(self._webhooks, makerspace_id.bytes + seed))

    def _seal(self, purpose: str, body: bytes) -> bytes:
        return _digest(self._seals, purpose.encode() + b"\0" + body)[:_SEAL_BYTES]


def display_pseudonym(pseudonym: str) -> str:
    """Format a pseudonym for display: "Member 7F3K-2QXD"."""
    letters = pseudonym.removeprefix("p_")[:8].upper()
    return f"Member {letters[:4]}-{letters[4:]}"


def _root(settings: Settings) -> bytes:
    if settings.secret is not None:
        return _long_enough(settings.secret.get_secret_value(), "ANALYTICS_SECRET")
    if settings.jwt_secret is not None:
        return _derive(_long_enough(settings.jwt_secret.get_secret_value(), "ANALYTICS_JWT_SECRET"), "secret")
    raise ConfigurationError(
        "Set ANALYTICS_SECRET (32 bytes or more): it signs downloads and cursors and makes pseudonyms"
    )


def _long_enough(secret: str, name: str) -> bytes:
    data = secret.encode("utf-8", "surrogateescape")
    if len(data) < MIN_SECRET_BYTES:
        raise ConfigurationError(f"{name} is shorter than {MIN_SECRET_BYTES} bytes")
    return data


def _derive(root: bytes, purpose: str) -> bytes:
    info = b"makrcave-analytics/" + purpose.encode()
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(root)


def _person(makerspace_id: UUID, user_id: str) -> bytes:
    return makerspace_id.bytes + user_id.encode("utf-8", "surrogatepass")


@lru_cache(maxsize=_PEOPLE_KEPT)
def _pseudonym(key: bytes, makerspace_id: UUID, user_id: str) -> str:
    digest = _digest(key, _person(makerspace_id, user_id))
    return "p_" + base64.b32encode(digest)[:20].translate(_BASE32).decode()


@lru_cache(maxsize=_PEOPLE_KEPT)
def _tombstone(key: bytes, makerspace_id: UUID, user_id: str) -> bytes:
    return _digest(key, _person(makerspace_id, user_id))


def _digest(key: bytes, data: bytes) -> bytes:
    return hmac.digest(key, data, "sha256")


def _cursor(connection: str, scope: object) -> str:
    return f"cursor\0{connection}\0{scope}"


def _dump(value: Json) -> bytes:
    return json.dumps(value, separators=(",", ":"), sort_keys=True, allow_nan=False, ensure_ascii=False).encode()


def _load(body: bytes) -> Json:
    value: Json = json.loads(body)
    return value


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes | None:
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return None
    # The last character has spare bits: of the texts for the same bytes only the canonical one is accepted.
    return data if _encode(data) == text else None
