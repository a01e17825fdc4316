"""Sphinx: the site's settings, and the pages that are written from the code at every build."""

import builtins
import importlib.util
import itertools
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "docs")]
os.environ["PYTHONPATH"] = str(ROOT)  # for the kernels of notebooks

import dualrev.scipy
from dualrev.core.primitive import RULES, rule_of
from dualrev.core.tracer import Tracer
from dualrev.scipy.stats.rest import LAWS
from tests.scipy.checks import LEFT_OUT, MODULES, checks, public_names

project = "dualrev"
author = copyright = "The dualrev developers"
release = version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "sphinx-mathjax-offline",  # formulas show without a network
    "numpydoc",
    "myst_nb",
    "sphinx_design",
    "sphinx_copybutton",
    "pictures",
    "repairs",
]
root_doc = "index"
exclude_patterns = ["_build"]
templates_path = ["_templates"]
nitpicky = True
# INTERSPHINX=1 links to the manuals of others, which takes a network; without it their names stay text.
if os.environ.get("INTERSPHINX"):
    extensions.append("sphinx.ext.intersphinx")
    intersphinx_mapping = {
        "python": ("https://docs.python.org/3", None),
        "numpy": ("https://numpy.org/doc/stable", None),
        "scipy": ("https://docs.scipy.org/doc/scipy", None),
    }
else:
    nitpick_ignore_regex = [
        ("py:.*", r"(numpy|scipy|optree)\..*"),
        ("py:class", "|".join(name for name in dir(builtins) if name[0] != "_")),
    ]
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
smartquotes = False  # code stands in the tables, uncoded
autodoc_typehints = "none"  # numpydoc's sections say it with the meaning
numpydoc_show_class_members = False
# What other modules of the package ask of a prepared matrix.
autodoc_default_options = {
    "exclude-members": "check, checked, directions, entries_of_products, warn_if_dense"
}
autodoc_mock_imports = ["casadi", "jax", "tensorflow", "torch"]  # which bridges lead to
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

# Notebooks are stored without outputs: each build runs them.  A cell has half a minute, and one
# that raises ends the build.
nb_execution_mode = "cache"
nb_execution_timeout = 30
nb_execution_raise_on_error = True
nb_render_markdown_format = "myst"

html_theme = "pydata_sphinx_theme"
html_title = "dualrev"
html_static_path = ["_static"]
html_css_files = ["dualrev.css"]
html_show_sourcelink = False
html_copy_source = False
# Tables of functions need the width that a sidebar would take.
html_sidebars = {
    "index": [],
    "install": [],
    "changelog": [],
    "contributing": [],
    "citing": [],
    "reference/coverage": [],
    "reference/array-api": [],
    "reference/edge-values": [],
    "reference/speed": [],
    "reference/benchmarks": [],
    "gallery/index": [],
    "gallery/times": [],
    "tutorials/index": [],
}
html_theme_options = {
    "show_prev_next": True,
    "navigation_with_keys": False,
    "show_nav_level": 1,
    "header_links_before_dropdown": 6,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
}

WORDS = {
    "elementwise": "rule: each element of the answer depends on the matching ones of the arguments",
    "linear": "rule: linear in each array argument",
    "rule": "rule: a pair of its own, jvp and vjp",
    "composition": "computed from functions of this page",
    "constant": "a step, an index, a shape, a text, or no array at all: carries no derivative",
    "refused": "raises on a traced array, and says what to type instead",
}
_SERIES = ("polynomial", "chebyshev", "legendre", "laguerre", "hermite", "hermite_e", "polyutils")
CHAPTERS = {
    module.__name__: module
    for module in (
        *(np, np.linalg, np.fft, np.lib.scimath, np.lib.stride_tricks, np.polynomial),
        *(getattr(np.polynomial, name) for name in _SERIES),
    )
}
SCIPY_WORDS = {
    "dispatches": "SciPy's own takes traced arrays",
    "twin": "`dualrev.scipy` has it, with a rule or a program of its own",
    "body": "`dualrev.scipy` has it, and runs SciPy's own Python code on traced arrays",
    "constant": "carries no derivative: an index, a label, a count, a table, or it takes no numbers",
    "refused": "raises on a traced array, and says what to type instead",
}
CLASSES = {
    "Methods of numpy.vectorize": np.vectorize,
    "Methods of numpy.poly1d": np.poly1d,
    "Methods of the classes of numpy.polynomial": np.polynomial.Polynomial.__mro__[1],
}


