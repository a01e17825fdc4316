"""Rules and lines of the machine, each broken once: the suite sees it.

A mutant replaces a piece of a file in a copy of the package; some of the tests that it names must fail
there.  Where code has moved and the piece is gone, its test says so: give the mutant another line
with the same meaning.  About five minutes.
"""

import os
import pathlib
import shlex
import shutil
import subprocess
import sys
from typing import NamedTuple

import pytest

ROOT = pathlib.Path(__file__).parent.parent.parent
IGNORED = shutil.ignore_patterns("__pycache__", "_build")


class Mutant(NamedTuple):
    """One break: in a file of the package, ``old`` becomes ``new``; ``tests`` are pytest's arguments."""

    name: str
    file: str
    old: str
    new: str
    tests: str


MUTANTS = [
    # ------------------------------------------------------------------------------ the machine
    Mutant(
        "a zero beside an infinity is not guarded",
        "core/primitive.py",
        "if may_need_guard(product, ct) else product",
        "if False else product",
        "tests/test_edge_values.py tests/test_hidden_infinities.py",
    ),
    Mutant(
        "a constant factor is forgotten where its argument was broadcast",
        "core/primitive.py",
        "lambda ct, ans, args, x: times(unbroadcast(ct, x), ans, args)",
        "lambda ct, ans, args, x: unbroadcast(ct, x)",
        "tests/test_laws.py -k subtract",
    ),
    Mutant(
        "a choice at a kink has a derivative",
        "core/primitive.py",
        "return ans.doubted(zero) if np.any(zero) else ans",
        "return ans",
        "tests/test_edge_values.py",
    ),
    Mutant(
        "an axis that was broadcast keeps one of its cotangents",
        "core/cotangents.py",
        "ct = ct.sum(axis=tuple(range(extra)))",
        "ct = ct[(0,) * extra]",
        "tests/test_laws.py -k add",
    ),
    Mutant(
        "a complex cotangent of a real argument is its imaginary part",
        "core/cotangents.py",
        "t = t.real",
        "t = t.imag",
        "tests/test_complex.py",
    ),
    Mutant(
        "a sweep adds into arrays that are not its own",
        "core/tape.py",
        "elif p in own and type(slot) is _ndarray and type(c) is _ndarray:",
        "elif type(slot) is _ndarray and type(c) is _ndarray:",
        "tests/test_random_programs.py tests/test_in_place.py tests/test_transforms.py",
    ),
    Mutant(
        "entries stay as threads have left them",
        "core/tape.py",
        "entries[:] = sorted(entries, key=_index_of)",
        "entries[:] = list(entries)",
        "tests/test_threads.py",
    ),
    Mutant(
        "a tangent that passed through is written with its primal",
        "core/forward.py",
        "shares_memory(dual.tangent, t)",
        "not t.size",
        "tests/test_in_place.py",
    ),
    Mutant(
        "the old content of a written element keeps its cotangent",
        "core/assignment.py",
        "target[index] = 0.0",
        "target[index] *= 1.0",
        "tests/test_in_place.py",
    ),
    Mutant(
        "of several values for one element each has influence",
        "core/assignment.py",
        "return last[numbers] == order",
        "return last[numbers] >= order",
        "tests/test_in_place.py tests/rules/test_writing.py",
    ),
    Mutant(
        "an array that has changed is not copied again",
        "core/captured.py",
        "if held is not None and held[1] == mark and held[2].shape == array.shape:",
        "if held is not None and held[2].shape == array.shape:",
        "tests/test_captured.py tests/test_mutation.py",
    ),
    Mutant(
        "every zero is one of arithmetic",
        "core/activity.py",
        "zero = np.equal(ct, 0) & np.isnan(active)",
        "zero = np.equal(ct, 0)",
        "tests/test_hidden_infinities.py",
    ),
    Mutant(
        "an index is the user's own array",
        "core/binding.py",
        "part = np.array(base_of(part))",
        "part = np.asarray(base_of(part))",
        "tests/test_captured.py tests/test_mutation.py tests/test_in_place.py",
    ),
    Mutant(
        "columns are summed over the wrong axis",
        "columns.py",
        "axes = tuple(k % a.ndim + 1 for k in axes)",
        "axes = tuple(k % a.ndim for k in axes)",
        "tests/test_derivatives.py",
    ),
    Mutant(
        "a tape drops what a rule will read",
        "core/saving.py",
        "if name in mentioned)",
        "if name in ())",
        "tests/test_laws.py -k 'tape and exp'",
    ),
    # -------------------------------------------------------------------------------- the rules
    Mutant(
        "at a tie both sides have all",
        "rules/elementwise.py",
        "return np.where(tie, 0.5, np.equal(x, ans))",
        "return np.where(tie, 1.0, np.equal(x, ans))",
        "tests/test_edge_values.py",
    ),
    Mutant(
        "the norm at 0 is not 0 over itself",
        "rules/linalg.py",
        "return _norm_partial(ans + np.equal(ans, 0), x, ord, axis, keepdims)",
        "return _norm_partial(ans, x, ord, axis, keepdims)",
        "tests/test_edge_values.py",
    ),
    Mutant(
        "negative indices count from the start",
        "rules/indexing.py",
        "places += (places < 0) * np.array(shape)",
        "places = np.abs(places)",
        "tests/rules/test_indexing.py tests/test_in_place.py",
    ),
    Mutant(
        "a derivative is right, and that of it wrong",
        "rules/elementwise.py",
        "return (below - (n + 1) * spherical_jn(n + 1, z)) / (2 * n + 1)",
        "return (below - (n + 1) * spherical_jn(n + 1, z)) / (2 * n + 2)",
        "tests/test_laws.py -k sinc",
    ),
    Mutant(
        "a partition is sorted",
        "rules/sorting.py",
        "return _matched(np.argsort(a, axis=axis), np.argsort(ans, axis=axis), axis)",
        "return np.argsort(a, axis=axis)",
        "tests/test_laws.py -k partition",
    ),
    Mutant(
        "an eigenvector keeps no phase",
        "rules/eigenvalues.py",
        "t_v - v * (stretch + 1j * turn.imag)",
        "t_v - v * stretch",
        "tests/test_laws.py -k eig",
    ),
    # ----------------------------------------------------------------------------- SciPy's twins
    Mutant(
        "the middle frequency counts twice",
        "scipy/fft/primitives.py",
        "if n % 2 == 0:",
        "if n % 2 == 2:",
        "tests/test_laws.py -k fft",
    ),
    Mutant(
        "the middle of a convolution is another one",
        "scipy/signal/convolution.py",
        "before = (length - n) // 2",
        "before = (length - n + 1) // 2",
        "tests/test_laws.py -k convolve",
    ),
    Mutant(
        "the other border is folded back",
        "scipy/ndimage/correlation.py",
        "fold(sliced(ct, axis, max(n - after, 0)), slice(-after, None), source[before + n :])",
        "fold(sliced(ct, axis, max(n - after, 0)), slice(-after, None), source[:after])",
        "tests/test_laws.py -k correlate1d",
    ),
    Mutant(
        "the ends of a period do not move",
        "scipy/interpolate/piecewise.py",
        "t = t - periods * (t_x[-1] - t_x[0])",
        "t = t - 0 * periods * (t_x[-1] - t_x[0])",
        "tests/test_laws.py -k periodic",
    ),
]


