"""Hypergeometric functions by their parameters, to any order, from their series and an integral.

Must not know which functions need them.  Equation numbers are those of https://dlmf.nist.gov.

Each term of a series is a product of linear functions of the parameters, and of quotients of them: it
is multiplied out as a polynomial in what the parameters move by, cut off at the orders asked for, so
that whole numbers are no exception.  What has lost more digits to cancellation than the result may lose
is nan, and so is what lies outside of the domains told below.
"""

import math

import numpy as np
from scipy import special

from dualrev.core.elementwise import elementwise
from dualrev.rules.special.quadrature import by_chunks

_LOST = 3e-10
_ROUNDING = 2.3e-16
_MOST_TERMS = 4000


class Jets:
    """Numbers with their Taylor coefficients by the parameters: coefficients on leading axes."""

    def __init__(self, coefficients):
        self.coefficients = coefficients

    @classmethod
    def one(cls, orders, x):
        ans = np.zeros((*(n + 1 for n in orders), x.size), np.result_type(x, float))
        ans[(0,) * len(orders)] = 1
        return cls(ans)

    def _moved(self, axis):
        """These times what the parameter moves by: where from, and where to."""
        key = (slice(None),) * axis
        return self.coefficients[(*key, slice(None, -1))], (*key, slice(1, None))

    def times(self, value, moves):
        """Times a linear function: its value, and by how much it moves with each parameter."""
        ans = self.coefficients * value
        for axis, rate in moves:
            lower, key = self._moved(axis)
            ans[key] += rate * lower
        return Jets(ans)

    def over(self, value, moves):
        ans = np.empty_like(self.coefficients)
        for place in np.ndindex(ans.shape[:-1]):
            total = self.coefficients[place]
            for axis, rate in moves:
                if place[axis]:
                    total = total - rate * ans[(*place[:axis], place[axis] - 1, *place[axis + 1 :])]
            ans[place] = total / value
        return Jets(ans)

    def times_exponential(self, rate, axis):
        """Times exp(rate t), where t is what the parameter moves by."""
        total, term = self.coefficients.copy(), self
        for n in range(1, total.shape[axis]):
            term = Jets(np.zeros_like(total)).plus_moved(term, axis, rate / n)
            total += term.coefficients
        return Jets(total)

    def plus_moved(self, other, axis, rate):
        lower, key = other._moved(axis)
        self.coefficients[key] += rate * lower
        return self


def derivative_of(coefficients, orders):
    return coefficients[tuple(orders)] * math.prod(map(math.factorial, orders))


def trusted(value, loss, scale=0.0):
    """The value, where it has not lost too many digits, or what it has lost is none beside the scale."""
    with np.errstate(invalid="ignore"):
        good = _ROUNDING * loss <= _LOST * np.maximum(np.absolute(value), scale)
    return np.where(good, value, np.nan)


def _scale(value, loss):
    """The size of the function itself, if that is known."""
    return np.nan_to_num(np.absolute(trusted(value, loss)))


def series(first, upper, lower, z, factors=()):
    """The sum of a series from its first term, and that of its moduli: nan where it does not converge.

    ``upper`` and ``lower`` hold pairs: a parameter, and how it moves (16.2.1); ``factors`` the same of
    what stands beside z.
    """
    shape = first.coefficients.shape
    total, moduli = np.full(shape, np.nan, first.coefficients.dtype), np.full(shape, np.nan)
    left, term = np.arange(shape[-1]), first
    sums = first.coefficients.copy()
    sizes = np.absolute(sums)
    largest = np.maximum.reduce([np.absolute(p) for p, _ in (*upper, *lower)])
    for n in range(_MOST_TERMS):
        for p, moves in upper:
            term = term.times(p + n, moves)
        for p, moves in lower:
            term = term.over(p + n, moves)
        for p, moves in factors:
            term = term.times(p, moves)
        term = Jets(term.coefficients * (z / (n + 1)))
        sums += term.coefficients
        size = np.absolute(term.coefficients)
        sizes += size
        if n % 8 == 7:
            axes = tuple(range(len(shape) - 1))
            lost = ~np.all(np.isfinite(size), axis=axes) | (largest > _MOST_TERMS)
            sums[..., lost] = np.nan
            # A slow series has a tail of several terms of the size of the last one.
            done = lost | ((n > largest) & np.all(size <= 1e-18 * sizes, axis=axes))
            if np.any(done):
                total[..., left[done]], moduli[..., left[done]] = sums[..., done], sizes[..., done]
                go = ~done
                left, z, largest = left[go], z[go], largest[go]
                sums, sizes = sums[..., go], sizes[..., go]
                term = Jets(term.coefficients[..., go])
                upper = [(p[go], moves) for p, moves in upper]
                lower = [(p[go], moves) for p, moves in lower]
                factors = [(p[go], moves) for p, moves in factors]
            if not left.size:
                break
    return total, moduli


