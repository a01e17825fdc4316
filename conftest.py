"""The examples in the prose are tests: ``pytest README.md docs notebooks`` runs them."""

from doctest import ELLIPSIS, NORMALIZE_WHITESPACE

from sybil import Sybil
from sybil.parsers.myst import PythonCodeBlockParser

pytest_collect_file = Sybil(
    parsers=[PythonCodeBlockParser(doctest_optionflags=ELLIPSIS | NORMALIZE_WHITESPACE)],
    patterns=["*.md"],
    excludes=["docs/_build/*", "docs/reference/generated/*", "docs/notebooks/*"],
).pytest()

# Its functions have NumPy's docstrings; its own example is run by tests/numpy/test_creating.py.
collect_ignore = ["dualrev/numpy/__init__.py"]
