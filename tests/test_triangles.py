"""Of a matrix that is read in one triangle the derivative is that of what NumPy and SciPy compute.

The law: each element by itself, real and imaginary part, is moved in the function that is called.
"""

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
import scipy

import dualrev as dr
import dualrev.scipy.linalg as la
from dualrev.scipy.stats import multivariate_normal

SINCE_1_17 = np.lib.NumpyVersion(scipy.__version__) >= "1.17.0"
RNG = np.random.default_rng(7)
N = 3


def draw(*shape):
    return RNG.standard_normal(shape), RNG.standard_normal(shape) + 1j * RNG.standard_normal(shape)


WEIGHTS = RNG.standard_normal(100) + 1j * RNG.standard_normal(100)
B, COLUMNS = RNG.standard_normal(N), RNG.standard_normal((N, 2))
OTHER = COLUMNS @ COLUMNS.T + np.eye(N)
#: Positive definite in either triangle, whose elements are unlike; the diagonal is complex.
MATRICES = [x / 4 + np.diag([3.0, 5.0, 8.0]) for x in draw(N, N)]


@dataclasses.dataclass(frozen=True)
class Reader:
    name: str
    f: Callable
    reads: Callable  # of a matrix of ones: where an element is read
    garbage: float = np.nan  # stands where none is

    def __str__(self):
        return self.name


def functions_of(eigh):
    """What does not depend on the phases of eigenvectors."""

    def f(*args, **options):
        w, v = eigh(*args, **options)
        return w, (v * np.sin(w)) @ v.conj().T

    return f


def by_factor(a, **options):
    return la.cho_solve(la.cho_factor(a, **options), B, check_finite=False)


def singular(a):
    u, s, vh = np.linalg.svd(a, hermitian=True)
    return s, (u * np.sin(s)) @ vh


def readers():
    lower, upper, whole = np.tril, np.triu, np.abs
    yield Reader("cholesky", np.linalg.cholesky, lower)
    yield Reader("cholesky upper", lambda a: np.linalg.cholesky(a, upper=True), upper)
    yield Reader("pinv", lambda a: np.linalg.pinv(a, hermitian=True), lower)
    yield Reader("svd", singular, lower)
    yield Reader("svd values", lambda a: np.linalg.svd(a, False, False, True), lower)
    for uplo, reads in (("L", lower), ("U", upper), ("u", upper)):
        yield Reader(f"eigvalsh {uplo}", lambda a, u=uplo: np.linalg.eigvalsh(a, u), reads)
        yield Reader(f"eigh {uplo}", lambda a, u=uplo: functions_of(np.linalg.eigh)(a, u), reads)
    for side, reads in ((True, lower), (False, upper)):
        eigh = functions_of(la.eigh)
        calls = {
            "eigh": lambda a, **o: eigh(a, **o),
            "eigh subset": lambda a, **o: eigh(a, subset_by_index=[1, 2], **o),
            "eigh values": lambda a, **o: la.eigh(a, eigvals_only=True, **o),
            "eigvalsh": la.eigvalsh,
            "eigvalsh subset": lambda a, **o: la.eigvalsh(a, subset_by_value=[4, 20], **o),
            "pinvh": la.pinvh,
            "cholesky": la.cholesky,
            "cho_factor": lambda a, r=reads, **o: r(la.cho_factor(a, **o)[0]),
            "cho_factor, cho_solve": by_factor,
        }
        for kind in (1, 2, 3):
            calls[f"eigh a, type {kind}"] = lambda a, k=kind, **o: eigh(a, OTHER, type=k, **o)
            calls[f"eigh b, type {kind}"] = lambda a, k=kind, **o: eigh(OTHER, a, type=k, **o)
            calls[f"eigvalsh a, type {kind}"] = lambda a, k=kind, **o: la.eigvalsh(
                a, OTHER, type=k, **o
            )
            calls[f"eigvalsh b, type {kind}"] = lambda a, k=kind, **o: la.eigvalsh(
                OTHER, a, type=k, subset_by_index=[0, 1], **o
            )
        for kind in ("pos", "sym", "her"):
            calls[f"solve {kind}"] = lambda a, k=kind, **o: la.solve(a, COLUMNS, assume_a=k, **o)
            if SINCE_1_17:
                calls[f"inv {kind}"] = lambda a, k=kind, **o: la.inv(a, assume_a=k, **o)
        for name, f in calls.items():
            yield Reader(
                f"scipy {name} {'lower' if side else 'upper'}",
                lambda a, f=f, s=side: f(a, lower=s, check_finite=False),
                reads,
            )
        yield Reader(
            f"scipy cho_factor, whole array, {side}",
            lambda a, s=side: la.cho_factor(a, lower=s)[0],
            whole,
        )
    for kind, f in (
        ("logpdf", multivariate_normal.logpdf),
        ("pdf", lambda x, mean, a: 100 * multivariate_normal.pdf(x, mean, a)),
        ("logpdf, singular", lambda *args: multivariate_normal.logpdf(*args, allow_singular=True)),
    ):
        # SciPy raises where cov holds a nan, wherever.
        yield Reader(kind, lambda a, f=f: f(COLUMNS.T, B, a.real), lower, 70.0)
    for kind, reads in (
        ("diagonal", lambda a: np.tril(np.triu(a))),
        ("tridiagonal", lambda a: np.tril(np.triu(a, -1), 1)),
        ("banded", whole),
        ("upper triangular", upper),
        ("lower triangular", lower),
        ("gen", whole),
    ):
        yield Reader(
            f"scipy solve {kind}",
            lambda a, k=kind: la.solve(a, B, assume_a=k, check_finite=False),
            reads,
        )
        if SINCE_1_17 and kind not in ("tridiagonal", "banded"):
            yield Reader(
                f"scipy inv {kind}",
                lambda a, k=kind: la.inv(a, assume_a=k, check_finite=False),
                whole if kind == "diagonal" else reads,
            )


