"""SciPy's public names, and which tests call each: what the coverage page says and a test holds.

Reads the case table, and of the files of tests their syntax: what the names in them stand for.
"""

import ast
import functools
import importlib
import types
from pathlib import Path

import dualrev.scipy
from dualrev.scipy import word_of
from tests.cases import all_cases
from tests.scipy.test_stats_laws import COMPARED

TESTS = Path(__file__).parents[1]

#: SciPy's public modules, but those that are left out.
MODULES = [
    *("cluster.hierarchy", "cluster.vq", "constants", "differentiate", "fft", "integrate"),
    *("interpolate", "linalg", "linalg.interpolative", "ndimage", "optimize"),
    *("optimize.elementwise", "signal", "signal.windows", "sparse", "sparse.csgraph"),
    *("sparse.linalg", "spatial", "spatial.distance", "spatial.transform", "special"),
    *("stats", "stats.contingency", "stats.mstats", "stats.qmc", "stats.sampling"),
]
LEFT_OUT = {
    "they read files": "datasets io io.arff io.matlab io.wavfile",
    "routines of BLAS and LAPACK by their own names": (
        "linalg.blas linalg.lapack linalg.cython_blas linalg.cython_lapack"
    ),
    "`scipy.fft` has taken its place": "fftpack",
    "SciPy takes it away": "odr",
    "the distributions of `scipy.stats`": "stats.distributions",
    "it holds modules alone": "cluster",
}


def public_names(module):
    """What users call of a public module of SciPy's, by name: no submodules, no numbers."""
    found = importlib.import_module(f"scipy.{module}")
    return {
        name: member
        for name in sorted(getattr(found, "__all__", dir(found)))
        if not name.startswith("_")
        and callable(member := getattr(found, name))
        and not (isinstance(member, type) and issubclass(member, BaseException))
    }


def checks(path):
    """The files of tests that call a name of SciPy's: tables of rows first, then its package's."""
    owner, _, name = path.rpartition(".")
    owners = [f"dualrev.{owner}", *([owner] if word_of(path) == "dispatches" else [])]
    meant = {id(getattr(importlib.import_module(module), name)) for module in owners}
    files = [file for file, called in calls_of_files().items() if not meant.isdisjoint(called)]
    package = path.split(".")[1]
    return sorted(files, key=lambda file: (not file.startswith("cases"), package not in file))


@functools.cache
def calls_of_files():
    """``{file: {id: object}}``: what the rows and each file of tests call."""
    files = [*(TESTS / "cases").glob("*.py"), *(TESTS / "scipy").glob("*.py")]
    files += [*(TESTS / "rules").glob("test_special*.py"), TESTS / "test_optimize.py"]
    calls = {
        str(file.relative_to(TESTS)): calls_in(file.read_text("utf-8")) for file in sorted(files)
    }
    # What syntax does not tell: rows and parametrizations that are made by loops.
    rows = [case.function for case in all_cases()]
    rows += [row.__self__ for row in rows if hasattr(row, "__self__")]
    calls["cases"] = {id(row): row for row in rows}
    laws = [getattr(dualrev.scipy.stats, name) for name in COMPARED]
    calls["scipy/test_stats_laws.py"] |= {id(law): law for law in laws}
    return calls


def calls_in(source):
    """``{id: object}``: the functions and classes, SciPy's or ours, that a file of tests calls."""
    return _Calls(ast.parse(source)).found


class _Calls(ast.NodeVisitor):
    """What a file of tests takes from SciPy's modules and ours; tests of errors call nothing.

    A name is what was imported by it.  A module that is an argument is called like a package, or
    ``m``, ``of``, ``module``: one of those that the file imports.
    """

    def __init__(self, tree):
        self.found, self.imported, self.modules = {}, {}, [dualrev.scipy]
        self.bound = []
        self.tables = {
            target.id: node.value
            for node in tree.body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        parameters = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Import | ast.ImportFrom):
                self._import(node)
            elif isinstance(node, ast.FunctionDef):
                parameters[node.name] = [a.arg for a in node.args.args]
        for node in ast.walk(tree):
            if isinstance(node, ast.For | ast.comprehension):
                self.bound.append((_names(node.target), node.iter))
            elif isinstance(node, ast.Call):
                name = getattr(node.func, "id", None)
                self.bound += [([p], a) for p, a in zip(parameters.get(name, ()), node.args)]
                if ast.unparse(node.func) == "pytest.mark.parametrize":
                    self.bound.append((self._written(node.args[0]), node.args[1]))
        self.visit(tree)

    def _import(self, node):
        for alias in node.names:
            if isinstance(node, ast.Import):
                path = alias.name if alias.asname else alias.name.split(".")[0]
                if path.split(".")[0] in ("scipy", "dualrev"):
                    self.imported[alias.asname or path] = importlib.import_module(path)
            elif node.module.startswith(("scipy", "dualrev.scipy")):
                found = getattr(importlib.import_module(node.module), alias.name)
                self.imported[alias.asname or alias.name] = found
                if getattr(found, "__name__", "").startswith("dualrev.scipy"):
                    self.modules.append(found)

    def visit_FunctionDef(self, node):
        if "pytest.raises" not in ast.unparse(node):
            self.generic_visit(node)

    def visit_Call(self, node):
        called = ast.unparse(node.func)
        if called == "inspect.signature":
            return
        if called == "getattr":
            for name in self._texts(node.args[1]):
                self._note(self._members(node.args[0], name))
        self.generic_visit(node)

    def visit_Attribute(self, node):
        self._note(self._meant(node))
        self.generic_visit(node)

    visit_Name = visit_Attribute

    def _note(self, found):
        self.found |= {id(member): member for member in found}

    def _meant(self, node):
        """What names and dots may stand for."""
        if isinstance(node, ast.Attribute):
            return self._members(node.value, node.attr)
        name = getattr(node, "id", None)
        if name in self.imported:
            return [self.imported[name]]
        if name in ("m", "of", "module"):
            return self.modules
        return [getattr(dualrev.scipy, name)] if name in dualrev.scipy.__all__ else []

    def _members(self, owner, name):
        """Those of one name, of the modules that an owner may stand for."""
        return [
            getattr(module, name)
            for module in self._meant(owner)
            if isinstance(module, types.ModuleType) and hasattr(module, name)
        ]

    def _texts(self, node):
        """The texts that the name of a member stands for: those that it is bound to."""
        if isinstance(node, ast.Name):
            values = [values for names, values in self.bound if node.id in names]
            return set().union(*map(self._written, values))
        return self._written(node)

    def _written(self, node):
        """The texts in an expression, of dictionaries those in the keys."""
        if isinstance(node, ast.Constant):
            return {node.value} if isinstance(node.value, str) else set()
        if isinstance(node, ast.Name):
            return self._written(self.tables[node.id]) if node.id in self.tables else set()
        if isinstance(node, ast.Subscript | ast.BinOp):  # a part of a table, nobody knows which
            return set()
        parts = ast.iter_child_nodes(node)
        if isinstance(node, ast.Dict):
            parts = [key or value for key, value in zip(node.keys, node.values)]
        return set().union(*map(self._written, parts))


def _names(target):
    return [node.id for node in ast.walk(target) if isinstance(node, ast.Name)]
