"""Whose pages may open sockets: browsers let every page try, and tell us which one it is."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers

_PORTS = {"http": ":80", "https": ":443"}


def is_welcome(headers: Headers, allowed: Sequence[str]) -> bool:
    """Tell whether the page is of our own host or of an allowed origin; what is no browser names none."""
    origins = headers.getlist("origin")
    if len(origins) != 1 or origins[0] == "null":
        return not origins
    return "*" in allowed or origins[0] in allowed or _is_own(origins[0], headers.get("host", ""))


def origin_of(url: str) -> str:
    """Name the origin of an address, as browsers do."""
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
