"""Structured logs: one JSON object a line, with the id of the request that it belongs to.

Our own log calls and those of libraries take the same steps: secrets are hidden, values cut, and each event is one
line. Knows nothing of what is logged.
"""

import json
import logging
import re
import secrets
import sys
from collections.abc import Callable, Mapping, MutableMapping
from contextvars import ContextVar
from logging.handlers import WatchedFileHandler
from typing import Any, TextIO, TypeAlias, cast

import structlog
from structlog.stdlib import BoundLogger, ProcessorFormatter

from makrcave_analytics.config import Settings
from makrcave_analytics.errors import ConfigurationError

Event: TypeAlias = MutableMapping[str, Any]

MAX_VALUE_LENGTH = 2_000
MAX_TRACEBACK_LENGTH = 8_000
_MAX_ITEMS = 50
_MAX_DEPTH = 4

_request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
_SAFE_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

_META = frozenset({"_record", "_from_structlog"})
"""structlog's own members, gone before a line is written."""
_SECRET_KEY = re.compile(r"authorization|token|secret|password|passwd|cookie|signature|api_?key", re.IGNORECASE)
# Each pattern takes time linear in the length of any text.
_SECRETS = (
    (re.compile(r"(?<![\w-])eyJ[\w-]++(?:\.[\w-]*+){1,4}"), "[token]"),
    (re.compile(r"\b(bearer|basic)\s+[^\s\"',;]+", re.IGNORECASE), r"\1 [hidden]"),
    (re.compile(r"(\w://[^\s:/@]*:)[^\s/]+@"), r"\1[hidden]@"),
    (re.compile(r"\b((?:access_)?token|signature|password|secret)=[^&\s\"']+", re.IGNORECASE), r"\1=[hidden]"),
)
# Few values hold any of these; one search for all of them costs a fourth.
_MAY_HOLD_SECRET = re.compile(r"eyJ|bearer|basic|://|token|signature|password|secret", re.IGNORECASE)
# Characters that end a line, move the cursor or change the text direction on a terminal.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")

_QUIET = ("sqlalchemy.engine", "sqlalchemy.pool", "uvicorn.access", "httpx", "asyncio", "alembic")
"""Loggers limited to WARNING and above: below that, our own lines say the same."""
_HANDLED_ELSEWHERE = ("uvicorn", "uvicorn.error", "uvicorn.access", "dramatiq", "sqlalchemy", "asyncpg")


def logger(name: str) -> BoundLogger:
    """Return the logger of a module: `log = logger("recording")`, then `log.info("recorded", rows=3)`."""
    processors: list[Any] = [structlog.stdlib.filter_by_level, *_STEPS, ProcessorFormatter.wrap_for_formatter]
    wrapped = structlog.wrap_logger(
        logging.getLogger(f"makrcave_analytics.{name.removeprefix('makrcave_analytics.')}"),
        processors=processors,
        wrapper_class=BoundLogger,
        cache_logger_on_first_use=True,
    )
    return cast("BoundLogger", wrapped)


def bind_request(request_id: str | None, make: Callable[[], str] = lambda: secrets.token_hex(8)) -> str:
    """Bind the id that log lines of this context carry from now on, and return it.

    A caller's id is accepted if it is 1 to 64 of [A-Za-z0-9._-], so that it is safe in any line, header or statement.
    """
    is_safe = request_id is not None and _SAFE_REQUEST_ID.fullmatch(request_id) is not None
    bound = request_id if is_safe and request_id is not None else make()
    _request_id.set(bound)
    return bound


def request_id() -> str | None:
    """Return the id of the current request; None outside of a request."""
    return _request_id.get()


def configure(settings: Settings, *, stream: TextIO | None = None, level: int = logging.INFO) -> None:
    """Send all logs of the process to LOG_FILE, or to `stream` (default: standard error). May be called again.

    A terminal gets lines for people, everything else gets JSON.

    Raises:
        ConfigurationError: the file cannot be opened.
    """
    target = stream or sys.stderr
    handler = _file_handler(settings) if settings.log_file else logging.StreamHandler(target)
    for_people = settings.log_file is None and target.isatty()
    handler.setFormatter(_Formatter(for_people))
    root = logging.getLogger()
    for old in [h for h in root.handlers if isinstance(h.formatter, _Formatter)]:
        root.removeHandler(old)
        old.close()
    root.addHandler(handler)
    root.setLevel(level)
    for name in _HANDLED_ELSEWHERE:
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
    logging.captureWarnings(capture=True)


