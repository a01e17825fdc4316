"""The engine of a module answers as NumPy's does, or names the step that the module lacks."""

import importlib
import sys
import types

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import dualrev as dr
from tests.cases import all_cases
from tests.program.test_laws import derivatives
from tests.program.test_saving import (
    WEIGHTS,
    X,
    branches,
    filtered,
    network,
    np_leaves,
    process,
    rosenbrock,
    writes,
)
from tests.test_laws import outputs_of, random_like


def module_named(name, leave_out=()):
    """A module of another name with NumPy's functions."""
    module = types.ModuleType(name)
    vars(module).update({k: x for k, x in vars(np).items() if not k.startswith("__")})
    for function in leave_out:
        delattr(module, function)
    return module


@pytest.fixture
def foreign(monkeypatch):
    """A module whose arrays NumPy's functions take for another library's, with SciPy beside it."""
    monkeypatch.setitem(sys.modules, "foreign", module_named("foreign"))
    # Without a path, so that nothing else of SciPy is imported once more under this name.
    monkeypatch.setitem(sys.modules, "foreign.scipy", types.ModuleType("foreign.scipy"))
    for part in ("special", "linalg", "fft"):
        monkeypatch.setitem(
            sys.modules, f"foreign.scipy.{part}", importlib.import_module(f"scipy.{part}")
        )
    return sys.modules["foreign"]


@pytest.fixture
def jax():
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    return jax


@pytest.fixture(params=["numpy", "foreign", "jax"])
def engine(request):
    if request.param == "numpy":
        return np
    module = request.getfixturevalue(request.param)
    return "jax" if request.param == "jax" else module


def heat(u):
    """Steps in place, of the inner points of a square."""
    u = u.reshape(2, 2)
    whole = np.zeros((4, 4)) + 0.1 * u.sum()
    whole[1:-1, 1:-1] = u
    for _ in range(3):
        inner = whole[1:-1, 1:-1]
        inner += 0.1 * (whole[2:, 1:-1] + whole[:-2, 1:-1] - 2 * inner)
        whole[::-2, 0] = whole[1, ::2] ** 2
    return np.sum(whole**2)


def gathers(x):
    order = np.argsort(-x)
    y = x[order]
    y[[0, 2]] += np.sum(y[np.array([1, 1, 3])]) * x[order[:2]]
    return np.sum(y**3)


def complex_parts(x):
    z = np.exp(1j * x)
    z.real[::2] = x[::2] ** 2
    return np.sum(z.real * z.imag) + np.abs(z[0])


def halves(x):
    x = x.astype(np.float32)
    return np.sum(x * np.arange(4) + 2.0 / (3 + x))


PROGRAMS = [rosenbrock, writes, process, network, branches, heat, gathers, complex_parts, halves]


@pytest.mark.parametrize("f", PROGRAMS)
def test_a_module_answers_as_numpy_does(f, engine):
    derivative = dr.value_and_grad(f)
    fast = dr.compile(derivative, engine=engine)
    for x in (X, X[::-1] * 1.1, -X, X):
        before = x.copy()
        (value, slope), expected = fast(x), derivative(x)
        rtol = 1e-5 if f is halves else 1e-12
        assert_allclose(value, expected[0], rtol=rtol)
        assert_allclose(slope, expected[1], rtol=rtol, atol=rtol)
        assert type(value) is type(expected[0])
        assert (type(slope), slope.dtype) == (np.ndarray, expected[1].dtype)
        assert_array_equal(before, x)
        slope[...] = np.nan  # it is the caller's


def test_second_derivatives_of_structures(engine):
    def loss(p):
        return np.sum(np.tanh(WEIGHTS @ p["x"] + p["b"]) ** 2)

    p = {"x": X, "b": np.float64(0.3)}
    hessian = dr.compile(dr.hessian(loss), engine=engine)(p)
    expected = dr.hessian(loss)(p)
    for row in p:
        for column in p:
            assert_allclose(hessian[row][column], expected[row][column], rtol=1e-11)


CASES = [case for case in all_cases() if not case.of_options]


@pytest.mark.one_in(2)
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("case", CASES[::60], ids=str)
def test_cases_of_the_table_are_right_or_refused_by_name(case, foreign, rng):
    check_case(case, foreign, rng)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("case", [c for c in CASES if "scipy" not in str(c)][::60], ids=str)
def test_cases_of_the_table_under_jax_are_right_or_refused_by_name(case, jax, rng):
    check_case(case, "jax", rng)


