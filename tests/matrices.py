"""Matrices with given eigenvalues, and what the tests of their derivatives share."""

import numpy as np

import dualrev as dr
from tests.nestings import second_derivatives

la = np.linalg


def rotated(values):
    """A symmetric matrix with these eigenvalues, equal to rounding only where they are equal."""
    q = la.qr(np.random.default_rng(0).standard_normal((len(values),) * 2))[0]
    a = (q * values) @ q.T
    return (a + a.T) / 2


def symmetric_gradient(f, a):
    """For perturbations of both triangles alike."""
    gradient = dr.grad(f)(a)
    return (gradient + gradient.T) / 2


def nestings(f, x):
    """The second derivative by all four nestings, each of shape (n, n)."""
    for name, hessian in second_derivatives(f, x):
        yield name, hessian.reshape(x.size, x.size)


def hermitian_part(a):
    return (a + a.mT.conj()) / 2
