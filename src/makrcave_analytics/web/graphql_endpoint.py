"""POST and GET /graphql, by the specification GraphQL over HTTP. A browser's GET without a query opens the console."""

import re
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import TypeAlias

from graphql import OperationType
from starlette.requests import Request
from starlette.responses import Response

from makrcave_analytics.auth import Viewer
from makrcave_analytics.errors import AnalyticsError, ErrorCode
from makrcave_analytics.schema.engine.operation import Operation, Outcome
from makrcave_analytics.web.access_log import line_of
from makrcave_analytics.web.body import BodyLimits, read
from makrcave_analytics.web.console import Console
from makrcave_analytics.web.http_error import Refusal
from makrcave_analytics.web.negotiation import MediaType, negotiate, prefers_html
from makrcave_analytics.web.parameters import from_body, from_query_string, kind_of, parse_query_string
from makrcave_analytics.web.responses import answer, fail, refuse

Authenticate: TypeAlias = Callable[[list[str]], Awaitable[Viewer]]
"""From all values of the Authorization header to the viewer. Raises Unauthenticated."""
Execute: TypeAlias = Callable[[Operation, Viewer], Awaitable[Outcome]]

_NAME = re.compile(r"[_A-Za-z][_0-9A-Za-z]{0,99}")


class GraphQLEndpoint:
    """Checks the body, authenticates and decodes, in this order, then executes the operation."""

    def __init__(self, authenticate: Authenticate, execute: Execute, console: Console, limits: BodyLimits) -> None:
        self._authenticate = authenticate
        self._execute = execute
        self._console = console
        self._limits = limits

    async def __call__(self, request: Request) -> Response:
        """Answer one request. Raises only unexpected errors."""
        media = MediaType.JSON
        try:
            is_post = request.method == "POST"
            if not is_post and not request.scope["query_string"] and prefers_html(request.headers.getlist("accept")):
                return self._console.page(request.headers.get("host", ""))
            media = negotiate(request.headers.getlist("accept"))
            outcome = await (self._post(request) if is_post else self._get(request))
            return answer(outcome, media)
        except Refusal as refusal:
            return refuse(refusal, media)
        except AnalyticsError as error:
            return fail(error, media)

    async def _post(self, request: Request) -> Outcome:
        body = await read(request, self._limits)
        viewer = await self._viewer(request)
        operation = from_body(body)
        if len(body) > self._limits.query_size_bytes and kind_of(operation) is not OperationType.MUTATION:
            message = f"Only mutations may be longer than {self._limits.query_size_bytes} bytes."
            raise Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, message, code=ErrorCode.LIMIT_EXCEEDED)
        return await self._run(request, operation, viewer)

    async def _get(self, request: Request) -> Outcome:
        query_string: bytes = request.scope["query_string"]
        if len(query_string) > self._limits.query_string_size_bytes:
            message = f"The query string is longer than {self._limits.query_string_size_bytes} bytes."
            raise Refusal(HTTPStatus.REQUEST_URI_TOO_LONG, message, code=ErrorCode.LIMIT_EXCEEDED)
        viewer = await self._viewer(request)
        operation = from_query_string(parse_query_string(query_string))
        if kind_of(operation) is OperationType.MUTATION:
            message = "Send mutations by POST."
            raise Refusal(HTTPStatus.METHOD_NOT_ALLOWED, message, headers={"allow": "POST"})
        return await self._run(request, operation, viewer)

    async def _viewer(self, request: Request) -> Viewer:
        viewer = await self._authenticate(request.headers.getlist("authorization"))
        line_of(request.scope).user_id = viewer.user_id
        return viewer

    async def _run(self, request: Request, operation: Operation, viewer: Viewer) -> Outcome:
        if operation.name is not None and _NAME.fullmatch(operation.name):
            line_of(request.scope).operation = operation.name
        return await self._execute(operation, viewer)
