"""The certified fits of NIST's nonlinear regression problems (StRD), with exact derivatives."""

from pathlib import Path

import numpy as np
import pytest

from dualrev import nist
from tests.nist_models import MODELS

FOLDER = Path(__file__).parents[1].parent / "shared" / "nist-strd"
STARTS = (1, 2)

#: What SciPy's solvers do not solve although every derivative is exact: (method, problem, start).
NOT_CONVERGING = {
    ("lm", "BoxBOD", 1): "the first step goes to b2 = 100 or more, where exp(-b2 x) is 0 at every "
    "x: the column of b2 vanishes, and MINPACK stops there",
}

needs_folder = pytest.mark.skipif(
    not FOLDER.is_dir(), reason=f"the files of the 27 NIST problems are not at {FOLDER}"
)
CASES = [(method, name, start) for method in ("trf", "lm") for name in MODELS for start in STARTS]


def fewest_digits(computed, certified):
    return nist.digits(computed, certified).min()


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("name", nist.MODELS)
def test_shipped_problems_agree_with_nist(name, start):
    """At least six digits of every parameter, of its standard error, and of the residual sum."""
    problem = nist.load(name)
    found = nist.fit(problem, nist.MODELS[name], start)
    assert found.converged
    assert fewest_digits(found.parameters, problem.certified) >= 6
    assert fewest_digits(found.errors, problem.deviations) >= 6
    assert nist.digits(found.rss, problem.rss) >= 9


@needs_folder
@pytest.mark.parametrize(
    ("method", "name", "start"), [case for case in CASES if case not in NOT_CONVERGING]
)
def test_all_problems_agree_with_nist(method, name, start):
    """At least six certified digits of every parameter, from both starting points."""
    problem = nist.read(FOLDER / f"{name}.dat")
    found = nist.fit(problem, MODELS[name], start, method=method)
    assert fewest_digits(found.parameters, problem.certified) >= 6


@needs_folder
@pytest.mark.parametrize(("method", "name", "start"), NOT_CONVERGING)
def test_listed_exceptions_really_do_not_converge(method, name, start):
    """The list above says nothing that has become false."""
    problem = nist.read(FOLDER / f"{name}.dat")
    found = nist.fit(problem, MODELS[name], start, method=method)
    assert fewest_digits(found.parameters, problem.certified) < 6


@needs_folder
def test_every_file_of_the_folder_is_tested():
    """The models are those of the files, no more and no less."""
    assert {path.stem for path in FOLDER.glob("*.dat")} == set(MODELS)


@needs_folder
@pytest.mark.parametrize("name", nist.MODELS)
def test_shipped_files_are_nists_own(name):
    """The files in the package are unchanged."""
    shipped = Path(nist.__file__).parent / "data" / f"{name}.dat"
    assert shipped.read_bytes() == (FOLDER / f"{name}.dat").read_bytes()


@needs_folder
@pytest.mark.parametrize("name", MODELS)
def test_reader_gives_data_that_reproduce_the_certified_sum(name):
    """Certified parameters, data and model together give the certified residual sum of squares."""
    problem = nist.read(FOLDER / f"{name}.dat")
    residuals = MODELS[name](problem.x, *problem.certified) - problem.y
    # Parameters are certified to eleven digits: no more is left of Lanczos1's sum of 1e-25.
    np.testing.assert_allclose(residuals @ residuals, problem.rss, rtol=1e-6, atol=1e-17)


def test_reader_separates_starts_certified_values_and_data():
    """Misra1a, read by eye from its file."""
    problem = nist.load("Misra1a")
    assert problem.name == "Misra1a"
    assert problem.starts.tolist() == [[500, 0.0001], [250, 0.0005]]
    assert problem.certified.tolist() == [2.3894212918e02, 5.5015643181e-04]
    assert problem.deviations.tolist() == [2.7070075241e00, 7.2668688436e-06]
    assert problem.rss == 1.2455138894e-01
    assert (problem.y[0], problem.x[0], problem.y[-1], problem.x[-1]) == (10.07, 77.6, 81.78, 760)
    assert problem.x.shape == problem.y.shape == (14,)


def test_reader_refuses_other_files(tmp_path):
    """A file in another layout is an error that names it."""
    path = tmp_path / "other.dat"
    path.write_text("1 2\n3 4\n")
    with pytest.raises(ValueError, match="other.dat"):
        nist.read(path)


def test_standard_errors_survive_columns_of_different_length():
    """A straight line far from the origin, against the textbook formula."""
    x = 1e6 + np.arange(5.0)
    jac = np.stack([np.ones(5), x], axis=1)
    slope = np.sqrt(3.0 / (5 - 2) / 10)  # s / sqrt(sum (x - mean)^2)
    intercept = slope * np.sqrt(np.mean(x**2))
    np.testing.assert_allclose(nist.standard_errors(jac, 3.0), [intercept, slope], rtol=1e-9)


def test_standard_error_of_an_undetermined_parameter_is_infinite():
    """Where the Jacobian has a column of zeros."""
    jac = np.stack([np.arange(4.0), np.zeros(4)], axis=1)
    assert np.isinf(nist.standard_errors(jac, 1.0)[1])


def test_finite_differences_agree_less():
    """What the exact Jacobian is for: Hahn1's standard errors."""
    problem = nist.load("Hahn1")
    exact, rough = (nist.fit(problem, nist.MODELS["Hahn1"], jac=jac) for jac in (None, "2-point"))
    assert rough.jacobians == 0 < exact.jacobians
    assert exact.evaluations < rough.evaluations
    assert fewest_digits(rough.errors, problem.deviations) < 6


def test_digits_of_a_certified_0_are_those_after_the_point():
    agreed = nist.digits(np.array([0.0, 1e-4, np.nan]), np.zeros(3))
    np.testing.assert_allclose([11, 4, 0], agreed)
