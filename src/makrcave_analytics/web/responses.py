"""HTTP responses: errors in GraphQL's shape, the statuses of GraphQL over HTTP, and their headers."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.responses import Response

from makrcave_analytics.errors import AnalyticsError, Forbidden, NotFound, RateLimited, Unauthenticated, Unavailable
from makrcave_analytics.schema.engine.operation import Outcome, OutcomeKind
from makrcave_analytics.web.http_error import Refusal
from makrcave_analytics.web.negotiation import MediaType

RETRY_AFTER_SECONDS = 2

_RETRY = {"retry-after": str(RETRY_AFTER_SECONDS)}
_BAD: tuple[HTTPStatus, Mapping[str, str]] = (HTTPStatus.BAD_REQUEST, {})
_STATUSES: Mapping[type[AnalyticsError], tuple[HTTPStatus, Mapping[str, str]]] = {
    Unauthenticated: (HTTPStatus.UNAUTHORIZED, {"www-authenticate": "Bearer"}),
    Forbidden: (HTTPStatus.FORBIDDEN, {}),
    NotFound: (HTTPStatus.NOT_FOUND, {}),
    RateLimited: (HTTPStatus.TOO_MANY_REQUESTS, _RETRY),
    Unavailable: (HTTPStatus.SERVICE_UNAVAILABLE, _RETRY),
}
_PRIVATE = {"cache-control": "private, no-store", "vary": "Accept, Authorization"}


def answer(outcome: Outcome, media: MediaType) -> Response:
    """Write the outcome of an operation. Under application/json a refused document is a 200, by the specification."""
    if outcome.kind is OutcomeKind.UNAVAILABLE:
        return write(outcome.body, HTTPStatus.SERVICE_UNAVAILABLE, media, _RETRY)
    refused = outcome.kind is OutcomeKind.REFUSED and media is MediaType.RESPONSE
    return write(outcome.body, HTTPStatus.BAD_REQUEST if refused else HTTPStatus.OK, media)


def refuse(refusal: Refusal, media: MediaType, more: Mapping[str, Any] | None = None) -> Response:
    """Write a refusal of the web room. `more` is added to the body next to the errors."""
    body = {**_errors(refusal.message, {"code": refusal.code}), **(more or {})}
    return write(body, refusal.status, media, refusal.headers)


def fail(
    error: AnalyticsError,
    media: MediaType,
    more: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Write a declared error that stopped the whole request. `more` is added to the body next to the errors."""
    status, own = next((found for kind, found in _STATUSES.items() if isinstance(error, kind)), _BAD)
    body = {**_errors(error.message, error.extensions), **(more or {})}
    return write(body, status, media, {**own, **(headers or {})})


def write(
    body: Mapping[str, Any],
    status: HTTPStatus,
    media: MediaType = MediaType.JSON,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Write a JSON response."""
    named = {**_PRIVATE, **(headers or {}), "content-type": f"{media.value}; charset=utf-8"}
    return Response(to_json(body), int(status), named)


def to_json(body: Mapping[str, Any]) -> bytes:
    """Write JSON in UTF-8. A lone surrogate, which UTF-8 cannot hold, becomes a question mark."""
    text = json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")


def error_of(error: AnalyticsError) -> dict[str, Any]:
    """Return a declared error in GraphQL's shape."""
    return _error(error.message, error.extensions)


def unexpected(request_id: str | None) -> dict[str, Any]:
    """Return the error that stands for an unexpected exception. The log has the exception under the id."""
    sentence = f"Something went wrong on our side; the log has it under {request_id}."
    return _error(sentence, {"code": "INTERNAL", "requestId": request_id})


def _error(message: str, extensions: Mapping[str, Any]) -> dict[str, Any]:
    return {"message": message, "extensions": dict(extensions)}


def _errors(message: str, extensions: Mapping[str, Any]) -> dict[str, Any]:
    return {"errors": [_error(message, extensions)]}
