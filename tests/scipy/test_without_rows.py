"""Names of SciPy that stand in no row of tests/cases: derivatives against differences of SciPy's own."""

import numpy as np
import pytest
import scipy

import dualrev as dr

X = np.array([0.3, 0.8, 1.7])
KNOTS = np.array([0.0, 0.7, 1.5, 2.6])
SPLINE = scipy.interpolate.splrep(np.linspace(0, 3, 9), np.cos(2 * np.linspace(0, 3, 9)))


def spline_of(module, x, change):
    """A spline whose coefficients depend on x, changed, at three places."""
    t, c, k = SPLINE
    changed = change(module, (t, c * x[0] + x[1] * c**2, k))
    return module.splev(X, changed)


PROGRAMS = {
    "fft.fhtoffset": lambda m, x: np.stack([m.fft.fhtoffset(x[0], x[1], 0.1, 0.2)]),
    "fft.rfftfreq": lambda m, x: m.fft.rfftfreq(6, x[0]) * x[1],
    "interpolate.krogh_interpolate": lambda m, x: m.interpolate.krogh_interpolate(
        KNOTS, np.sin(KNOTS), x, 1
    ),
    "interpolate.pchip_interpolate": lambda m, x: m.interpolate.pchip_interpolate(
        KNOTS, np.cos(KNOTS), x
    ),
    "interpolate.splder": lambda m, x: spline_of(m.interpolate, x, lambda m, s: m.splder(s)),
    "interpolate.splantider": lambda m, x: spline_of(
        m.interpolate, x, lambda m, s: m.splantider(s)
    ),
    "interpolate.sproot": lambda m, x: m.interpolate.sproot(
        (SPLINE[0], SPLINE[1] + 0.1 * x[0] * SPLINE[1] ** 2, 3)
    ),
    "signal.firwin_2d": lambda m, x: m.signal.firwin_2d((5, 3), ("hamming", "hann"), fc=0.5 * x[0]),
    "sparse.bmat": lambda m, x: (
        m.sparse.bmat(
            [
                [m.sparse.csr_array(np.diag(KNOTS)), None],
                [None, m.sparse.csr_array((x, ([0, 1, 2], [2, 0, 1])))],
            ]
        )
        @ np.arange(7.0)
    ),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_derivatives_are_those_of_scipys_own(name):
    program = PROGRAMS[name]
    step = 1e-6 * np.array([1.0, -0.7, 0.4])
    value, pushed = dr.jvp(lambda x: program(dr.scipy, x), (X,), (step / 1e-6,))
    np.testing.assert_allclose(program(scipy, X), value, rtol=1e-12, atol=1e-14)
    difference = (program(scipy, X + step) - program(scipy, X - step)) / 2e-6
    np.testing.assert_allclose(difference, pushed, rtol=1e-6, atol=1e-8)
    pulled = dr.grad(lambda x: np.sum(program(dr.scipy, x)))(X)
    np.testing.assert_allclose(np.sum(pushed), pulled @ step / 1e-6, rtol=1e-9, atol=1e-12)
