"""A program is saved and loaded without its function, holds what it held, and refuses the rest."""

import copy
import io
import json
import pickle
import subprocess
import sys
import zipfile
from collections import OrderedDict, namedtuple

import numpy as np
import pytest
import scipy.special
from numpy.testing import assert_array_equal

import dualrev as dr
from dualrev.core.primitive import RULES
from dualrev.program import saving
from tests.cases import all_cases
from tests.program import damage
from tests.program.test_laws import derivatives
from tests.test_laws import outputs_of, random_like

X = np.linspace(0.1, 0.9, 4)
WEIGHTS = np.asfortranarray(np.arange(12.0).reshape(3, 4))


def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def writes(x):
    y = x.copy()
    for i in range(1, 4):
        y[i] = np.sin(y[i - 1]) * y[i]
    return np.sum(y)


def process(x):
    k = np.exp(-((x[:, None] - x) ** 2)) + np.eye(4)
    return np.sum(np.log(np.diag(np.linalg.cholesky(k)))) + np.linalg.norm(x)


def network(x):
    return dr.scipy.special.logsumexp(np.tanh(WEIGHTS @ x)) + scipy.special.erf(x[0])


def filtered(x):
    return np.sum(dr.scipy.fft.dct(x) ** 2)


def branches(x):
    return np.sum(x**2) if x[0] > 0 else np.sum(x)


def saved(program):
    file = io.BytesIO()
    program.save(file)
    return file


def loaded(program):
    return dr.load_program(saved(program), engine="numpy")


def derivative_program(f, x=X):
    return dr.compile(dr.value_and_grad(f), engine="numpy").program(x)


def changed(program, change):
    """The file of a program after a change of its parts."""
    with zipfile.ZipFile(saved(program)) as archive:
        parts, memory = json.loads(archive.read("program.json")), archive.read("memory.npy")
    change(parts)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("program.json", json.dumps(parts))
        archive.writestr("memory.npy", memory)
    return file


# --------------------------------------------------------------------------------- what is kept


@pytest.mark.parametrize("f", [rosenbrock, writes, process, network, filtered, branches])
def test_a_loaded_program_answers_as_the_one_that_was_saved(f):
    program = derivative_program(f)
    again = loaded(program)
    assert str(again) == str(program)
    for x in (X, X[::-1].copy()):
        (value, slope), (value_again, slope_again) = program(x), again(x)
        assert type(value_again) is type(value)
        assert_array_equal(value, value_again)
        assert_array_equal(slope, slope_again)


@pytest.mark.one_in(3)
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("case", [c for c in all_cases() if not c.of_options][::40], ids=str)
def test_programs_of_the_table_are_kept_or_refused_by_name(case, rng):
    check_case(case, rng)


def check_case(case, rng):
    f = derivatives(outputs_of(case))
    args = tuple(map(np.asarray, case.args))
    ts = tuple(np.asarray(random_like(rng, x)) for x in args)
    ct = random_like(rng, dr.jvp(outputs_of(case), args, ts)[0])
    try:
        program = dr.compile(f, engine="numpy").program(args, ts, ct)
        expected = program(args, ts, ct)
        file = saved(program)
    except Exception:  # what has no program, or one that needs objects
        return
    found = dr.load_program(file, engine="numpy")(args, ts, ct)
    for e, x in zip(np_leaves(expected), np_leaves(found), strict=True):
        assert type(e) is type(x)
        assert e.dtype == x.dtype
        assert_array_equal(e, x)


def np_leaves(x):
    return [leaf for part in x for leaf in np_leaves(part)] if type(x) in (tuple, list) else [x]


def test_arguments_and_results_keep_their_structure():
    def f(p, scale, *, how):
        return {
            "b": [p["w"][1] * np.sin(scale), (p["b"], None)],
            "a": how == "sum" and p["w"][0],
        }

    given = {"w": [X, 2], "b": np.float32(3)}
    program = dr.compile(f, engine="numpy").program(given, 1.5, how="sum")
    for p in (program, loaded(program)):
        assert str(p(given, 1.5, how="sum")) == str(f(given, 1.5, how="sum"))
        assert str(p({"w": [2 * X, 2], "b": np.float32(1)}, 2.5, how="sum")) == str(
            f({"w": [2 * X, 2], "b": np.float32(1)}, 2.5, how="sum")
        )


@pytest.mark.parametrize(
    "constant",
    [
        WEIGHTS,
        np.broadcast_to(np.arange(4.0), (3, 4)),
        np.arange(24, dtype="f4").reshape(3, 8)[:, ::-2],
        np.arange(24.0).reshape(4, 2, 3).transpose(2, 0, 1)[:, :, 0],
        WEIGHTS.astype(">f8"),
        WEIGHTS + 1j,
        WEIGHTS > 3,
        np.full((3, 4), np.nan),
        np.longdouble(1) / 3 * np.ones((3, 4)),
        np.int8(3),
        -0.0,
        float("inf"),
        complex(0.0, float("-inf")),
    ],
    ids=lambda x: f"{np.asarray(x).dtype} {np.shape(x)}",
)
def test_constants_are_kept_to_the_bit(constant):
    program = dr.compile(lambda x: (x * constant, x + constant), engine="numpy").program(X)
    for e, x in zip(program(X), loaded(program)(X), strict=True):
        assert e.dtype == x.dtype
        assert_array_equal(e, x)
        if e.dtype != np.longdouble:  # which has unused bytes
            assert e.tobytes() == x.tobytes()