@pytest.fixture(scope="module")
def copies(tmp_path_factory):
    """Makes a copy of all that the suite reads."""

    def copy():
        folder = tmp_path_factory.mktemp("copy")
        for name in ("dualrev", "tests", "docs"):
            shutil.copytree(ROOT / name, folder / name, ignore=IGNORED)
        for name in ("pyproject.toml", "README.md"):
            shutil.copy(ROOT / name, folder / name)
        return folder

    return copy


def run(folder, tests):
    """Exit code and output of pytest on the copy: 0 passed, 1 failed, and others never began."""
    found = subprocess.run(
        [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *shlex.split(tests)],
        cwd=folder,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
    )
    return found.returncode, found.stdout + found.stderr


def test_the_tests_of_all_mutants_pass_on_unbroken_code(copies):
    folder = copies()
    for tests in sorted({mutant.tests for mutant in MUTANTS}):
        code, output = run(folder, tests)
        assert code == 0, (tests, output[-2000:])


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_the_suite_catches(mutant, copies):
    path = pathlib.Path("dualrev", mutant.file)
    text = (ROOT / path).read_text(encoding="utf-8")
    assert text.count(mutant.old) == 1, f"no longer once in {path}: {mutant.old}"
    folder = copies()
    (folder / path).write_text(text.replace(mutant.old, mutant.new), encoding="utf-8")
    code, output = run(folder, mutant.tests)
    assert code == 1, output[-2000:]
