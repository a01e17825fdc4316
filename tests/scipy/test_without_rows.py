"""Names of SciPy that stand in no row of tests/cases: derivatives against differences of SciPy's own."""

import numpy as np
import pytest
import scipy

import dualrev as dr

X = np.array([0.3, 0.8, 1.7])
KNOTS = np.array([0.0, 0.7, 1.5, 2.6])
SPLINE = scipy.interpolate.splrep(np.linspace(0, 3, 9), np.cos(2 * np.linspace(0, 3, 9)))

# Of names that SciPy is going to take away.
pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning")


def spline_of(module, x, change):
    """A spline whose coefficients depend on x, changed, at three places."""
    t, c, k = SPLINE
    changed = change(module, (t, c * x[0] + x[1] * c**2, k))
    return module.splev(X, changed)


def factored(m, x):
    factors = m.sparse.linalg.splu(m.sparse.csc_array((1 + x, ([0, 1, 2], [0, 1, 2]))))
    assert isinstance(factors, m.sparse.linalg.SuperLU)
    return factors.solve(np.sin(x))


PROGRAMS = {
    "sparse.linalg.SuperLU": factored,
    "cluster.hierarchy.ClusterNode": lambda m, x: np.stack(
        [m.cluster.hierarchy.ClusterNode(0, dist=x[0]).dist]
    ),
    "fft.fftfreq": lambda m, x: m.fft.fftfreq(6, x[0]) * x[1],
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
    "linalg.interpolative.reconstruct_interp_matrix": lambda m, x: (
        m.linalg.interpolative.reconstruct_interp_matrix(np.array([1, 0, 2, 3]), x[:, None])
    ),
    "linalg.interpolative.reconstruct_skel_matrix": lambda m, x: (
        m.linalg.interpolative.reconstruct_skel_matrix(x * x[:, None], 2, np.array([1, 0, 2]))
    ),
    "linalg.kron": lambda m, x: m.linalg.kron(x[:, None], np.sin(x)[None]),
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
    "sparse.bsr_matrix": lambda m, x: m.sparse.bsr_matrix(np.eye(3)) @ x,
    "stats.ks_1samp": lambda m, x: np.stack([*m.stats.ks_1samp(x, m.stats.norm(x[0]).cdf)[:2]]),
    "stats.poisson_means_test": lambda m, x: np.stack(
        [*m.stats.poisson_means_test(7, 10 + x[0], 9, 12 + x[1])]
    ),
    "stats.rv_histogram": lambda m, x: m.stats.rv_histogram(
        (x, np.arange(4.0)), density=True
    ).logpdf([0.4, 1.3]),
    "stats.trapz": lambda m, x: m.stats.trapz.logpdf(x / 2, 0.3, 0.6),
    "special.lpn": lambda m, x: m.special.lpn(3, x[0])[0],
    "special.lqn": lambda m, x: m.special.lqn(3, x[0])[0],
    "special.lpmn": lambda m, x: m.special.lpmn(2, 3, x[0] / 2)[0],
    "special.clpmn": lambda m, x: np.real(m.special.clpmn(2, 3, x[0] + 0.1j)[0]),
    "special.chebyt": lambda m, x: m.special.chebyt(3)(x),
    "special.chebyu": lambda m, x: m.special.chebyu(3)(x),
    "special.hermite": lambda m, x: m.special.hermite(3)(x),
    "special.laguerre": lambda m, x: m.special.laguerre(3)(x),
    "special.chebyc": lambda m, x: m.special.chebyc(3)(x),
    "special.chebys": lambda m, x: m.special.chebys(3)(x),
    "special.hermitenorm": lambda m, x: m.special.hermitenorm(3)(x),
    "special.sh_chebyt": lambda m, x: m.special.sh_chebyt(3)(x),
    "special.sh_chebyu": lambda m, x: m.special.sh_chebyu(3)(x),
    "special.sh_legendre": lambda m, x: m.special.sh_legendre(3)(x),
    "special.chndtridf": lambda m, x: m.special.chndtridf(2 * x, 0.4, x),
    "special.gammasgn": lambda m, x: m.special.gammasgn(-x) * x,
    "special.nctdtridf": lambda m, x: m.special.nctdtridf(0.4 + 0.01 * x, 0.7, 1.2),
    "special.ncfdtridfd": lambda m, x: m.special.ncfdtridfd(
        2.0, m.special.ncfdtr(2.0, 4.0, 1.0, 1.5) + 0.01 * x[:1], 1.0, 1.5
    ),
    "special.ncfdtridfn": lambda m, x: m.special.ncfdtridfn(
        4.0, m.special.ncfdtr(2.0, 4.0, 1.0, 1.5) + 0.01 * x[:1], 1.0, 1.5
    ),
    "special.obl_ang1_cv": lambda m, x: m.special.obl_ang1_cv(1, 2, 0.7, 5.789065, x / 2)[0],
    "special.obl_rad1_cv": lambda m, x: m.special.obl_rad1_cv(1, 2, 0.7, 5.789065, x)[0],
    "special.pro_rad1_cv": lambda m, x: m.special.pro_rad1_cv(1, 2, 0.7, 6.209068, 1 + x)[0],
    "special.obl_rad2_cv": lambda m, x: m.special.obl_rad2_cv(1, 2, 2.0, 4.2227473, 4 + x)[0],
    "special.pro_rad2_cv": lambda m, x: m.special.pro_rad2_cv(1, 2, 2.0, 7.6531495, 4 + x)[0],
}


def is_there(path):
    """Whether this version of SciPy has it: some names come, others go."""
    found = scipy
    for name in path.split("."):
        found = getattr(found, name, None)
    return found is not None


@pytest.mark.parametrize("name", [name for name in PROGRAMS if is_there(name)])
def test_derivatives_are_those_of_scipys_own(name):
    program = PROGRAMS[name]
    step = 1e-6 * np.array([1.0, -0.7, 0.4])
    value, pushed = dr.jvp(lambda x: program(dr.scipy, x), (X,), (step / 1e-6,))
    np.testing.assert_allclose(program(scipy, X), value, rtol=1e-12, atol=1e-14)
    difference = (program(scipy, X + step) - program(scipy, X - step)) / 2e-6
    # Some inverses of SciPy's are searched for, to 1e-9 or less.
    np.testing.assert_allclose(difference, pushed, rtol=1e-5, atol=1e-8)
    pulled = dr.grad(lambda x: np.sum(program(dr.scipy, x)))(X)
    np.testing.assert_allclose(np.sum(pushed), pulled @ step / 1e-6, rtol=1e-9, atol=1e-12)
