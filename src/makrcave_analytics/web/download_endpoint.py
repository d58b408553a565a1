"""Serves report files by signed links, which work without a token."""

import re
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import TypeAlias
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from makrcave_analytics.errors import AnalyticsError, NotFound, Unavailable
from makrcave_analytics.reports.requests.download import FileGone, OpenedDownload
from makrcave_analytics.reports.storage.base import StoredFile
from makrcave_analytics.web.http_error import Refusal
from makrcave_analytics.web.negotiation import MediaType
from makrcave_analytics.web.parameters import parse_query_string
from makrcave_analytics.web.responses import fail, refuse

_MAX_NAME = 150

_RANGE = re.compile(r"bytes=(?:(\d{1,18})-(\d{0,18})|-(\d{1,18}))", re.ASCII)
_UNSAFE = re.compile(r'[^\x20-\x7e]|["\\%/]')


OpenDownload: TypeAlias = Callable[[str, Mapping[str, str]], Awaitable[OpenedDownload]]
"""From a report's id and the link's parameters to the open file. Every AnalyticsError but FileGone and Unavailable is
answered as "not found", so that a link reveals nothing about reports."""


class DownloadEndpoint:
    """Checks a link and streams the file, or one range of it."""

    def __init__(self, open_download: OpenDownload) -> None:
        self._open = open_download

    async def __call__(self, request: Request) -> Response:
        """Answer with the file, or with an error status."""
        try:
            parameters = parse_query_string(request.scope["query_string"])
            found = await self._open(request.path_params["id"], parameters)
        except Unavailable as error:
            return fail(error, MediaType.JSON)
        except FileGone as error:
            return refuse(Refusal(HTTPStatus.GONE, error.message, code=error.code), MediaType.JSON)
        except (AnalyticsError, Refusal):
            return _not_found()
        return _answer(request, found)


class _FileAnswer(StreamingResponse):
    """Streams an open file and closes it in every case. The file may be deleted meanwhile."""

    def __init__(self, file: StoredFile, start: int, end: int, status: HTTPStatus, headers: Mapping[str, str]) -> None:
        super().__init__(file.chunks(start, end), status, {**headers, "content-length": str(end - start)})
        self._file = file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            if scope["method"] == "HEAD":
                await Response(status_code=self.status_code, headers=dict(self.headers))(scope, receive, send)
            else:
                await super().__call__(scope, receive, send)
        finally:
            self._file.close()


def _answer(request: Request, found: OpenedDownload) -> Response:
    file, size = found.stored, found.stored.size_bytes
    headers = {
        "content-type": found.file.content_type,
        "content-disposition": _disposition(found.file.name),
        "accept-ranges": "bytes",
        "cache-control": "private, no-store",
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    }
    ranges = request.headers.getlist("range")
    # We send no validator, so If-Range never matches, which means the whole file.
    requested = _RANGE.fullmatch(ranges[0].strip()) if len(ranges) == 1 and "if-range" not in request.headers else None
    if requested is None:
        return _FileAnswer(file, 0, size, HTTPStatus.OK, headers)
    start, end = _bounds(requested, size)
    if start >= end:
        file.close()
        headers = {"content-range": f"bytes */{size}", "cache-control": "private, no-store"}
        return Response(status_code=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers=headers)
    headers["content-range"] = f"bytes {start}-{end - 1}/{size}"
    return _FileAnswer(file, start, end, HTTPStatus.PARTIAL_CONTENT, headers)


def _bounds(requested: re.Match[str], size: int) -> tuple[int, int]:
    """Return the requested bytes, half-open. Empty where the file has none of them."""
    first, last, suffix = requested.groups()
    if suffix is not None:
        return max(size - int(suffix), 0), size
    return int(first), min(int(last) + 1, size) if last else size


def _disposition(name: str) -> str:
    """Return the file's name in both forms of RFC 6266: ASCII for every client, and exact in UTF-8."""
    stem, dot, extension = name.rpartition(".")
    short = name if len(name) <= _MAX_NAME else f"{(stem or extension)[: _MAX_NAME - 10]}{dot}{extension[:9]}"
    printable = "".join(each if each.isprintable() else "_" for each in short)
    exact = quote(printable.encode("utf-8", "replace"), safe="")
    return f"attachment; filename=\"{_UNSAFE.sub('_', printable)}\"; filename*=UTF-8''{exact}"


def _not_found() -> Response:
    message = NotFound("No such file, or the link is no longer good.")
    return refuse(Refusal(HTTPStatus.NOT_FOUND, message.message, code=message.code), MediaType.JSON)
