"""Random programs under every reader of the rules, which agree with plain forward and reverse.

One program is read by all: in batches, as a series, compiled by each engine, as a sparse matrix.
A reader may refuse one, loudly; OUTCOMES counts how often: a run that saw only errors says nothing.
A hundred programs; ``--hypothesis-profile=thorough`` asks for ten thousand, which take an hour.
"""

import collections
import importlib.util

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from numpy.testing import assert_allclose

import dualrev as dr
from tests.program.test_random_programs import composed, programs, weighed
from tests.test_random_programs import sample, shapes

pytestmark = [
    pytest.mark.filterwarnings("ignore::RuntimeWarning"),
    pytest.mark.filterwarnings("ignore::dualrev.PerformanceWarning"),
]
ENGINES = ["numpy", *(["llvm"] if importlib.util.find_spec("llvmlite") else [])]
#: How often each reader answered, and how often it refused.
OUTCOMES = collections.Counter()

# ------------------------------------------------------------- what forward and reverse say


def matrix(f, mode):
    return lambda x: dr.jacobian(f, mode=mode)(x).reshape(-1, np.size(x))


def eager(f):
    """Derivatives of first and second order as plain functions of x, by names."""
    g = weighed(f)
    return {
        "forward": matrix(f, "forward"),
        "reverse": matrix(f, "reverse"),
        "grad": dr.grad(g),
        "hvp": lambda x: dr.hvp(g)(x, np.cos(x)),
        "hessian": matrix(dr.grad(g), "reverse"),
    }


# -------------------------------------------------------------------------------- readers


def batch(f, x, y):
    """Rows x and y of each derivative, and the derivative of the batch."""
    rows = np.stack([x, y])
    for name, derivative in eager(f).items():
        yield f"vmap of {name}", [derivative(x), derivative(y)], dr.vmap(derivative)(rows)
    through = dr.grad(lambda rows: np.sum(dr.vmap(weighed(f))(rows)))
    yield "grad of vmap", [dr.grad(weighed(f))(x), dr.grad(weighed(f))(y)], through(rows)


def series(f, x, y):
    """The first and second coefficient of f on the line through x along cos x."""
    v = np.cos(x)
    along = lambda f: lambda x: dr.jvp(f, (x,), (v,))[1]  # noqa: E731
    coefficients = dr.taylor(f, x, v, 3)
    expected = [f(x), along(f)(x), along(along(f))(x) / 2, along(along(along(f)))(x) / 6]
    for order, value in enumerate(expected):
        yield f"coefficient {order}", value, coefficients[order]


def curvature(f, x, y):
    """The diagonal and the trace of the Hessian, without it."""
    hessian = eager(f)["hessian"](x)
    diagonal = dr.hessian_diagonal(weighed(f))(x)
    yield "diagonal", np.diag(hessian), np.ravel(diagonal)
    yield "laplacian", np.trace(hessian), dr.laplacian(weighed(f))(x)


def compiled(name, engine):
    """One derivative only: to compile costs more than all other readers."""

    def program(f, x, y):
        derivative = eager(f)[name]
        fast = dr.compile(derivative, engine=engine)
        for z in (x, y, x):
            yield name, derivative(z), fast(z)

    return program


def sparse(f, x, y):
    for z in (x, y):
        found = dr.jacobian(f, sparse=True)(z)
        yield "jacobian", eager(f)["forward"](z), found.toarray()
        found = dr.hessian(weighed(f), sparse=True)(z)
        yield "hessian", eager(f)["hessian"](z), found.toarray()


READERS = {"batch": batch, "series": series, "curvature": curvature, "sparse": sparse}


def readers(compiles):
    return READERS | {f"program, {engine}": compiled(compiles, engine) for engine in ENGINES}


# ---------------------------------------------------------------------------------- the law


def is_determined(f, x):
    """Whether forward and reverse are finite, and alike to rounding: else nobody can be compared."""
    values = [derivative(x) for derivative in eager(f).values()]
    return all(
        np.isfinite(value).all() and np.max(np.abs(value), initial=0) < 1e8 for value in values
    )


def assert_alike(name, expected, found):
    expected, found = np.asarray(expected), np.asarray(found)
    assert expected.shape == found.shape, name
    scale = np.max(np.abs(expected), initial=1)
    assert_allclose(found, expected, rtol=1e-8, atol=1e-9 * scale, err_msg=name)


def check(steps, shape, seed, compiles):
    f = composed(steps)
    x, y = (sample(shape, seed + k)[()] for k in (0, 1000))
    try:
        if not is_determined(f, x) or not is_determined(f, y):
            OUTCOMES["undetermined"] += 1
            return
    except (dr.DualrevError, ValueError, IndexError):
        OUTCOMES["refused by forward and reverse"] += 1
        return
    assert_alike("forward, reverse", eager(f)["forward"](x), eager(f)["reverse"](x))
    for reader, read in readers(compiles).items():
        try:
            for name, expected, found in read(f, x, y):
                assert_alike(f"{reader}: {name}", expected, found)
        except dr.DualrevError as error:
            OUTCOMES[reader, type(error).__name__] += 1
        else:
            OUTCOMES[reader, "alike"] += 1


@settings(deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(programs, shapes, st.integers(0, 99), st.sampled_from(list(eager(None))))
def test_every_reader_has_the_derivatives_of_forward_and_reverse(steps, shape, seed, compiles):
    check(steps, shape, seed, compiles)
