"""Each program of docs/gallery runs, is short, and its derivatives and answers are right."""

import matplotlib
import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.optimize._numdiff import approx_derivative

import dualrev as dr

from .gallery import FOLDER, PAGES, cells, run

matplotlib.use("Agg")
LINES = 60


@pytest.fixture(scope="module")
def program():
    """The names that a page's program made, by its page."""
    made = {}

    def names(page):
        if page not in made:
            with matplotlib.rc_context():
                made[page] = run(page)
            matplotlib.pyplot.close("all")
        return made[page]

    return names


def along(f, x, direction, step):
    """Central difference of f at x along a direction."""
    return (f(x + step * direction) - f(x - step * direction)) / (2 * step)


@pytest.mark.parametrize("page", PAGES)
def test_a_program_is_short(page):
    """The lines that a reader sees; those that draw may be folded."""
    shown = "".join(cell.text for cell in cells(page) if "hide-input" not in (cell.tags or ""))
    assert sum(bool(line.strip()) for line in shown.splitlines()) < LINES
    assert max(len(line) for line in shown.splitlines()) <= 100


def test_thin_film(program):
    names = program("thin-film")
    loss, quarter, best = names["loss"], names["quarter"], names["best"]
    assert_allclose(
        approx_derivative(loss, quarter).ravel(), dr.grad(loss)(quarter), rtol=1e-5, atol=1e-8
    )
    assert loss(best) < loss(quarter) / 300
    for k in (0, 14):  # an error of a tenth of a nanometre, to both sides
        error = 0.1 * np.eye(25)[k]
        costs = (loss(best + error) + loss(best - error)) / 2 - loss(best)
        assert_allclose(costs, 0.01 * names["harm"][k], rtol=1e-2)


def test_equilibrium(program):
    names = program("equilibrium")
    # The check values of the Guide, chapter 5, at 25 degrees and a salinity of 35.
    K0, K1, K2, KB, KW = names["constants"](298.15, 35.0)
    found = np.log(K0), -np.log10(K1), -np.log10(K2), np.log(KB), np.log(KW)
    assert_allclose(found, (-3.5617, 5.8472, 8.9660, -19.7964, -30.434), atol=2e-4)
    pressure, at = names["pressure"], np.array([2050.0, 2300.0, 291.15])
    by_differences = approx_derivative(lambda at: pressure(*at), at, rel_step=1e-5).ravel()
    assert_allclose(by_differences, names["slope"], rtol=1e-5)
    by_differences = along(
        lambda c: pressure(c, 2300.0, 273.15 + names["sea"][1]), names["sea"][0], 1, 0.01
    )
    assert_allclose(by_differences, names["by_carbon"], rtol=1e-5)
    assert_allclose(names["slope"][0] * 2050 / pressure(*at), 10.69, atol=0.01)


def test_sparse_pde(program):
    names = program("sparse-pde")
    temperature, heat, best = names["temperature"], names["heat"], names["best"]
    radiated = 2 * names["emissivity"] * names["boltzmann"] * names["area"] * temperature(best) ** 4
    assert_allclose(np.sum(radiated), np.sum(heat))
    assert_allclose(np.mean(best), np.mean(names["even"]))
    assert temperature(best).max() < temperature(names["even"]).max() - 50
    logs = names["found"].x
    direction = np.sin(np.arange(logs.size))
    slope = dr.grad(names["hottest"])(logs) @ direction
    assert_allclose(along(names["hottest"], logs, direction, 1e-5), slope, rtol=1e-5)


def test_robot_arm(program):
    names = program("robot-arm")
    missed, jacobian = names["missed"], names["jacobian"]
    for room, way in zip((0.0, 0.05), names["ways"].values()):
        by_differences = approx_derivative(lambda x, room=room: missed(x, room), way)
        assert_allclose(by_differences, jacobian(way, room).toarray(), rtol=1e-5, atol=1e-3)
    off, _, _, near = np.split(missed(way, 0.2), [240, 480, 948])
    assert abs(off).max() < 2
    assert 200 - near.max() > 45


def test_ode_fit(program):
    names = program("ode-fit")
    surprise, x = names["surprise"], names["fit"].x
    assert abs(dr.grad(surprise)(x)).max() < 1e-4
    start = np.log([2.0, 0.5, 1e-3, 20.0])
    gradient = dr.grad(surprise)
    assert_allclose(approx_derivative(surprise, start).ravel(), gradient(start), rtol=1e-5)
    by_differences = approx_derivative(gradient, x)
    assert_allclose(by_differences, np.linalg.inv(names["covariance"]), rtol=1e-4, atol=1e-3)
    assert_allclose(np.exp(x[0] - x[1]), 3.61, atol=0.01)


