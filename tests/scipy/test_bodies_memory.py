"""What bodies of SciPy's leave behind of what is made anew for each call: nothing."""

import gc

import numpy as np
import pytest
import scipy.signal
import scipy.stats

import dualrev as dr
from dualrev.scipy import signal, stats

X = np.array([1.0, 2.0, 4.0])


class Decay(stats.rv_continuous):
    def _pdf(self, x):
        return np.exp(-x)

    def _shape_info(self):
        return []


def of_a_function(a):
    def samples(size):
        return np.linspace(0.0, 1.0, np.prod(size)).reshape(size)

    return stats.monte_carlo_test(X * a, samples, np.mean, n_resamples=10).statistic


def of_a_subclass(a):
    class Mine(stats.rv_continuous):
        def _pdf(self, x, rate):
            return rate * np.exp(-rate * x)

    return Mine(a=0.0, name="mine").logpdf(0.5, a)


def of_a_class(a):
    class Law:
        __make_distribution_version__ = "1.16.0"
        parameters = {"rate": (0, np.inf)}  # noqa: RUF012
        support = (0, np.inf)

        def pdf(self, x, rate):
            return rate * np.exp(-rate * x)

    return stats.make_distribution(Law())(rate=a).logpdf(0.5)


MADE_ANEW = {
    "lists": lambda a: signal.bilinear([a], [1.0, a])[0][0],
    "a function": of_a_function,
    "a frozen distribution": lambda a: stats.burr12(a, 3.2).mean(),
    "a frozen distribution of SciPy's": lambda a: stats.probplot(
        X * a, dist=scipy.stats.gamma(2.0)
    )[0][1][0],
    "a distribution of SciPy's": lambda a: stats.make_distribution(scipy.stats.gamma(2.0).dist)(
        a=a
    ).logpdf(0.5),
    "a subclass": of_a_subclass,
    "an object of a subclass": lambda a: stats.make_distribution(Decay(a=0.0))().logpdf(a),
    "an object of a class": of_a_class,
    "an object": lambda a: stats.Normal(mu=a, sigma=1.0).logpdf(0.5),
    "an object of SciPy's": lambda a: signal.lsim(
        scipy.signal.lti([1.0], [1.0, 2.0]), X * a, np.arange(3.0)
    )[1][1],
}
if not hasattr(scipy.stats, "Binomial"):  # make_distribution takes such objects from SciPy 1.16 on
    del MADE_ANEW["an object of a class"]


@pytest.fixture(autouse=True)
def nothing_of_other_tests():
    """What they have left is not looked through again and again."""
    gc.collect()
    gc.freeze()


def objects_alive():
    for _ in range(2):  # what was made of an object goes after it
        gc.collect()
    return len(gc.get_objects())


@pytest.mark.parametrize("name", MADE_ANEW)
def test_twenty_calls_leave_no_object(name):
    work = dr.grad(MADE_ANEW[name])
    for _ in range(3):
        work(1.3)
    before = objects_alive()
    for _ in range(20):
        work(1.3)
    assert objects_alive() - before < 10
