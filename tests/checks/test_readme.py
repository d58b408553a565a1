"""The README names what there is: every setting, command and room, and nothing else."""

import re
import tomllib
from pathlib import Path

import pytest
import typer

from makrcave_analytics.__main__ import commands
from makrcave_analytics.config import Settings

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
TARGETS = set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE))


def test_every_setting_has_its_place_in_the_table_and_no_other_has() -> None:
    table = README.partition("| setting | default | |")[2].partition("\n\n")[0]
    named = [name for row in table.splitlines() for name in re.findall(r"ANALYTICS_\w+", f"{row}||".split("|")[1])]
    assert sorted(named) == sorted(f"ANALYTICS_{name.upper()}" for name in Settings.model_fields)


def test_every_command_is_named_with_options_that_it_has() -> None:
    known = typer.main.get_group(commands)
    called = re.findall(r"makrcave-analytics (\w+)([^`\n#>]*)", README)
    for name, rest in called:
        accepted = {option for parameter in known.commands[name].params for option in parameter.opts}
        assert set(re.findall(r"--[a-z-]+", rest)) <= accepted, name
    assert {name for name, _ in called} == set(known.commands) - {"demo"}  # which `make demo` runs


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_make_is_told_to_do_it_can(page: Path) -> None:
    assert set(re.findall(r"(?:^ {4}|`)make ([a-z]+)", page.read_text(encoding="utf-8"), re.MULTILINE)) <= TARGETS


def test_make_help_lists_every_target() -> None:
    (phony,) = re.findall(r"^\.PHONY: (.*)", MAKEFILE, re.MULTILINE)
    helped = re.findall(r"^([a-z]+):.*## ", MAKEFILE, re.MULTILINE)
    assert TARGETS == set(phony.split()) == set(helped)
    assert len(helped) == len(TARGETS)


def test_every_room_is_in_the_list_and_in_a_layer() -> None:
    rooms = {
        path.stem
        for path in (ROOT / "src" / "makrcave_analytics").iterdir()
        if (path.is_dir() and (path / "__init__.py").exists()) or path.suffix == ".py"
    } - {"__init__"}
    list_ = README.partition("## How it is built")[2].split("\n\n")[2]
    listed = [room for line in list_.splitlines() for room in line[: line.rindex("  ")].split()]
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    layers = {room for layer in settings["contracts"][0]["layers"] for room in layer.split(" | ")}
    assert layers == rooms
    assert sorted(listed) == sorted(rooms)