def _declare(function, name, count, size=4096):
    """The primitive ``f(*orders, m, *parameters, z)`` of the derivatives by parameters and z.

    A series is summed term by term, for so many elements at a time.
    """

    def value(*args):
        orders, m, arrays = args[:count], args[count], args[count + 1 :]
        arrays = np.broadcast_arrays(*(np.asarray(a) for a in arrays))
        kind = complex if arrays[-1].dtype.kind == "c" else float
        flat = [a.reshape(-1).astype(kind if a is arrays[-1] else float) for a in arrays]
        known = np.logical_and.reduce([np.isfinite(a) for a in flat])
        out = np.full(arrays[0].size, np.nan, kind)
        with np.errstate(all="ignore"):
            out[known] = by_chunks(
                lambda *a: function(orders, m, *a), *(a[known] for a in flat), size=size
            )
        return out.reshape(arrays[0].shape)[()]

    def raised(place):
        def partial(ans, *args):
            args = list(args)
            args[place] += 1
            return made(*args)

        return partial

    partials = (raised(i) for i in (*range(count), count))
    made = elementwise(value, *(None,) * (count + 1), *partials, guarded=True, name=name)
    return made


# ------------------------------------------------------------------------------------ 0F1 and 1F1


def _hyp0f1(orders, m, v, z):
    first = Jets.one(orders, z)
    for n in range(m):
        first = first.over(v + n, [(0, 1)])
    total, moduli = series(first, [], [(v + m, [(0, 1)])], z)
    return trusted(
        derivative_of(total, orders), derivative_of(moduli, orders), _scale(total[0], moduli[0])
    )


def _hyp1f1(orders, m, a, b, z):
    first = Jets.one(orders, z)
    for n in range(m):
        first = first.times(a + n, [(0, 1)]).over(b + n, [(1, 1)])
    a, b = a + m, b + m
    out = np.full(z.shape, np.nan, z.dtype)
    turned = np.real(z) < 0
    for mask, upper, moves, sign in (
        (turned, b - a, [(0, -1), (1, 1)], -1),  # 13.2.39
        (~turned, a, [(0, 1)], 1),
        (turned, a, [(0, 1)], 1),
    ):
        mask = mask & np.isnan(out)
        if np.any(mask):
            total, moduli = series(
                Jets(first.coefficients[..., mask]),
                [(upper[mask], moves)],
                [(b[mask], [(1, 1)])],
                sign * z[mask],
            )
            factor = np.exp(z[mask]) if sign < 0 else 1.0
            out[mask] = factor * trusted(
                derivative_of(total, orders),
                derivative_of(moduli, orders),
                _scale(total[0, 0], moduli[0, 0]),
            )
    return out


#: ``hyp0f1_slope(i, m, v, z)``: (d/dv)^i (d/dz)^m.
hyp0f1_slope = _declare(_hyp0f1, "hyp0f1_slope", 1)
#: ``hyp1f1_slope(i, j, m, a, b, z)``: (d/da)^i (d/db)^j (d/dz)^m.
hyp1f1_slope = _declare(_hyp1f1, "hyp1f1_slope", 2)

# ------------------------------------------------------------------------------------------- 2F1

_NEAR_ONE = 0.9
_PARAMETERS = ([(0, 1)], [(1, 1)], [(2, 1)])


