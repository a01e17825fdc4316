"""What the laws cannot hold of rules/equations.py: powers, names of results, numbers."""

import numpy as np

import dualrev as dr

la = np.linalg


def test_power_zero_has_derivative_zero():
    a = np.array([[2.0, 1.0], [-1.0, 3.0]])
    value, t = dr.jvp(lambda a: la.matrix_power(a, 0), (a,), (a,))
    np.testing.assert_array_equal(np.eye(2), value)
    np.testing.assert_array_equal(np.zeros((2, 2)), t)


def test_named_results_keep_their_names():
    a = np.array([[2.0, 1.0], [1.0, 3.0]])

    def named(a):
        return (
            la.slogdet(a).logabsdet
            + np.sum(la.eigh(a).eigenvalues)
            + np.sum(la.svd(a).S)
            + np.sum(la.qr(a).R)
            + np.sum(np.real(la.eig(a).eigenvectors))
        )

    assert np.all(np.isfinite(dr.grad(named)(a)))
    assert np.isfinite(dr.jvp(named, (a,), (a,))[1])


def test_tensorsolve_takes_python_s_numbers():
    assert dr.grad(lambda a: np.linalg.tensorsolve(a, 6.0))(2.0) == -1.5
    assert dr.grad(lambda b: np.linalg.tensorsolve(2.0, b))(6.0) == 0.5
