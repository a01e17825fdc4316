"""By which inverse linear systems are solved: by the rule, where nobody names one."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

import dualrev as dr
from dualrev import implicit
from dualrev.implicit import choices
from dualrev.implicit.inverses import DenseInverse, SparseInverse
from dualrev.implicit.iterations import IterativeInverse


def lattice(u):
    """Each unknown with its neighbours on a line."""
    v = np.pad(u, 1)
    return 2 * u - v[2:] - v[:-2] + u**3 - 1.0


def coupled(u):
    """Each unknown with all others."""
    return u + 0.1 * np.mean(np.tanh(u)) - 1.0


def chosen(residual, n, **how):
    x = np.full(n, 0.7)
    return type(choices.Choice(**how).inverse(residual, x, residual(x)))


def test_the_rule_goes_by_size_and_by_sparsity(monkeypatch):
    assert chosen(lattice, 299) is DenseInverse
    assert chosen(lattice, 300) is SparseInverse
    assert chosen(coupled, 300) is DenseInverse
    monkeypatch.setattr(choices, "LARGE", 310)
    assert chosen(lattice, 310) is SparseInverse
    assert chosen(coupled, 309) is DenseInverse
    assert chosen(coupled, 310) is IterativeInverse


def test_what_is_named_is_taken():
    assert chosen(lattice, 300, solver="dense") is DenseInverse
    assert chosen(coupled, 3, solver="sparse") is SparseInverse
    assert chosen(coupled, 3, solver="bicgstab") is IterativeInverse


@pytest.mark.parametrize("solver", [None, "dense", "sparse", "cg"])
def test_large_systems_have_one_derivative_by_every_solver(solver):
    n = 320
    u = np.ones(n)
    for _ in range(9):
        u = u - np.linalg.solve(dr.jacobian(lattice)(u), lattice(u))

    def mean(source):
        return np.mean(
            implicit.root(lambda u, s: lattice(u) + 1.0 - s, u, (source,), solver=solver)
        )

    slope = dr.jacobian(lattice)(u)
    expected = np.linalg.solve(slope.T, np.full(n, 1 / n))
    assert_allclose(expected, dr.grad(mean)(np.ones(n)), rtol=1e-9)
