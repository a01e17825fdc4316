"""The examples in the prose are tests: ``pytest README.md docs notebooks`` runs them."""

from doctest import ELLIPSIS, NORMALIZE_WHITESPACE

from sybil import Sybil
from sybil.parsers.myst import PythonCodeBlockParser

pytest_collect_file = Sybil(
    parsers=[PythonCodeBlockParser(doctest_optionflags=ELLIPSIS | NORMALIZE_WHITESPACE)],
    patterns=["*.md"],
    excludes=["docs/_build/*", "docs/reference/generated/*", "docs/notebooks/*"],
).pytest()
