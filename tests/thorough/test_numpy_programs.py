"""Random programs of NumPy's functions, at regular and at special points, in every nesting.

Two to four steps each: functions drawn with their options from tests/cases,
arithmetic, writes, indexing, where, reductions.  Each program runs at a regular point and at points
with zeros, ones, equal elements and rows, tiny and large numbers, singular and unit matrices; real and
complex.  The first derivative by both modes and by differences, the second by all four nestings,
hvp, hessian and differences of the gradient are one number, or say that they are none.  600 programs
of fixed seeds, about ten minutes.
"""

import re

import numpy as np
import pytest

from tests.cases import all_cases
from tests.thorough.agreement import COUNTS, disagreements, finite_share

pytestmark = pytest.mark.filterwarnings("ignore")

#: Left of 0 SciPy's values of modfresnelm and modfresnelp are not the integrals that they are to be.
WRONG_IN_SCIPY = ("modfresnelm", "modfresnelp")
CASES = [
    c
    for c in all_cases()
    if c.args
    and not (getattr(c.function, "__module__", "") or "").startswith("dualrev")
    and getattr(c.function, "__name__", "") not in WRONG_IN_SCIPY
]


# --------------------------------------------------------------------------------- drawing a program


def is_complex(x):
    """Also of a traced one."""
    return x.dtype.kind == "c"


def fitted(y, sample, way):
    """An array of the shape and kind of the sample, made of the elements of y."""
    if not is_complex(sample):
        y = np.real(y)
    y = np.reshape(y, -1)
    r = np.reshape(y[np.arange(sample.size) % y.size], sample.shape)
    square = sample.ndim > 1 and sample.shape[-1] == sample.shape[-2]
    match way:
        case "near":
            r = np.where(np.isfinite(sample), sample + 0.1 * np.sin(r), sample)
        case "times":
            r = sample * r
        case "square":
            r = r * r
        case "symmetric" if square:
            r = r + np.conj(np.swapaxes(r, -1, -2))
        case "gram" if square:
            r = r @ np.conj(np.swapaxes(r, -1, -2))
        case "diagonal" if square:
            r = r * np.eye(sample.shape[-1])
    return r[()]


WAYS = ["near", "near", "itself", "itself", "times", "square", "symmetric", "gram", "diagonal"]


def called(rng):
    """A function of the table: some of its arrays are made of the last two results."""
    case = CASES[rng.integers(len(CASES))]
    samples = case.args
    plan = [(WAYS[rng.integers(len(WAYS))], rng.integers(1, 3)) for _ in samples]
    held = [rng.random() < 0.3 for _ in samples]
    held[rng.integers(len(samples))] = False

    def step(pool):
        leaves = [
            np.copy(s)[()] if h else fitted(pool[-min(back, len(pool))], s, way)
            for s, h, (way, back) in zip(samples, held, plan)
        ]
        ans = case.call(*leaves)
        parts = ans if isinstance(ans, tuple | list) else [ans]
        parts = [
            np.reshape(a, -1) for a in parts if getattr(a, "dtype", np.dtype(int)).kind in "fc"
        ]
        if not parts:
            raise TypeError(
                "integers, or an object array of traced numbers that the row leaves out"
            )
        return np.concatenate(parts)[:12] if len(parts) > 1 else parts[0][:12]

    return step, f"{case} by {[w if not h else '-' for (w, _), h in zip(plan, held)]}"


