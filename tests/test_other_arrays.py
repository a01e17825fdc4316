"""Arrays that are no ndarray: Dask's, and one that has NumPy's protocols and shows no numbers."""

import numpy as np
import pytest
from numpy.lib import scimath

import dualrev as dr
from tests.cases import all_cases, case, real
from tests.rows import each_row
from tests.test_kinds_of_arrays import is_numpys
from tests.test_laws import outputs_of, random_like


def names(text):
    return text.split()


class Blind(np.lib.mixins.NDArrayOperatorsMixin):
    """An array of another library, as strange as ``core/arrays.py`` allows."""

    def __init__(self, hidden):
        self.hidden = hidden

    def __array_ufunc__(self, ufunc, method, *args, **kwargs):
        if kwargs.get("out"):
            raise TypeError("this array cannot be written")
        return veiled(getattr(ufunc, method)(*unveiled(args), **unveiled(kwargs)))

    def __array_function__(self, function, types, args, kwargs):
        return veiled(function(*unveiled(args), **unveiled(kwargs)))

    def __getitem__(self, index):
        return Blind(self.hidden[unveiled(index)])

    def __getattr__(self, name):
        found = getattr(self.hidden, name)
        if name in METHODS:
            return lambda *args, **kwargs: veiled(found(*unveiled(args), **unveiled(kwargs)))
        if name in ("T", "mT", "real", "imag"):
            return Blind(found)
        if name in ("shape", "dtype", "ndim", "size"):
            return found
        raise AttributeError(name)

    def __len__(self):
        return len(self.hidden)

    def _refuse(self, *args, **kwargs):
        raise TypeError("the numbers of this array are not known")

    __array__ = __bool__ = __float__ = __int__ = __index__ = __iter__ = _refuse


METHODS = names("""all any argsort astype clip conj copy cumprod cumsum dot max mean min prod ravel
repeat reshape round squeeze std sum swapaxes trace transpose var""")


def mapped(change, x):
    if isinstance(x, list | tuple):
        parts = [mapped(change, part) for part in x]
        return type(x)(*parts) if hasattr(x, "_fields") else type(x)(parts)
    return {k: mapped(change, part) for k, part in x.items()} if isinstance(x, dict) else change(x)


def veiled(x):
    return mapped(lambda x: Blind(x) if isinstance(x, np.ndarray | np.generic) else x, x)


def unveiled(x):
    return mapped(lambda x: x.hidden if isinstance(x, Blind) else x, x)


# --------------------------------------------------------------------------------- the cases

X, Y = real(6), real(3, 4)
PROGRAMS = {
    "a slice": (lambda x: x[1:] * x[:-1], X),
    "a slice with a step": (lambda x: x[4:0:-2] ** 2, X),
    "an empty slice": (lambda x: np.concatenate([x[3:2], x * x]), X),
    "an integer": (lambda x: x[0] * x[-1], X),
    "a row": (lambda y: y[-1] * y[0], Y),
    "a column": (lambda y: y[..., 1] * y[:, 2], Y),
    "a new axis": (lambda x: x[:, np.newaxis] * x, X),
    "integers": (lambda x: x[[0, 3, 3, 3, -1]] ** 2, X),
    "a mask": (lambda x: x[np.arange(6) % 4 > 1] ** 2, X),
    "rows and columns": (lambda y: y[[0, 2, 0]][:, [1, 1, 3]] ** 2, Y),
    "parts that overlap": (lambda x: x[2:].sum() * x[[1, 1]].sum() * x[3], X),
    "a branch": (lambda x: np.where(x > 0, np.sqrt(x), x * x), X),
    "an infinite slope": (lambda x: np.where(x > 0, np.log(np.abs(x - x[0])), 0), X),
}
INDEXED = [case(f, x, label=name) for name, (f, x) in PROGRAMS.items()]
NUMPYS = [case for case in all_cases() if is_numpys(case.function) and not case.of_options]
# What these compute hangs on numbers: an order, a place among others, a dtype.
BY_NUMBERS = names("""accumulate apply_along_axis compress full histogram histogram2d histogramdd
histogram_bin_edges interp intersect1d kaiser median nanmean nanmedian nanpercentile nanquantile pad
partition percentile piecewise poly polyfit polyval quantile roots setdiff1d setxor1d sinc sort
sort_complex to_device trim_zeros union1d unique unique_all unique_counts unique_inverse
unique_values vectorize view flatten choose zeros_like full_like eig lstsq average frompyfunc""")
BLIND = [
    case
    for case in NUMPYS
    if case.function not in vars(scimath).values()
    and getattr(case.function, "__name__", "") not in BY_NUMBERS
]
# A sample: what Dask has, with the options that it knows.
DASK = names("""absolute add amax angle append arctan2 arcsinh astype block broadcast_to clip concatenate
copysign corrcoef cos cov cumprod cumsum delete diag diagonal diff divide dot einsum exp fabs flip fmax
float_power heaviside hypot insert log logaddexp matmul max maximum mean min moveaxis multiply negative
norm outer power prod ptp ravel reciprocal repeat roll rollaxis rot90 sign sin sliding_window_view sqrt
square squeeze stack std subtract sum swapaxes tan tanh tile trace transpose tril var where""")
IN_DASK = [
    case
    for name in DASK
    for case in [c for c in NUMPYS if getattr(c.function, "__name__", "") == name][:2]
]