def test_another_process_needs_no_function(tmp_path):
    derivative_program(filtered).save(tmp_path / "slope.npz")
    code = f"import dualrev, numpy; print(dualrev.load_program({str(tmp_path / 'slope.npz')!r})"
    code += f"(numpy.array({X.tolist()}))[1].tolist())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert dr.grad(filtered)(X).tolist() == json.loads(done.stdout)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda p: pickle.loads(pickle.dumps(p))])
def test_a_program_that_has_run_is_copied(copied):
    program = derivative_program(rosenbrock)
    expected = program(X)[1]
    again = copied(program)
    again(2 * X)
    assert_array_equal(expected, again(X)[1])


# ------------------------------------------------------------------------------ what is refused


def test_a_file_holds_neither_paths_nor_code():
    with zipfile.ZipFile(saved(derivative_program(branches))) as archive:
        text = archive.read("program.json").decode()
    assert "test_saving.py" in text
    assert __file__ not in text
    assert "return" not in text


@dr.elementwise(partials=(lambda ans, x: 2 * x,))
def own_square(x):
    return x**2


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.sum(own_square(x)),
        lambda x: np.sum(dr.scipy.interpolate.make_interp_spline(np.arange(4.0), x)(0.5)),
    ],
)
def test_a_step_without_a_name_is_refused_with_its_line(f):
    with pytest.raises(dr.ProgramError, match="cannot be saved that needs") as caught:
        saved(derivative_program(f))
    assert caught.value.where.startswith("test_saving.py:")


def test_a_program_that_cannot_be_saved_leaves_no_file(tmp_path):
    with pytest.raises(dr.ProgramError):
        derivative_program(lambda x: np.sum(own_square(x))).save(tmp_path / "f.npz")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("structure", [OrderedDict(x=X), namedtuple("Point", "x")(X)])
def test_a_structure_of_another_class_is_refused(structure):
    program = dr.compile(lambda p: np.sum(X), engine="numpy").program(structure)
    with pytest.raises(dr.ProgramError, match=type(structure).__name__):
        saved(program)


@pytest.mark.parametrize(
    ("args", "kwargs", "said"),
    [
        ((X[1:], 2.0), {"how": "sum"}, r"float64\[3\] where it takes float64\[4\], in args\[0\]"),
        ((X.astype("f4"), 2.0), {"how": "sum"}, "float32"),
        ((X, 2), {"how": "sum"}, "2 where it takes a float, in args[1]"),
        ((np.tile(X, 2)[::2], 2.0), {"how": "sum"}, "float64[4] of strides (16,) where it takes"),
        ((X, 2.0), {"how": "mean"}, "'mean' where it takes 'sum', in kwargs['how']"),
        ((X,), {"how": "sum"}, "another structure"),
        ((X.tolist(), 2.0), {"how": "sum"}, "another structure"),
        ((X, None), {"how": "sum"}, "another structure"),
        ((X, object()), {"how": "sum"}, "a object"),
    ],
)
def test_other_arguments_are_refused(args, kwargs, said):
    program = dr.compile(lambda x, s, *, how: np.sum(x) * s, engine="numpy").program(
        X, 2.0, how="sum"
    )
    for p in (program, loaded(program)):
        with pytest.raises(dr.ProgramError) as caught:
            p(*args, **kwargs)
        assert said.replace("\\", "") in caught.value.what


def test_another_branch_is_refused_with_its_line():
    program = derivative_program(branches)
    line = branches.__code__.co_firstlineno + 1
    for p in (program, loaded(program)):
        with pytest.raises(dr.ProgramError, match="another") as caught:
            p(-X)
        assert caught.value.where == f"test_saving.py:{line}"
        assert_array_equal(2 * X, p(X)[1])


def test_zero_that_meets_infinity_is_refused():
    program = derivative_program(lambda x: np.sum(np.where(x > 0, np.sqrt(np.abs(x)), 0.0)))
    for p in (program, loaded(program)):
        with pytest.raises(dr.NonFiniteError):
            p(np.array([0.0, 1.0, 2.0, 3.0]))


def test_a_program_has_no_derivative():
    with pytest.raises(dr.MissingRuleError, match="has no derivative"):
        dr.grad(loaded(dr.compile(rosenbrock).program(X)))(X)


def test_what_a_step_raises_is_raised():
    program = dr.compile(np.linalg.inv, engine="numpy").program(np.eye(3))
    with pytest.raises(np.linalg.LinAlgError):
        loaded(program)(np.zeros((3, 3)))