def _gauss(first, a, b, c, moves, z):
    """The sum of 15.2.1, for 0 <= z < 1 or complex |z| < 0.9, and that of its moduli there."""
    far = np.absolute(z) > _NEAR_ONE
    start = np.where(far, _NEAR_ONE, z)
    by_a, by_b, by_c = moves
    total, moduli = series(first, [(a, by_a), (b, by_b)], [(c, by_c)], start)
    far &= (np.imag(z) == 0) & (np.real(z) > 0) & (np.real(z) < 1)
    total[..., (np.absolute(z) > _NEAR_ONE) & ~far] = np.nan
    if not np.any(far):
        return total, moduli
    a, b, c, z = a[far], b[far], c[far], z[far]
    slope = Jets(first.coefficients[..., far]).times(a, by_a).times(b, by_b).over(c, by_c)
    slope, _ = series(slope, [(a + 1, by_a), (b + 1, by_b)], [(c + 1, by_c)], start[far])
    total[..., far] = _continued(total[..., far], slope, (a, b, c), moves, z)
    return total, moduli


def _continued(value, slope, parameters, moves, z):
    """Along steps that halve the distance to 1, in power series of the equation 15.10.1."""
    a, b, c = parameters
    by_a, by_b, by_c = moves
    value, slope = Jets(value), Jets(slope)
    gap, goal = np.full(z.shape, 1 - _NEAR_ONE), 1 - z
    while np.any(gap > goal):
        going = gap > goal
        step = np.where(going, np.minimum(gap / 2, gap - goal), 0.0)
        older, old = value, Jets(slope.coefficients * step)
        total, slopes = older.coefficients + old.coefficients, old.coefficients.copy()
        at = 1 - gap
        room = at * gap
        for n in range(_MOST_TERMS):
            lower = older.times(a + n, by_a).times(b + n, by_b).coefficients * step**2
            # (n + 1) times (2 gap - 1) n + c - (a + b + 1) at, which moves with all three.
            middle = [*by_c, *((axis, -rate * at) for axis, rate in (*by_a, *by_b))]
            upper = old.times((2 * gap - 1) * n + c - (a + b + 1) * at, middle).coefficients
            new = (lower - (n + 1) * step * upper) / (room * (n + 2) * (n + 1))
            older, old = old, Jets(new)
            total += new
            slopes += (n + 2) * new
            if n > 50 and np.all((n + 2) * np.absolute(new) <= 1e-17 * np.absolute(total)):
                break
        else:
            total[...] = np.nan
        with np.errstate(divide="ignore", invalid="ignore"):
            slope = Jets(np.where(going, slopes / step, slope.coefficients))
        value, gap = Jets(total), gap - step
    return value.coefficients


def _hyp2f1(orders, m, a, b, c, z):
    first = Jets.one(orders, z)
    for n in range(m):
        first = first.times(a + n, [(0, 1)]).times(b + n, [(1, 1)]).over(c + n, [(2, 1)])
    a, b, c = a + m, b + m, c + m
    out = np.full(z.shape, np.nan, z.dtype)
    turned = (np.imag(z) == 0) & (np.real(z) < -0.25)
    if np.any(~turned):
        here = ~turned
        parameters = a[here], b[here], c[here]
        total, moduli = _gauss(
            Jets(first.coefficients[..., here]), *parameters, _PARAMETERS, z[here]
        )
        out[here] = trusted(
            derivative_of(total, orders),
            derivative_of(moduli, orders),
            _scale(total[0, 0, 0], moduli[0, 0, 0]),
        )
    if np.any(turned):  # 15.8.1
        a, b, c, z = a[turned], b[turned], c[turned], z[turned]
        moves = ([(0, 1)], [(2, 1), (1, -1)], [(2, 1)])
        log = np.log1p(-z)
        start = Jets(first.coefficients[..., turned]).times_exponential(-log, 0)
        total, moduli = _gauss(start, a, c - b, c, moves, z / (z - 1))
        out[turned] = np.exp(-a * log) * trusted(
            derivative_of(total, orders),
            derivative_of(moduli, orders),
            _scale(total[0, 0, 0], moduli[0, 0, 0]),
        )
    return out


#: ``hyp2f1_slope(i, j, k, m, a, b, c, z)``: (d/da)^i (d/db)^j (d/dc)^k (d/dz)^m.
hyp2f1_slope = _declare(_hyp2f1, "hyp2f1_slope", 3)

