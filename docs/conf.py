"""Sphinx: the site's settings, and the pages that are written from the code at every build."""

import sys
import tomllib
from collections import defaultdict
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from dualrev.core import errors
from dualrev.core.primitive import RULES, Primitive

project = "dualrev"
author = copyright = "The dualrev developers"
release = version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "numpydoc",
    "myst_parser",
]
root_doc = "index"
exclude_patterns = ["_build"]
templates_path = ["_templates"]
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3
autodoc_typehints = "none"  # numpydoc's sections say it with the meaning
numpydoc_show_class_members = False

html_theme = "pydata_sphinx_theme"
# The pages stand in one level: there is no section to navigate, and tables need the width.
html_sidebars = {"**": []}
html_title = "dualrev"
html_show_sourcelink = False
html_theme_options = {"show_prev_next": False, "secondary_sidebar_items": ["page-toc"]}

MEANING = {
    "elementwise": "each element of the answer depends on the matching elements of the arguments",
    "linear": "linear in each array argument",
    "rule": "a pair of its own, jvp and vjp",
    "composition": "computed from functions of this table",
    "constant": "a step, a comparison, an index or a shape: carries no derivative",
}
CHAPTERS = {"numpy": np, "numpy.linalg": np.linalg, "numpy.fft": np.fft}


def place_of(function):
    """``(chapter, name)`` under which the page lists a function; None for dualrev's own."""
    owner = getattr(function, "__self__", None)
    if isinstance(function, Primitive):
        return None
    if isinstance(owner, np.ufunc):
        return "Methods of ufuncs", f"numpy.{owner.__name__}.{function.__name__}"
    if getattr(function, "__objclass__", None) is np.ndarray:
        return "Methods of arrays", f"numpy.ndarray.{function.__name__}"
    if getattr(function, "__module__", None) == "_operator":
        return "Operators", f"operator.{function.__name__}"
    for chapter in reversed(CHAPTERS):
        if getattr(CHAPTERS[chapter], function.__name__, None) is function:
            return chapter, f"{chapter}.{function.__name__}"
    if isinstance(function, np.ufunc):
        return "scipy.special", f"scipy.special.{function.__name__}"
    return "Other functions", f"{function.__module__}.{function.__qualname__}"


def functions_without_rule():
    """NumPy's ufuncs and array functions that dispatch, and meet an error."""
    missing = set()
    for chapter, module in CHAPTERS.items():
        for name in dir(module):
            function = getattr(module, name)
            dispatches = isinstance(function, np.ufunc) or hasattr(function, "_implementation")
            if dispatches and not name.startswith("_") and function not in RULES:
                missing.add(f"`{chapter}.{name}`")
    return sorted(missing)


def coverage_page():
    """The tables of functions and words, in markdown."""
    chapters = defaultdict(dict)
    for function, rule in RULES.items():
        place = place_of(function)
        if place is not None:
            chapter, name = place
            chapters[chapter][name] = rule.word
    total = sum(map(len, chapters.values()))
    lines = [f"{total} functions, in {len(chapters)} groups.", ""]
    lines += ["| word | what it says of a function |", "|---|---|"]
    lines += [f"| {word} | {meaning} |" for word, meaning in MEANING.items()]
    for chapter in sorted(chapters):
        lines += ["", f"## {chapter}", "", "| function | word |", "|---|---|"]
        lines += [f"| `{name}` | {word} |" for name, word in sorted(chapters[chapter].items())]
    lines += ["", "## Without a rule", ""]
    lines += ["These raise {class}`~dualrev.core.errors.MissingRuleError` on a traced array:", ""]
    lines += [", ".join(functions_without_rule()) or "none", ""]
    return "\n".join(lines)


def errors_page():
    """One section an exception class, in markdown."""
    directive = (
        "```{{eval-rst}}\n.. autoexception:: dualrev.core.errors.{}\n   :show-inheritance:\n```\n"
    )
    return "\n".join(f"## {name}\n\n{directive.format(name)}" for name in errors.__all__)


def write_pages(app):
    """Write the bodies of the generated pages before Sphinx looks for sources."""
    folder = Path(app.srcdir, "reference", "generated")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "coverage.txt").write_text(coverage_page(), encoding="utf-8")
    (folder / "errors.txt").write_text(errors_page(), encoding="utf-8")


def setup(app):
    """Connect the generated pages to the build."""
    app.connect("builder-inited", write_pages)