# -------------------------------------------------------------------------- files that are not ours


def test_no_name_of_a_file_reaches_what_does_more_than_compute():
    names, _ = saving._named_functions()
    ends = {name.rpartition(".")[2] for name in names}
    assert not ends & {"save", "savez", "savetxt", "load", "loadtxt", "fromfile", "genfromtxt"}
    assert not ends & {"tofile", "dump", "memmap", "as_strided", "frompyfunc", "seterrcall", "test"}
    assert "numpy.sin" in names
    assert len(names) > len(RULES) / 2


@pytest.mark.parametrize(
    "name",
    [
        *("numpy.save", "numpy.load", "numpy.ndarray.tofile", "numpy.lib.stride_tricks.as_strided"),
        *("os.system", "builtins.eval", "numpy.frompyfunc", "numpy.add.at", "numpy.add.__class__"),
        *(
            "dualrev.scipy.optimize.minimize",
            "dualrev.bench.__main__.main",
            "scipy.",
            "_operator.call",
        ),
        *("numpy.f2py.run_main", "numpy", "", "scipy/../x.y", "numpy.add.reduce.__self__"),
    ],
)
def test_a_name_that_no_program_calls_is_refused(name):
    def change(parts):
        parts["program"]["Program"][2][0]["Step"][0] = {"function": name}

    with pytest.raises(dr.ProgramError, match="damaged"):
        dr.load_program(changed(derivative_program(rosenbrock), change))


def ref(buffer=0, offset=0, shape=(4,), strides=(8,), dtype="<f8"):
    shape, strides = {"tuple": list(shape)}, {"tuple": list(strides)}
    return {"Ref": [buffer, offset, shape, strides, {"dtype": dtype}]}


@pytest.mark.parametrize(
    "made",
    [
        *(ref(offset=8), ref(shape=(5,)), ref(strides=(-8,)), ref(strides=(16,)), ref(offset=-8)),
        *(ref(buffer=-99), ref(buffer=999), ref(dtype="|O"), ref(shape=(-1,)), ref(shape=(2, 2))),
        *(
            ref(shape=(10**12,), strides=(0,), dtype="V99999999"),
            3,
            None,
            {"Ref": []},
            {"tuple": []},
        ),
    ],
    ids=str,
)
def test_an_array_outside_its_memory_is_refused(made):
    def change(parts):
        parts["program"]["Program"][0] = [made]

    with pytest.raises(dr.ProgramError, match="damaged"):
        dr.load_program(changed(derivative_program(rosenbrock), change))


@pytest.mark.parametrize("value", ["print('read')", "0, 0)\n print('read')\n (0", 0.0, None, [0]])
def test_text_where_a_number_belongs_is_refused(value):
    """Engines write source from a program: no text of a file may come into it."""

    def change(parts):
        for step in parts["program"]["Program"][2]:
            if "Guard" in step:
                step["Guard"][2] = value

    with pytest.raises(dr.ProgramError, match="damaged"):
        dr.load_program(changed(derivative_program(branches), change))


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("format", 2, "format 2"),
        ("versions", {"dualrev": "0.0.1", "numpy": np.__version__}, "dualrev 0.0.1"),
        ("versions", {"dualrev": dr.__version__, "numpy": "1.26.4"}, "NumPy 1.26.4"),
    ],
)
def test_another_version_is_refused_by_its_number(key, value, said):
    file = changed(derivative_program(rosenbrock), lambda parts: parts.update({key: value}))
    with pytest.raises(dr.ProgramError, match=said):
        dr.load_program(file)


@pytest.mark.parametrize("part", ["format", "versions", "program", "arguments", "kinds", "result"])
@pytest.mark.parametrize("value", [None, 3, [], {}, {"leaf": 7}, {"eval": "1"}, {"value": 1}])
def test_a_file_with_a_part_that_does_not_fit_is_refused(part, value):
    file = changed(derivative_program(rosenbrock), lambda parts: parts.update({part: value}))
    with pytest.raises(dr.ProgramError):
        dr.load_program(file)


@pytest.mark.parametrize("engine", ["numpy", "llvm"])
@pytest.mark.parametrize("kind", damage.KINDS)
def test_a_damaged_file_is_refused_or_means_the_same(kind, engine, rng):
    """Or, where its checksums are right, is another program, or one that raises."""
    if engine == "llvm":
        pytest.importorskip("llvmlite")
    content = saved(derivative_program(writes)).getvalue()
    expected = dr.load_program(io.BytesIO(content), engine=engine)(X)
    found = [
        damage.outcome(damage.KINDS[kind](content, rng), X, expected, engine) for _ in range(40)
    ]
    assert "refused" in found
    if damage.KINDS[kind] in damage.BYTES:
        assert set(found) <= {"refused", "same"}


def test_a_file_that_is_not_there_is_python_s_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        dr.load_program(tmp_path / "f.npz")