def check(case, rng, wrap, unwrap):
    """Value, pushforward and pullback are those of ndarrays."""
    f = outputs_of(case)
    args = tuple(map(np.asarray, case.args))
    others = tuple(map(wrap, args))
    ts = tuple(np.asarray(random_like(rng, x)) for x in args)
    ans, t = dr.jvp(f, args, ts)
    ct = random_like(rng, ans)
    expected = ans, t, *dr.vjp(f, *args)[1](ct)
    found = *dr.jvp(f, others, ts), *dr.vjp(f, *others)[1](ct)
    assert type(found[0]) is type(others[0])
    for e, x in zip(expected, found, strict=True):
        np.testing.assert_allclose(unwrap(x), e, rtol=1e-9, atol=1e-9)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@each_row(INDEXED + BLIND)
def test_numbers_that_are_not_known_are_not_looked_at(case):
    check(case, np.random.default_rng(0), Blind, unveiled)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@each_row(INDEXED + IN_DASK, of=2)
def test_dask_arrays_have_the_derivatives_of_ndarrays(case):
    array = pytest.importorskip("dask.array")
    wrap = lambda x: array.from_array(x, tuple(-(-n // 2) for n in x.shape))  # noqa: E731
    try:
        outputs_of(case)(*map(wrap, map(np.asarray, case.args)))
    except Exception as error:
        pytest.skip(f"Dask itself: {error}")
    check(case, np.random.default_rng(0), wrap, np.asarray)


def test_a_gradient_of_a_dask_array_computes_nothing():
    array = pytest.importorskip("dask.array")

    def block(x):
        raise AssertionError("a number was asked for")

    x = array.from_array(X, 3).map_blocks(block, dtype=float, meta=X)
    f = lambda x: np.sum(np.where(x > 0, np.sqrt(x[1:]).sum(), x**1.5) * np.maximum(x, 0))  # noqa: E731
    assert type(dr.grad(f)(x)) is array.Array


def test_elements_at_a_dask_array_of_indices_are_no_view():
    array = pytest.importorskip("dask.array")
    index = array.from_array(np.array([0, 0, 1]), 3)

    def f(x):
        y = x * 1.0
        chosen = y[index]
        y[0] = 5.0
        return np.sum(chosen**2)

    np.testing.assert_array_equal([4.0, 4.0, 0.0], dr.grad(f)(np.arange(1.0, 4.0)))


@pytest.mark.parametrize(
    "transform", [dr.grad, dr.hessian, lambda f: lambda x: dr.jvp(f, (x,), (X,))]
)
def test_a_write_into_an_array_that_cannot_be_written_says_so(transform):
    def f(x):
        y = x * 1.0
        y[0] = 5.0
        return np.sum(y)

    with pytest.raises(dr.InPlaceError, match="Blind"):
        transform(f)(Blind(X))
