"""Where an integrand is evaluated for the derivatives of its integral, and with which weights.

Owns the rules on the subintervals that SciPy's adaptive integration has chosen, and finer ones where
these are too coarse.  Must not know any tracer.

On most subintervals Kronrod's rule (Piessens et al. 1983, "QUADPACK"), by which SciPy found them
good, serves the derivative as well: it converges geometrically on both.  The others, at singular
ends above all, are given to the double exponential rule of Takahasi and Mori (1974), "Double
exponential formulas for numerical integration", which is exact to rounding where the ends are
algebraic or logarithmic singularities, and are halved where that does not converge: around a kink in
between, which the integral hardly shows but its derivative does.
"""

import numpy as np

from dualrev.scipy.integrate.hidden import irregular

__all__ = [
    "Line",
    "double_exponential",
    "kronrod",
    "nodes_and_weights",
    "trusted_by",
    "trusted_by_values",
    "values_agree",
]

# Piessens et al. (1983), subroutines QK21 and QK15I: distances from the middle, Kronrod's weights and
# Gauss's, of the points on one side and of the middle.
_K21 = (
    (0.9956571630258081, 0.011694638867371874, 0.0),
    (0.9739065285171717, 0.032558162307964725, 0.06667134430868814),
    (0.9301574913557082, 0.054755896574351995, 0.0),
    (0.8650633666889845, 0.07503967481091996, 0.1494513491505806),
    (0.7808177265864169, 0.0931254545836976, 0.0),
    (0.6794095682990244, 0.10938715880229764, 0.21908636251598204),
    (0.5627571346686047, 0.12349197626206584, 0.0),
    (0.4333953941292472, 0.13470921731147334, 0.26926671930999635),
    (0.2943928627014602, 0.14277593857706009, 0.0),
    (0.14887433898163122, 0.14773910490133849, 0.29552422471475287),
    (0.0, 0.1494455540029169, 0.0),
)  # fmt: skip
_K15 = (
    (0.9914553711208126, 0.022935322010529224, 0.0),
    (0.9491079123427585, 0.06309209262997856, 0.1294849661688697),
    (0.8648644233597691, 0.10479001032225019, 0.0),
    (0.7415311855993945, 0.14065325971552592, 0.27970539148927664),
    (0.5860872354676911, 0.1690047266392679, 0.0),
    (0.4058451513773972, 0.19035057806478542, 0.3818300505051189),
    (0.20778495500789848, 0.20443294007529889, 0.0),
    (0.0, 0.20948214108472782, 0.4179591836734694),
)  # fmt: skip


def _both_sides(half):
    place, kronrod, gauss = np.array(half).T
    return (
        np.concatenate([-place, place[-2::-1]]),
        np.concatenate([kronrod, kronrod[-2::-1]]),
        np.concatenate([gauss, gauss[-2::-1]]),
    )


_RULES = {False: _both_sides(_K21), True: _both_sides(_K15)}


def double_exponential(step: float, last: float):
    """``x = tanh(pi/2 sinh t)`` on [0, 1]: distances from both ends, and weights."""
    t = np.arange(-last, last + step / 2, step)
    u = np.pi * np.sinh(t)
    near, far = 1 / (1 + np.exp(-u)), 1 / (1 + np.exp(u))
    return near, far, step * np.pi * np.cosh(t) * near * far


#: Down to distances of 1e-37.
_NEAR, _FAR, _WEIGHTS = double_exponential(1 / 8, 4.0)

#: An error of QUADPACK's, as a part of the whole, above which a subinterval is looked at again.
_DOUBTFUL = 1e-13
#: Differences between rules, as a part of the integral of the modulus over the subinterval.  That of
#: Gauss's and Kronrod's, or of twice the step: both rules converge so that the better one of the two
#: has about the square of it as its error.
_KRONROD_TRUSTED, _EXPONENTIAL_TRUSTED = 1e-10, 1e-7
#: The part of a difference of twice the step that counts where it has been found small.
_AGREED = 0.01
#: As a part of the whole, where the subinterval hardly counts.
_NEGLIGIBLE = 1e-15
#: Halving ends at this part of the whole, and after so many.
_NARROWEST, _MOST_HALVINGS = 1e-9, 60


class Line:
    """The variable t in which SciPy integrates, and the x it stands for.

    Parameters
    ----------
    low, high : float
        The limits of x, low <= high.
    mirrored : bool
        Whether, for both limits infinite, each t > 0 stands for x and -x, as in QUADPACK.
    """

    def __init__(self, low, high, mirrored):
        self.low, self.high = low, high
        self.infinite = bool(np.isinf(low) or np.isinf(high))
        self.mirrored = mirrored and np.isinf(low) and np.isinf(high)

    def at(self, t, w):
        """Nodes x and their weights."""
        if not self.infinite:
            return t, w
        x, w = (1 - np.absolute(t)) / t, w / (t * t)
        if self.mirrored:
            return np.concatenate([x, -x]), np.concatenate([w, w])
        if not np.isinf(self.low):
            x = self.low + x
        elif not np.isinf(self.high):
            x = self.high + -(1 - t) / t
        return x, w

    def moved(self, nodes):
        """How far each node goes with the lower limit, and with the upper one."""
        if self.infinite:
            return [np.full(len(nodes), float(np.isfinite(end))) for end in (self.low, self.high)]
        share = (nodes - self.low) / (self.high - self.low)
        return [(self.high - nodes) / (self.high - self.low), share]


