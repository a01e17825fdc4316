"""The table of docs/reference/speed.md: what value and gradient cost beside the function itself.

``python -m tests.speed.functions > docs/reference/speed.md`` measures for some minutes; autograd and
JAX take part where they are installed.  Elementwise functions take their arguments from the table of
cases, repeated to a million elements.
"""

import contextlib
import importlib
import signal
import sys
import time
import warnings
from statistics import median

import numpy as np

import dualrev as dr
from tests.cases import all_cases

N = 10**6
LIMIT = 6.0
# A function that takes longer (seconds) computes more than it moves: a tenth of the elements says
# the same.
SLOW = 0.05
PEERS = {
    "autograd": {"numpy": "autograd.numpy", "scipy": "autograd.scipy"},
    "JAX": {"numpy": "jax.numpy", "scipy": "jax.scipy"},
}
rng = np.random.default_rng(0)
SQUARE = rng.standard_normal((500, 500))
SPD = SQUARE @ SQUARE.T / 500 + np.eye(500)
DOMINANT = SQUARE + 50 * np.eye(500)
SYMMETRIC = SQUARE + SQUARE.T
VECTOR = rng.standard_normal(N)
POSITIVE = rng.uniform(0.2, 0.9, N)
MATRIX = rng.standard_normal((1000, 1000))
SIGNAL = rng.standard_normal(2**20)
IMAGE = rng.standard_normal((1024, 1024))
RHS = rng.standard_normal((500, 50))
GRID = np.linspace(0.0, 1.0, 1000)
WHOLE = rng.permutation(N)

_STRUVE = "its derivative is a Struve function, which SciPy computes far more slowly than it"
_INCOMPLETE = "the derivative by the parameters is a quadrature of its own, exact to 1e-11"
_CARLSON = "each partial is a combination of two or three other Carlson integrals"
_ORDER = "the derivative by the order is an integral along a contour"
_SERIES = "the derivatives by the parameters are series, or integrals, of their own"
_DEGREE = "the derivatives by the degree and the parameters are those of a hypergeometric function"
_FADDEEVA = "its slope is Faddeeva's, which keeps its digits where that by the value cancels"
_READ_ONCE = "the function reads its arguments once, and the gradient writes as many numbers"
WHY = {
    "numpy.partition": "the order that led to the answer is found by two sorts",
    "numpy.linalg.norm": _READ_ONCE,
    "numpy.vecdot": _READ_ONCE,
    "numpy.unique": "NumPy finds the values by their hashes; where each stood is found by a sort",
    "numpy.diagonal": "a view costs nothing; the gradient fills a matrix",
    "numpy.linalg.det": "an inverse is four factorizations",
    "numpy.linalg.slogdet": "an inverse is four factorizations",
    "numpy.linalg.cholesky": "the pull is two triangular solves and two products of full matrices",
    "scipy.linalg.cholesky": "the pull is two triangular solves and two products of full matrices",
    "scipy.linalg.expm": "the Frechet derivative takes three exponentials, in SciPy without threads",
    "scipy.linalg.logm": "the logarithm of a block matrix of twice the size",
    "scipy.special.exprel": "its derivative is a confluent hypergeometric function, exact at 0",
    "scipy.special.struve": _STRUVE,
    "scipy.special.itstruve0": _STRUVE,
    "scipy.special.it2struve0": _STRUVE,
    "scipy.special.itmodstruve0": _STRUVE,
    **dict.fromkeys(
        [f"scipy.special.{name}" for name in ("betainc", "fdtr", "fdtrc", "stdtr", "stdtrit")],
        _INCOMPLETE,
    ),
    **dict.fromkeys(
        [f"scipy.special.{name}" for name in ("gammainc", "gammaincc", "gdtr", "gdtrc")],
        _INCOMPLETE,
    ),
    **dict.fromkeys(
        [f"scipy.special.{name}" for name in ("elliprc", "elliprd", "elliprj")], _CARLSON
    ),
    **{
        f"scipy.special.{name}": why
        for names, why in (
            ("jv yv iv ive kv kve hankel1 hankel1e hankel2 hankel2e", _ORDER),
            ("hyp0f1 hyp1f1 hyp2f1 hyperu wright_bessel log_wright_bessel", _SERIES),
            ("jacobi sh_jacobi gegenbauer genlaguerre legendre chebyu", _DEGREE),
            ("erfcx dawsn", _FADDEEVA),
        )
        for name in (f"eval_{n}" if why is _DEGREE else n for n in names.split())
    },
}