UNARY = {
    "abs": np.abs,
    "abs**2": lambda x: np.abs(x) ** 2,
    "sqrt of square": lambda x: np.sqrt(np.real(x * np.conj(x))),
    "square": np.square,
    "cube": lambda x: x**3,
    "reciprocal": lambda x: 1 / x,
    "sqrt": np.sqrt,
    "exp": np.exp,
    "log1p of exp": lambda x: np.log1p(np.exp(x)),
    "log": np.log,
    "x log x": lambda x: x * np.log(x),
    "tanh": np.tanh,
    "sin": np.sin,
    "sinc": np.sinc,
    "power": lambda x: x**1.5,
    "power of itself": lambda x: x**x,
    "softmax": lambda x: np.exp(x) / np.sum(np.exp(x)),
    "shifted softmax": lambda x: np.exp(x - np.max(np.real(x))),
    "unit": lambda x: x / np.linalg.norm(x),
    "whitened": lambda x: (x - np.mean(x)) / np.std(x),
    "minus mean": lambda x: x - np.mean(x),
    "safe sqrt": lambda x: np.where(np.real(x) > 0, np.sqrt(x), 0),
    "safe reciprocal": lambda x: np.where(x != 0, 1 / x, 0),
    "safe log": lambda x: np.where(np.real(x) > 0, np.log(x), x),
    "relu": lambda x: np.where(np.real(x) > 0, x, 0),
    "clip": lambda x: np.clip(np.real(x), -1.0, 1.0),
    "sorted": lambda x: np.sort(np.real(x), axis=-1),
    "reverse": lambda x: x[..., ::-1],
    "repeated index": lambda x: np.reshape(x, -1)[[0, 0, -1]],
    "mask": lambda x: x[np.real(x) >= 0],
    "doubled": lambda x: np.concatenate([np.reshape(x, -1), np.reshape(x, -1)]),
    "outer": lambda x: np.outer(x, x),
    "diag": lambda x: np.diag(np.reshape(x, -1)),
    "real": np.real,
    "imag": np.imag,
    "angle": np.angle,
    "to complex": lambda x: x + 1j * np.flip(x),
    "cumprod": lambda x: np.cumprod(x),
    "prod": np.prod,
    "norm": np.linalg.norm,
    "max": lambda x: np.max(np.real(x)),
    "var": np.var,
    "std": np.std,
    "sum": np.sum,
    "median": lambda x: np.median(np.real(x)),
    "ptp": lambda x: np.ptp(np.real(x)),
    "logaddexp.reduce": lambda x: np.logaddexp.reduce(np.reshape(np.real(x), -1)),
}
BINARY = {
    "add": np.add,
    "subtract": np.subtract,
    "multiply": np.multiply,
    "divide": np.divide,
    "power": np.power,
    "hypot": lambda x, y: np.hypot(np.real(x), np.real(y)),
    "arctan2": lambda x, y: np.arctan2(np.real(x), np.real(y)),
    "maximum": lambda x, y: np.maximum(np.real(x), np.real(y)),
    "logaddexp": lambda x, y: np.logaddexp(np.real(x), np.real(y)),
    "where": lambda x, y: np.where(np.real(x) > np.real(y), x, y),
    "float_power": np.float_power,
    "x log y": lambda x, y: np.where(x == 0, 0, x * np.log(y)),
}


def unary(rng):
    name = list(UNARY)[rng.integers(len(UNARY))]
    return lambda pool: UNARY[name](pool[-1]), name


def binary(rng):
    name, back = list(BINARY)[rng.integers(len(BINARY))], rng.integers(1, 4)

    def step(pool):
        x, y = pool[-1], pool[-min(back, len(pool))]
        return BINARY[name](x, fitted(y, x, "itself"))

    return step, f"{name} -{back}"


def written(rng):
    """A write into a copy of the last result, of what was computed before."""
    index = [0, -1, slice(1, None), slice(None, None, -2), [0, 0], Ellipsis][rng.integers(6)]
    way, back = rng.integers(4), rng.integers(1, 4)

    def step(pool):
        x, y = np.reshape(pool[-1], -1) * 1, np.sum(pool[-min(back, len(pool))])
        if not is_complex(x):
            y = np.real(y)
        match way:
            case 0:
                x[index] = y
            case 1:
                x[index] *= y
            case 2:
                x[index] -= x[0] * y
            case 3:
                x[x < y if not is_complex(x) else index] = y**2
        return x * np.reshape(pool[-1], -1)

    return step, f"write {way} at {index} -{back}"


