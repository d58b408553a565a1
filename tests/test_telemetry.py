"""One line is one event; no value can forge a second line, and no secret is logged."""

import asyncio
import io
import json
import logging
import warnings

import pytest

from makrcave_analytics import telemetry
from makrcave_analytics.config import Settings
from makrcave_analytics.errors import ConfigurationError
from makrcave_analytics.telemetry import bind_request, configure, logger, request_id

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl"
log = logger("test")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def restored_logging():
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    context = telemetry._request_id.set(None)
    yield
    telemetry._request_id.reset(context)
    for handler in [h for h in root.handlers if h not in before]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)
    logging.captureWarnings(capture=False)


@pytest.fixture
def stream():
    stream = io.StringIO()
    configure(Settings(_env_file=None), stream=stream)
    return stream


@pytest.fixture
def terminal():
    terminal = Terminal()
    configure(Settings(_env_file=None), stream=terminal)
    return terminal


def fail(message):
    raise ValueError(message)


def line(stream):
    """Return the only line that was written."""
    (text,) = stream.getvalue().splitlines()
    return json.loads(text)


def test_a_line_is_json_with_time_level_logger_and_event(stream):
    log.info("recorded", rows=3, share=0.5, at=None, kinds=["a", "b"])
    written = line(stream)
    assert written.pop("timestamp").endswith("Z")
    assert written == {
        "level": "info",
        "logger": "makrcave_analytics.test",
        "event": "recorded",
        "rows": 3,
        "share": 0.5,
        "at": None,
        "kinds": ["a", "b"],
    }


def test_lines_of_libraries_take_the_same_steps(stream):
    bind_request("r-1")
    logging.getLogger("dramatiq.worker").warning("took %s from %s", 3, TOKEN)
    written = line(stream)
    assert written["event"] == "took 3 from [token]"
    assert (written["level"], written["logger"], written["request_id"]) == ("warning", "dramatiq.worker", "r-1")


def test_warnings_take_the_same_steps(stream):
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        logging.captureWarnings(capture=True)
        warnings.warn("old\nand tired", UserWarning, stacklevel=1)
        logging.captureWarnings(capture=False)
    assert "old\nand tired" in line(stream)["event"]


def test_levels_below_information_are_left_out(stream):
    log.debug("detail")
    logging.getLogger("uvicorn.access").info("GET / 200")
    logging.getLogger("sqlalchemy.engine").info("select 1")
    assert stream.getvalue() == ""


@pytest.mark.parametrize("given", ["a", "7f3k-2QXD.1_x", "x" * 64])
def test_a_safe_request_id_is_kept(stream, given):
    assert bind_request(given) == request_id() == given
    log.info("x")
    assert line(stream)["request_id"] == given


@pytest.mark.parametrize("given", [None, "", "x" * 65, "a b", "a\n", "a\u0000", "ä", "*/ drop", "a;b"])
def test_an_unsafe_request_id_is_replaced(given):
    assert bind_request(given, make=lambda: "made") == request_id() == "made"
    assert bind_request(given) != bind_request(given)


async def test_concurrent_requests_have_their_own_ids():
    async def one(given: str) -> str | None:
        bind_request(given)
        await asyncio.sleep(0)
        return request_id()

    assert await asyncio.gather(*(one(f"r{n}") for n in range(20))) == [f"r{n}" for n in range(20)]
    assert request_id() is None


FORGERIES = ['x\n{"level":"info"}', "x\r\ny", "x\u2028y", "x\u0085y", "x\x1b[2Jy", "x\u202ey", "x\ud800y", "x\u0000y"]


@pytest.mark.parametrize("text", FORGERIES)
def test_no_value_forges_a_line(stream, text):
    log.info(text, value=text, nested={"a": [text], text: 1})
    raw = stream.getvalue()
    assert raw.isascii()
    assert raw.count("\n") == 1
    assert line(stream)["value"] == text


