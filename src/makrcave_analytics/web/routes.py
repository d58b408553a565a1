"""The ASGI application: its routes, and the middleware around every request."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute

from makrcave_analytics.errors import ErrorCode
from makrcave_analytics.web.access_log import RequestLines
from makrcave_analytics.web.body import BodyLimits
from makrcave_analytics.web.console import Console
from makrcave_analytics.web.download_endpoint import DownloadEndpoint, OpenDownload
from makrcave_analytics.web.graphql_endpoint import Authenticate, Execute, GraphQLEndpoint
from makrcave_analytics.web.health import Check, Health
from makrcave_analytics.web.http_error import Refusal
from makrcave_analytics.web.negotiation import MediaType
from makrcave_analytics.web.report_page import show_report_page
from makrcave_analytics.web.responses import refuse
from makrcave_analytics.web.security import LastResort, SecurityHeaders
from makrcave_analytics.web.socket import SocketEndpoint, SocketLimits, Subscribe, Surroundings


@dataclass(frozen=True)
class Parts:
    """What the composition root hands in. The web room creates none of it."""

    authenticate: Authenticate
    execute: Execute
    open_download: OpenDownload
    database: Check
    subscribe: Subscribe
    now: Callable[[], datetime]
    redis: Check | None = None
    console: Console = field(default_factory=Console)
    allowed_origins: tuple[str, ...] = ()
    """Origins of frontends on other hosts, for CORS and for WebSockets."""
    own_origins: tuple[str, ...] = ()
    """Our own origins as browsers see them. Needed behind a proxy that changes the Host header."""
    body_limits: BodyLimits = field(default_factory=BodyLimits)
    socket_limits: SocketLimits = field(default_factory=SocketLimits)
    clock: Callable[[], float] = time.perf_counter
    routes: Sequence[BaseRoute] = ()
    """Routes of other endpoints, matched first."""
    lifespan: Callable[[Starlette], Any] | None = None


def build(parts: Parts) -> Starlette:
    """Build the application. Nothing connects yet."""
    app = Starlette(
        routes=[*parts.routes, *_routes(parts)],
        middleware=_middleware(parts),
        exception_handlers={HTTPException: _refuse},
        lifespan=parts.lifespan,
    )
    app.router.redirect_slashes = False
    return app


def _routes(parts: Parts) -> list[BaseRoute]:
    graphql = GraphQLEndpoint(parts.authenticate, parts.execute, parts.console, parts.body_limits)
    socket = SocketEndpoint(_surroundings(parts), (*parts.allowed_origins, *parts.own_origins), parts.clock)
    download = DownloadEndpoint(parts.open_download)
    health = Health(parts.database, parts.redis)
    return [
        Route("/graphql", graphql.__call__, methods=["GET", "POST"], name="graphql"),
        WebSocketRoute("/graphql", socket.__call__, name="socket"),
        Route("/api/v1/analytics/reports/{id}/download", download.__call__, methods=["GET"], name="download"),
        Route("/reports/{id}", show_report_page, methods=["GET"], name="report page"),
        Route("/healthz", health.alive),
        Route("/readyz", health.ready),
    ]


def _surroundings(parts: Parts) -> Surroundings:
    return Surroundings(
        parts.authenticate, parts.execute, parts.subscribe, parts.now, parts.socket_limits, parts.body_limits
    )


def _middleware(parts: Parts) -> list[Middleware]:
    """Return the middleware, outermost first. A failure inside still gets a request id, headers and CORS."""
    cors = Middleware(
        CORSMiddleware,
        allow_origins=parts.allowed_origins,
        allow_methods=("GET", "POST"),
        allow_headers=("Authorization", "Content-Type", "X-Request-Id", "Idempotency-Key"),
        expose_headers=("X-Request-Id", "Retry-After", "Content-Disposition"),
    )
    return [
        Middleware(RequestLines, clock=parts.clock),
        Middleware(SecurityHeaders),
        *([cors] if parts.allowed_origins else []),
        Middleware(LastResort),
    ]


async def _refuse(_request: Request, error: Exception) -> Response:
    """Answer in JSON where the router finds no route, or not for this method."""
    if not isinstance(error, HTTPException):
        raise error
    status = HTTPStatus(error.status_code)
    code = ErrorCode.NOT_FOUND if status is HTTPStatus.NOT_FOUND else ErrorCode.INVALID
    headers = {name.lower(): value for name, value in (error.headers or {}).items()}
    return refuse(Refusal(status, f"{status.phrase}.", code=code, headers=headers), MediaType.JSON)