def public_functions(module):
    """The functions of a module that users call, by name; neither classes nor constants."""
    return {
        name: member
        for name in getattr(module, "__all__", dir(module))
        if not name.startswith("_")
        and callable(member := getattr(module, name))
        and not isinstance(member, type)
    }


def methods_of(cls):
    """The methods that a class itself defines, by name, the call among them."""
    members = {name: getattr(cls, name) for name in vars(cls)}
    return {
        name: getattr(method, "__func__", method)
        for name, method in members.items()
        if callable(method) and (name == "__call__" or not name.startswith("_"))
    }


def array_methods():
    """Rules of the methods and attributes of arrays, by name; the word where they are tracers' own."""
    words = {}
    for name in dir(np.ndarray):
        if name.startswith("_"):
            continue
        rule = RULES.get(getattr(np.ndarray, name)) or RULES.get(getattr(np, name, None))
        own = getattr(Tracer, name, None)
        if own is None:
            words[name] = rule
        elif isinstance(own, property) and not isinstance(
            getattr(np.ones((1, 1)), name), np.ndarray
        ):
            words[name] = "constant"
        else:
            words[name] = "composition"
    return words


def ufunc_methods():
    """``{ufunc: {method: rule or None}}``, for the methods that NumPy has of each."""
    methods = {}
    for name, ufunc in public_functions(np).items():
        if isinstance(ufunc, np.ufunc) and ufunc.signature is None and ufunc.__name__ == name:
            binary = ["outer"] if ufunc.nin == 2 else []
            folds = ["reduce", "accumulate", "reduceat"] if binary and ufunc.nout == 1 else []
            at = ["at"] if ufunc.nout == 1 else []
            methods[name] = {m: rule_of(getattr(ufunc, m)) for m in folds + binary + at}
    return methods


def word_of(rule):
    """The word of a rule, as a cell of a table."""
    return rule if isinstance(rule, str) else "no rule" if rule is None else rule.word


def table(heading, rows):
    """A section with one row a word; a refused function has a row of its own, with the reason."""
    lines = ["", f"## {heading}", "", "| word | functions |", "|---|---|"]
    for word in (*WORDS, "no rule"):
        names = [name for name, rule in sorted(rows.items()) if word_of(rule) == word]
        if word == "refused":
            for reason, same in itertools.groupby(
                names, lambda name: (rows[name].why, rows[name].fix)
            ):
                lines.append(f"| refused | {listed(same)}: {'; '.join(reason)} |")
        elif names:
            lines.append(f"| {word} | {listed(names)} |")
    return lines


def listed(names):
    """Names as code, in one cell."""
    return ", ".join(f"`{name}`" for name in names)


def coverage_page():
    """The tables of functions and words, in markdown."""
    lines = ["| word | what it says of a function |", "|---|---|"]
    lines += [f"| {word} | {meaning} |" for word, meaning in WORDS.items()]
    for name, module in CHAPTERS.items():
        functions = public_functions(module)
        lines += table(name, {name: RULES.get(f) for name, f in functions.items()})
    lines += table("Methods and attributes of arrays", array_methods())
    for title, cls in CLASSES.items():
        lines += table(title, {name: RULES.get(f) for name, f in methods_of(cls).items()})
    heads = ("reduce", "accumulate", "reduceat", "outer", "at")
    lines += ["", "## Methods of ufuncs", "", f"| ufunc | {' | '.join(heads)} |", "|---" * 6 + "|"]
    for name, methods in sorted(ufunc_methods().items()):
        cells = (word_of(methods[head]) if head in methods else "" for head in heads)
        lines.append(f"| `{name}` | {' | '.join(cells)} |")
    lines += ["", "## SciPy", "", "| word | what it says of a function or class |", "|---|---|"]
    lines += [f"| {word} | {meaning} |" for word, meaning in SCIPY_WORDS.items()]
    for module in MODULES:
        lines += scipy_table(module)
    lines += ["", "### Left out", "", "| why | modules |", "|---|---|"]
    for why, modules in LEFT_OUT.items():
        lines.append(f"| {why} | {listed(f'scipy.{module}' for module in modules.split())} |")
    return "\n".join(lines)