# ----------------------------------------------------------------------------------------------- U


def rgamma_slopes(x, count):
    """Those of 1 / gamma over it, from order 0 on, for x that are no pole of gamma."""
    slopes = [np.ones_like(x)]
    for n in range(count):
        cumulants = [
            -special.digamma(x) if k == 0 else -special.polygamma(k, x) for k in range(n + 1)
        ]
        slopes.append(sum(math.comb(n, k) * cumulants[k] * slopes[n - k] for k in range(n + 1)))
    return slopes


def _hyperu_of_large(orders, m, a, b, x):
    """13.4.4, for a >= 1: the integral over t = exp(s) in equal steps of s."""
    by_a, by_b = orders
    size = a + np.absolute(b) + 1
    step = np.minimum(0.2, 0.6 / np.sqrt(size))
    low = np.minimum(np.log(a / x), 0) - 45 / a - 4
    high = np.log((60 + 4 * size) / x)
    count = math.ceil(np.max((high - low) / step, initial=0)) + 1
    s = np.minimum(low + step * np.arange(count)[:, None], high)
    t = np.exp(s)
    rise = np.log1p(t)
    exponent = a * s + (b - a - 1) * rise - x * t
    shift = np.max(exponent, axis=0)
    terms = np.exp(exponent - shift) * rise**by_b * (-t) ** m
    fall = s - rise
    slopes = rgamma_slopes(a, by_a)
    factor = sum(math.comb(by_a, n) * slopes[n] * fall ** (by_a - n) for n in range(by_a + 1))
    total = step * np.exp(shift - special.gammaln(a))
    return total * np.sum(factor * terms, axis=0), total * np.sum(
        np.absolute(factor) * terms, axis=0
    )


def _hyperu(orders, m, a, b, x):
    """By 13.3.7 from larger a, of which there are at most so many."""
    i, j = orders
    steps = np.maximum(np.ceil(1 - a), 0)
    inside = (x > 0) & (steps <= 60) & (np.absolute(b) < 1e3)
    out = np.full(x.shape, np.nan)
    for count in np.unique(steps[inside]):
        mask = inside & (steps == count)
        out[mask] = _hyperu_from(i, j, m, a[mask], b[mask], x[mask], int(count))
    return out


def _hyperu_from(i, j, m, a, b, x, count):
    if not count:
        value, size = _hyperu_of_large((i, j), m, a, b, x)
        return trusted(value, size, _scale(*_hyperu_of_large((0, 0), m, a, b, x)))
    places = [(p, q, r) for p in range(i + 1) for q in range(j + 1) for r in range(m + 1)]
    upper, lower = (
        {place: _hyperu_of_large(place[:2], place[2], a + k, b, x) for place in places}
        for k in (count + 1, count)
    )
    for k in range(count - 1, -1, -1):
        # U(c - 1) = (2 c + x - b) U(c) - c (c - b + 1) U(c + 1), and what c, b and x move.
        c = a + k + 1
        below = {}
        for p, q, r in places:
            value = size = 0.0
            for factor, rates, known in (
                (2 * c + x - b, {(1, 0, 0): 2, (0, 1, 0): -1, (0, 0, 1): 1}, lower),
                (
                    -c * (c - b + 1),
                    {(1, 0, 0): -(2 * c - b + 1), (2, 0, 0): -2, (0, 1, 0): c, (1, 1, 0): 1},
                    upper,
                ),
            ):
                for (dp, dq, dr), rate in {(0, 0, 0): factor, **rates}.items():
                    if dp <= p and dq <= q and dr <= r:
                        weight = rate * (math.comb(p, dp) * math.comb(q, dq) * math.comb(r, dr))
                        of, its_size = known[p - dp, q - dq, r - dr]
                        value = value + weight * of
                        size = size + np.absolute(weight) * its_size
            below[p, q, r] = value, size
        upper, lower = lower, below
    return trusted(*lower[i, j, m], _scale(*lower[0, 0, m]))


#: ``hyperu_slope(i, j, m, a, b, x)``: (d/da)^i (d/db)^j (d/dx)^m.
hyperu_slope = _declare(_hyperu, "hyperu_slope", 2, size=256)