def _kronrod(a, b, infinite):
    """Nodes and weights for t between a and b; Gauss's weights too."""
    place, kronrod, gauss = _RULES[infinite]
    middle, half = 0.5 * (a + b), 0.5 * (b - a)  # rounded as in QUADPACK: its nodes are met again
    return middle + half * place, half * kronrod, half * gauss


def _exponential(a, b):
    # From the nearer end, so that a node close to a limit of 0 keeps its digits.
    return np.where(_NEAR < 0.5, a + (b - a) * _NEAR, b - (b - a) * _FAR), (b - a) * _WEIGHTS


def trusted_by_values(values, errors):
    """Of which subintervals SciPy's errors are those of rounding."""
    return errors <= _DOUBTFUL * values.sum()


def trusted_by(agree, line, left, right):
    """On which of SciPy's subintervals Kronrod's rule agrees with Gauss's."""
    subintervals = zip(left.tolist(), right.tolist())
    return np.array(
        [
            _agree(agree, line, *_kronrod(a, b, line.infinite), _KRONROD_TRUSTED)
            for a, b in subintervals
        ],
        bool,
    )


def nodes_and_weights(agree, line, left, right, trusted, most=0):
    """Nodes x and weights for the derivative of an integral, and how two rules differ in weights.

    Parameters
    ----------
    agree : callable
        ``agree(x, w, difference, tolerance)``: whether two rules, which differ so in weights, agree.
    line : Line
    left, right : array, shape (n,)
        SciPy's subintervals of t.
    trusted : array of bool, shape (n,)
        Those on which Kronrod's rule serves.
    most : int
        Halvings, if these are more than usual.

    Returns
    -------
    x, w, difference : array
        Sums over the last are small where w serves; they do not cancel between subintervals.
    """
    doubtful = list(zip(left[~trusted].tolist(), right[~trusted].tolist()))
    narrowest = _NARROWEST * np.ptp(np.concatenate([left, right])) if len(left) else 0.0
    rules = [
        _kronrod(a, b, line.infinite)
        for a, b in zip(left[trusted].tolist(), right[trusted].tolist())
    ]
    halvings = 0
    while doubtful:
        a, b = doubtful.pop()
        t, w = _exponential(a, b)
        coarse = np.where(np.arange(len(w)) % 2, 0.0, 2 * w)
        if _agree(agree, line, t, w, coarse, _EXPONENTIAL_TRUSTED):
            rules.append((t, w, w + _AGREED * (coarse - w)))
            continue
        if b - a <= narrowest or halvings >= max(most, _MOST_HALVINGS):
            rules.append((t, w, coarse))
            continue
        halvings += 1
        middle = 0.5 * (a + b)
        for half in ((a, middle), (middle, b)):
            rule = _kronrod(*half, line.infinite)
            if _agree(agree, line, *rule, _KRONROD_TRUSTED):
                rules.append(rule)
            else:
                doubtful.append(half)
    if not rules:
        return np.zeros(0), np.zeros(0), np.zeros(0)
    t, w, _ = map(np.concatenate, zip(*rules))
    factors = irregular((len(rules),)).tolist()
    difference = np.concatenate([c * (w - other) for c, (_, w, other) in zip(factors, rules)])
    return _inside(line, t, w, difference)


def _inside(line, t, w, difference):
    """Nodes x and weights for t, less those that have rounded to a limit."""
    kept = (t != 0) & (w > 0)
    t, w, difference = t[kept], w[kept], difference[kept]
    (x, w), (_, difference) = line.at(t, w), line.at(t, difference)
    kept = (x > line.low) & (x < line.high)
    return x[kept], w[kept], difference[kept]


def _agree(agree, line, t, w, other, tolerance):
    x, w, difference = _inside(line, t, w, w - other)
    return not len(x) or agree(x, w, difference, tolerance)


def values_agree(f, whole):
    """``agree`` by the plain values of f; whole is the integral, in size."""

    def agree(x, w, difference, tolerance):
        y = np.array([f(place) for place in x.tolist()]).reshape(len(x), -1)
        finite = np.isfinite(y).all(axis=1)
        y = y[finite]
        error = np.absolute(difference[finite] @ y).max()
        modulus = (w[finite] @ np.absolute(y)).max()
        return error <= max(tolerance * modulus, _NEGLIGIBLE * whole)

    return agree


def kronrod(short: bool):
    """Kronrod's nodes from -1 to 1, 15 or 21 of them, their weights, and those of Gauss's rule."""
    return _RULES[short]
