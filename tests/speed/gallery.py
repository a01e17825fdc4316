"""What the derivatives of docs/gallery cost, beside autograd, JAX and finite differences.

``python -m tests.speed.gallery`` prints what docs/gallery/times.md has; it needs autograd, JAX, diffrax.
Each table is measured in a process of its own, with one thread; the contenders take turns for 15 rounds,
or 5 where they are slow; times are medians, of the processor.  Each answer is compared with dualrev's.
Where a peer can take the page's own text, it is given that; otherwise what it lacks is written here.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from importlib.metadata import version
from statistics import median

import numpy as np
from scipy.optimize import approx_fprime
from scipy.optimize._numdiff import approx_derivative

import dualrev as dr
from dualrev.bench.__main__ import THREADS, machine
from dualrev.bench.measure import interleaved, short
from tests.gallery import in_other_words, run

SCIPY_CANNOT = "no derivative of what SciPy's solvers find"


def jitted(function):
    """A function under jax.jit, of NumPy's arrays, that waits for its answer."""
    import jax

    compiled = jax.jit(function)
    return lambda *x: jax.block_until_ready(compiled(*map(jax.numpy.asarray, x)))


def with_jax():
    """JAX and its NumPy, in float64."""
    import jax

    jax.config.update("jax_enable_x64", True)
    return jax, jax.numpy


# Each takes nothing and answers: the function alone, its argument, and the contenders: a derivative, the
# number of evaluations that it would take if it is not run, or why there is none.


def _thin_film():
    """The loss for dualrev, autograd and JAX, the last also with its own loop over the layers."""
    import autograd.numpy as anp

    names = run("thin-film", first=1)
    jax, jnp = with_jax()

    def same(module):
        return in_other_words("thin-film", names, "transmittance", "loss", np=module)[1]

    def transmittance(thickness):
        glass, sine, wavelength = names["glass"], names["sine"], names["wavelength"]
        air = np.array([[np.sqrt(0.5)], [np.sqrt(2)]])

        def admittance(n, cosine):
            return jnp.stack([n * cosine, n / cosine])

        of_glass = admittance(glass, jnp.sqrt(1 - (sine / glass) ** 2))

        def layer(fields, at):
            (electric, magnetic), (n, d) = fields, at
            cosine = jnp.sqrt(1 - (sine / n) ** 2)
            eta, phase = admittance(n, cosine), 2 * np.pi * n * cosine * d / wavelength
            c, s = jnp.cos(phase), 1j * jnp.sin(phase)
            return (c * electric + s / eta * magnetic, eta * s * electric + c * magnetic), None

        start = jnp.ones_like(of_glass, complex), of_glass + 0j
        (electric, magnetic), _ = jax.lax.scan(layer, start, (np.stack(names["stack"]), thickness))
        return 4 * air * of_glass / jnp.abs(air * electric + magnetic) ** 2

    (scanned,) = in_other_words("thin-film", names, "loss", np=jnp, transmittance=transmittance)
    return names["loss"], same(anp), same(jnp), scanned


THICKNESS = np.where(np.arange(25) % 2, 80.0, 45.0)


def thin_film():
    """Gradient of the loss by 25 thicknesses"""
    import autograd
    import jax

    loss, by_autograd, by_jax, scanned = _thin_film()
    return (
        loss,
        THICKNESS,
        {
            "dualrev": dr.grad(loss),
            "dualrev, compiled": dr.compile(dr.grad(loss)),
            "autograd": autograd.grad(by_autograd),
            "JAX, compiled": jitted(jax.grad(by_jax)),
            "JAX with lax.scan, compiled": jitted(jax.grad(scanned)),
            "differences": lambda x: approx_fprime(x, loss),
        },
    )


