"""The page that mail about a report links to. It is public, holds no data, and is the same for every id."""

import secrets
from functools import cache
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import HTMLResponse

_POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; img-src data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


async def show_report_page(_request: Request) -> HTMLResponse:
    """Answer with the page. Its script calls the API with the token that the reader types in."""
    nonce = secrets.token_urlsafe(16)
    headers = {"content-security-policy": _POLICY.format(nonce=nonce), "cache-control": "no-store"}
    return HTMLResponse(_template().replace("{{nonce}}", nonce), headers=headers)


@cache
def _template() -> str:
    return (files(__package__) / "report_page.html").read_text(encoding="utf-8")
