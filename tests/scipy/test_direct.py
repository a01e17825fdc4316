"""SciPy's own functions, given a traced array, raise and name the twin to call instead."""

import re

import numpy as np
import pytest
import scipy.cluster.vq
import scipy.fft
import scipy.integrate
import scipy.interpolate
import scipy.linalg
import scipy.ndimage
import scipy.optimize
import scipy.signal
import scipy.sparse.linalg
import scipy.spatial.distance
import scipy.special
import scipy.stats

import dualrev as dr

X = np.linspace(0.1, 1.0, 9)
EYE = np.eye(3)
SPARSE = scipy.sparse.csr_array(EYE)

TWINS = {
    "linalg.expm": lambda x: scipy.linalg.expm(x.reshape(3, 3)),
    "linalg.solve": lambda x: scipy.linalg.solve([[x[0], 1.0], [1.0, 2.0]], [1.0, 2.0]),
    "linalg.det": lambda x: scipy.linalg.det(x.reshape(3, 3)),
    "linalg.eigh": lambda x: scipy.linalg.eigh(x.reshape(3, 3), EYE),
    "linalg.cho_factor": lambda x: scipy.linalg.cho_factor(x.reshape(3, 3)),
    "linalg.toeplitz": lambda x: scipy.linalg.toeplitz(x),
    "signal.convolve": lambda x: scipy.signal.convolve(x, x[:3]),
    "signal.lfilter": lambda x: scipy.signal.lfilter([1.0], [1.0, x[0]], np.ones(3)),
    "signal.savgol_filter": lambda x: scipy.signal.savgol_filter(x, 3, 1),
    "special.logsumexp": lambda x: scipy.special.logsumexp(x),
    "special.softmax": lambda x: scipy.special.softmax(x),
    "integrate.trapezoid": lambda x: scipy.integrate.trapezoid(x),
    "integrate.simpson": lambda x: scipy.integrate.simpson(x),
    "integrate.quad": lambda x: scipy.integrate.quad(lambda t: t * x[0], 0, 1)[0],
    "integrate.solve_ivp": lambda x: scipy.integrate.solve_ivp(
        lambda t, y: -x[0] * y, (0, 1), [1.0]
    ),
    "optimize.brentq": lambda x: scipy.optimize.brentq(lambda t: t - x[0], -1, 2),
    "optimize.minimize": lambda x: scipy.optimize.minimize(
        lambda t: np.sum((t - x[0]) ** 2), [0.0]
    ),
    "interpolate.CubicSpline": lambda x: scipy.interpolate.CubicSpline(np.arange(9.0), x)(2.5),
    "interpolate.PchipInterpolator": lambda x: scipy.interpolate.PchipInterpolator(
        np.arange(9.0), np.arange(9.0) ** 2
    )(x),
    "ndimage.gaussian_filter": lambda x: scipy.ndimage.gaussian_filter(x, 1.0),
    "ndimage.map_coordinates": lambda x: scipy.ndimage.map_coordinates(EYE, x[:2, None]),
    "stats.norm.logpdf": lambda x: scipy.stats.norm.logpdf(x),
    "stats.gamma.cdf": lambda x: scipy.stats.gamma(x[0]).cdf(1.0),
    "stats.poisson.logpmf": lambda x: scipy.stats.poisson.logpmf(2, x[0]),
    "stats.multivariate_normal.logpdf": lambda x: scipy.stats.multivariate_normal.logpdf(x),
    "special.spherical_jn": lambda x: scipy.special.spherical_jn(2, x),
    "fft.dct": lambda x: scipy.fft.dct(x),
    "fft.rfft": lambda x: scipy.fft.rfft(x),
    "spatial.distance.cdist": lambda x: scipy.spatial.distance.cdist(x.reshape(3, 3), EYE),
    "spatial.distance.euclidean": lambda x: scipy.spatial.distance.euclidean(x[:3], EYE[0]),
    "sparse.csr_array": lambda x: scipy.sparse.csr_array(x.reshape(3, 3)),
    "sparse.linalg.spsolve": lambda x: scipy.sparse.linalg.spsolve(SPARSE, x[:3]),
    "sparse.linalg.cg": lambda x: scipy.sparse.linalg.cg(SPARSE, x[:3])[0],
}


def pushed(f):
    return lambda x: dr.jvp(f, (x,), (np.ones_like(x),))


@pytest.mark.parametrize("transform", [dr.jacobian, pushed], ids=["reverse", "forward"])
@pytest.mark.parametrize("name", TWINS)
def test_scipys_own_function_names_its_twin(name, transform):
    with pytest.raises(dr.CoercionError, match=r"traced array") as caught:
        transform(TWINS[name])(X)
    what, where, fix = str(caught.value).splitlines()
    assert f"scipy.{name} was given" in what
    assert re.search(r"\(test_direct\.py:\d+\)", where)
    assert f"call dualrev.scipy.{name}, " in fix


REFUSED = {
    "scipy.signal.remez": lambda x: scipy.signal.remez(5, [0.0, x[0], 0.3, 0.5], [1.0, 0.0]),
    "scipy.linalg.cossin": lambda x: scipy.linalg.cossin(x.reshape(3, 3), 1, 1)[0],
    "scipy.optimize.milp": lambda x: scipy.optimize.milp(x[:2]).x,
}


@pytest.mark.parametrize("name", REFUSED)
def test_scipys_function_that_is_refused_says_why_and_what_to_type(name):
    why, fix = dr.scipy.refusal_of(name)
    with pytest.raises(dr.DualrevError, match=re.escape(why)) as caught:
        dr.grad(lambda x: np.sum(REFUSED[name](x)))(X)
    assert name in str(caught.value)
    assert f"fix:   {fix}" in str(caught.value)


@pytest.mark.parametrize("f", [scipy.optimize.rosen, lambda x: np.sum(scipy.optimize.rosen_der(x))])
def test_scipys_function_of_python_is_differentiated_as_it_stands(f):
    expected = scipy.optimize.approx_fprime(X, f)
    np.testing.assert_allclose(expected, dr.grad(f)(X), rtol=1e-5)


def test_users_function_called_by_scipy_may_gather_its_own_arrays():
    """np.asarray in a user's function is the user's, also below a function of SciPy."""
    found = scipy.optimize.minimize(
        dr.value_and_grad(lambda x: np.sum((np.asarray(x) - 1) ** 2)), np.zeros(2), jac=True
    )
    np.testing.assert_allclose([1.0, 1.0], found.x)