# function, arrays to differentiate by, how it is called where that is not f(*arrays)
ROWS = [
    ("numpy.sum", [VECTOR]),
    ("numpy.sum", [MATRIX], lambda f, x: f(x, axis=0)),
    ("numpy.mean", [MATRIX], lambda f, x: f(x, axis=1)),
    ("numpy.prod", [1 + 1e-6 * VECTOR]),
    ("numpy.var", [VECTOR]),
    ("numpy.std", [MATRIX], lambda f, x: f(x, axis=0)),
    ("numpy.max", [VECTOR]),
    ("numpy.max", [MATRIX], lambda f, x: f(x, axis=1)),
    ("numpy.min", [VECTOR]),
    ("numpy.ptp", [VECTOR]),
    ("numpy.median", [VECTOR]),
    ("numpy.quantile", [VECTOR], lambda f, x: f(x, 0.3)),
    ("numpy.average", [VECTOR, POSITIVE], lambda f, x, w: f(x, weights=w)),
    ("numpy.nansum", [VECTOR]),
    ("numpy.nanmean", [VECTOR]),
    ("numpy.cumsum", [VECTOR]),
    ("numpy.cumsum", [MATRIX], lambda f, x: f(x, axis=1)),
    ("numpy.cumprod", [1 + 1e-6 * VECTOR]),
    ("numpy.logaddexp.reduce", [VECTOR]),
    ("numpy.diff", [VECTOR]),
    ("numpy.gradient", [VECTOR]),
    ("numpy.trapezoid", [VECTOR]),
    ("numpy.interp", [POSITIVE], lambda f, x: f(x, GRID, GRID**2)),
    ("numpy.convolve", [VECTOR, VECTOR[:50]]),
    ("numpy.sort", [VECTOR]),
    ("numpy.sort", [MATRIX], lambda f, x: f(x, axis=0)),
    ("numpy.partition", [VECTOR], lambda f, x: f(x, 1000)),
    ("numpy.unique", [VECTOR]),
    ("numpy.reshape", [MATRIX], lambda f, x: f(x, (100, 10000)) * 1.0),
    ("numpy.transpose", [MATRIX], lambda f, x: f(x) * 1.0),
    ("numpy.concatenate", [VECTOR, VECTOR], lambda f, x, y: f((x, y))),
    ("numpy.stack", [VECTOR, VECTOR], lambda f, x, y: f((x, y), axis=1)),
    ("numpy.tile", [VECTOR[:1000]], lambda f, x: f(x, 1000)),
    ("numpy.repeat", [VECTOR[:1000]], lambda f, x: f(x, 1000)),
    ("numpy.roll", [VECTOR], lambda f, x: f(x, 7)),
    ("numpy.flip", [VECTOR], lambda f, x: f(x) * 1.0),
    ("numpy.pad", [MATRIX], lambda f, x: f(x, 2)),
    ("numpy.take", [VECTOR], lambda f, x: f(x, WHOLE)),
    ("numpy.where", [VECTOR, POSITIVE], lambda f, x, y: f(x > 0, x, y)),
    ("numpy.clip", [VECTOR], lambda f, x: f(x, -0.5, 0.5)),
    ("numpy.nan_to_num", [VECTOR]),
    ("numpy.tril", [MATRIX]),
    ("numpy.diagonal", [MATRIX], lambda f, x: f(x) * 1.0),
    ("numpy.outer", [VECTOR[:1000], VECTOR[1000:2000]]),
    ("numpy.kron", [SQUARE[:50, :50], SQUARE[50:70, :20]]),
    ("numpy.cross", [VECTOR[: 3 * 333333].reshape(-1, 3), POSITIVE[: 3 * 333333].reshape(-1, 3)]),
    ("numpy.cov", [MATRIX[:50]]),
    ("numpy.dot", [VECTOR, POSITIVE]),
    ("numpy.matmul", [SQUARE, SPD]),
    ("numpy.einsum", [SQUARE, SPD], lambda f, a, b: f("ij,jk->ik", a, b, optimize=True)),
    ("numpy.tensordot", [SQUARE, SPD], lambda f, a, b: f(a, b, axes=1)),
    ("numpy.vecdot", [MATRIX, MATRIX + 1]),
    ("numpy.fft.fft", [SIGNAL]),
    ("numpy.fft.rfft", [SIGNAL]),
    ("numpy.fft.fft2", [IMAGE]),
    ("numpy.linalg.norm", [VECTOR]),
    ("numpy.linalg.norm", [MATRIX], lambda f, x: f(x, axis=1)),
    ("numpy.linalg.solve", [DOMINANT, RHS]),
    ("numpy.linalg.inv", [DOMINANT]),
    ("numpy.linalg.det", [DOMINANT / 50]),
    ("numpy.linalg.slogdet", [DOMINANT], lambda f, a: f(a)[1]),
    ("numpy.linalg.cholesky", [SPD]),
    ("numpy.linalg.eigh", [SYMMETRIC], lambda f, a: f(a)[1]),
    ("numpy.linalg.eigvalsh", [SYMMETRIC]),
    ("numpy.linalg.svd", [SQUARE], lambda f, a: f(a)[0]),
    ("numpy.linalg.svdvals", [SQUARE]),
    ("numpy.linalg.qr", [SQUARE], lambda f, a: f(a)[1]),
    ("numpy.linalg.pinv", [DOMINANT]),
    ("numpy.linalg.lstsq", [np.vstack([DOMINANT, SQUARE]), np.vstack([RHS, RHS])],
     lambda f, a, b: f(a, b, rcond=None)[0]),
    ("numpy.linalg.matrix_power", [SQUARE / 30], lambda f, a: f(a, 5)),
    ("scipy.linalg.solve", [DOMINANT, RHS]),
    ("scipy.linalg.expm", [SQUARE / 100]),
    ("scipy.linalg.sqrtm", [SPD]),
    ("scipy.linalg.logm", [SPD[:200, :200]]),
    ("scipy.linalg.solve_triangular", [np.tril(DOMINANT), RHS], lambda f, a, b: f(a, b, lower=True)),
    ("scipy.linalg.cholesky", [SPD]),
    ("scipy.linalg.qr", [SQUARE], lambda f, a: f(a)[1]),
    ("scipy.linalg.svd", [SQUARE], lambda f, a: f(a)[0]),
    ("scipy.linalg.lu", [DOMINANT], lambda f, a: f(a)[2]),
    ("scipy.linalg.eigh", [SYMMETRIC, SPD], lambda f, a, b: f(a, b)[0]),
    ("scipy.linalg.solve_sylvester", [DOMINANT[:200, :200], SPD[:200, :200], SQUARE[:200, :200]]),
    ("scipy.linalg.toeplitz", [VECTOR[:1000]]),
    ("scipy.fft.fft", [SIGNAL]),
    ("scipy.fft.dct", [SIGNAL]),
    ("scipy.signal.fftconvolve", [VECTOR, VECTOR[:500]]),
    ("scipy.signal.lfilter", [np.array([0.1, 0.2]), np.array([1.0, -0.5]), VECTOR]),
    ("scipy.signal.sosfilt", [VECTOR], lambda f, x: f([[0.1, 0.2, 0.1, 1.0, -0.5, 0.2]], x)),
    ("scipy.signal.savgol_filter", [VECTOR], lambda f, x: f(x, 11, 3)),
    ("scipy.signal.detrend", [VECTOR]),
    ("scipy.signal.resample", [SIGNAL], lambda f, x: f(x, 2**19)),
    ("scipy.ndimage.gaussian_filter", [IMAGE], lambda f, x: f(x, 2.0)),
    ("scipy.ndimage.uniform_filter", [IMAGE], lambda f, x: f(x, 5)),
    ("scipy.ndimage.convolve", [IMAGE, IMAGE[:5, :5]]),
    ("scipy.ndimage.map_coordinates", [IMAGE, 1000 * rng.random((2, 10**5))]),
    ("scipy.ndimage.zoom", [IMAGE[:256, :256]], lambda f, x: f(x, 2.0)),
    ("scipy.interpolate.CubicSpline", [GRID**2, POSITIVE], lambda f, y, x: f(GRID, y)(x)),
    ("scipy.interpolate.PchipInterpolator", [GRID**2, POSITIVE], lambda f, y, x: f(GRID, y)(x)),
    ("scipy.integrate.trapezoid", [VECTOR]),
    ("scipy.integrate.simpson", [VECTOR]),
    ("scipy.integrate.cumulative_trapezoid", [VECTOR]),
    ("scipy.spatial.distance.cdist", [MATRIX[:, :3], MATRIX[:, 3:6]]),
    ("scipy.spatial.distance.pdist", [MATRIX[:, :3]]),
    ("scipy.special.logsumexp", [VECTOR]),
    ("scipy.special.softmax", [VECTOR]),
    ("scipy.stats.norm.logpdf", [VECTOR, np.array(0.3), np.array(1.2)]),
    ("scipy.stats.gamma.logpdf", [POSITIVE, np.array(2.0)]),
    ("scipy.stats.t.logpdf", [VECTOR, np.array(4.0)]),
    ("scipy.stats.beta.logpdf", [POSITIVE, np.array(2.0), np.array(3.0)]),
    ("scipy.stats.poisson.logpmf", [np.array(4.0)], lambda f, mu: f(np.arange(1000), mu)),
]  # fmt: skip


