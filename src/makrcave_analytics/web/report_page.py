"""The page that mail about a report leads to: public, without data, the same for every id. Behind it one signs in."""

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
    """Answer with the page; its script asks the API, with the token that somebody types in."""
    nonce = secrets.token_urlsafe(16)
    headers = {"content-security-policy": _POLICY.format(nonce=nonce), "cache-control": "no-store"}
    return HTMLResponse(_template().replace("{{nonce}}", nonce), headers=headers)


@cache
def _template() -> str:
    return (files(__package__) / "report_page.html").read_text(encoding="utf-8")
