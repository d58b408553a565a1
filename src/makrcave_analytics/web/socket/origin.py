"""Checks the origin of the page that opens a socket. Browsers let every page try, and send its origin."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers

_PORTS = {"http": ":80", "https": ":443"}


def is_allowed(headers: Headers, allowed: Sequence[str]) -> bool:
    """True for our own host, for an allowed origin, and for clients that send none because they are no browsers."""
    origins = headers.getlist("origin")
    if len(origins) != 1 or origins[0] == "null":
        return not origins
    return "*" in allowed or origins[0] in allowed or _is_own(origins[0], headers.get("host", ""))


def origin_of(url: str) -> str:
    """Return the origin of an address, as browsers write it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.lower().removesuffix(_PORTS.get(parts.scheme, ''))}"


def _is_own(origin: str, host: str) -> bool:
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    usual = _PORTS.get(parts.scheme)
    if usual is None or not host or origin != f"{parts.scheme}://{parts.netloc}":
        return False
    return parts.netloc.lower().removesuffix(usual) == host.lower().removesuffix(usual)