def elementwise_rows():
    """One row for each ufunc of the table of cases, on its sample arguments repeated."""
    rows = {}
    for case in all_cases():
        function = case.function
        if isinstance(function, np.ufunc) and function.nout == 1 and function not in rows:
            if function.signature is None and len(case.args) == function.nin:
                name = function.__name__
                module = "numpy" if getattr(np, name, None) is function else "scipy.special"
                args = [np.resize(x, N) for x in case.args]
                start = time.perf_counter()
                function(*args)
                if time.perf_counter() - start > SLOW:
                    args = [x[: N // 10] for x in args]
                rows[function] = (f"{module}.{name}", args)
    return sorted(rows.values(), key=lambda row: row[0])


def found(path):
    """What a dotted path names; None where it is not installed."""
    parts = path.split(".")
    for i in range(len(parts), 0, -1):
        try:
            place = importlib.import_module(".".join(parts[:i]))
        except ImportError:
            continue
        for name in parts[i:]:
            place = getattr(place, name, None)
        return place
    return None


def dualrevs(f, args):
    """Value and gradient by dualrev."""
    both = dr.value_and_grad(f, argnums=tuple(range(len(args))))
    return lambda: both(*args)


def autograds(f, args):
    """Value and gradient by autograd."""
    from autograd import value_and_grad

    both = value_and_grad(f, argnum=tuple(range(len(args))))
    return lambda: both(*args)


def jaxs(f, args):
    """Value and gradient by JAX, compiled."""
    import jax

    jax.config.update("jax_enable_x64", True)
    args = [jax.numpy.asarray(x) for x in args]
    both = jax.jit(jax.value_and_grad(f, argnums=tuple(range(len(args)))))
    return lambda: jax.block_until_ready(both(*args))


CALLS = {"autograd": autograds, "JAX": jaxs}


@contextlib.contextmanager
def time_limit(limit):
    """Give up after some seconds: autograd takes some functions apart element by element."""

    def give_up(number, frame):
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(limit)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def seconds(calls, budget=1.0):
    """Median seconds of each of several calls, measured in turn."""
    times = {name: [] for name in calls}
    for call in calls.values():
        call()
    start = time.perf_counter()
    while len(next(iter(times.values()))) < 3 or (
        time.perf_counter() - start < budget and len(next(iter(times.values()))) < 15
    ):
        for name, call in calls.items():
            begin = time.perf_counter()
            call()
            times[name].append(time.perf_counter() - begin)
    return {name: median(ts) for name, ts in times.items()}


def summed(function, use=None):
    """The sum of the function's elements, as a function of the arrays."""

    def f(*xs):
        ans = function(*xs) if use is None else use(function, *xs)
        if ans.dtype.kind == "c":
            ans = ans.real + ans.imag
        return ans.sum() if ans.ndim else ans

    return f


def contenders(path, args, use=None):
    """The calls to time, by name: the function itself, its gradient by dualrev."""
    plain = found(path)
    twin = path.startswith("scipy") and not isinstance(plain, np.ufunc)
    ours = found(f"dualrev.{path}") if twin else plain
    f = summed(plain, use)
    return {"NumPy": lambda: f(*args), "dualrev": dualrevs(summed(ours, use), args)}


def shapes(args):
    """The shapes of arrays, as the table shows them."""
    return ", ".join("x".join(map(str, x.shape)) for x in args)


def measured(path, args, use=None):
    """``(milliseconds of the function, {contender: ratio})``."""
    calls = contenders(path, args, use)
    for peer, roots in PEERS.items():
        root = path.partition(".")[0]
        function = found(path.replace(root, roots[root], 1))
        if function is not None:
            try:
                with time_limit(10):
                    call = CALLS[peer](summed(function, use), args)
                    call()
            except Exception:
                continue
            calls[peer] = call
    times = seconds(calls)
    base = times.pop("NumPy")
    return base * 1e3, {name: t / base for name, t in times.items()}


def table(rows):
    """The measured rows, printed as markdown while they come; answered for the summary."""
    print("| function | shapes | function itself, ms | dualrev | autograd | JAX compiled |")
    print("|---|---|---|---|---|---|")
    results = []
    for path, args, *use in rows:
        base, ratios = measured(path, args, *use)
        cells = [f"{ratios[n]:.1f}" if n in ratios else "" for n in ("dualrev", "autograd", "JAX")]
        print(f"| `{path}` | {shapes(args)} | {base:.2f} | " + " | ".join(cells) + " |", flush=True)
        results.append((ratios, path))
    return results


def summary(results):
    """The medians, and what is above the limit, the worst first, each with the reason."""
    half = median(ratios["dualrev"] for ratios, _ in results)
    lines = ["\n## In all\n", f"The median of the {len(results)} rows is {half:.1f}."]
    for peer in PEERS:
        both = [ratios for ratios, _ in results if peer in ratios]
        if both:
            ours, theirs = (median(r[name] for r in both) for name in ("dualrev", peer))
            lines.append(
                f"Of the {len(both)} that {peer} has it is {ours:.1f}, {peer}'s {theirs:.1f}."
            )
    over = sorted(
        ((r["dualrev"], path) for r, path in results if r["dualrev"] > LIMIT), reverse=True
    )
    lines += [f"\n## Above {LIMIT:g}\n", f"{len(over)} of {len(results)} rows, the worst first.\n"]
    lines += ["| ratio | function | why |", "|---|---|---|"]
    lines += [f"| {ratio:.1f} | `{path}` | {WHY.get(path, '')} |" for ratio, path in over]
    return "\n".join(lines)


def main(only=""):
    """Print the page."""
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    print("# What a gradient costs\n")
    print(
        "The sum of the function's elements and its gradient by every array argument, in multiples of "
        "the time of the sum alone by\nNumPy or SciPy: medians of interleaved rounds, memory kept "
        "(`dualrev.keep_memory`). An empty cell: the peer has no such function, or fails. "
        "[Medians](#in-all) of all are at the end, and\n[what is above 6](#above-6), with the reasons. "
        "`python -m tests.speed.functions` prints the page.\n"
    )
    dr.keep_memory(2**32)
    results = []
    for title, rows in (("Functions of arrays", ROWS), ("Elementwise", elementwise_rows())):
        chosen = [row for row in rows if only in row[0]]
        if chosen:
            print(f"\n## {title}\n")
            results += table(chosen)
    print(summary(results))


if __name__ == "__main__":
    main(*sys.argv[1:])
