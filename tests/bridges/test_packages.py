"""Bridges are imported on demand, and say what to install; these tests need none of the libraries."""

import importlib
import sys
import tomllib
from pathlib import Path

import pytest

import dualrev as dr
from dualrev.bridges import LIBRARIES
from dualrev.bridges.packages import package

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_missing_library_is_named_with_what_to_install(library, monkeypatch):
    monkeypatch.setitem(sys.modules, library, None)
    monkeypatch.delitem(sys.modules, f"dualrev.bridges.{library}", raising=False)
    with pytest.raises(dr.MissingPackageError) as caught:
        importlib.import_module(f"dualrev.bridges.{library}")
    assert caught.value.fix == f"pip install 'dualrev[{library}]'"
    assert f"bridges.{library} needs the package {library}" in caught.value.what
    assert "test_packages.py:" in caught.value.where  # no line of what imports modules


def test_each_bridge_has_an_extra_and_each_extra_installs_its_library():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"][
        "optional-dependencies"
    ]
    files = {path.stem for path in Path(dr.bridges.__file__).parent.glob("*.py")}
    assert files.issuperset(LIBRARIES)
    assert all(extras[library][0].startswith(library) for library in LIBRARIES)


def test_what_a_library_lacks_itself_is_not_blamed_on_it(monkeypatch, tmp_path):
    (tmp_path / "half_there.py").write_text("import not_there")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="not_there"):
        package("half_there", "half_there")


def test_a_bridge_is_imported_when_it_is_asked_for(monkeypatch):
    for library in LIBRARIES:
        monkeypatch.setitem(sys.modules, library, None)
        monkeypatch.delitem(sys.modules, f"dualrev.bridges.{library}", raising=False)
        monkeypatch.delitem(vars(dr.bridges), library, raising=False)
        with pytest.raises(dr.MissingPackageError, match=library):
            getattr(dr.bridges, library)
    with pytest.raises(AttributeError, match="no attribute 'mxnet'"):
        dr.bridges.mxnet  # noqa: B018
