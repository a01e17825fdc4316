"""The derivative at every kink, tie and singular point, and the page that shows it.

``python -m tests.edge_values`` writes docs/reference/edge-values.md; a test fails where they differ.
"""

import dataclasses
import operator
import pathlib
from collections.abc import Callable

import numpy as np
from scipy import special

from dualrev.scipy.spatial import distance

PAGE = pathlib.Path(__file__).parent.parent / "docs" / "reference" / "edge-values.md"
INF, NAN, HALF = np.inf, np.nan, 0.5
#: Second derivatives of two variables: none at all, and 0.
NONE, FLAT = [[NAN, NAN], [NAN, NAN]], [[0, 0], [0, 0]]


@dataclasses.dataclass(frozen=True)
class Edge:
    """One row.

    Attributes
    ----------
    name, at : str
        The function and the point, as the page shows them.
    f : callable
        The function, of one argument.
    x : number or list
        The point.
    gradient : number or list
        The derivative there, in both modes.
    note : str
        Why.
    jump : bool
        Whether there are no one-sided slopes for it to lie between: the function jumps there, is nan
        around, or is neither convex nor concave.
    hessian : number or list, optional
        The second derivative there, of shape (n, n) for the n elements of x, known independently of
        our rules; nan where it does not exist.  Without it the four nestings must only agree.
    blind : tuple of str
        The nestings, "outer over inner", that may be nan although it exists.
    """

    name: str
    at: str
    f: Callable
    x: object
    gradient: object
    note: str = ""
    jump: bool = False
    hessian: object = None
    blind: tuple = ()

    def __str__(self):
        return f"{self.name} at {self.at}"


def of(function, *options, **more):
    """The function of the elements of x, one argument each."""
    return lambda x: function(*x, *options, **more)


def weighed(function):
    """The sum of the elements of the answer, times 1, 2, 3, ..."""

    def call(x):
        ans = function(x)
        return np.sum(ans * (1.0 + np.arange(ans.size)).reshape(ans.shape))

    return call


EXTREMA = "equal extrema share equally"
STEP = "a step: its derivative is 0 wherever it has one"
ZERO_OF_NORM = "the middle of the subdifferential, the unit ball"
ORDER = "equal elements keep the order in which NumPy's sort puts them"
UNIQUE = "the derivative exists, also where the formula would divide by 0"
SPECTRUM = "symmetric functions of the spectrum are smooth"
#: Forward over reverse alone knows the direction where it needs it.
ONE_BASIS = ("forward over forward", "reverse over forward", "reverse over reverse")
#: The second derivative of tr((a + a.T)^2) / 8.
SYMMETRIC = [[1, 0, 0, 0], [0, HALF, HALF, 0], [0, HALF, HALF, 0], [0, 0, 0, 1]]