@pytest.mark.parametrize("text", FORGERIES)
def test_no_value_forges_a_line_on_a_terminal(terminal, text):
    log.info(text, value=text, **{text: 1})
    written = terminal.getvalue()
    assert written.count("\n") == 1
    assert written.rstrip("\n").isprintable()


def test_a_terminal_gets_lines_for_people(terminal):
    bind_request("r-1")
    log.warning("slow", seconds=3)
    assert terminal.getvalue()[8:] == " warning  test: slow seconds=3 request_id=r-1\n"


def test_a_traceback_on_a_terminal_is_indented(terminal):
    try:
        fail("bad\n12:00:00 info forged")
    except ValueError:
        log.exception("failed")
    first, *rest = terminal.getvalue().splitlines()
    assert "error    test: failed" in first
    assert all(each.startswith("    | ") for each in rest)


def test_an_exception_is_in_its_line_including_its_end(stream):
    try:
        fail("x" * 20_000 + "the end")
    except ValueError:
        log.exception("failed")
    exception = line(stream)["exception"]
    assert exception.startswith("Traceback")
    assert exception.endswith("the end")
    assert len(exception) < telemetry.MAX_TRACEBACK_LENGTH + 100


@pytest.mark.parametrize(
    "key", ["authorization", "Authorization", "token", "access_token", "jwt_secret", "password", "cookie", "api_key"]
)
def test_values_with_secret_names_are_hidden(stream, key):
    log.info("x", **{key: "hunter2"}, headers={key: "hunter2"}, all=[{key: {"deep": "hunter2"}}])
    assert "hunter2" not in stream.getvalue()
    assert line(stream)[key] == "[hidden]"


@pytest.mark.parametrize(
    "text",
    [
        TOKEN,
        f"Bearer {TOKEN}",
        f"GET /reports/1/download?signature={TOKEN[:20]}hunter2&x=1",
        "Bearer hunter2",
        "bearer  hunter2",
        "could not connect to postgresql://writer:hunter2@db:5432/analytics",
        "redis://:p@hunter2@cache:6379/0",
        "?token=hunter2",
        "password=hunter2",
        f"{{'Authorization': 'Bearer {TOKEN}'}}",
        "y" * (telemetry.MAX_VALUE_LENGTH // 2 - 10) + f" Bearer {TOKEN} " + "z" * 5000,
        "y" * (16 * telemetry.MAX_VALUE_LENGTH - 40) + f" Bearer {TOKEN}",
    ],
)
def test_secrets_in_texts_are_hidden(stream, text):
    log.info(text, value=text, nested=[{"a": text}])
    try:
        fail(text)
    except ValueError:
        log.exception("failed")
    for secret in ("hunter2", "c2lnbmF0dXJl", "eyJzdWIiOiJhZGEifQ"):
        assert secret not in stream.getvalue()


def test_values_are_cut(stream):
    class Unwritable:
        def __str__(self) -> str:
            raise RuntimeError

    log.info("x" * 100_000, a="y" * 100_000, b=["z" * 100_000] * 3, c=list(range(100_000)), d=10**5000, e=Unwritable())
    written = line(stream)
    assert len(stream.getvalue()) < 12_000
    assert written["a"].startswith("yyy")
    assert "characters" in written["a"]
    assert len(written["c"]) == 50
    assert (written["d"], written["e"]) == ("[huge]", "[Unwritable: RuntimeError]")


def test_a_log_file_is_appended_to_as_json(tmp_path):
    file = tmp_path / "analytics.log"
    for n in range(2):
        configure(Settings(_env_file=None, log_file=file), stream=Terminal())
        log.info("started", n=n)
    assert [json.loads(each)["n"] for each in file.read_text().splitlines()] == [0, 1]


def test_a_log_file_that_cannot_be_opened_does_not_start(tmp_path):
    with pytest.raises(ConfigurationError, match="ANALYTICS_LOG_FILE"):
        configure(Settings(_env_file=None, log_file=tmp_path / "absent" / "analytics.log"))