def scipy_table(module):
    """A section with one row a word, and how it was checked; one row a reason of what is refused."""
    rows = {}
    for name in public_names(module):
        path = f"scipy.{module}.{name}"
        word = dualrev.scipy.word_of(path)
        refused = word == "refused"
        checked = "; ".join(dualrev.scipy.refusal_of(path)) if refused else checked_by(path)
        rows.setdefault((word, checked), []).append(name)
    lines = ["", f"### scipy.{module}", "", "| word | names | checked by |", "|---|---|---|"]
    for word in SCIPY_WORDS:
        for (of, checked), names in sorted(rows.items(), key=str):
            if of == word:
                lines.append(f"| {word} | {listed(names)} | {checked} |")
    return lines


def checked_by(path):
    """By which tests a name of SciPy's is checked, as a cell: all laws over a row, or files of tests."""
    if dualrev.scipy.word_of(path) == "constant":
        return ""
    files = checks(path)
    if files and files[0].startswith("cases"):
        return "all laws"
    return ", ".join(f"`{file}`" for file in files[:2])


def twins():
    """SciPy's functions that do not dispatch, by their module in dualrev.scipy."""
    modules = (importlib.import_module(f"dualrev.scipy.{name}") for name in MODULES)
    return {module.__name__: sorted(module.__all__) for module in modules}


def scipy_page():
    """One table of links a module of dualrev.scipy, in markdown."""
    lines = ["# dualrev.scipy, function by function"]
    for module, names in twins().items():
        place = importlib.import_module(module)
        members = {name: getattr(place, name) for name in names}
        # Neither submodules nor what is SciPy's own, or has its text.
        names = [
            name
            for name, member in members.items()
            if getattr(member, "__module__", "").startswith("dualrev")
            and dualrev.scipy.word_of(f"{module.removeprefix('dualrev.')}.{name}") == "twin"
            and not (module == "dualrev.scipy.stats" and name in LAWS)
        ]
        lines += ["", f"## {module}", "", "```{eval-rst}", f".. currentmodule:: {module}"]
        lines += [
            ".. autosummary::",
            "   :toctree: .",
            "",
            *(f"   {name}" for name in names),
            "```",
        ]
    return "\n".join(lines)


def printed(module, **environment):
    """What a module of the tests prints, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", f"tests.{module}"],
        cwd=ROOT,
        env={**os.environ, **environment},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout


def write_pages():
    """Write the generated pages, or their bodies."""
    folder = ROOT / "docs" / "reference" / "generated"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "coverage.txt").write_text(coverage_page(), encoding="utf-8")
    (folder / "scipy.md").write_text(scipy_page(), encoding="utf-8")
    # SciPy looks at the variable when it is imported: then it asks which library its arguments are of.
    array_api = printed("array_api", SCIPY_ARRAY_API="1")
    (folder / "array-api.txt").write_text(array_api, encoding="utf-8")
    (folder / "solvers.txt").write_text(printed("solver_agreement"), encoding="utf-8")
    interface = printed("interface", MPLBACKEND="agg", PYTHONWARNINGS="ignore")
    (folder / "interface.txt").write_text(interface, encoding="utf-8")


def copy_notebooks():
    """Put the notebooks where Sphinx looks for pages, each with a link to it as it was run."""
    folder = ROOT / "docs" / "notebooks"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "notebooks", folder, ignore=shutil.ignore_patterns("README.md", ".*"))
    for page in folder.glob("*.md"):
        text, time = page.read_text("utf-8"), page.stat()
        link = f"{{nb-download}}`Download this page as a notebook <{page.stem}.ipynb>`"
        text = re.sub(r"^# .*$", rf"\g<0>\n\n{link}", text, count=1, flags=re.MULTILINE)
        page.write_text(text, encoding="utf-8")
        os.utime(page, ns=(time.st_atime_ns, time.st_mtime_ns))  # a page that is as it was is kept


def setup(app):
    """What Sphinx calls before it looks for sources; the tests want the functions only."""
    write_pages()
    copy_notebooks()
