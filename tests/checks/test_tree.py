"""Laws over the files themselves."""

import re
from datetime import date
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from makrcave_analytics import migration

ROOT = Path(__file__).parents[2]
CODE = [path for folder in ("src", "tests", "alembic", "benchmarks") for path in (ROOT / folder).rglob("*.py")]
LONGEST = 400
LISTED = re.compile(r"^ *(\w+(?:\.py)?(?:[,;] \w+(?:\.py)?)*)(?:  |$)", re.MULTILINE)
"""The names of modules at the beginning of a line, before their description."""
PACKAGES = sorted((ROOT / "src" / "makrcave_analytics").glob("*/**/__init__.py"))


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_has_more_than_400_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: str(path.parent.relative_to(ROOT)))
def test_a_packages_docstring_lists_its_modules(package: Path) -> None:
    inside = {path.stem for path in package.parent.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    text = package.read_text(encoding="utf-8")
    _, docstring, code = text.split('"""', 2)
    listed = {name for names in LISTED.findall(docstring) for name in re.findall(r"\w+", names.replace(".py", ""))}
    shown = set(re.findall(r"\w+", code)) | set(re.findall(r"`(\w+)`", docstring))
    assert listed - inside == set(), "named and not there"
    assert inside - {"__init__"} - listed - shown == set(), "there and not named"


def test_the_lock_names_no_address_and_hashes_everything() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in lock
    packages = [line for line in lock.splitlines() if line[:1].isalnum()]
    assert packages
    assert all("==" in line and line.endswith("\\") for line in packages)


def test_migrations_are_named_by_date_and_one_follows_the_other() -> None:
    scripts = ScriptDirectory.from_config(migration.config())
    chain = list(scripts.walk_revisions())[::-1]
    files = [Path(script.path).name for script in chain]
    assert sorted(files) == sorted(path.name for path in (ROOT / "alembic" / "versions").glob("*.py"))
    assert [script.revision for script in chain] == [f"{number:04}" for number in range(1, len(chain) + 1)]
    dates = [date.fromisoformat(name[:10].replace("_", "-")) for name in files]
    assert dates == sorted(dates)