#: At ties they choose: the choice is documented, and differences may see a function that is smooth.
CHOICES = re.compile(
    "max|min|median|quantile|percentile|sort|partition|clip|ptp|where|relu|safe|unwrap|mask|unique"
    "|write 3|round|rint|floor|ceil|trunc|sign|digitize|histogram|bin|interp|inf|eig|svd|cond|norm"
    "|abs|hypot|std|whitened|searchsorted|piecewise|select|mod|remainder|fix|spacing|nextafter|frexp|trim|extract|rank"
)


class Program:
    """Steps over a growing pool of results, the first of them the argument."""

    def __init__(self, rng):
        kinds = [called, called, called, unary, unary, binary, written]
        drawn = [kinds[rng.integers(len(kinds))](rng) for _ in range(rng.integers(2, 5))]
        self.steps, self.names = zip(*drawn)

    def __call__(self, x):
        pool = [x]
        for step in self.steps:
            pool.append(step(pool))
        return pool[-1]

    def __str__(self):
        return "; ".join(self.names)


# ------------------------------------------------------------------------------------------ points


def points(rng):
    """Arguments of one shape, the first regular."""
    shape = [(3,), (4,), (2, 2), (3, 3), (2, 3), (1,)][rng.integers(6)]
    x = rng.uniform(0.3, 1.7, shape) * rng.choice([-1.0, 1.0, 1.0], shape)
    if rng.random() < 0.2:
        x = x + 1j * rng.uniform(-1, 1, shape)
    yield "regular", x
    for name, value in {
        "0": 0,
        "1": 1,
        "-1": -1,
        "small": 1e-3,
        "tiny": 1e-200,
        "large": 1e3,
    }.items():
        special = x.copy()
        special.flat[rng.integers(x.size)] = value
        # Derivatives of complex quotients by 1e-200 have parts of 1e200, of which no digit is known.
        if not (is_complex(x) and name == "tiny"):
            yield name, special
    yield "zeros", np.zeros_like(x)
    yield "equal", np.full_like(x, x.flat[0])
    special = x.copy()
    special[-1] = special[0]
    yield "repeated", special
    special = np.zeros_like(x)
    special.flat[0] = x.flat[0]
    yield "one not 0", special
    if x.ndim == 2:
        yield "identity", np.eye(*shape, dtype=x.dtype)
        yield "rank 1", np.multiply.outer(x[:, 0], x[0])
        yield "symmetric of rank 1", np.multiply.outer(x[:, 0], np.resize(x[:, 0], shape[1]))


def findings(seed):
    """What one program disagrees in, at each of its points."""
    rng = np.random.default_rng(seed)
    program = Program(rng)
    for name, x in points(rng):
        with np.errstate(all="ignore"):
            try:
                value = program(x.copy())
            except Exception:  # NumPy refuses the program
                COUNTS["programs", "refused"] += 1
                return
        if not np.all(np.isfinite(value)) or np.size(value) == 0:
            COUNTS["programs", "not finite"] += 1
            continue
        COUNTS["programs", "run"] += 1
        smooth = name == "regular" or not CHOICES.search(str(program))
        for found in disagreements(program, (x,), rng, differences=smooth):
            yield str(program), name, *found


@pytest.mark.parametrize("block", range(20))
def test_programs_are_right_or_say_that_they_are_not(block):
    found = []
    for seed in range(30 * block, 30 * block + 30):
        found += [(seed, *f) for f in findings(seed)]
    assert found == []


def test_most_programs_were_differentiated():
    """After the above."""
    assert COUNTS["programs", "run"] > COUNTS["programs", "not finite"]
    assert finite_share("reverse") > 0.5
    assert finite_share("forward over reverse") > 0.5
