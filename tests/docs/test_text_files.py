"""Text files end with one line end, have no blanks at the ends of lines, and no carriage returns."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("src", "tests", "alembic", "benchmarks", "docs", "deploy")
ENDINGS = {".py", ".md", ".toml", ".yaml", ".yml", ".graphql", ".html", ".json"}
NAMES = {
    "Makefile",
    "Dockerfile",
    "LICENSE",
    "requirements.lock",
    ".editorconfig",
    ".gitignore",
    ".git-blame-ignore-revs",
}
FILES = [
    path
    for path in (*ROOT.iterdir(), *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*")))
    if path.is_file() and (path.suffix in ENDINGS or path.name in NAMES)
]


def test_there_are_files() -> None:
    assert {"README.md", "Makefile", "config.py", ".editorconfig"} <= {path.name for path in FILES}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_text_file_is_clean(path: Path) -> None:
    text = path.read_bytes()
    assert b"\r" not in text
    assert text == b"" or text.endswith(b"\n")
    assert not text.endswith(b"\n\n")
    assert [n for n, line in enumerate(text.split(b"\n"), 1) if line != line.rstrip(b" \t")] == []
