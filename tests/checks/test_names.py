"""Laws over names and the tree: modules, packages, classes, and the imports inside the five large rooms."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path

import grimp
import pytest

PACKAGE = "makrcave_analytics"
SOURCE = Path(__file__).parents[2] / "src" / PACKAGE
MODULES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(SOURCE.rglob("*.py"))}
PACKAGES = {path: tree for path, tree in MODULES.items() if path.name == "__init__.py"}
MOST_IMPORTS = 180
"""Between the modules and packages that lie directly in a room, summed over the five rooms."""
ROOT_MODULES = {
    "metrics": {"metric", "query", "source", "vocabulary"},
    "recording": {
        *("audit", "entity_inputs", "event_types", "fact_inputs", "ids", "locking", "outcome", "parsing", "recorder"),
    },
    "reports": {"ids", "inputs", "recipients", "report", "spec", "vocabulary"},
    "resolvers": set(),
    "schema": {"root"},
}
"""The modules in the root of each large room: what the room deals in. What it does is in packages."""

# Each list below may only shrink: a test fails when an entry is no longer needed.
NAMED_LIKE_THEIR_CONTENT: set[str] = set()
PACKAGES_WITH_LOGIC: set[str] = set()
SHARED_CLASS_NAMES: set[str] = set()


def test_no_module_has_the_name_of_what_it_defines_or_exports() -> None:
    """A function that is exported next to its module of the same name hides the module."""
    found = {
        _place(path)
        for path, tree in MODULES.items()
        if {_module_name(path), *_modules_within(path)} & {*_public_definitions(tree), *_exports(path, tree)}
    }
    assert found == NAMED_LIKE_THEIR_CONTENT


def test_packages_hold_a_docstring_imports_and_exports_only() -> None:
    found = {_place(path.parent) for path, tree in PACKAGES.items() if not all(map(_is_no_logic, tree.body))}
    assert found == PACKAGES_WITH_LOGIC


def test_a_class_name_stands_in_one_room() -> None:
    """A GraphQL type in schema/ may share its name with one value elsewhere."""
    places: dict[str, set[str]] = defaultdict(set)
    graphql_types: set[str] = set()
    for path, tree in MODULES.items():
        for node in tree.body:
            if isinstance(node, ast.ClassDef):
                room = path.relative_to(SOURCE).parts[0]
                if room == "schema" and any(
                    ast.unparse(each).startswith("strawberry.") for each in node.decorator_list
                ):
                    graphql_types.add(node.name)
                else:
                    places[node.name].add(room)
    found = {
        name for name, rooms in places.items() if len(rooms) > 1 or (rooms == {"schema"} and name in graphql_types)
    }
    assert found == SHARED_CLASS_NAMES


@pytest.mark.parametrize("room", ROOT_MODULES)
def test_the_root_of_a_room_holds_its_nouns(room: str) -> None:
    assert {path.stem for path in (SOURCE / room).glob("*.py")} - {"__init__"} == ROOT_MODULES[room]


def test_few_imports_run_inside_the_large_rooms() -> None:
    graph = grimp.build_graph(PACKAGE, cache_dir=None)
    pairs = (pair for room in ROOT_MODULES for pair in permutations(graph.find_children(f"{PACKAGE}.{room}"), 2))
    imports = [f"{a} → {b}" for a, b in pairs if graph.direct_import_exists(importer=a, imported=b, as_packages=True)]
    assert len(imports) <= MOST_IMPORTS


def _place(path: Path) -> str:
    return str(path.relative_to(SOURCE))


def _module_name(path: Path) -> str:
    return path.parent.name if path.name == "__init__.py" else path.stem


def _modules_within(path: Path) -> set[str]:
    """The names of the modules in a package; none for a module."""
    if path.name != "__init__.py":
        return set()
    return {each.stem for each in path.parent.iterdir() if each.suffix == ".py" or (each / "__init__.py").exists()}


def _public_definitions(tree: ast.Module) -> Iterator[str]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return (node.name for node in tree.body if isinstance(node, kinds) and not node.name.startswith("_"))


def _exports(path: Path, tree: ast.Module) -> Iterator[str]:
    """The names that a package takes from its modules; its modules themselves are not among them."""
    if path.name != "__init__.py":
        return
    package = ".".join((PACKAGE, *path.parent.relative_to(SOURCE).parts))
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module != package:
            yield from (each.asname or each.name for each in node.names)


def _is_no_logic(node: ast.stmt) -> bool:
    if isinstance(node, ast.If):
        return ast.unparse(node.test) == "TYPE_CHECKING"
    if isinstance(node, ast.Assign):
        return [ast.unparse(each) for each in node.targets] == ["__all__"]
    is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return is_docstring or isinstance(node, ast.Import | ast.ImportFrom)
