"""The page with GraphiQL, its content security policy, and the examples that the demo opens in it."""

import hashlib
import json
import secrets
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from starlette.responses import HTMLResponse

CDN = "https://cdn.jsdelivr.net/npm/"
"""Serves the files of npm packages unchanged, so their hashes are known."""


@dataclass(frozen=True, slots=True)
class Asset:
    """A file from the CDN. Browsers run it only if its hash matches."""

    path: str
    integrity: str


STYLE = Asset(
    "graphiql@4.1.2/graphiql.min.css", "sha384-1el1QShFBnnXTx9x/Cprg82hZWKt0ry29OAYIXt05swbi0KcZDFoj0CWguMpopJr"
)
SCRIPTS = (
    Asset(
        "react@18.3.1/umd/react.production.min.js",
        "sha384-DGyLxAyjq0f9SPpVevD6IgztCFlnMF6oW/XQGmfe+IsZ8TqEiDrcHkMLKI6fiB/Z",
    ),
    Asset(
        "react-dom@18.3.1/umd/react-dom.production.min.js",
        "sha384-gTGxhz21lVGYNMcdJOyq01Edg0jhn/c22nsx0kyqP0TxaV5WVdsSH1fSDUf5YJj1",
    ),
    # The last release in one file. Later ones import further modules, which one hash does not cover.
    Asset("graphiql@4.1.2/graphiql.min.js", "sha384-9XdHu7ajgGJziD4J1zNBKQ842Q/+zZfDv+ib1eMhZWBH6hPAs806x+Jbcf0yNO6B"),
)

_POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic'; style-src-elem 'nonce-{nonce}'; "
    "style-src-attr 'unsafe-inline'; font-src data:; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_OWN_MACHINE = frozenset({"localhost", "127.0.0.1", "[::1]"})


@dataclass(frozen=True, slots=True)
class Console:
    """GraphiQL with a token and examples filled in, or with neither."""

    token: str | None = None
    """Everyone who can open the page has the token, so it is for a demo on one's own machine only."""
    examples: tuple[str, ...] = ()
    """Documents, one tab each, in this order."""

    def page(self, host: str) -> HTMLResponse:
        """Make the page with a new nonce.

        `host` is the Host header. Under any name but this machine's the token is left out, so that no foreign site
        gets it by pointing its own name here.
        """
        nonce = secrets.token_urlsafe(16)
        page = _template().replace("{{nonce}}", nonce).replace("{{assets}}", _assets(nonce))
        page = page.replace("{{filling}}", _in_script(self._filling(host)))
        headers = {"content-security-policy": _POLICY.format(nonce=nonce), "cache-control": "no-store"}
        return HTMLResponse(page, headers=headers)

    def _filling(self, host: str) -> str:
        token = self.token if _name(host) in _OWN_MACHINE else None
        headers = "" if token is None else json.dumps({"Authorization": f"Bearer {token}"}, indent=2)
        # The browser remembers tabs under this name, so another demo gets another name.
        memory = hashlib.sha256((token or "").encode()).hexdigest()[:12]
        return json.dumps({"headers": headers, "documents": self.examples, "memory": memory})


@cache
def examples() -> tuple[str, ...]:
    """Return the example operations, sorted by file name."""
    folder = files(__package__) / "examples"
    found = sorted((each for each in folder.iterdir() if each.name.endswith(".graphql")), key=lambda each: each.name)
    return tuple(each.read_text(encoding="utf-8") for each in found)


@cache
def _template() -> str:
    return (files(__package__) / "page.html").read_text(encoding="utf-8")


def _assets(nonce: str) -> str:
    style = (
        f'<link rel="stylesheet" href="{CDN}{STYLE.path}" integrity="{STYLE.integrity}" crossorigin nonce="{nonce}">'
    )
    scripts = (
        f'<script src="{CDN}{each.path}" integrity="{each.integrity}" crossorigin nonce="{nonce}"></script>'
        for each in SCRIPTS
    )
    return "\n  ".join((style, *scripts))


def _in_script(text: str) -> str:
    """Escape JSON so that it cannot end its script element."""
    return text.replace("<", "\\u003c")


def _name(host: str) -> str:
    """Return the name in a Host header, without the port."""
    name, colon, port = host.rpartition(":")
    return name.lower() if colon and port.isdigit() else host.lower()
