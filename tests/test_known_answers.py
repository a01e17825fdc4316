"""A primitive applied with its answer given: SciPy has computed it, together with something else."""

import gc
import tracemalloc

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import dualrev as dr
from dualrev.known import with_answer
from dualrev.readers.tape import Tape
from dualrev.scipy.linalg import expm_frechet, lu_factor, solve

CALLS = []


def _cube_jvp(tangents, ans, x, shift=0.0):
    return tangents[0] * (3 * (ans - shift) / x)


def _cube_vjp(ct, wanted, ans, x, shift=0.0):
    return (ct * (3 * (ans - shift) / x),)


@dr.rule(jvp=_cube_jvp, vjp=_cube_vjp)
def cube(x, shift=0.0):
    """Its pair reads ans: it is right only where it meets the answer that was given."""
    CALLS.append(x)
    return x**3 + shift


def known(x):
    return with_answer(dr.stop_gradient(x) ** 3 + 2.0, cube, x, shift=2.0)


TRANSFORMS = {
    "value": (known, 10.0),
    "grad": (dr.grad(known), 12.0),
    "derivative": (dr.derivative(known), 12.0),
    "grad of grad": (dr.grad(dr.grad(known)), 12.0),
    "grad of derivative": (dr.grad(dr.derivative(known)), 12.0),
    "derivative of grad": (dr.derivative(dr.grad(known)), 12.0),
    "third": (dr.derivative(dr.grad(dr.derivative(known))), 6.0),
}


@pytest.mark.parametrize("name", TRANSFORMS)
def test_a_known_answer_is_met_by_the_rule_at_every_level_and_never_computed(name):
    f, expected = TRANSFORMS[name]
    CALLS.clear()
    assert_allclose(f(2.0), expected, rtol=1e-14)
    assert not CALLS


def test_a_known_answer_of_several_parts_is_given_to_the_last_bit():
    a = np.array([[4.0, 1.0], [2.0, 3.0]])
    marked = np.linalg.qr(a)[0] * (1 + 1e-15), np.linalg.qr(a)[1]
    met = []
    dr.grad(lambda a: met.append(with_answer(marked, np.linalg.qr, a)) or met[0][1].sum())(a)
    assert_array_equal(marked[0], met[0][0].primal)


def _kept(f, a):
    """Bytes that a tape holds after f, beyond what it was given."""
    gc.collect()
    tracemalloc.start()
    tape = Tape()
    answer = f(tape.input(a, own=True))
    kept = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    del answer
    return kept


@pytest.mark.parametrize(
    ("f", "arrays"),
    [
        (lambda a: expm_frechet(a, a, compute_expm=False), 1),
        (lambda a: lu_factor(a)[0], 2),  # the rows in another order, and the factors
        (lambda a: solve(a, a), 1),
    ],
    ids=["expm_frechet", "lu_factor", "solve"],
)
def test_a_tape_keeps_a_known_answer_once(f, arrays):
    n = 60
    a = np.eye(n) * 3 + np.random.default_rng(0).normal(size=(n, n)) / n
    _kept(f, a)
    assert _kept(f, a) < (arrays + 0.5) * a.nbytes
