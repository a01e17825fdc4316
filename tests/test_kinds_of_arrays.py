"""Every kind of array in the table of cases: dtypes, memory layouts, empty and small shapes."""

import importlib

import numpy as np
import pytest
from scipy import special

import dualrev as dr
from tests.cases import all_cases, once
from tests.rows import by_lot, each_row
from tests.test_laws import check_adjoint, first_derivatives, outputs_of, random_like


def is_numpys(function):
    name = getattr(function, "__name__", "")
    module = getattr(function, "__module__", None) or "numpy"
    return (module.startswith("numpy") and not hasattr(special, name)) or function is np.sinc


# SciPy's functions take what its compiled code takes; NumPy's take every kind.
CASES = [case for case in all_cases() if is_numpys(case.function) and not case.of_options]
LONG = np.finfo(np.longdouble).eps < np.finfo(float).eps


def reversed_view(x):
    back = (slice(None, None, -1),) * x.ndim
    return x[back].copy()[back]


def strided(x):
    return np.repeat(x, 2, axis=-1)[..., ::2] if x.ndim else x


def read_only(x):
    x = np.asarray(x).view()
    x.flags.writeable = False
    return x


def long(x):
    return x.astype(np.result_type(x.dtype, np.longdouble))


KINDS = {
    "reversed, read-only": lambda x: read_only(reversed_view(x)),
    "strided, the other byte order": lambda x: strided(x.astype(x.dtype.newbyteorder())),
    "Fortran": lambda x: x.copy("F"),
    "long double": long,
}


def native(x):
    """The dtype, whatever the order of its bytes."""
    return np.asarray(x).dtype.newbyteorder("=")


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@each_row(CASES)
def test_how_an_array_lies_in_memory_makes_no_difference(case):
    """Derivatives are those of the plain arrays, in the dtypes of NumPy's answer and of the primals."""
    rng = np.random.default_rng(0)
    f = outputs_of(case)
    args = tuple(map(np.asarray, case.args))
    ts = tuple(np.asarray(random_like(rng, x)) for x in args)
    ans, expected = dr.jvp(f, args, ts)
    ct = random_like(rng, ans)
    pulled = dr.vjp(f, *args)[1](ct)
    for kind, change in by_lot(case, [*KINDS.items()], 2):
        if kind == "long double" and case.function is np.partition:
            continue  # of long doubles NumPy makes another partition
        others = tuple(map(change, args))
        try:
            dtype = native(f(*others))
        except (TypeError, ValueError):  # no loop of this dtype, or no view of this array
            continue
        if dtype.hasobject or getattr(case.function, "__name__", "") == "view":
            continue  # np.frompyfunc; the bytes themselves
        _, t = dr.jvp(f, others, tuple(t.astype(x.dtype) for t, x in zip(ts, others)))
        assert native(t) == dtype, kind
        assert_close(expected, t, kind)
        cts = dr.vjp(f, *others)[1](ct.astype(dtype))
        for plain, other, x in zip(pulled, cts, others):
            assert native(other) == native(x), kind
            assert_close(plain, other, kind)


def assert_close(expected, ans, kind):
    # Decompositions lose digits; a wrong element is wrong by much more.
    scale = 1 + largest(expected)
    np.testing.assert_allclose(expected, ans, rtol=1e-8, atol=1e-8 * scale, err_msg=kind)


SHAPES = {
    "empty": lambda x: x[:0],
    "empty last axis": lambda x: x[..., :0],
    "first axis of length 1": lambda x: x[:1],
    "last axis of length 1": lambda x: x[..., :1],
    "0-d": lambda x: x.ravel()[:1].reshape(()),
    "scalar": lambda x: x.ravel()[0],
}
# Of no frequencies NumPy gives the inverse transform of whatever its memory holds; and it takes
# the diagonal ("ii") of what is not square.
UNDEFINED = (np.fft.irfft, np.fft.hfft, np.fft.irfftn, np.fft.irfft2)
# The columns that complete a basis may be turned: what depends on that has no gradient.
COMPLETED = ("svd(d(3,3))", "svd(d(3,2))", "mode='complete')")
CHAPTERS = ["calculus", "decompositions", "determinants", "eigenvalues", "elementwise", "equations"]
CHAPTERS += ["fourier", "joining", "least_squares", "norms", "products", "reductions", "shape"]
CHAPTERS += ["sorting", "statistics"]
IN_EVERY_SHAPE = [
    case
    for chapter in CHAPTERS
    for case in importlib.import_module(f"tests.cases.{chapter}").CASES
    if case in CASES and case.function not in UNDEFINED and "ii" not in str(case)
]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("case", IN_EVERY_SHAPE, ids=str)
def test_what_numpy_answers_for_small_shapes_has_derivatives(case, rng):
    """Empty arrays, axes of length 1, no axes: the adjoint law, wherever NumPy has an answer."""
    f = outputs_of(case)
    for shape, change in SHAPES.items():
        try:
            args = tuple(change(np.asarray(x)) for x in case.args)
            expected = f(*args)
        except Exception:
            continue
        if np.asarray(expected).dtype.kind not in "fc" or not np.isfinite(expected).all():
            continue
        if str(case).endswith(COMPLETED) and args[0].shape[-2] != args[0].shape[-1]:
            continue
        first = first_derivatives(f, args, rng)
        np.testing.assert_allclose(expected, first.pulled[0], rtol=1e-10, err_msg=shape)
        # Broadcasting a column makes ill-conditioned matrices.
        check_adjoint(first, rtol=1e-6)


def largest(x):
    return np.max(np.abs(x), initial=0, where=np.isfinite(x))


@pytest.mark.skipif(not LONG, reason="long double is double here")
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@each_row(once([case for case in CASES if case.order == 2]))
def test_long_doubles_keep_their_digits(case):
    """A change of x that float64 would not see moves both derivatives by what the second one says."""
    rng = np.random.default_rng(20080612)
    if case.function in (np.i0, np.kaiser):
        pytest.skip("NumPy's own i0 has the digits of a double")
    f = outputs_of(case)
    args = tuple(long(np.asarray(x)) for x in case.args)
    ts = tuple(long(np.asarray(random_like(rng, x))) for x in args)
    try:
        ans = f(*args)
    except TypeError:
        pytest.skip("NumPy or SciPy has no such loop")
    if native(ans) not in (np.dtype("g"), np.dtype("G")):
        pytest.skip("NumPy's answer is no long double")
    ct = long(np.asarray(random_like(rng, ans)))
    small = np.longdouble(2) ** -56
    moved = tuple(x * (1 + small) for x in args)

    def push(*args):
        return np.ravel(dr.jvp(f, args, ts)[1])

    def pull(*args):
        return np.concatenate([np.ravel(c) for c in dr.vjp(f, *args)[1](ct)])

    for derivative in (push, pull):
        first, second = dr.jvp(derivative, args, args)
        change = derivative(*moved) - first
        # float64 is wrong by 1e-16 of the derivative; long doubles by 5e-20 an operation.
        scale = largest(first) + largest(second) + 1e-3
        np.testing.assert_allclose(second * small, change, rtol=0, atol=1e-17 * scale)
