from typing import Any

import pytest

from makrcave_analytics.errors import Invalid
from makrcave_analytics.recording.checks.metadata import metadata_text


def nested(levels: int) -> dict[str, Any]:
    value: Any = 1
    for level in range(levels):
        value = {"a": value} if level % 2 == 0 or level == levels - 1 else [value]
    return value  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        ({}, "{}"),
        ({"größe": [1, 2.5, None, True]}, '{"größe":[1,2.5,null,true]}'),
        ({"a": "\\u0000"}, '{"a":"\\\\u0000"}'),  # a backslash and what follows it, not a NUL
        ({"a": "{" * 300}, '{"a":"' + "{" * 300 + '"}'),
    ],
)
def test_objects_are_written_without_spaces(value: Any, text: str | None) -> None:
    assert metadata_text(value) == text


def test_32_kb_of_utf8_pass_and_one_byte_more_does_not() -> None:
    frame = len('{"a":""}')
    assert metadata_text({"a": "ü" * ((32_768 - frame) // 2)}) is not None
    with pytest.raises(Invalid, match="32 kB"):
        metadata_text({"a": "ü" * ((32_768 - frame) // 2) + "x"})


def test_199_levels_pass_and_200_do_not() -> None:
    assert metadata_text(nested(199)) is not None
    for levels in (200, 201, 5_000):
        with pytest.raises(Invalid, match="200 levels"):
            metadata_text(nested(levels))


BAD = {
    "10,001 keys": {f"k{n}": n for n in range(10_001)},
    "infinity": {"a": float("inf")},
    "not a number": {"a": [{"b": float("nan")}]},
    "5,001 digits": {"a": 10**5_000},
    "a key with NUL": {"a\x00": 1},
    "a text with NUL": {"a": {"b": ["\x00"]}},
    "half a pair": {"a": "\ud800"},
    "half a pair in a key": {"\udfff": 1},
    "no JSON": {"a": object()},
    "NUL among many lists": {"a": [*([[]] * 250), "\\u0000", "\x00"]},
    "a list": [],
    "a text": "text",
    "a number": 7,
    "a truth": True,
}


@pytest.mark.parametrize("value", BAD.values(), ids=BAD)
def test_json_that_the_database_cannot_store_is_refused(value: Any) -> None:
    with pytest.raises(Invalid) as refused:
        metadata_text(value)
    assert refused.value.path == ("metadata",)


def test_a_nul_in_the_deepest_level_is_found() -> None:
    value = nested(199)
    deepest = value
    for _ in range(198):
        deepest = deepest["a"] if isinstance(deepest, dict) else deepest[0]
    deepest["a"] = "\x00"
    with pytest.raises(Invalid, match="NUL"):
        metadata_text(value)
