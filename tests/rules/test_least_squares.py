"""What the laws cannot hold of rules/least_squares.py: singular values that are dropped, refusals."""

import numpy as np
import pytest

import dualrev as dr
import dualrev.scipy.linalg
from dualrev.errors import MissingRuleError
from tests.numeric import slope

la = np.linalg


def test_rank_and_residuals_of_lstsq_are_numpys():
    a, b = np.arange(8.0).reshape(4, 2) ** 2, np.ones(4)
    expected = la.lstsq(a, b)

    def solve(a):
        x, residuals, rank, values = la.lstsq(a, b)
        assert rank == expected[2]
        assert isinstance(rank, int | np.integer)
        return residuals

    np.testing.assert_array_equal(expected[1], dr.jvp(solve, (a,), (a,))[0])


def test_residuals_that_lstsq_does_not_give_have_no_elements():
    a, b = np.eye(2), np.ones(2)
    residuals, t = dr.jvp(lambda a: la.lstsq(a, b)[1], (a,), (a,))
    assert residuals.shape == t.shape == (0,)


CUT = 0.3
SPECTRA = {
    "a singular value of 0": [1.0, 0.7, 0.0],
    "a small one that is dropped": [1.0, 0.7, 0.1],
    "equal ones beside it": [1.0, 1.0, 0.1],
    "two that are dropped": [1.0, 0.2, 0.1],
    "full rank": [1.0, 0.8, 0.6],
    "equal ones of full rank": [1.0, 1.0, 1.0],
}


def with_singular_values(s, shape, rng, imaginary=False):
    u, v = (
        la.qr(rng.standard_normal((n, n)) + (1j * rng.standard_normal((n, n)) if imaginary else 0))[
            0
        ]
        for n in shape
    )
    return (u[:, : len(s)] * s) @ v[: len(s)]


@pytest.mark.parametrize("shape", [(3, 3), (5, 3), (3, 4)], ids=str)
@pytest.mark.parametrize("spectrum", SPECTRA)
@pytest.mark.parametrize("name", ["pinv", "complex pinv", "lstsq", "scipy.pinv", "scipy.lstsq"])
def test_what_a_pseudoinverse_drops_stays_dropped(name, spectrum, shape, rng):
    """Up to second order, in every nesting: the slopes of the function that NumPy computes."""
    a = with_singular_values(SPECTRA[spectrum], shape, rng, name == "complex pinv")
    weights, b = rng.standard_normal(shape[::-1]), rng.standard_normal(shape[0])
    f = {
        "pinv": lambda a: np.sum(weights * la.pinv(a, rcond=CUT)),
        "complex pinv": lambda a: np.sum(weights * la.pinv(a, rcond=CUT).real),
        "lstsq": lambda a: np.sum(weights[:, 0] * la.lstsq(a, b, rcond=CUT)[0]),
        "scipy.pinv": lambda a: np.sum(weights * dr.scipy.linalg.pinv(a, rtol=CUT)),
        "scipy.lstsq": lambda a: np.sum(weights[:, 0] * dr.scipy.linalg.lstsq(a, b, cond=CUT)[0]),
    }[name]
    t, s = rng.standard_normal((2, *shape))
    if name == "complex pinv":
        t, s = t + 1j * s, s - 2j * t
    t, s = t / la.norm(t), s / la.norm(s)
    first, second = slope(f, a, t), slope(lambda a: slope(f, a, t), a, s)
    directed = {
        "forward": lambda f, t: lambda a: dr.jvp(f, (a,), (t,))[1],
        "reverse": lambda f, t: lambda a: np.sum((np.conj(dr.grad(f)(a)) * t).real),
    }
    for inner in directed.values():
        np.testing.assert_allclose(first, inner(f, t)(a), rtol=1e-7, atol=1e-7)
        for outer in directed.values():
            np.testing.assert_allclose(second, outer(inner(f, t), s)(a), rtol=1e-5, atol=1e-5)


def test_lstsq_has_second_derivatives_where_singular_values_are_equal():
    f = lambda a: np.sum(la.lstsq(a, np.array([1.0, 2.0]))[0])  # noqa: E731
    t = np.array([[1.0, 2.0], [0.5, -1.0]])
    # x = (1 + t)^-1 b: the second derivative is 2 t t b, along t
    expected = 2 * np.sum(t @ t @ [1.0, 2.0])
    np.testing.assert_allclose(expected, np.sum(t * dr.hvp(f)(np.eye(2), t)))


def test_a_rank_that_pivots_have_cut_is_refused():
    a, b = np.diag([1.0, 0.5, 0.1]), np.ones(3)
    solve = lambda a: dr.scipy.linalg.lstsq(a, b, cond=0.2, lapack_driver="gelsy")[0]  # noqa: E731
    with pytest.raises(MissingRuleError, match="gelsd"):
        dr.jacobian(solve)(a)


@pytest.mark.parametrize("rcond", [1, 2.0, 0, -1, None])
def test_lstsq_drops_no_singular_values_where_rcond_is_no_fraction(rcond, rng):
    """LAPACK takes its own precision for it."""
    a, b, t = rng.normal(size=(4, 2)), rng.normal(size=4), rng.normal(size=(4, 2))
    f = lambda a: np.linalg.lstsq(a, b, rcond)[0]  # noqa: E731
    expected = dr.jvp(lambda a: np.linalg.solve(a.T @ a, a.T @ b), (a,), (t,))[1]
    np.testing.assert_allclose(expected, dr.jvp(f, (a,), (t,))[1], rtol=1e-10)
    np.testing.assert_allclose(expected, dr.jacobian(f)(a).reshape(2, -1) @ t.ravel(), rtol=1e-10)