def thin_film_hessian():
    """Hessian of the loss by 25 thicknesses"""
    import autograd
    import jax

    loss, by_autograd, _, scanned = _thin_film()
    gradient = dr.grad(loss)
    return (
        loss,
        THICKNESS,
        {
            "dualrev": dr.hessian(loss),
            "dualrev, compiled": dr.compile(dr.hessian(loss)),
            "autograd": autograd.hessian(by_autograd),
            "JAX with lax.scan, compiled": jitted(jax.hessian(scanned)),
            "differences of gradients": lambda x: approx_derivative(gradient, x),
        },
    )


def equilibrium():
    """Derivatives of 3600 pressures, each by its carbon"""
    names = run("equilibrium", first=1)
    carbon, celsius = np.meshgrid(np.linspace(1900, 2200, 60), np.linspace(0, 30, 60))

    def pressure(c):
        return names["pressure"](c, 2300.0, 273.15 + celsius)

    jax, jnp = with_jax()

    def newton(f, x):
        """SciPy's name; a loop, and the derivatives of a root."""

        def solve(f, x):
            def step(state):
                x, _ = state
                y, slope = jax.jvp(f, (x,), (jnp.ones_like(x),))
                return x - y / slope, y / slope

            def far(state):
                return jnp.max(jnp.abs(state[1])) > 1e-8

            return jax.lax.while_loop(far, step, (x, jnp.ones_like(x)))[0]

        def divide(linear, y):
            return y / linear(jnp.ones_like(y))

        return jax.lax.custom_root(f, x, solve, divide)

    (by_jax,) = in_other_words(
        "equilibrium", names, "constants", "pressure", np=jnp, newton=newton
    )[1:]
    return (
        pressure,
        carbon,
        {
            "dualrev": dr.elementwise_grad(pressure),
            "autograd": SCIPY_CANNOT,
            "JAX, compiled": jitted(
                jax.grad(lambda c: jnp.sum(by_jax(c, 2300.0, 273.15 + celsius)))
            ),
            "differences": lambda c: (pressure(c + 1e-3) - pressure(c)) / 1e-3,
        },
    )


def sparse_pde():
    """Gradient of the hottest temperature by 1296 thicknesses"""
    from scipy.ndimage import gaussian_filter

    names = run("sparse-pde", first=1)
    n = names["n"]
    jax, jnp = with_jax()
    smooth = gaussian_filter(np.eye(n), 1.0, axes=0)

    def dense(f, T):
        return jax.jacfwd(f)(T).reshape(n * n, n * n)

    def temperature(thickness):
        balance = in_other_words("sparse-pde", names, "inflow", "balance", np=jnp)[1]

        def solve(f, T):
            def step(state):
                T, _ = state
                step = jnp.linalg.solve(dense(f, T), f(T).ravel()).reshape(n, n)
                return T - step, jnp.max(jnp.abs(step))

            return jax.lax.while_loop(lambda state: state[1] > 1e-6, step, (T, 1.0))[0]

        def linear_solve(linear, y):
            matrix = dense(linear, jnp.zeros_like(y))
            return jnp.linalg.solve(matrix, y.ravel()).reshape(n, n)

        start = jnp.full((n, n), 300.0)
        return jax.lax.custom_root(lambda T: balance(T, thickness), start, solve, linear_solve)

    hottest, _ = in_other_words(
        "sparse-pde",
        names,
        "hottest",
        "thickness",
        np=jnp,
        temperature=temperature,
        gaussian_filter=lambda image, width: smooth @ image @ smooth.T,
    )
    return (
        names["hottest"],
        np.random.default_rng(0).normal(size=n * n),
        {
            "dualrev": dr.grad(names["hottest"]),
            "autograd": SCIPY_CANNOT,
            "JAX, compiled, dense": jitted(jax.grad(hottest)),
            "differences": n * n + 1,
        },
    )