def test_likelihood(program):
    names = program("likelihood")
    stats = names["stats"]
    # survreg of R's package survival: 1.267 (0.311), scale 0.732, log-likelihood -106.6
    p, covariance, log_likelihood = names["fit"](stats.weibull_min)
    assert_allclose(p[1], 1.267, atol=1e-3)
    assert_allclose(np.sqrt(covariance[1, 1]), 0.311, atol=1e-3)
    assert_allclose(np.exp(-p[2]), 0.732, atol=1e-3)
    assert_allclose(log_likelihood, -106.6, atol=0.05)
    for law in (stats.weibull_min, stats.gamma, stats.lognorm, stats.fisk):

        def surprise(p, law=law):
            return names["surprise"](p, law)

        p = np.array([2.2, 1.2, 0.3])
        assert_allclose(approx_derivative(surprise, p).ravel(), dr.grad(surprise)(p), rtol=1e-6)
        by_differences = approx_derivative(dr.grad(surprise), p)
        assert_allclose(by_differences, dr.hessian(surprise)(p), rtol=1e-6, atol=1e-6)


def test_gaussian_process(program):
    names = program("gaussian-process")
    surprise, x = names["surprise"], names["found"].x
    assert abs(dr.grad(surprise)(x)).max() < 1e-3
    start = np.log([0.1, 1.0, 0.2, 10.0, 1.0, 0.03])
    assert_allclose(approx_derivative(surprise, start).ravel(), dr.grad(surprise)(start), rtol=1e-6)
    assert_allclose(
        approx_derivative(dr.grad(surprise), x), dr.hessian(surprise)(x), rtol=1e-5, atol=1e-4
    )
    assert np.mean(names["miss"]) < 0.06
    assert np.sum(names["miss"] < 2 * names["sd"][120:]) == 24


def test_image(program):
    names = program("image")
    loss, picture, noise = names["loss"], names["picture"], names["noise"]
    direction = np.sin(np.arange(picture.size)).reshape(picture.shape)
    slope = np.sum(dr.grad(loss)(names["taken"]) * direction)
    assert_allclose(along(loss, names["taken"], direction, 1e-5), slope, rtol=1e-6)
    assert names["found"].success
    assert noise(picture) > noise(names["taken"]) + 7.5


def milliseconds(page):
    """The times that stand in the tables of a page, by what was measured; in the first of them."""
    text = (FOLDER / "times.md").read_text("utf-8")
    table = text.split(f"<!-- {page} -->")[1].split(f"<!-- end of {page} -->")[0].split("\n\n")[1]
    rows = [[cell.strip() for cell in line.split("|")[1:3]] for line in table.splitlines()[2:]]
    return {label: float(took) for label, took in rows if took}


@pytest.mark.parametrize(
    ("page", "slower", "faster", "times"),
    [
        ("thin-film", "the function alone", "dualrev, compiled", 2.8),
        ("thin-film", "JAX with lax.scan, compiled", "dualrev, compiled", 2),
        ("equilibrium", "dualrev", "JAX, compiled", 3.5),
        ("sparse-pde", "JAX, compiled, dense", "dualrev", 4),
        ("robot-arm", "differences, pattern given", "dualrev, sparse", 2),
        ("robot-arm", "JAX, compiled", "differences, pattern given", 1.5),
        ("ode-fit", "dualrev", "JAX with diffrax, compiled", 5.5),
        ("likelihood", "autograd", "dualrev, compiled", 30),
        ("gaussian-process", "dualrev", "dualrev, compiled", 3),
        ("image", "JAX, compiled", "dualrev, compiled", 3),
    ],
)
def test_what_a_page_says_of_times_stands_in_its_table(page, slower, faster, times):
    measured = milliseconds(page)
    assert measured[slower] > times * measured[faster]


def test_each_page_has_its_table_and_its_card():
    for page in PAGES:
        assert milliseconds(page)["the function alone"] > 0
        assert f"<!-- {page} -->" in (FOLDER / f"{page}.md").read_text("utf-8")
        assert f"{{picture}} gallery/{page}\n" in (FOLDER / "index.md").read_text("utf-8")