READERS = list(readers())
DTYPES = pytest.mark.parametrize("a", MATRICES, ids=["real", "complex"])
EACH = pytest.mark.parametrize("reader", READERS, ids=str)


def number(reader):
    """A real number made of everything that the function answers."""

    def f(a):
        ans = reader.f(a)
        parts = [np.ravel(x) for x in (ans if isinstance(ans, tuple) else (ans,))]
        flat = np.concatenate(parts)
        return np.real(flat @ WEIGHTS[: flat.size] + flat @ flat / 2)

    return f


def units(a):
    """Each element, its real and its imaginary part."""
    for i in np.ndindex(a.shape):
        for part in (1.0, 1j) if np.iscomplexobj(a) else (1.0,):
            t = np.zeros_like(a)
            t[i] = part
            yield t


def differences(f, a):
    """Of fourth order, with an error of 1e-11 or so."""
    h = 1e-3
    return np.array(
        [
            (8 * (f(a + h * t) - f(a - h * t)) - f(a + 2 * h * t) + f(a - 2 * h * t)) / (12 * h)
            for t in units(a)
        ]
    )


def along(gradient, a):
    return np.array([np.real(np.vdot(t, gradient)) for t in units(a)])


@DTYPES
@EACH
def test_each_element_has_the_derivative_of_what_is_computed(reader, a):
    f = number(reader)
    expected = differences(f, a)
    pushed = [dr.jvp(f, (a,), (t,))[1] for t in units(a)]
    np.testing.assert_allclose(expected, pushed, rtol=1e-7, atol=1e-8)
    np.testing.assert_allclose(expected, along(dr.grad(f)(a), a), rtol=1e-7, atol=1e-8)


@DTYPES
@EACH
def test_what_is_not_read_may_be_nan_and_has_the_derivative_zero(reader, a):
    f, read = number(reader), reader.reads(np.ones_like(a)) != 0
    expected = dr.grad(f)(a)
    assert np.all(expected[~read] == 0)
    garbage = np.where(read, a, reader.garbage)
    np.testing.assert_array_equal(f(a), f(garbage))
    np.testing.assert_allclose(expected, dr.grad(f)(garbage), rtol=1e-13)
    t = np.where(read, 1.0, np.nan) + 0 * a
    value, pushed = dr.jvp(f, (garbage,), (t,))
    np.testing.assert_allclose(np.real(np.vdot(expected, np.where(read, t, 0))), pushed)


@pytest.mark.one_in(4)
@DTYPES
@EACH
def test_second_derivatives_are_the_slopes_of_the_gradient_in_every_nesting(reader, a):
    f = number(reader)
    t = np.full_like(a, 0.3) + np.arange(9.0).reshape(N, N) / 10 * (1 if a.dtype == float else 1j)

    def directional(a):
        return dr.jvp(f, (a,), (t,))[1]

    expected = differences(directional, a)
    for second in (
        dr.jvp(dr.grad(f), (a,), (t,))[1],
        dr.vjp(dr.grad(f), a)[1](t)[0],
        dr.grad(directional)(a),
    ):
        np.testing.assert_allclose(expected, along(second, a), rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("a", MATRICES, ids=["real", "complex"])
def test_a_symmetric_construction_inside_has_the_symmetric_gradient(a):
    """Of log det, by half: the inverse, of which triangle ever it is read."""
    h = (a + a.conj().T) / 2
    for f in (
        lambda h: np.sum(np.log(np.linalg.eigvalsh(h, "L"))),
        lambda h: np.sum(np.log(np.linalg.eigvalsh(h, "U"))),
        lambda h: 2 * np.sum(np.log(np.diagonal(np.linalg.cholesky(h)).real)),
        lambda h: 2 * np.sum(np.log(np.diagonal(la.cholesky(h)).real)),
    ):
        gradient = dr.grad(lambda a: f((a + a.conj().T) / 2))(a)
        np.testing.assert_allclose(np.linalg.inv(h), gradient, atol=1e-13)
        g = dr.grad(f)(h)
        np.testing.assert_allclose(np.linalg.inv(h), (g + g.conj().T) / 2, atol=1e-13)
