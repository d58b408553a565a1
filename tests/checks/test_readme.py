"""The pages name what there is: every setting, command, target and room, and nothing else."""

import itertools
import re
import tomllib
from pathlib import Path

import pytest
import typer

from makrcave_analytics.__main__ import commands
from makrcave_analytics.config import Settings

ROOT = Path(__file__).parents[2]
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
TARGETS = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
SETTINGS = {f"ANALYTICS_{name.upper()}" for name in Settings.model_fields}


def test_every_setting_has_its_place_in_the_table_and_no_other_has() -> None:
    table = OPERATIONS.partition("| setting | default | |")[2].partition("\n\n")[0]
    named = [name for row in table.splitlines() for name in re.findall(r"ANALYTICS_\w+", f"{row}||".split("|")[1])]
    assert sorted(named) == sorted(SETTINGS)


@pytest.mark.parametrize("page", [*PAGES, *sorted((ROOT / "deploy").iterdir())], ids=lambda page: page.name)
def test_settings_that_a_page_names_exist(page: Path) -> None:
    assert set(re.findall(r"ANALYTICS_[A-Z_]+[A-Z]", page.read_text(encoding="utf-8"))) <= SETTINGS


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_is_named_with_options_that_it_has(page: Path) -> None:
    known = typer.main.get_group(commands)
    for name, rest in _called(page.read_text(encoding="utf-8")):
        accepted = {option for parameter in known.commands[name].params for option in parameter.opts}
        assert set(re.findall(r"--[a-z-]+", rest)) <= accepted, name


def test_every_command_is_named() -> None:
    known = set(typer.main.get_group(commands).commands)
    shown = {name for page in PAGES for name, _ in _called(page.read_text(encoding="utf-8"))}
    for_contributors = {"schema", "catalog"}  # of CONTRIBUTING
    assert shown == known - {"demo"}  # which `make demo` runs
    assert {name for name, _ in _called(OPERATIONS)} == known - {"demo"} - for_contributors


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_make_is_told_to_do_it_can(page: Path) -> None:
    assert set(re.findall(r"(?:^ {4}|`)make ([a-z-]+)", page.read_text(encoding="utf-8"), re.MULTILINE)) <= TARGETS


def test_make_help_lists_every_target() -> None:
    (phony,) = re.findall(r"^\.PHONY: (.*)", MAKEFILE, re.MULTILINE)
    helped = re.findall(r"^([a-z-]+):.*## ", MAKEFILE, re.MULTILINE)
    (listing,) = re.findall(r"sed -n 's/\^\\\((.*?)\\\):", MAKEFILE)
    assert listing == "[a-z-]*"  # what `make help` prints is what is matched here
    assert TARGETS == set(phony.split()) == set(helped)
    assert len(helped) == len(TARGETS)


def test_every_room_is_in_the_list_and_in_a_layer() -> None:
    rooms = {
        path.stem
        for path in (ROOT / "src" / "makrcave_analytics").iterdir()
        if (path.is_dir() and (path / "__init__.py").exists()) or path.suffix == ".py"
    } - {"__init__"}
    list_ = ARCHITECTURE.partition("## The tree")[2].split("\n\n")[2]
    listed = [room for line in list_.splitlines() for room in line[: line.rindex("  ")].split()]
    layers = {room for layer in _contract("makrcave_analytics") for room in layer}
    assert layers == rooms
    assert sorted(listed) == sorted(rooms)


@pytest.mark.parametrize("room", ["metrics", "reports", "recording"])
def test_every_floor_of_a_room_is_in_its_table_in_the_order_of_the_layers(room: str) -> None:
    table = ARCHITECTURE.partition(f"**{room}**\n\n| | |\n|---|---|\n")[2].partition("\n\n")[0]
    shown = [re.findall(r"`(\w+)`", line.split("|")[1]) for line in table.splitlines()]
    layers = _contract(f"makrcave_analytics.{room}")
    assert sorted(name for row in shown for name in row) == sorted(name for layer in layers for name in layer)
    floor_of = {name: n for n, layer in enumerate(layers) for name in layer}
    floors = [[floor_of[name] for name in row] for row in shown]
    assert all(max(above) < min(below) for above, below in itertools.pairwise(floors))


@pytest.mark.parametrize("room", ["schema", "resolvers"])
def test_every_folder_of_a_room_is_named(room: str) -> None:
    paragraph = ARCHITECTURE.partition(f"**{room}**: ")[2].partition("\n\n")[0]
    layers = _contract(f"makrcave_analytics.{room}")
    assert set(re.findall(r"`(\w+)`", paragraph)) == {name for layer in layers for name in layer}


def _called(text: str) -> list[tuple[str, str]]:
    """Return the commands that a text calls, each with what follows on its line."""
    return re.findall(r"makrcave-analytics (\w+)([^`\n#>]*)", text)


def _contract(container: str) -> list[list[str]]:
    """Return the layers of a contract, the highest first."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    (contract,) = (each for each in settings["contracts"] if each.get("containers") == [container])
    return [layer.split(" | ") for layer in contract["layers"]]
