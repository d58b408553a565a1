"""Chooses the media type of an answer by the Accept header."""

import re
from collections.abc import Sequence
from enum import StrEnum
from http import HTTPStatus

from makrcave_analytics.web.http_error import Refusal

_QUALITY = re.compile(r"0(\.\d{0,3})?|1(\.0{0,3})?")
_MAX_RANGES = 100


class MediaType(StrEnum):
    """The media types of a GraphQL answer. The body is the same in both; statuses differ."""

    RESPONSE = "application/graphql-response+json"
    JSON = "application/json"


def negotiate(accept: Sequence[str]) -> MediaType:
    """Return the type that the client prefers. Among equals the one it names wins, and RESPONSE where it names both.

    Without a header, and for a bare wildcard, it is JSON, as older clients expect.

    Raises:
        Refusal: 406 where neither is acceptable.
    """
    if not "".join(accept).strip(" ,"):
        return MediaType.JSON
    ranges = _ranges(",".join(accept))
    best = max(MediaType, key=lambda media: _preference(media, ranges))
    if _preference(best, ranges)[0] <= 0:
        raise Refusal(HTTPStatus.NOT_ACCEPTABLE, f"Accept {MediaType.RESPONSE} or {MediaType.JSON}.")
    return best


def prefers_html(accept: Sequence[str]) -> bool:
    """True where the client names text/html, as browsers do when they open an address."""
    return any(name == "text/html" and quality > 0 for name, quality in _ranges(",".join(accept)))


def _ranges(accept: str) -> list[tuple[str, float]]:
    parts = accept.split(",")[:_MAX_RANGES]
    return [each for part in parts if (each := _range(part)) is not None]


def _range(text: str) -> tuple[str, float] | None:
    """Read one media range and its quality. None: it is malformed, or asks for another charset than UTF-8."""
    name, *parameters = (part.strip().lower() for part in text.split(";"))
    quality = 1.0
    for parameter in parameters:
        key, _, value = (part.strip() for part in parameter.partition("="))
        if key == "charset" and value.strip('"') not in ("utf-8", "utf8"):
            return None
        if key == "q":
            if _QUALITY.fullmatch(value) is None:
                return None
            quality = float(value)
    return (name, quality) if name else None


def _preference(media: MediaType, ranges: list[tuple[str, float]]) -> tuple[float, int, bool]:
    """Return the quality of a media type, how exactly it is named, and whether it wins among equals."""
    patterns = ("*/*", "application/*", media.value)
    named = [(patterns.index(name), quality) for name, quality in ranges if name in patterns]
    exactness, quality = max(named, key=lambda each: each[0], default=(-1, 0.0))
    is_named = exactness == patterns.index(media.value)
    return quality, exactness, is_named == (media is MediaType.RESPONSE)