def robot_arm():
    """Jacobian of all residuals by 480 angles"""
    import autograd

    names = run("robot-arm", first=1)

    def missed(x):
        return names["missed"](x, 0.05)

    def same(module):
        return in_other_words("robot-arm", names, "arm", "missed", np=module)[1]

    x = np.tile([0.3, -1.4, 1.4, -1.7, -1.8, 1.5], 80) + 0.1 * np.sin(np.arange(480))
    jax, jnp = with_jax()
    sparse = dr.prepare_jacobian(missed, x)
    colours = sparse.pattern, np.arange(480) % 18
    return (
        missed,
        x,
        {
            "dualrev, sparse": sparse,
            "dualrev, sparse, compiled": dr.prepare_jacobian(missed, x, compile=True),
            "autograd": autograd.jacobian(lambda x: same(autograd.numpy)(x, 0.05)),
            "JAX, compiled": jitted(jax.jacfwd(lambda x: same(jnp)(x, 0.05))),
            "differences, pattern given": lambda x: approx_derivative(
                missed, x, method="2-point", sparsity=colours
            ),
            "differences": lambda x: approx_derivative(missed, x, method="2-point"),
        },
    )


def ode_fit():
    """Gradient of the likelihood by 4 parameters"""
    import autograd
    import autograd.numpy as anp
    import diffrax
    from autograd.builtins import tuple as traced_tuple
    from autograd.scipy.integrate import odeint
    from autograd.scipy.special import gammaln

    names = run("ode-fit", first=1)
    times, boys, in_bed = names["days"], names["boys"], names["in_bed"]
    jax, jnp = with_jax()

    def rates(y, rates, stack):
        new, well = rates[0] * y[0] * y[1], rates[1] * y[1]
        return stack([-new, new - well])

    def by_autograd(logs):
        p = anp.exp(logs)
        y = odeint(
            lambda y, t, p: rates(y, p, anp.stack),
            anp.stack([1 - p[2], p[2]]),
            np.append(0.0, times),
            traced_tuple((p,)),
            rtol=1e-8,
            atol=1e-10,
        )
        mean, size = boys * y[1:, 1], p[3]
        log_p, log_q = anp.log(size / (size + mean)), anp.log(mean / (size + mean))
        choose = gammaln(in_bed + size) - gammaln(in_bed + 1) - gammaln(size)
        return -anp.sum(choose + size * log_p + in_bed * log_q)

    def by_jax(logs):
        p = jnp.exp(logs)
        y = diffrax.diffeqsolve(
            diffrax.ODETerm(lambda t, y, p: rates(y, p, jnp.stack)),
            diffrax.Dopri8(),
            0.0,
            30.0,
            None,
            jnp.stack([1 - p[2], p[2]]),
            p,
            saveat=diffrax.SaveAt(ts=jnp.asarray(times, float)),
            stepsize_controller=diffrax.PIDController(1e-8, 1e-10),
        ).ys
        mean = boys * y[:, 1]
        return -jnp.sum(jax.scipy.stats.nbinom.logpmf(in_bed, p[3], p[3] / (p[3] + mean)))

    return (
        names["surprise"],
        np.log([2.0, 0.5, 1e-3, 20.0]),
        {
            "dualrev": dr.grad(names["surprise"]),
            "autograd, odeint": autograd.grad(by_autograd),
            "JAX with diffrax, compiled": jitted(jax.grad(by_jax)),
            "differences": lambda x: approx_fprime(x, names["surprise"]),
        },
    )


def _likelihood(law, by_hand):
    """The Hessian of one law's likelihood; `by_hand(np)` answers logpdf and logsf for others."""
    import autograd

    names = run("likelihood", first=1)

    def surprise(p):
        return names["surprise"](p, getattr(names["stats"], law))

    gradient = dr.grad(surprise)
    jax, jnp = with_jax()

    def same(module):
        (f,) = in_other_words("likelihood", names, "surprise", np=module)
        return lambda p: f(p, by_hand(module))

    x = np.array([2.2, 1.2, 0.3])
    return (
        surprise,
        x,
        {
            "dualrev": dr.hessian(surprise),
            "dualrev, compiled": dr.compile(dr.hessian(surprise)),
            "autograd": autograd.hessian(same(autograd.numpy))
            if law == "weibull_min"
            else "no derivative of the incomplete gamma function by its parameter",
            "JAX, compiled": jitted(jax.hessian(same(jnp)))
            if law == "weibull_min"
            else "no second derivative of it by its parameter",
            "differences of gradients": lambda x: approx_derivative(gradient, x),
        },
    )


