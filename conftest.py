"""The examples in the prose are tests: ``pytest README.md docs notebooks`` runs them."""

import os

# Before NumPy is imported: OpenBLAS's threads wait for each other longer than a system of three
# equations takes, the more so as the suite has a process for each processor.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from doctest import ELLIPSIS, NORMALIZE_WHITESPACE
from importlib.util import find_spec

import pytest
from sybil import Sybil
from sybil.parsers.myst import PythonCodeBlockParser, SkipParser

from dualrev.bridges import LIBRARIES


def missing(package):
    """Whether a package that some examples need is not installed."""
    return find_spec(package) is None


pytest_collect_file = Sybil(
    parsers=[
        PythonCodeBlockParser(doctest_optionflags=ELLIPSIS | NORMALIZE_WHITESPACE),
        SkipParser(),
    ],
    setup=lambda namespace: namespace.update(missing=missing),
    patterns=["*.md"],
    excludes=["docs/_build/*", "docs/reference/generated/*", "docs/notebooks/*"],
).pytest()

# Its functions have NumPy's docstrings; its own example is run by tests/numpy/test_creating.py.
collect_ignore = ["dualrev/numpy/__init__.py"]
# A bridge imports the library that it leads to.
collect_ignore += [f"dualrev/bridges/{library}.py" for library in LIBRARIES if missing(library)]


def pytest_addoption(parser):
    parser.addoption("--thorough", action="store_true", help="try every law on every row")


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config):
    """The whole suite takes all processors; what is named is run in this process, but with ``-n``."""
    if hasattr(config, "workerinput") or not config.pluginmanager.hasplugin("xdist"):
        return
    if config.args_source is config.ArgsSource.TESTPATHS and config.option.numprocesses is None:
        config.option.numprocesses, config.option.dist = "auto", "worksteal"
