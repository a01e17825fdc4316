"""SciPy's own bodies on traced arrays: what their names mean, and what they may not do."""

import pickle
import subprocess
import sys

import numpy as np
import pytest
import scipy.signal
import scipy.special
import scipy.stats
from scipy.optimize._numdiff import approx_derivative

import dualrev as dr
from dualrev.scipy import stats
from dualrev.scipy.bodies import body, remade

X = np.array([1.0, 2.0, 4.0])


def test_a_body_has_scipys_values_and_the_derivatives_of_what_it_computes():
    bilinear = body(scipy.signal.bilinear)

    def f(x):
        b, a = bilinear([x[0], 1.0], [1.0, x[1], x[2]], 2.0)
        return np.concatenate([b, a])

    np.testing.assert_array_equal(scipy.signal.bilinear(X, X, 3.0), bilinear(X, X, 3.0))
    np.testing.assert_allclose(approx_derivative(f, X), dr.jacobian(f)(X), rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(
        dr.jacobian(f, mode="forward")(X), dr.jacobian(f, mode="reverse")(X), rtol=1e-14
    )


def test_a_batch_is_computed_row_by_row_below_derivatives_too():
    law = stats.burr12
    with pytest.warns(dr.PerformanceWarning, match="row by row"):
        of_rows = dr.vmap(dr.grad(lambda c: law.mean(c, 3.2)))(X)
    np.testing.assert_array_equal([dr.grad(lambda c: law.mean(c, 3.2))(c) for c in X], of_rows)


def test_a_formula_of_one_point_is_an_error_and_elsewhere_none():
    density = dr.grad(lambda c: stats.triang.logpdf(0.3, c))
    with pytest.raises(dr.MissingRuleError, match="formula apart"):
        density(0.0)
    near = dr.grad(lambda x: stats.kappa4.logpdf(x, 0.0, 0.0))(0.3)
    np.testing.assert_allclose(near, dr.grad(stats.gumbel_r.logpdf)(0.3), rtol=1e-14)
    np.testing.assert_allclose(density(1e-5), 1.0, rtol=1e-4)


def test_a_subclass_of_the_users_has_all_methods():
    class Decay(stats.rv_continuous):
        def _pdf(self, x, a):
            return a * np.exp(-a * x)

    law, a = Decay(a=0.0, name="decay"), 1.3
    np.testing.assert_allclose(
        -a * np.exp(-a * 0.5) / -a * 0.5, dr.grad(lambda a: law.cdf(0.5, a))(a)
    )
    np.testing.assert_allclose(np.log(0.7) / a**2, dr.grad(lambda a: law.ppf(0.3, a))(a), rtol=1e-9)
    np.testing.assert_allclose(-1 / a**2, dr.grad(lambda a: law(a).mean())(a), rtol=1e-9)
    np.testing.assert_allclose(-1 / a**2, dr.hessian(lambda a: law.logpdf(0.5, a))(a), rtol=1e-12)


def test_scipys_own_objects_are_left_as_they_are():
    law = remade(scipy.stats.norm)
    assert type(law) is not type(scipy.stats.norm)
    with pytest.raises(dr.CoercionError):
        dr.grad(scipy.stats.norm.logpdf)(0.3)


def test_objects_of_classes_made_anew_pickle_and_are_taken_by_bodies_of_plain_arrays():
    lti, step = remade(scipy.signal.StateSpace), body(scipy.signal.step)
    system = lti([[-1.0]], [[1.0]], [[1.0]], [[0.0]])
    expected = scipy.signal.step(scipy.signal.StateSpace([[-1.0]], [[1.0]], [[1.0]], [[0.0]]))
    np.testing.assert_allclose(expected, step(pickle.loads(pickle.dumps(system))))


def test_distributions_by_body_pickle_by_name():
    assert pickle.loads(pickle.dumps(stats.burr12)) is stats.burr12


def test_scipys_own_code_is_told_from_its_body_which_is_the_same_code():
    ours = body(scipy.special.jvp)
    with pytest.raises(dr.DualrevError):
        dr.grad(lambda v: ours(v, [v, None]))(1.5)
    with pytest.raises(dr.CoercionError, match=r"call dualrev\.scipy\.special\.jvp, which"):
        dr.grad(lambda x: np.sum(scipy.special.jvp(1, [x, 2 * x])))(2.0)


FIRST_USE = """
import sys, threading
import numpy as np, dualrev as dr
from dualrev.scipy import signal, stats

WORK = [
    lambda a: stats.Normal(mu=a, sigma=1.0).logpdf(0.5),
    lambda a: signal.lti([1.0], [1.0, a]).impulse(T=np.arange(3.0))[1][1],
    lambda a: stats.gaussian_kde(np.arange(5.0) * a)(0.5)[0],
    lambda a: stats.ttest_1samp(np.arange(5.0) * a, 1.0).statistic,
]
sys.setswitchinterval(1e-5)
together, found = threading.Barrier(8), [None] * 8


def work(i):
    together.wait()
    for j in range(4):
        dr.grad(WORK[(i // 2 + j) % 4])(1.3)
    found[i] = "done"


threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert found == ["done"] * 8, found
"""


def test_threads_that_use_bodies_for_the_first_time_together():
    """None sees a class that another one has not filled yet."""
    ran = subprocess.run([sys.executable, "-c", FIRST_USE], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
