"""Distributions of SciPy's newer interface: parameters in their constructors, which are traced."""

import numpy as np
import pytest
import scipy.stats

import dualrev as dr
from dualrev.scipy import stats

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")
LAWS = {
    "Normal": lambda m, t: m.Normal(mu=0.2 * t, sigma=t),
    "Uniform": lambda m, t: m.Uniform(a=0.1, b=t),
    "Logistic": lambda m, t: m.Logistic() * t,
    "Mixture": lambda m, t: m.Mixture(
        [m.Normal(mu=t, sigma=1.0), m.Normal(mu=-t, sigma=2.0)], weights=[t / 3, 1 - t / 3]
    ),
    "truncate": lambda m, t: m.truncate(m.Normal(mu=0.1, sigma=1.0), lb=-0.5, ub=t),
    "order_statistic": lambda m, t: m.order_statistic(m.Normal(mu=t, sigma=1.0), r=2, n=4),
    "abs": lambda m, t: m.abs(m.Normal(mu=t, sigma=1.0)),
    "log": lambda m, t: m.log(m.Uniform(a=t, b=3.0)),
    "exp": lambda m, t: m.exp(m.Normal(mu=t, sigma=1.0)),
    "make_distribution": lambda m, t: m.make_distribution(m.gamma)(a=t),
}
METHODS = {
    **dict.fromkeys(["logpdf", "cdf", "logccdf", "icdf", "iccdf"], (0.3,)),
    "ilogcdf": (-0.5,),
    "median": (),
    "mean": (),
    "variance": (),
    "kurtosis": (),
}
#: SciPy integrates these numerically; the derivative of that is nan.
INTEGRATED = {
    (law, m)
    for law in ("order_statistic", "exp", "abs", "log")
    for m in ("mean", "variance", "kurtosis")
}


@pytest.mark.one_in(2)
@pytest.mark.parametrize("name", [name for name in LAWS if hasattr(scipy.stats, name)])
def test_parameters_have_the_derivatives_of_scipys_values(name):
    make, t, h = LAWS[name], 1.2, 1e-4
    for method, args in METHODS.items():
        if (name, method) in INTEGRATED or (name, method) == ("Mixture", "kurtosis"):
            continue
        if name == "make_distribution" and method not in ("logpdf", "icdf"):  # 0.3 s a class
            continue

        def f(t, m=stats, method=method, args=args):
            return getattr(make(m, t), method)(*args)

        at = [f(t + k * h, scipy.stats) for k in (-2, -1, 1, 2)]
        expected = (8 * (at[2] - at[1]) - (at[3] - at[0])) / (12 * h)
        np.testing.assert_allclose(f(t, scipy.stats), f(t), rtol=1e-13, err_msg=method)
        # A root that SciPy finds to 1e-10 makes differences of 1e-6.
        np.testing.assert_allclose(expected, dr.grad(f)(t), rtol=1e-5, atol=1e-6, err_msg=method)


@pytest.mark.skipif(not hasattr(scipy.stats, "Binomial"), reason="from SciPy 1.16 on")
def test_counts_of_the_newer_interface_have_derivatives_by_their_probability():
    for method in ("logpmf", "cdf", "logccdf"):

        def f(p, m=stats, method=method):
            return getattr(m.Binomial(n=5, p=p), method)(2)

        older = {"logpmf": "logpmf", "cdf": "cdf", "logccdf": "logsf"}[method]
        np.testing.assert_allclose(
            dr.grad(lambda p, older=older: getattr(stats.binom, older)(2, 5, p))(0.4),
            dr.grad(f)(0.4),
            rtol=1e-12,
        )
    assert dr.grad(lambda p: stats.Binomial(n=5, p=p).icdf(0.3))(0.4) == 0