class _Weibull:
    """Which neither peer has."""

    def __init__(self, np):
        self.np = np

    def logsf(self, t, c, scale):
        return -((t / scale) ** c)

    def logpdf(self, t, c, scale):
        return self.np.log(c / scale) + (c - 1) * self.np.log(t / scale) - (t / scale) ** c


def weibull():
    """Hessian of the likelihood, Weibull's law"""
    return _likelihood("weibull_min", _Weibull)


def gamma():
    """Hessian of the likelihood, gamma law"""
    return _likelihood("gamma", lambda np: with_jax()[0].scipy.stats.gamma)


def _process(autograd_of, jax_of, dualrev_of):
    import autograd
    import autograd.scipy.linalg

    names = run("gaussian-process", first=1)
    jax, jnp = with_jax()

    def same(module, **meanings):
        functions = "kernel", "fitted", "surprise"
        return in_other_words("gaussian-process", names, *functions, np=module, **meanings)[2]

    def cho_solve(factor, b):
        solve = autograd.scipy.linalg.solve_triangular
        return solve(factor[0], solve(factor[0], b, lower=True), trans="T", lower=True)

    by_autograd = same(
        autograd.numpy,
        cho_factor=lambda a, lower: (autograd.numpy.linalg.cholesky(a), lower),
        cho_solve=cho_solve,
    )
    linalg = jax.scipy.linalg
    by_jax = same(jnp, cho_factor=linalg.cho_factor, cho_solve=linalg.cho_solve)
    x = np.log([0.1, 1.0, 0.2, 10.0, 1.0, 0.03])
    return (
        names["surprise"],
        x,
        {
            "dualrev": dualrev_of(names["surprise"]),
            "dualrev, compiled": dr.compile(dualrev_of(names["surprise"])),
            "autograd": autograd_of(by_autograd),
            "JAX, compiled": jitted(jax_of(by_jax)),
        },
    )


def process():
    """Gradient of the marginal likelihood by 6 parameters"""
    import autograd

    surprise, x, calls = _process(autograd.grad, with_jax()[0].grad, dr.grad)
    return surprise, x, calls | {"differences": lambda x: approx_fprime(x, surprise)}


def process_hessian():
    """Hessian of the marginal likelihood by 6 parameters"""
    import autograd

    surprise, x, calls = _process(autograd.hessian, with_jax()[0].hessian, dr.hessian)
    gradient = dr.grad(surprise)
    return (
        surprise,
        x,
        calls | {"differences of gradients": lambda x: approx_derivative(gradient, x)},
    )


def image():
    """Gradient of the loss by 25 600 pixels"""
    import autograd
    import autograd.scipy.signal

    names = run("image", first=1)
    jax, jnp = with_jax()
    loss, taken = names["loss"], names["taken"]
    around = np.pad(np.arange(160), 5, mode="symmetric")

    def same(module, signal):
        def convolve(picture, shake):
            return signal.convolve(picture[around][:, around], shake, mode="valid")

        return in_other_words("image", names, "loss", np=module, convolve=convolve)[0]

    return (
        loss,
        taken,
        {
            "dualrev": dr.grad(loss),
            "dualrev, compiled": dr.compile(dr.grad(loss)),
            "autograd": autograd.grad(same(autograd.numpy, autograd.scipy.signal)),
            "JAX, compiled": jitted(jax.grad(same(jnp, jax.scipy.signal))),
            "differences": taken.size + 1,
        },
    )


