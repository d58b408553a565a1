"""Who may see people and money is decided in one module; all others ask it. Checked by the syntax trees."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

CODE = Path(__file__).parents[2] / "src" / "makrcave_analytics"
DECIDES = "metrics/privacy/visibility.py"
ROOMS = ("metrics", "snapshots", "reports", "loaders", "resolvers")
MODULES = {str(path.relative_to(CODE)): path for room in ROOMS for path in sorted((CODE / room).rglob("*.py"))}
PERMISSIONS = {"READ_PEOPLE", "READ_MONEY"}
BUILDS_VISIBILITY = {
    "resolvers/common/context.py": "for the viewer of an operation",
    "reports/content/context.py": "for the reader of a report",
}
BUILDS_NUMBERS = {
    DECIDES: "for all readers",
    "metrics/privacy/small_groups.py": "for the sizes of groups, which are compared and never shown",
    "snapshots/figures.py": "for closing figures, which hold everything; what of them is shown is decided on reading",
}


def _parsed(module: str) -> Iterator[ast.AST]:
    """Go through a module, without the values of `needs=`: they declare who may ask, and decide nothing shown."""
    waiting: list[ast.AST] = [ast.parse(MODULES[module].read_text("utf-8"))]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += [each for each in ast.iter_child_nodes(node) if getattr(each, "arg", None) != "needs"]


def _names_a_permission(node: ast.AST) -> bool:
    match node:
        case ast.Attribute(attr=name) | ast.Name(id=name) | ast.alias(name=name):
            return name in PERMISSIONS
        case ast.Constant(value=str(text)):
            return text in PERMISSIONS
    return False


def _calls(*names: str) -> Callable[[ast.AST], bool]:
    def is_one(node: ast.AST) -> bool:
        match node:
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
                return name in names
        return False

    return is_one


@pytest.mark.parametrize("module", [module for module in MODULES if module != DECIDES])
def test_no_other_module_names_these_permissions(module: str) -> None:
    assert not [node for node in _parsed(module) if _names_a_permission(node)]


def test_the_module_that_decides_names_them() -> None:
    assert len([node for node in _parsed(DECIDES) if _names_a_permission(node)]) == len(PERMISSIONS)


@pytest.mark.parametrize(
    ("is_built", "builders"),
    [
        pytest.param(_calls("Visibility"), BUILDS_VISIBILITY, id="visibility"),
        pytest.param(_calls("Number", "GuardedNumber"), BUILDS_NUMBERS, id="numbers"),
    ],
)
def test_each_is_built_only_where_there_is_a_reason(
    is_built: Callable[[ast.AST], bool], builders: dict[str, str]
) -> None:
    assert {module for module in MODULES if any(map(is_built, _parsed(module)))} == set(builders)
