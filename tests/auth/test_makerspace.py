"""A MakerspaceId proves that access was checked, so only its package may make one."""

import ast
import copy
import dataclasses
import pickle
from pathlib import Path

import pytest

import makrcave_analytics
from makrcave_analytics.auth import MakerspaceId, Viewer

SOURCES = Path(makrcave_analytics.__file__).parent


def test_it_cannot_be_constructed(home):
    for proof in (None, object(), True, "proof"):
        with pytest.raises(TypeError, match="comes only from a Viewer"):
            MakerspaceId(home, proof)
    with pytest.raises(TypeError):
        MakerspaceId(home)


def test_it_cannot_be_changed_replaced_or_unpickled(home, elsewhere):
    minted = Viewer.system("test").makerspace(home)
    with pytest.raises(dataclasses.FrozenInstanceError):
        minted.value = elsewhere
    with pytest.raises(ValueError, match="proof"):
        dataclasses.replace(minted, value=elsewhere)
    with pytest.raises(TypeError, match="cannot be sent between processes"):
        pickle.dumps(minted)


def test_it_is_a_value(home, elsewhere):
    system = Viewer.system("test")
    minted = system.makerspace(home)
    assert minted == system.makerspace(str(home).upper()) == copy.deepcopy(minted) == copy.copy(minted)
    assert minted != system.makerspace(elsewhere)
    assert minted != home
    assert len({minted, system.makerspace(home)}) == 1
    assert str(minted) == "0f0e0d0c-0b0a-4908-8706-050403020100"


def test_only_auth_imports_the_module_that_mints():
    """Only auth imports the module that mints, in any spelling of an import."""
    for path in SOURCES.rglob("*.py"):
        if path.parent == SOURCES / "auth":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
            module = (node.module or "") if isinstance(node, ast.ImportFrom) else ""
            assert not any(f"{module}.{name}".startswith("makrcave_analytics.auth.makerspace") for name in names), path
            assert not any(name.startswith("makrcave_analytics.auth.makerspace") for name in names), path