class _Formatter(ProcessorFormatter):
    """The last steps, the same for our own lines and those of libraries."""

    def __init__(self, for_people: bool) -> None:
        render = _render_line if for_people else _render_json
        super().__init__(
            foreign_pre_chain=_STEPS,
            processors=[ProcessorFormatter.remove_processors_meta, render],
        )


def _file_handler(settings: Settings) -> logging.Handler:
    try:
        return WatchedFileHandler(cast("Any", settings.log_file), encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"ANALYTICS_LOG_FILE cannot be opened: {error.strerror}") from error


def _add_request_id(_logger: Any, _method: str, event: Event) -> Event:
    bound = _request_id.get()
    if bound is not None:
        event.setdefault("request_id", bound)
    return event


def _tidy_values(_logger: Any, _method: str, event: Event) -> Event:
    for key, value in event.items():
        if key not in _META:
            limit = MAX_TRACEBACK_LENGTH if key == "exception" else MAX_VALUE_LENGTH
            event[key] = "[hidden]" if _SECRET_KEY.search(key) else _tidy(value, limit)
    return event


def _tidy(value: Any, limit: int = MAX_VALUE_LENGTH, depth: int = 0) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value if abs(value or 0) < 1 << 63 else "[huge]"
    if isinstance(value, str):
        return _cut(_hide(_text(value, limit)), limit)
    if depth < _MAX_DEPTH and isinstance(value, Mapping):
        return _tidy_mapping(value, depth)
    if depth < _MAX_DEPTH and isinstance(value, list | tuple | set | frozenset):
        return [_tidy(item, depth=depth + 1) for item in list(value)[:_MAX_ITEMS]]
    return _cut(_hide(_text(value, limit)), limit)


def _tidy_mapping(value: Mapping[Any, Any], depth: int) -> dict[str, Any]:
    pairs = [(_text(key, 200), item) for key, item in list(value.items())[:_MAX_ITEMS]]
    return {k: "[hidden]" if _SECRET_KEY.search(k) else _tidy(v, depth=depth + 1) for k, v in pairs}


def _text(value: Any, limit: int) -> str:
    """Write a value as text, longer than what will be kept: secrets are searched before the cut."""
    try:
        text = value if isinstance(value, str) else str(value)
    except Exception as error:  # noqa: BLE001 - a value that cannot be written must not lose the line
        text = f"[{type(value).__name__}: {type(error).__name__}]"
    return text[: 16 * limit]


def _hide(text: str) -> str:
    if _MAY_HOLD_SECRET.search(text) is None:
        return text
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text


def _cut(text: str, limit: int) -> str:
    """Keep the start and the end: a traceback names its error at the end."""
    if len(text) <= limit:
        return text
    head = limit // 2
    return f"{text[:head]} … {len(text) - limit} characters … {text[head - limit :]}"


def _render_json(_logger: Any, _method: str, event: Event) -> str:
    first = {key: event.pop(key) for key in ("timestamp", "level", "logger", "event") if key in event}
    return json.dumps({**first, **event}, default=str)  # ASCII only, so nothing in it can end a line


def _render_line(_logger: Any, _method: str, event: Event) -> str:
    time, level = str(event.pop("timestamp", ""))[11:19], str(event.pop("level", ""))
    name = str(event.pop("logger", "")).removeprefix("makrcave_analytics.")
    exception = event.pop("exception", "")
    message = _printable(event.pop("event", ""))
    rest = " ".join(f"{_printable(key)}={_printable(value)}" for key, value in event.items())
    line = f"{time} {level:<8} {_printable(name)}: {message} {rest}".rstrip()
    # Indented, so that no line of a traceback looks like a log line.
    trace = [f"    | {_printable(each)}" for each in str(exception).splitlines()]
    return "\n".join([line, *trace])


def _printable(value: Any) -> str:
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", str(value))


_STEPS: list[Any] = [
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    _add_request_id,
    structlog.processors.StackInfoRenderer(),
    structlog.processors.format_exc_info,
    _tidy_values,
]
