"""The derivative at every kink, tie and singular point is that of the table, in both modes."""

import numpy as np
import pytest
from scipy import special

import dualrev as dr
from tests.edge_values import CHAPTERS, PAGE, page

ROWS = [edge for edges in CHAPTERS.values() for edge in edges]
DEFINED = [edge for edge in ROWS if not isinstance(edge.gradient, type)]
REFUSED = [edge for edge in ROWS if isinstance(edge.gradient, type)]

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def both_modes(f, x):
    """The gradient by reverse mode, and by forward mode, element by element."""
    x = np.asarray(x, float)
    yield dr.vjp(f, x)[1](np.float64(1))[0]
    units = (t.reshape(x.shape)[()] for t in np.eye(x.size))
    yield np.reshape([dr.jvp(f, (x[()],), (t,))[1] for t in units], x.shape)


@pytest.mark.parametrize("edge", DEFINED, ids=str)
def test_both_modes_give_the_value_of_the_table(edge):
    for gradient in both_modes(edge.f, edge.x):
        np.testing.assert_allclose(edge.gradient, gradient, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("decompose", [np.linalg.eigh, np.linalg.svd])
def test_a_vector_of_a_repeated_value_has_the_derivative_nan(decompose):
    off_diagonal = lambda a: decompose(a)[1 if decompose is np.linalg.eigh else 0][0, 1]  # noqa: E731
    for gradient in both_modes(off_diagonal, np.eye(2)):
        assert np.isnan(gradient[1, 0])


@pytest.mark.parametrize("edge", REFUSED, ids=str)
def test_what_has_no_derivative_raises_in_both_modes(edge):
    x = np.array(edge.x)
    with pytest.raises(edge.gradient):
        dr.vjp(edge.f, x)[1](np.float64(1))
    with pytest.raises(edge.gradient):
        dr.jvp(edge.f, (x,), (x,))


@pytest.mark.parametrize("edge", [edge for edge in DEFINED if not edge.jump], ids=str)
def test_the_value_lies_between_the_one_sided_slopes(edge, rng):
    """Along every direction: <gradient, t> is between the slopes to the two sides.

    That is the subdifferential, where the function is convex or concave.
    """
    x, gradient = np.asarray(edge.x, float), np.asarray(edge.gradient, float)
    with np.errstate(all="ignore"):
        for t in (*np.eye(x.size), *rng.standard_normal((5, x.size))):
            t = t.reshape(x.shape)
            # One-sided slopes of first order: an error of h times the curvature.
            h = 1e-7
            slopes = [(edge.f(x + s * t) - edge.f(x)) / s for s in (h, -h)]
            slopes = [s for s in slopes if np.isfinite(s)]
            along = np.sum(np.where(t == 0, 0, gradient * t))
            if np.isinf(along):  # 1e-7 * log(1e-7) is the slowest to grow
                assert max(np.sign(along) * s for s in slopes) > 2
            else:
                assert min(slopes) - 1e-3 <= along <= max(slopes) + 1e-3


def hessians(f, x):
    """The second derivative by all four nestings, and by hessian and hvp, each of shape (n, n)."""
    x = np.asarray(x, float)
    for inner in ("forward", "reverse"):
        for outer in ("forward", "reverse"):
            name = f"{outer} over {inner}"
            yield name, dr.jacobian(dr.jacobian(f, mode=inner), mode=outer)(x)
    yield "hessian", dr.hessian(f)(x)
    units = np.eye(x.size).reshape(-1, *x.shape)
    yield "hvp", np.stack([dr.hvp(f)(x, t[()]) for t in units])


@pytest.mark.parametrize("edge", DEFINED, ids=str)
def test_second_derivatives_agree_in_every_nesting(edge):
    """Each is the value of the table where it has one; else all are the same, or none is finite."""
    found = list(hessians(edge.f, edge.x))
    if edge.hessian is not None:
        found.insert(0, ("the table", np.array(edge.hessian, float)))
    n = np.size(edge.x)
    # An infinity and a nan say the same: no number.
    found = [(name, np.where(np.isfinite(h), h, np.nan).reshape(n, n)) for name, h in found]
    (first, expected), *others = found
    for name, hessian in others:
        if name in edge.blind:
            hessian = np.where(np.isnan(hessian), expected, hessian)
        np.testing.assert_allclose(
            hessian, expected, rtol=1e-9, atol=1e-9, err_msg=f"{name}, beside {first}"
        )


# ------------------------------------------------------------------------------ the safe where

# Singular or undefined at 0, and some of them left of it.
SAFE = {
    "sqrt": np.sqrt,
    "cbrt": np.cbrt,
    "log": np.log,
    "log2": np.log2,
    "log10": np.log10,
    "log1p": lambda x: np.log1p(x - 1),
    "x**0.5": lambda x: x**0.5,
    "x**1.5": lambda x: x**1.5,
    "x**-1.5": lambda x: x**-1.5,
    "x**-1": lambda x: x**-1.0,
    "x**x": lambda x: x**x,
    "power": lambda x: np.power(x, 0.3),
    "float_power": lambda x: np.float_power(x, 0.7),
    "0.5**(1 / x)": lambda x: 0.5 ** (1 / x),
    "1 / x": lambda x: 1 / x,
    "x / x": lambda x: x / x,
    "sin(x) / x**2": lambda x: np.sin(x) / x**2,
    "reciprocal": np.reciprocal,
    "arccos": lambda x: np.arccos(1 - x / 4),
    "arcsin": lambda x: np.arcsin(1 - x / 4),
    "arctanh": lambda x: np.arctanh(1 - x / 4),
    "arccosh": lambda x: np.arccosh(1 + x),
    "arctan2": lambda x: np.arctan2(x, x**2),
    "arctan(1 / x)": lambda x: np.arctan(1 / x),
    "norm": lambda x: np.linalg.norm(np.stack([x, x**2]), axis=0),
    "3-norm": lambda x: np.linalg.norm(np.stack([x, x**2]), 3, axis=0),
    "hypot": lambda x: np.hypot(x, x**2),
    "logaddexp": lambda x: np.logaddexp(np.log(x), 2 * np.log(x)),
    "logaddexp2": lambda x: np.logaddexp2(np.log2(x), 2 * np.log2(x)),
    "logaddexp of infinities": lambda x: np.logaddexp(-1 / x, -2 / x),
    "log of sum": lambda x: np.log(np.sum(np.stack([x, x**2]), axis=0)),
    "std": lambda x: np.std(np.stack([x, -x, x**2]), axis=0),
    "abs(x)**2": lambda x: np.abs(x) ** 2,
    "abs(i x)**2": lambda x: np.abs(1j * x) ** 2,
    "norm**2": lambda x: np.linalg.norm(np.stack([x, x**2]), axis=0) ** 2,
    "cos of 3-norm": lambda x: np.cos(np.linalg.norm(np.stack([x, x**2]), 3, axis=0)),
    "hypot**2": lambda x: np.hypot(x, x**2) ** 2,
    "std**2": lambda x: np.std(np.stack([x, -x, x**2]), axis=0) ** 2,
    "x log x": lambda x: x * np.log(x),
    "exp(-1 / x)": lambda x: np.exp(-1 / x),
    "(1 / x)**6": lambda x: (1 / x) ** 6,
    "square(1 / x)": lambda x: np.square(1 / x),
    "x sin(1 / x)": lambda x: x * np.sin(1 / x),
    "cos(1 / x)": lambda x: np.cos(1 / x),
    "tan(1 / x)": lambda x: np.tan(1 / x),
    "sinc(1 / x)": lambda x: np.sinc(1 / x),
    "arcsinh(1 / x)": lambda x: np.arcsinh(1 / x),
    "abs(log(x))": lambda x: np.abs(np.log(x)),
    "norm of (1 / x, x)": lambda x: np.linalg.norm(np.stack([1 / x, x]), axis=0),
    "var of (1 / x, x)": lambda x: np.var(np.stack([1 / x, x]), axis=0),
    "prod of (1 / x, x, x)": lambda x: np.prod(np.stack([1 / x, x, x]), axis=0),
    "cumprod of (1 / x, x, x)": lambda x: np.cumprod(np.stack([1 / x, x, x]), axis=0)[2],
    "tanh(1 / x)": lambda x: np.tanh(1 / x),
    "gammaln": special.gammaln,
    "xlogy": lambda x: special.xlogy(x, x),
    "entr": special.entr,
    "erfinv": lambda x: special.erfinv(1 - x / 4),
}
POINTS = [np.array([-1.0, 0.0, 2.0])[list(i)] for i in ([0, 1, 2], [1, 2], [0, 2], [1], [0])]
OTHERS = {"0": np.zeros_like, "x**2": lambda x: x**2}


def safely(function, other, swapped):
    """``where(x > 0, function(x), other(x))``, its branches in one order or the other."""

    def f(x):
        if swapped:
            return np.sum(np.where(x <= 0, other(x), function(x)))
        return np.sum(np.where(x > 0, function(x), other(x)))

    return f


def open_side(derivative, x):
    """The derivative where x > 0, and 0 elsewhere."""
    full = np.zeros(x.shape)
    full[x > 0] = derivative
    return full


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("name", SAFE)
def test_a_branch_that_is_not_taken_has_no_say_in_any_mode_or_order(name, other, swapped):
    function, f = SAFE[name], safely(SAFE[name], OTHERS[other], swapped)
    curvature = 2.0 if other == "x**2" else 0.0
    for x in POINTS:
        total = lambda x: np.sum(function(x))  # noqa: E731
        inside = x[x > 0]
        first = open_side(dr.grad(total)(inside), x) + np.where(x > 0, 0, curvature * x)
        second = open_side(dr.hvp(total)(inside, np.ones(inside.shape)), x)
        second = np.diag(second + np.where(x > 0, 0, curvature))
        for gradient in both_modes(f, x):
            np.testing.assert_allclose(first, gradient, rtol=1e-12, atol=1e-14)
        for inner in ("forward", "reverse"):
            for outer in ("forward", "reverse"):
                hessian = dr.jacobian(dr.jacobian(f, mode=inner), mode=outer)(x)
                np.testing.assert_allclose(
                    second, hessian, rtol=1e-9, atol=1e-12, err_msg=f"{outer} over {inner} at {x}"
                )


# ------------------------------------------------------------------------------------ the page


def test_the_page_is_the_table():
    """Where this fails: python -m tests.edge_values"""
    assert page() == PAGE.read_text(encoding="utf-8")