#: The tables of each page.
TABLES = {
    "thin-film": (thin_film, thin_film_hessian),
    "equilibrium": (equilibrium,),
    "sparse-pde": (sparse_pde,),
    "robot-arm": (robot_arm,),
    "ode-fit": (ode_fit,),
    "likelihood": (weibull, gamma),
    "gaussian-process": (process, process_hessian),
    "image": (image,),
}


def dense(answer):
    """Numbers to compare."""
    return np.asarray(answer.toarray() if hasattr(answer, "toarray") else answer)


def measured(table):
    """The rows of a table: contender, milliseconds, evaluations of the function, off by, first calls."""
    function, x, contenders = table()
    own = next(iter(contenders.values()))
    expected = dense(own(x))
    calls, first, off = {"the function alone": lambda: function(x)}, {}, {}
    for label, derivative in contenders.items():
        if callable(derivative):
            calls[label] = lambda derivative=derivative: derivative(x)
            begun = time.process_time()
            calls[label]()
            calls[label]()  # dualrev records the first call, and replays the second
            first[label] = time.process_time() - begun
            error = np.max(np.abs(dense(calls[label]()) - expected)) / np.max(np.abs(expected))
            assert error < 1e-3, (label, error)
            power = f"{error:.0e}".replace("-", "\N{NON-BREAKING HYPHEN}") if error else "0"
            off[label] = "" if derivative is own else power
    times = {label: median(ts) for label, ts in interleaved(calls).items()}
    base = times["the function alone"]
    rows = []
    for label in ("the function alone", *contenders):
        if label in times:
            compile_seconds = f"{first[label]:.1f}" if "compiled" in label else ""
            took = times[label]
            rows.append((label, took, took / base, off.get(label, ""), compile_seconds))
        elif isinstance(contenders[label], int):
            count = contenders[label]
            rows.append((f"{label}, not run", count * base, count, "", ""))
        else:
            rows.append((label, None, None, contenders[label], ""))
    return rows


def written(table, rows):
    """A table in markdown."""
    heads = [table.__doc__, "ms", "evaluations", "off by", "first two calls, s"]
    lines = [f"| {' | '.join(heads)} |", "|---|---:|---:|---:|---:|"]
    for label, took, ratio, off, first in rows:
        if took is None:
            lines.append(f"| {label}: {off} | | | | |")
        else:
            times = short(1e3 * took, 3), short(ratio) if isinstance(ratio, float) else ratio
            lines.append(f"| {label} | {times[0]} | {times[1]} | {off} | {first} |")
    return lines


def main(argv=None):
    """Measure each table in a process of its own, and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", nargs="*", help="only these")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    arguments = parser.parse_args(argv)
    if arguments.measure:
        page, number = arguments.measure.split(":")
        print(json.dumps(measured(TABLES[page][int(number)])))
        return
    lines = [f"{machine()}, diffrax {version('diffrax')}."]
    for page, tables in TABLES.items():
        if arguments.pages and page not in arguments.pages:
            continue
        lines += ["", f"<!-- {page} -->"]
        for number, table in enumerate(tables):
            command = [sys.executable, "-m", "tests.speed.gallery", "--measure", f"{page}:{number}"]
            environment = os.environ | dict.fromkeys(THREADS, "1") | {"JAX_PLATFORMS": "cpu"}
            done = subprocess.run(command, capture_output=True, text=True, env=environment)
            if done.returncode:
                sys.exit(f"{page} failed: {done.stderr.strip()[-2000:]}")
            lines += ["", *written(table, json.loads(done.stdout.splitlines()[-1]))]
            print("\n".join(lines[-8:]), file=sys.stderr, flush=True)
        lines += ["", f"<!-- end of {page} -->"]
    print("\n".join(lines))


if __name__ == "__main__":
    main()