def check_case(case, engine, rng):
    f = derivatives(outputs_of(case))
    args = tuple(map(np.asarray, case.args))
    ts = tuple(np.asarray(random_like(rng, x)) for x in args)
    ct = random_like(rng, dr.jvp(outputs_of(case), args, ts)[0])
    expected = dr.compile(f, engine="numpy")(args, ts, ct)
    try:
        found = dr.compile(f, engine=engine)(args, ts, ct)
    except dr.ProgramError:
        return
    for e, x in zip(np_leaves(expected), np_leaves(found), strict=True):
        assert type(e) is type(x)
        assert e.dtype == x.dtype
        assert_allclose(e, x, rtol=1e-9, atol=1e-10)


# ----------------------------------------------------------------------- guards and errors


def test_zero_that_meets_infinity_is_as_eager(engine):
    def f(x):
        return np.sum(np.where(x > 0, np.sqrt(np.abs(x)), x))

    fast = dr.compile(dr.grad(f), engine=engine)
    fast(X)
    assert_array_equal([1.0, 0.5], fast(np.array([0.0, 1.0, 4.0, 1.0]))[:2])


def test_a_step_that_a_module_lacks_is_named_with_its_line():
    lacking = module_named("lacking", ["cos"])
    with pytest.raises(dr.ProgramError, match="lacking cannot run numpy.cos") as caught:
        dr.compile(lambda x: np.sum(np.cos(x)), engine=lacking)(X)
    assert caught.value.where.startswith("test_module_engine.py:")
    assert 'engine="numpy"' in caught.value.fix


def test_a_step_that_looks_at_numbers_is_named(foreign):
    with pytest.raises(dr.ProgramError, match="foreign cannot run"):
        dr.compile(dr.grad(lambda x: np.sum(np.linalg.svd(x, compute_uv=False))), engine=foreign)(
            WEIGHTS
        )


def test_what_a_step_raises_is_raised_or_nan(engine):
    fast = dr.compile(np.linalg.cholesky, engine=engine)
    fast(np.eye(3))
    if engine == "jax":
        assert np.isnan(np.diag(fast(-np.eye(3)))).all()
        return
    with pytest.raises(np.linalg.LinAlgError):
        fast(-np.eye(3))


def test_jax_without_64_bits_is_refused(jax):
    jax.config.update("jax_enable_x64", False)
    try:
        with pytest.raises(dr.ProgramError, match="float64, which jax.numpy takes for float32"):
            dr.compile(rosenbrock, engine="jax")(X)
        single = dr.compile(rosenbrock, engine="jax")(X.astype("f4"))
        assert_allclose(single, rosenbrock(X), rtol=1e-5)
    finally:
        jax.config.update("jax_enable_x64", True)


def test_an_index_out_of_bounds_is_an_error_under_jax(jax):
    for f in (lambda x, i: x[i] * 2.0, dr.grad(lambda x, i: np.sum(x[i] ** 2))):
        fast = dr.compile(f, engine="jax")
        i = np.array([0, 3])
        assert_allclose(fast(X, i), f(X, i))
        with pytest.raises(IndexError):
            fast(X, i + 1)


def test_a_function_of_scipy_that_a_module_lacks_is_named(foreign, monkeypatch):
    fast = dr.compile(dr.grad(filtered), engine=foreign)
    assert_allclose(fast(X), dr.grad(filtered)(X))
    monkeypatch.setitem(sys.modules, "foreign.scipy.fft", None)
    with pytest.raises(dr.ProgramError, match="scipy.fft.dct"):
        dr.compile(filtered, engine=foreign)(X)


def test_a_saved_program_runs_on_a_module(foreign, tmp_path):
    dr.compile(dr.grad(heat), engine="numpy").program(X).save(tmp_path / "slope")
    slope = dr.load_program(tmp_path / "slope", engine=foreign)
    assert_allclose(slope(X), dr.grad(heat)(X), rtol=1e-12)


@pytest.mark.parametrize("engine", ["tensorflow", 3, types, "scipy"])
def test_an_engine_that_is_none_is_refused(engine):
    with pytest.raises(dr.ArgumentError, match="which runs no programs"):
        dr.compile(rosenbrock, engine=engine)


def test_an_engine_that_is_not_installed_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "jax", None)
    with pytest.raises(dr.MissingPackageError, match="pip install jax"):
        dr.compile(rosenbrock, engine="jax")