CHAPTERS = {
    "Signs and steps": [
        Edge("abs(x)", "0", abs, 0.0, 0, "the middle of [-1, 1]", hessian=NAN),
        Edge("fabs(x)", "0", np.fabs, 0.0, 0, "the middle of [-1, 1]", hessian=NAN),
        Edge("copysign(x, 1)", "0", lambda x: np.copysign(x, 1.0), 0.0, 0, "abs(x)", hessian=NAN),
        Edge(
            "copysign(x, -1)", "0", lambda x: np.copysign(x, -1.0), 0.0, 0, "-abs(x)", hessian=NAN
        ),
        Edge("sign(x)", "0", np.sign, 0.0, 0, STEP, jump=True, hessian=0),
        Edge("heaviside(x, 0.5)", "0", lambda x: np.heaviside(x, 0.5), 0.0, 0, STEP, jump=True),
        Edge("heaviside(0, h)", "h = 0.5", lambda h: np.heaviside(0.0, h), 0.5, 1, "its value"),
        Edge(
            "floor, ceil, trunc, rint, round",
            "1",
            lambda x: np.floor(x) + np.ceil(x) + np.trunc(x) + np.rint(x) + np.round(x),
            1.0,
            0,
            STEP,
            jump=True,
        ),
        Edge("x // 2", "2", lambda x: x // 2.0, 2.0, 0, STEP, jump=True),
        Edge(
            "x % 2",
            "2",
            lambda x: x % 2.0,
            2.0,
            1,
            "the slope on both sides of the jump",
            jump=True,
        ),
        Edge("5 % y", "y = 2.5", lambda y: 5.0 % y, 2.5, -2, "-floor(5 / y)", jump=True),
        Edge(
            "fmod(x, 2)",
            "-2",
            lambda x: np.fmod(x, 2.0),
            -2.0,
            1,
            "the slope on both sides of the jump",
            jump=True,
        ),
        Edge(
            "modf(x)[0]",
            "1",
            lambda x: np.modf(x)[0],
            1.0,
            1,
            "the slope on both sides of the jump",
            jump=True,
        ),
        Edge(
            "nan_to_num(x)",
            "(nan, inf, 1)",
            lambda x: np.sum(np.nan_to_num(x)),
            [NAN, INF, 1.0],
            [0, 0, 1],
            "what is replaced is constant",
            jump=True,
        ),
        Edge(
            "unwrap(x)[1]",
            "(0, 4)",
            lambda x: np.unwrap(x)[1],
            [0.0, 4.0],
            [0, 1],
            "what is added is constant",
        ),
    ],
    "Ties": [
        *(
            Edge(
                f"{name}(x, y)",
                "x = y",
                of(getattr(np, name)),
                [2.0, 2.0],
                [HALF, HALF],
                EXTREMA,
                hessian=FLAT,
            )
            for name in ("maximum", "minimum", "fmax", "fmin")
        ),
        Edge("maximum(x, 0)", "0", lambda x: np.maximum(x, 0.0), 0.0, HALF, EXTREMA, hessian=0),
        Edge("maximum(nan, x)", "1", lambda x: np.fmax(np.nan, x), 1.0, 1, "fmax ignores nan"),
        Edge("max(x)", "(2, 3, 3)", np.max, [2.0, 3.0, 3.0], [0, HALF, HALF], EXTREMA),
        Edge("min(x)", "(1, 1, 1)", np.min, [1.0, 1.0, 1.0], [1 / 3] * 3, EXTREMA),
        Edge("x.max()", "(2, 2)", lambda x: x.max(), [2.0, 2.0], [HALF, HALF], EXTREMA),
        Edge(
            "sum(max(x, axis=0))",
            "[[1, 2], [1, 0]]",
            lambda x: np.sum(np.max(x, axis=0)),
            [[1.0, 2.0], [1.0, 0.0]],
            [[HALF, 1], [HALF, 0]],
            EXTREMA,
        ),
        Edge(
            "max(x, initial=3)",
            "(2, 3)",
            lambda x: np.max(x, initial=3.0),
            [2.0, 3.0],
            [0, HALF],
            "the initial value takes its share",
        ),
        Edge(
            "nanmax(x)",
            "(nan, 3, 3)",
            np.nanmax,
            [NAN, 3.0, 3.0],
            [0, HALF, HALF],
            EXTREMA,
            jump=True,
        ),
        Edge(
            "maximum.accumulate(x)[2]",
            "(3, 3, 1)",
            lambda x: np.maximum.accumulate(x)[2],
            [3.0, 3.0, 1.0],
            [0, 1, 0],
            "the latest of equals",
        ),
        Edge("ptp(x)", "(1, 1, 3)", np.ptp, [1.0, 1.0, 3.0], [-HALF, -HALF, 1], EXTREMA),
        Edge("clip(x, -1, 1)", "1", lambda x: np.clip(x, -1.0, 1.0), 1.0, HALF, EXTREMA),
        Edge("clip(x, -1, 1)", "-1", lambda x: np.clip(x, -1.0, 1.0), -1.0, HALF, EXTREMA),
        Edge("clip(x, 1, 1)", "1", lambda x: np.clip(x, 1.0, 1.0), 1.0, 0, "constant"),
        Edge("sum(sort(x) * (1, 2))", "(3, 3)", weighed(np.sort), [3.0, 3.0], [1, 2], ORDER),
        Edge("sum(sort(x))", "(2, 1, 2)", lambda x: np.sum(np.sort(x)), [2.0, 1.0, 2.0], [1, 1, 1]),
        Edge(
            "sum(partition(x, 1) * (1, 2, 3))",
            "(3, 3, 1)",
            weighed(lambda x: np.partition(x, 1)),
            [3.0, 3.0, 1.0],
            [2, 3, 1],
            ORDER,
        ),
        Edge(
            "unique(x)[0]",
            "(3, 3)",
            lambda x: np.unique(x)[0],
            [3.0, 3.0],
            [1, 0],
            "the first of equals",
            jump=True,
        ),
        Edge("median(x)", "(1, 1)", np.median, [1.0, 1.0], [HALF, HALF], "the mean of both"),
        Edge(
            "median(x)",
            "(1, 1, 1)",
            np.median,
            [1.0, 1.0, 1.0],
            [0, 1, 0],
            "one of equals, chosen by NumPy's partition",
            jump=True,
        ),
        Edge(
            "percentile(x, 25)",
            "(1, 1, 1)",
            lambda x: np.percentile(x, 25),
            [1.0, 1.0, 1.0],
            [HALF, HALF, 0],
            "two of equals, chosen by NumPy's partition",
        ),
        Edge(
            "quantile((0, 1, 4), q)",
            "q = 0.5",
            lambda q: np.quantile([0.0, 1.0, 4.0], q),
            0.5,
            6,
            "at an element: the slope to its right",
        ),
        Edge(
            "interp(x, (0, 1, 2), (0, 1, 3))",
            "1",
            lambda x: np.interp(x, [0.0, 1, 2], [0.0, 1, 3]),
            1.0,
            2,
            "at a node: the slope to its right",
        ),
        Edge(
            "interp(x, (0, 1, 2), (0, 1, 3))",
            "2",
            lambda x: np.interp(x, [0.0, 1, 2], [0.0, 1, 3]),
            2.0,
            2,
            "at the ends: the slope inside",
        ),
        Edge(
            "interp(x, (0, 1, 2), (0, 1, 3))",
            "0",
            lambda x: np.interp(x, [0.0, 1, 2], [0.0, 1, 3]),
            0.0,
            1,
            "at the ends: the slope inside",
        ),
    ],
    "Borders of a domain": [
        Edge("sqrt(x)", "0", np.sqrt, 0.0, INF),
        Edge("cbrt(x)", "0", np.cbrt, 0.0, INF),
        Edge(
            "log(x), log2(x), log10(x)",
            "0",
            lambda x: np.log(x) + np.log2(x) + np.log10(x),
            0.0,
            INF,
            jump=True,
        ),
        Edge("log1p(x)", "-1", np.log1p, -1.0, INF, jump=True),
        Edge(
            "log(x)",
            "-1",
            np.log,
            -1.0,
            -1,
            "the value is nan; the formula of the derivative is kept",
            jump=True,
        ),
        Edge("sqrt(x)", "-1", np.sqrt, -1.0, NAN, "the value is nan", jump=True),
        Edge("arcsin(x)", "1 or -1", lambda x: np.arcsin(x) - np.arcsin(-x), 1.0, INF),
        Edge("arccos(x)", "1 or -1", lambda x: np.arccos(x) - np.arccos(-x), 1.0, -INF),
        Edge("arccosh(x)", "1", np.arccosh, 1.0, INF),
        Edge(
            "arctanh(x)", "1 or -1", lambda x: np.arctanh(x) - np.arctanh(-x), 1.0, INF, jump=True
        ),
        Edge(
            "arctan2(y, x)",
            "(0, 0)",
            of(np.arctan2),
            [0.0, 0.0],
            [NAN, NAN],
            "no limit",
            jump=True,
            hessian=NONE,
        ),
        Edge(
            "arctan2(y, x)",
            "(0, -1)",
            of(np.arctan2),
            [0.0, -1.0],
            [-1, 0],
            "the branch cut: the slope of the side it belongs to",
            jump=True,
        ),
        Edge("tan(x)", "inf", np.tan, INF, NAN, "the value is nan", jump=True),
        Edge("exp(x)", "-inf", np.exp, -INF, 0, jump=True),
        Edge("exp(x)", "1000", np.exp, 1000.0, INF, "overflow, as of the value", jump=True),
        Edge("tanh(x)", "inf", np.tanh, INF, 0, jump=True),
        Edge("arctan(x)", "inf", np.arctan, INF, 0, jump=True, hessian=0),
        Edge("sinc(x)", "0", np.sinc, 0.0, 0, UNIQUE, hessian=-(np.pi**2) / 3),
        Edge("i0(x)", "0", np.i0, 0.0, 0),
        Edge("logaddexp(x, y)", "x = y", of(np.logaddexp), [1.0, 1.0], [HALF, HALF]),
        Edge("logaddexp(x, -inf)", "1", lambda x: np.logaddexp(x, -INF), 1.0, 1),
        Edge("logaddexp(x, y)", "(-inf, 1)", of(np.logaddexp), [-INF, 1.0], [0, 1], jump=True),
        Edge(
            "logaddexp(x, y)",
            "(-inf, -inf)",
            of(np.logaddexp),
            [-INF, -INF],
            [0, 0],
            "no probability, no share",
            jump=True,
        ),
        Edge(
            "logaddexp2(x, y)",
            "(-inf, -inf)",
            of(np.logaddexp2),
            [-INF, -INF],
            [0, 0],
            "no probability, no share",
            jump=True,
        ),
        Edge(
            "logaddexp.reduce(x)",
            "(-inf, -inf)",
            np.logaddexp.reduce,
            [-INF, -INF],
            [0, 0],
            "no probability, no share",
            jump=True,
        ),
    ],
    "Powers and quotients": [
        Edge("x**0", "0", lambda x: x**0, 0.0, 0, "constant", hessian=0),
        Edge("x**0.0", "0", lambda x: x**0.0, 0.0, 0, "constant"),
        Edge("x**0.5", "0", lambda x: x**0.5, 0.0, INF),
        Edge("x**1", "0", lambda x: x**1, 0.0, 1, UNIQUE, hessian=0),
        Edge("x**1.5", "0", lambda x: x**1.5, 0.0, 0),
        Edge("x**2", "0", lambda x: x**2, 0.0, 0, hessian=2),
        Edge("x**2.0", "0", lambda x: x**2.0, 0.0, 0, hessian=2),
        *(
            Edge(
                f"sum({name}(x, (0, 1, 2, 3)))",
                "(0, 0, 0, 0)",
                lambda x, power=power: np.sum(power(x, np.array([0, 1, 2, 3]))),
                [0.0] * 4,
                [0, 1, 0, 0],
                UNIQUE,
                hessian=np.diag([0.0, 0, 2, 0]),
            )
            for name, power in (
                ("pow", operator.pow),
                ("power", np.power),
                ("float_power", np.float_power),
            )
        ),
        Edge("x**-1", "0", lambda x: x**-1.0, 0.0, -INF, jump=True),
        Edge("x**3", "-2", lambda x: x**3, -2.0, 12, hessian=-12),
        Edge("x**3.0", "-2", lambda x: x**3.0, -2.0, 12),
        Edge("x**(1 / 3)", "-8", lambda x: x ** (1 / 3), -8.0, NAN, "the value is nan", jump=True),
        Edge(
            "x**y",
            "(0, 0)",
            of(np.power),
            [0.0, 0.0],
            [0, 0],
            "x**0 is 1, 0**y is 0 to the right of 0",
            jump=True,
        ),
        Edge(
            "x**y",
            "(0, 1)",
            of(np.power),
            [0.0, 1.0],
            [1, 0],
            UNIQUE,
            hessian=[[0, NAN], [NAN, 0]],
        ),
        Edge("x**y", "(0, 2)", of(np.power), [0.0, 2.0], [0, 0], UNIQUE, hessian=[[2, 0], [0, 0]]),
        Edge(
            "x**y", "(0, 0.5)", of(np.power), [0.0, 0.5], [INF, 0], hessian=[[NAN, NAN], [NAN, 0]]
        ),
        Edge(
            "x**y",
            "(-2, 2)",
            of(np.power),
            [-2.0, 2.0],
            [-4, NAN],
            "no real power for the exponents beside 2",
            jump=True,
        ),
        Edge("0**p", "p = 2", lambda p: 0.0**p, 2.0, 0, UNIQUE),
        Edge("0**p", "p = 0.5", lambda p: 0.0**p, 0.5, 0, UNIQUE),
        Edge(
            "0**p",
            "p = 0",
            lambda p: 0.0**p,
            0.0,
            0,
            "the slope to the right of the jump",
            jump=True,
        ),
        Edge("1**p", "p = 0", lambda p: 1.0**p, 0.0, 0),
        Edge("1 / x", "0", lambda x: 1 / x, 0.0, -INF, jump=True),
        Edge("reciprocal(x)", "0", np.reciprocal, 0.0, -INF, jump=True, hessian=NAN),
        Edge("reciprocal(x)", "inf", np.reciprocal, INF, 0, jump=True),
        Edge("x / y", "(1, 0)", of(np.divide), [1.0, 0.0], [INF, -INF], jump=True),
        Edge(
            "x / y", "(0, 0)", of(np.divide), [0.0, 0.0], [INF, NAN], "the value is nan", jump=True
        ),
        Edge(
            "prod(x)",
            "(0, 2, 3)",
            np.prod,
            [0.0, 2.0, 3.0],
            [6, 0, 0],
            UNIQUE,
            hessian=[[0, 3, 2], [3, 0, 0], [2, 0, 0]],
        ),
        Edge(
            "prod(x)",
            "(0, 0, 3)",
            np.prod,
            [0.0, 0.0, 3.0],
            [0, 0, 0],
            UNIQUE,
            hessian=[[0, 3, 0], [3, 0, 0], [0, 0, 0]],
        ),
        Edge(
            "cumprod(x)[2]",
            "(2, 0, 3)",
            lambda x: np.cumprod(x)[2],
            [2.0, 0.0, 3.0],
            [0, 6, 0],
            UNIQUE,
        ),
        Edge("roots(c)[1]", "(1, -2, 0)", lambda c: np.roots(c)[1], [1.0, -2, 0], [0, 0, HALF]),
        Edge(
            "roots(c)[0]",
            "(1, -2, 1)",
            lambda c: np.real(np.roots(c)[0]),
            [1.0, -2.0, 1.0],
            [NAN] * 3,
            "a double root moves infinitely fast",
            jump=True,
        ),
        Edge(
            "multiply.reduceat(x, (0, 2))[0]",
            "(0, 2, 3)",
            lambda x: np.multiply.reduceat(x, [0, 2])[0],
            [0.0, 2.0, 3.0],
            [2, 0, 0],
            UNIQUE,
        ),
    ],
    "An infinity behind a zero": [
        *(
            Edge(name, at, f, x, NAN, "arithmetic made the 0: no branch was left out", jump=True)
            for name, at, f, x in (
                ("log1p(exp(x))", "1000", lambda x: np.log1p(np.exp(x)), 1000.0),
                ("log(exp(x) + 1)", "1000", lambda x: np.log(np.exp(x) + 1), 1000.0),
                ("arctan(exp(x))", "1000", lambda x: np.arctan(np.exp(x)), 1000.0),
                ("1 / (1 + exp(-x))", "-1000", lambda x: 1 / (1 + np.exp(-x)), -1000.0),
                ("exp(log(x))", "0", lambda x: np.exp(np.log(x)), 0.0),
                ("sqrt(x)**2", "0", lambda x: np.sqrt(x) ** 2, 0.0),
                ("arccos(x)**2", "1", lambda x: np.arccos(x) ** 2, 1.0),
                ("x**1.25 * x**0.75", "0", lambda x: x**1.25 * x**0.75, 0.0),
            )
        ),
    ],
    "Norms and spreads": [
        Edge("hypot(x, y)", "(0, 0)", of(np.hypot), [0.0, 0.0], [0, 0], ZERO_OF_NORM, hessian=NONE),
        *(
            Edge(
                f"norm(x, {ord})",
                "(0, 0)",
                lambda x, ord=ord: np.linalg.norm(x, ord),
                [0.0, 0.0],
                [0, 0],
                ZERO_OF_NORM,
                hessian=[[NAN, 0], [0, NAN]] if ord == 1 else NONE,
            )
            for ord in (None, 1, 1.5, 2, 3)
        ),
        Edge(
            "sum(norm(x, axis=1))",
            "[[0, 0], [3, 4]]",
            lambda x: np.sum(np.linalg.norm(x, axis=1)),
            [[0.0, 0.0], [3.0, 4.0]],
            [[0, 0], [0.6, 0.8]],
            ZERO_OF_NORM,
        ),
        Edge(
            "norm(x, inf)",
            "(0, 0)",
            lambda x: np.linalg.norm(x, np.inf),
            [0.0, 0.0],
            [0, 0],
            ZERO_OF_NORM,
        ),
        Edge(
            "norm(x, -inf)",
            "(0, 0)",
            lambda x: np.linalg.norm(x, -np.inf),
            [0.0, 0.0],
            [0, 0],
            "min(abs(x))",
        ),
        Edge(
            "norm(x, 0)",
            "(0, 1)",
            lambda x: np.linalg.norm(x, 0),
            [0.0, 1.0],
            [0, 0],
            STEP,
            jump=True,
        ),
        Edge(
            "norm(x, 1)",
            "(0, -2)",
            lambda x: np.linalg.norm(x, 1),
            [0.0, -2.0],
            [0, -1],
            "as of abs",
        ),
        Edge(
            "norm(x, inf)",
            "(2, -2)",
            lambda x: np.linalg.norm(x, np.inf),
            [2.0, -2.0],
            [HALF, -HALF],
            EXTREMA,
        ),
        Edge("norm(x, 3)", "(0, 2)", lambda x: np.linalg.norm(x, 3), [0.0, 2.0], [0, 1]),
        Edge(
            "norm(x, 0.5)",
            "(0, 1)",
            lambda x: np.linalg.norm(x, 0.5),
            [0.0, 1.0],
            [0, 1],
            "0 where an element is 0: as of abs",
        ),
        *(
            Edge(
                f"norm(a, {ord!r})",
                "the zero matrix",
                lambda a, ord=ord: np.linalg.norm(a, ord),
                [[0.0, 0.0], [0.0, 0.0]],
                gradient,
                ZERO_OF_NORM,
            )
            for ord, gradient in (
                ("fro", [[0, 0], [0, 0]]),
                (1, [[0, 0], [0, 0]]),
                (np.inf, [[0, 0], [0, 0]]),
            )
        ),
        Edge(
            "norm(a, 'nuc')",
            "the zero matrix",
            lambda a: np.linalg.norm(a, "nuc"),
            [[0.0, 0.0], [0.0, 0.0]],
            [[1, 0], [0, 1]],
            "a vertex of the subdifferential: u @ vh of LAPACK's singular vectors",
        ),
        Edge(
            "norm(a, 2)",
            "the zero matrix",
            lambda a: np.linalg.norm(a, 2),
            [[0.0, 0.0], [0.0, 0.0]],
            [[HALF, 0], [0, HALF]],
            EXTREMA,
        ),
        Edge(
            "norm(a, 2)",
            "the unit matrix",
            lambda a: np.linalg.norm(a, 2),
            [[1.0, 0.0], [0.0, 1.0]],
            [[HALF, 0], [0, HALF]],
            EXTREMA,
        ),
        Edge(
            "var(x)",
            "(1, 1)",
            np.var,
            [1.0, 1.0],
            [0, 0],
            hessian=[[HALF, -HALF], [-HALF, HALF]],
        ),
        Edge("std(x)", "(1, 1)", np.std, [1.0, 1.0], [0, 0], "a norm of the deviations"),
        Edge(
            "nanstd(x)",
            "(1, 1, nan)",
            np.nanstd,
            [1.0, 1.0, NAN],
            [0, 0, 0],
            "a norm of the deviations",
            jump=True,
        ),
        Edge(
            "nanmean(x)",
            "(1, nan)",
            np.nanmean,
            [1.0, NAN],
            [1, 0],
            "what is ignored has no influence",
            jump=True,
        ),
        Edge(
            "nansum(x)",
            "(1, nan)",
            np.nansum,
            [1.0, NAN],
            [1, 0],
            "what is ignored has no influence",
            jump=True,
        ),
        Edge(
            "nanmedian(x)",
            "(1, nan, 2)",
            np.nanmedian,
            [1.0, NAN, 2.0],
            [HALF, 0, HALF],
            "what is ignored has no influence",
            jump=True,
        ),
    ],
}


def real_and_imaginary(f):
    """A real function of one complex number, by its parts."""
    return lambda x: f(x[0] + 1j * x[1])


CHAPTERS["Complex numbers, by (real, imaginary) part"] = [
    Edge("abs(z)", "0", real_and_imaginary(np.abs), [0.0, 0.0], [0, 0], ZERO_OF_NORM, hessian=NONE),
    Edge(
        "angle(z)", "0", real_and_imaginary(np.angle), [0.0, 0.0], [NAN, NAN], "no limit", jump=True
    ),
    Edge(
        "sign(z).real",
        "0",
        real_and_imaginary(lambda z: np.sign(z).real),
        [0.0, 0.0],
        [INF, NAN],
        "no limit",
        jump=True,
    ),
    Edge(
        "sqrt(z).real",
        "0",
        real_and_imaginary(lambda z: np.sqrt(z).real),
        [0.0, 0.0],
        [NAN, NAN],
        "infinite in every direction",
        jump=True,
    ),
    Edge("(z**2).real", "0", real_and_imaginary(lambda z: (z**2).real), [0.0, 0.0], [0, 0]),
]
UNIT = [[1.0, 0.0], [0.0, 1.0]]
ZERO = [[0.0, 0.0], [0.0, 0.0]]
SINGULAR = [[1.0, 0.0], [0.0, 0.0]]
CHAPTERS["Matrices"] = [
    Edge(
        "det(a)",
        "[[1, 2], [2, 4]]",
        np.linalg.det,
        [[1.0, 2.0], [2.0, 4.0]],
        [[4, -2], [-2, 1]],
        "the cofactors",
    ),
    Edge(
        "det(a)",
        "zero",
        np.linalg.det,
        ZERO,
        ZERO,
        "the cofactors",
        hessian=np.eye(4)[::-1] * [1, -1, -1, 1],
    ),
    Edge(
        "slogdet(a).logabsdet",
        "singular",
        lambda a: np.linalg.slogdet(a).logabsdet,
        SINGULAR,
        np.linalg.LinAlgError,
    ),
    Edge(
        "inv(a), solve(a, b)",
        "singular",
        np.linalg.inv,
        SINGULAR,
        np.linalg.LinAlgError,
        "as NumPy",
    ),
    Edge(
        "cholesky(a)", "singular", np.linalg.cholesky, SINGULAR, np.linalg.LinAlgError, "as NumPy"
    ),
    Edge(
        "eigvalsh(a)[0]",
        "unit",
        lambda a: np.linalg.eigvalsh(a)[0],
        UNIT,
        SINGULAR,
        "v v^T for LAPACK's vector v: in the superdifferential",
        blind=("reverse over forward",),
    ),
    *(
        Edge(
            f"sum({name}) of w = eigvalsh((a + a.T) / 2)",
            "unit",
            lambda a, f=f: np.sum(f(np.linalg.eigvalsh((a + a.T) / 2))),
            UNIT,
            np.multiply(first, UNIT),
            SPECTRUM,
            hessian=np.multiply(second, SYMMETRIC),
            blind=ONE_BASIS,
        )
        for name, f, first, second in (
            ("exp(w)", np.exp, np.e, np.e),
            ("w**0.85", lambda w: w**0.85, 0.85, -0.1275),
            ("log(w)**2", lambda w: np.log(w) ** 2, 0, 2),
        )
    ),
    Edge(
        "sum(exp(eigvals(a)))",
        "unit",
        lambda a: np.sum(np.exp(np.linalg.eigvals(a))).real,
        UNIT,
        np.multiply(np.e, UNIT),
        "the first derivative alone: the second would need other eigenvectors",
    ),
    Edge(
        "eigvals(a)[0]",
        "[[1, 1], [0, 1]]",
        lambda a: np.real(np.linalg.eigvals(a)[0]),
        [[1.0, 1.0], [0.0, 1.0]],
        [[NAN] * 2] * 2,
        "one eigenvector for two eigenvalues: an infinite derivative",
        jump=True,
    ),
    Edge(
        "svd(a)[1][0]",
        "unit",
        lambda a: np.linalg.svd(a)[1][0],
        UNIT,
        SINGULAR,
        "u v^T for LAPACK's vectors: in the subdifferential",
    ),
    Edge(
        "svd(a)[1][1]",
        "[[1, 0], [0, 0]]",
        lambda a: np.linalg.svd(a)[1][1],
        SINGULAR,
        [[0, 0], [0, 1]],
        "u v^T for LAPACK's vectors: as abs, an end of the subdifferential",
    ),
    Edge(
        "norm(a, 'nuc')",
        "unit",
        lambda a: np.linalg.norm(a, "nuc"),
        UNIT,
        UNIT,
        SPECTRUM,
        hessian=np.multiply(0.5, [[0, 0, 0, 0], [0, 1, -1, 0], [0, -1, 1, 0], [0, 0, 0, 0]]),
        blind=ONE_BASIS,
    ),
    Edge(
        "sum(svd(a)[1]**2)",
        "[[1, 0], [0, 0]]",
        lambda a: np.sum(np.linalg.svd(a)[1] ** 2),
        SINGULAR,
        [[2, 0], [0, 0]],
        SPECTRUM,
        hessian=2 * np.eye(4),
        blind=ONE_BASIS,
    ),
    Edge(
        "norm(a, 'nuc')",
        "[[1, 0], [0, 0]]",
        lambda a: np.linalg.norm(a, "nuc"),
        SINGULAR,
        UNIT,
        "a vertex of the subdifferential: u @ vh of LAPACK's singular vectors",
    ),
    Edge(
        "norm(a, -2)",
        "[[1, 0], [0, 0]]",
        lambda a: np.linalg.norm(a, -2),
        SINGULAR,
        [[0, 0], [0, 1]],
        "as of svd",
    ),
    Edge("cond(a)", "unit", np.linalg.cond, UNIT, [[1, 0], [0, -1]], "as of svd"),
    Edge(
        "qr(a)",
        "[[1, 0], [0, 0]]",
        lambda a: np.linalg.qr(a).R[0, 0],
        SINGULAR,
        [[NAN, NAN], [NAN, NAN]],
        "the columns must be independent",
        jump=True,
    ),
    Edge(
        "qr(a).R[1, 1]",
        "[[1, 2], [1, 2]]",
        lambda a: np.linalg.qr(a).R[1, 1],
        [[1, 2], [1, 2]],
        [[NAN, NAN], [NAN, NAN]],
        "a distance, with a kink where it is 0",
        jump=True,
    ),
    Edge(
        "pinv(a)[0, 0]",
        "[[1, 0], [0, 0]]",
        lambda a: np.linalg.pinv(a)[0, 0],
        SINGULAR,
        [[-1, 0], [0, 0]],
        "for changes that keep the rank",
        jump=True,
        hessian=np.diag([2.0, -2, -2, 0]),
    ),
    Edge(
        "sum(pinv(a))",
        "zero",
        lambda a: np.sum(np.linalg.pinv(a)),
        ZERO,
        ZERO,
        "for changes that keep the rank",
        jump=True,
        hessian=np.zeros((4, 4)),
    ),
    Edge(
        "sum(lstsq(a, (1, 1))[0])",
        "[[1, 0], [0, 0]]",
        lambda a: np.sum(np.linalg.lstsq(a, np.ones(2))[0]),
        SINGULAR,
        [[-1, 1], [1, 0]],
        "for changes that keep the rank",
        jump=True,
        hessian=[[2, -2, -2, 0], [-2, -2, 1, 1], [-2, 1, -2, 1], [0, 1, 1, 0]],
    ),
]
UNDECIDED = "second derivative nan: it would be that of a choice"
TIMES = np.linspace(0.0, 1.0, 6)


def misfit(p):
    """The length of the residuals of an exponential that fits at p = (2, 1)."""
    return np.linalg.norm(p[0] * np.exp(-p[1] * TIMES) - 2 * np.exp(-TIMES))


def squared(f):
    """Smooth where f is a root, but nobody can see that from the derivatives of f."""
    return lambda x: np.sum(f(x) ** 2)


CHAPTERS["Functions of a root that is 0"] = [
    Edge(name, at, f, x, np.zeros(np.shape(x)), UNDECIDED, jump=True, hessian=hessian)
    for name, at, f, x, hessian in (
        ("norm(x)**2", "(0, 0)", squared(np.linalg.norm), [0.0, 0.0], NONE),
        (
            "norm(x) * norm(x)",
            "(0, 0)",
            lambda x: np.linalg.norm(x) * np.linalg.norm(x),
            [0.0, 0.0],
            NONE,
        ),
        (
            "square(vector_norm(x))",
            "(0, 0)",
            lambda x: np.square(np.linalg.vector_norm(x)),
            [0.0, 0.0],
            NONE,
        ),
        ("cos(norm(x) / 3)", "(0, 0)", lambda x: np.cos(np.linalg.norm(x) / 3), [0.0, 0.0], NONE),
        (
            "sqrt(1 + norm(x, 3)**2)",
            "(0, 0)",
            lambda x: np.sqrt(1 + np.linalg.norm(x, 3) ** 2),
            [0.0, 0.0],
            NONE,
        ),
        (
            "matrix_norm(x[:, None])**2",
            "(0, 0)",
            squared(lambda x: np.linalg.matrix_norm(x[:, None])),
            [0.0, 0.0],
            NONE,
        ),
        (
            "exp(-hypot(x, y)**2)",
            "(0, 0)",
            lambda x: np.exp(-(np.hypot(x[0], x[1]) ** 2)),
            [0.0, 0.0],
            NONE,
        ),
        ("hypot.reduce(x)**2", "(0, 0)", squared(np.hypot.reduce), [0.0, 0.0], NONE),
        ("sum(hypot.accumulate(x)**2)", "(0, 0)", squared(np.hypot.accumulate), [0.0, 0.0], NONE),
        ("std(x)**2", "(1, 1)", squared(np.std), [1.0, 1.0], NONE),
        ("nanstd(x)**2", "(1, 1)", squared(np.nanstd), [1.0, 1.0], NONE),
        (
            "std(x, mean=m)**2",
            "(1, 1)",
            squared(lambda x: np.std(x, mean=np.ones(1))),
            [1.0, 1.0],
            NONE,
        ),
        ("abs(x)**2", "0", squared(np.abs), 0.0, NAN),
        ("cos(fabs(x))", "0", lambda x: np.cos(np.fabs(x)), 0.0, NAN),
        ("abs(i sin(t))**2", "0", lambda t: np.abs(1j * np.sin(t)) ** 2, 0.0, NAN),
        ("norm(residuals(p))**2", "a perfect fit", squared(misfit), [2.0, 1.0], NONE),
        (
            "euclidean(x, 0)**2",
            "(0, 0)",
            squared(lambda x: distance.euclidean(x, np.zeros(2))),
            [0.0, 0.0],
            NONE,
        ),
        (
            "jensenshannon(exp(x), (1, 1))**2",
            "(0, 0)",
            squared(lambda x: distance.jensenshannon(np.exp(x), np.ones(2))),
            [0.0, 0.0],
            NONE,
        ),
    )
]
CHAPTERS["scipy.special"] = [
    Edge(
        "xlogy(x, y)",
        "(0, 0)",
        of(special.xlogy),
        [0.0, 0.0],
        [-INF, 0],
        jump=True,
        hessian=[[0, INF], [INF, 0]],
    ),
    Edge(
        "xlog1py(x, y)",
        "(0, -1)",
        of(special.xlog1py),
        [0.0, -1.0],
        [-INF, 0],
        jump=True,
        hessian=[[0, INF], [INF, 0]],
    ),
    Edge("entr(x)", "0", special.entr, 0.0, INF),
    Edge(
        "rel_entr(x, y)",
        "(0, 1)",
        of(special.rel_entr),
        [0.0, 1.0],
        [-INF, 0],
        hessian=[[INF, -1], [-1, 0]],
    ),
    Edge(
        "kl_div(x, y)",
        "(0, 1)",
        of(special.kl_div),
        [0.0, 1.0],
        [-INF, 1],
        hessian=[[INF, -1], [-1, 0]],
    ),
    Edge("gammaln(x)", "0", special.gammaln, 0.0, -INF, "", jump=True),
    Edge(
        "gammaln(x)",
        "-1",
        special.gammaln,
        -1.0,
        NAN,
        "a pole with both signs on its sides",
        jump=True,
    ),
    Edge("gamma(x)", "0", special.gamma, 0.0, -INF, "", jump=True),
    Edge("digamma(x)", "0", special.digamma, 0.0, INF, "", jump=True),
    Edge(
        "erfinv(x)",
        "1 or -1",
        lambda x: special.erfinv(x) - special.erfinv(-x),
        1.0,
        INF,
        "",
        jump=True,
    ),
    Edge("erfcinv(x)", "0", special.erfcinv, 0.0, -INF, "", jump=True),
    Edge(
        "ndtri(x)",
        "0 or 1",
        lambda x: special.ndtri(x) - special.ndtri(1 - x),
        0.0,
        INF,
        "",
        jump=True,
    ),
    Edge(
        "logit(x)",
        "0 or 1",
        lambda x: special.logit(x) - special.logit(1 - x),
        0.0,
        INF,
        "",
        jump=True,
    ),
    Edge(
        "expit(x)",
        "inf or -inf",
        lambda x: special.expit(x) + special.expit(-x),
        INF,
        0,
        "",
        jump=True,
    ),
    Edge("log_expit(x)", "-1000", special.log_expit, -1000.0, 1),
    Edge("log_ndtr(x)", "-inf", special.log_ndtr, -INF, INF, "", jump=True),
    Edge("huber(1, r)", "1", lambda r: special.huber(1.0, r), 1.0, 1),
    Edge("pseudo_huber(1, r)", "0", lambda r: special.pseudo_huber(1.0, r), 0.0, 0),
    Edge("j0(x)", "0", special.j0, 0.0, 0),
    Edge("y0(x)", "0", special.y0, 0.0, INF, "", jump=True),
    Edge("k0(x)", "0", special.k0, 0.0, -INF, "", jump=True),
    Edge("exp1(x)", "0", special.exp1, 0.0, -INF, "", jump=True),
    Edge("lambertw(x).real", "0", lambda x: special.lambertw(x).real, 0.0, 1),
    Edge("betaln(a, b)", "(0, 1)", of(special.betaln), [0.0, 1.0], [-INF, 0], "", jump=True),
    Edge("j1(x)", "0", special.j1, 0.0, HALF),
    Edge("exprel(x)", "0", special.exprel, 0.0, HALF),
    Edge("cosm1(x)", "0", special.cosm1, 0.0, 0),
    Edge("boxcox(x, 0)", "1", lambda x: special.boxcox(x, 0.0), 1.0, 1),
]


# ------------------------------------------------------------------------------------ the page

HEAD = """# Edge values

What a derivative is where a function has none, or where its formula breaks down: kinks, ties,
steps, borders of a domain, singular matrices. Forward and reverse mode agree; at the kink of a
convex or concave function the value lies in its subdifferential. Several variables: one entry each,
in their order.

A branch that `np.where` does not take has no say, whatever it would be there:
`np.where(x > 0, np.sqrt(x), 0)` has the derivative 0 at 0, in both modes and in every order. (An
exactly zero cotangent or tangent never multiplies an infinite partial into a nan.) Products of
matrices, `einsum` among them, are not elementwise: there a zero times an infinity is nan.

A choice has no derivative itself: at a kink of a norm, `abs` or `std` the second derivative is nan, in
every order of the modes; see {doc}`conventions`.

The tables are written by `python -m tests.edge_values` from what the tests check.
"""
CONSTANTS = {HALF: "1/2", 1 / 3: "1/3", np.e: "e"}


NOTES = {
    "Matrices": "An eigenvector or singular vector of a value that is repeated is any vector of a "
    "subspace: the derivative of what depends on the choice is nan.",
}


def shown(value):
    """A number, tuple or matrix as the page writes it."""
    if isinstance(value, type):
        return f"raises `{value.__name__}`"
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, list):
        parts = ", ".join(map(shown, value))
        return f"[{parts}]" if value and isinstance(value[0], list) else f"({parts})"
    return CONSTANTS.get(value) or f"{value:g}"


def page():
    """The text of docs/reference/edge-values.md."""
    parts = [HEAD]
    for title, edges in CHAPTERS.items():
        note = [NOTES[title], ""] if title in NOTES else []
        lines = [f"## {title}", "", *note, "| function | at | derivative | |", "|---|---|---|---|"]
        for edge in edges:
            lines.append(f"| `{edge.name}` | {edge.at} | {shown(edge.gradient)} | {edge.note} |")
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
