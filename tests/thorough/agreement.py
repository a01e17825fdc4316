"""Where two orders of derivatives, by every nesting of the modes and by differences, disagree.

Owns the comparison at one point, regular or not.  What is not finite, or raises, says so: it is
counted, but it is no disagreement.  Nor are answers that rounding decides, as inverses of what is
singular, nor first derivatives by convention: differences are believed only where they add up over
directions, which those at kinks do not.
"""

import collections

import numpy as np

import dualrev as dr

#: How often each way was finite, not finite, raised or compared with differences.
COUNTS = collections.Counter()


def inner(a, b):
    """Re <a, b>, over tuples of arrays."""
    return sum(np.real(np.sum(np.conj(x) * y)) for x, y in zip(a, b))


def random_like(x, rng):
    draw = rng.standard_normal(np.shape(x))
    if np.iscomplexobj(x):
        draw = draw + 1j * rng.standard_normal(np.shape(x))
    return np.asarray(draw, np.asarray(x).dtype)[()]


def outputs(call, args):
    """The answers that are numbers, or may hold traced ones."""
    ans = call(*args)
    parts = ans if isinstance(ans, tuple | list) else [ans]
    return [a for a in parts if np.result_type(getattr(a, "dtype", int)).kind in "fcO"]


def weighed(call, args, rng):
    """<w, call(*args)> as a real function, with random w."""
    ws = [random_like(a, rng) for a in outputs(call, args)]
    return lambda *args: inner(ws, outputs(call, args))


def joined(call):
    """The real outputs, in one array."""

    def f(*args):
        parts = outputs(call, args)
        return np.concatenate([np.ravel(g(a)) for a in parts for g in (np.real, np.imag)])

    return f


def ridders(f, h):
    """The derivative of f at 0 and an estimate of its error (Ridders 1982), f given by its sides."""
    table, best, error = [], np.nan, np.inf
    for k in range(8):
        row = [f(h / 1.6**k)]
        for m, last in enumerate(table[-1] if table else [], 1):
            row.append((row[-1] * 1.6 ** (2 * m) - last) / (1.6 ** (2 * m) - 1))
            estimate = max(abs(row[-1] - row[-2]), abs(row[-1] - last))
            if estimate < error:
                best, error = row[-1], estimate
        table.append(row)
    return best, error


def differentiable_slope(f, args, ts, rng):
    """The derivative along ts by differences, or nan where f has none: it must add up over lines."""
    best = slope(f, args, ts)
    for _ in range(2):
        vs = tuple(random_like(x, rng) for x in args)
        both = slope(f, args, tuple(t + v for t, v in zip(ts, vs)))
        rest = slope(f, args, vs)
        if not abs(best + rest - both) < 1e-5 * (1 + abs(best) + abs(rest)):
            return np.nan
    return best


def slope(f, args, ts):
    """The derivative on the line along ts by differences, or nan where they do not say what it is.

    The slopes to the two sides must be one: at a kink conventions hold, not differences.
    """

    def at(h):
        return f(*(x + h * t for x, t in zip(args, ts)))

    centre = at(0.0)
    best, error = ridders(lambda h: (at(h) - at(-h)) / (2 * h), 0.02)
    if not error < 1e-7 * (1 + abs(best)):
        return np.nan
    # To second order, with a step at which a kink of any size shows.
    for s in (1e-4, -1e-4):
        side = (4 * at(s / 2) - 3 * centre - at(s)) / s
        if not abs(side - best) < 1e-4 * (1 + abs(best)):
            return np.nan
    return best


def attempt(name, compute):
    """The numbers, or nan in place of an error, which is loud."""
    try:
        ans = np.concatenate([np.ravel(a) for a in compute()])
    except (TypeError, ValueError, ArithmeticError, NotImplementedError):
        COUNTS[name, "raised"] += 1
        return None
    COUNTS[name, "finite" if np.isfinite(ans).all() else "not finite"] += 1
    return ans


def finite_share(name):
    """How many of the answers of one way were finite numbers: a fuzzer that sees none says nothing."""
    counts = [COUNTS[name, kind] for kind in ("finite", "not finite", "raised")]
    return counts[0] / max(sum(counts), 1)


def far(a, b, rtol, scale):
    """Whether some elements that are both finite differ."""
    both = np.isfinite(a) & np.isfinite(b)
    return bool(np.any(np.abs(a - b)[both] > rtol * scale))


def disagreements(call, args, rng, rtol=1e-6, differences=True):
    """Pairs of ways that gave different finite numbers, with both.

    Differences are asked where ``differences`` says so, and where their steps are not lost.
    """
    with np.errstate(all="ignore"):
        try:
            value = np.concatenate([np.ravel(a) for a in outputs(call, args)])
        except (ArithmeticError, ValueError, np.linalg.LinAlgError):
            return []  # NumPy refuses the point
        if value.dtype.kind not in "fc" or not np.isfinite(value).all():
            return []
        # Beside tiny and huge numbers second derivatives cancel: they are known to no digit.
        sizes = np.abs(np.concatenate([np.ravel(x) for x in args]))
        twice = bool(np.all((sizes == 0) | ((sizes > 1e-4) & (sizes < 1e4))))
        found = list(_disagreements(call, args, rng, rtol, differences, twice))
        f = weighed(call, args, rng)
        if found and not (
            is_determined(lambda *args: outputs(call, args), args)
            and is_determined(lambda *args: dr.vjp(f, *args)[1](np.float64(1)), args)
        ):
            return []
        return found


def is_determined(call, args):
    """Whether answers stay where rounding is another: those of inverses of what is singular do not.

    Scaled arguments keep their ties, zeros and ranks.
    """
    value = np.concatenate([np.ravel(a) for a in call(*args)])
    for k in (-2, 3, 7):
        try:
            near = call(*(x * (1 + k * 1e-15) for x in args))
        except (ArithmeticError, ValueError, np.linalg.LinAlgError):
            return False
        other = np.concatenate([np.ravel(a) for a in near])
        if other.shape != value.shape:
            return False
        largest = np.max(np.abs(value), where=np.isfinite(value), initial=1e-300)
        if far(value, other, 1e-8, largest):
            return False
    return True


def _disagreements(call, args, rng, rtol, differences, twice):
    f = weighed(call, args, rng)
    ts = tuple(random_like(x, rng) for x in args)
    us = tuple(random_like(x, rng) for x in args)
    one = np.float64(1)
    differences = differences and all(np.max(np.abs(x), initial=0) < 1e6 for x in args)

    def gradient(*args):
        return dr.vjp(f, *args)[1](one)

    def along(*args):
        return dr.jvp(f, args, ts)[1]

    pulled = attempt("reverse", lambda: gradient(*args))
    pushed = attempt("forward", lambda: [along(*args)])
    if pulled is not None and pushed is not None:
        flat = np.concatenate([np.ravel(t) for t in ts])
        scale = 1 + np.sum(np.abs(pulled * flat))
        if far(np.real(np.vdot(pulled, flat)), pushed[0], rtol, scale):
            yield "forward, reverse", pushed[0], np.real(np.vdot(pulled, flat))
        try:
            expected = slope(f, args, ts) if differences else np.nan
        except (ArithmeticError, ValueError, np.linalg.LinAlgError):
            expected = np.nan
        COUNTS["differences", np.isfinite(expected)] += 1
        if far(expected, pushed[0], rtol, 1 + abs(expected)) and np.isfinite(
            differentiable_slope(f, args, ts, rng)
        ):
            yield "differences, forward", expected, pushed[0]

    ways = {
        "forward over reverse": lambda: dr.jvp(gradient, args, ts)[1],
        "reverse over reverse": lambda: dr.vjp(gradient, *args)[1](ts),
        "reverse over forward": lambda: dr.vjp(along, *args)[1](one),
    }
    if not twice:
        return
    if len(args) == 1 and not np.iscomplexobj(args[0]) and np.size(args[0]):
        (x,), (t,) = args, ts
        ways["hvp"] = lambda: [dr.hvp(f)(x, t)]
        ways["hessian"] = lambda: [np.tensordot(dr.hessian(f)(x), t, np.ndim(x))]
        jacobians = [
            attempt(f"jacobian {mode}", lambda m=mode: [dr.jacobian(joined(call), mode=m)(x)])
            for mode in ("forward", "reverse")
        ]
        if not any(j is None for j in jacobians):
            a, b = jacobians
            sizes = np.abs([a, b])
            if far(a, b, rtol, 1 + np.max(sizes[np.isfinite(sizes)], initial=0)):
                yield "jacobian forward, reverse", a.tolist(), b.tolist()
    found = {name: attempt(name, way) for name, way in ways.items()}
    found = {name: h for name, h in found.items() if h is not None}
    largest = max((np.max(np.abs(h[np.isfinite(h)]), initial=0) for h in found.values()), default=0)
    names = list(found)
    for i, a in enumerate(names):
        for b in names[:i]:
            if far(found[a], found[b], rtol, 1 + largest):
                yield f"{a}, {b}", found[a].tolist(), found[b].tolist()
    both = attempt("forward over forward", lambda: [dr.jvp(along, args, us)[1]])
    flat = np.concatenate([np.ravel(u) for u in us])
    for name, h in found.items():
        if both is not None:
            other = np.real(np.vdot(h, flat))
            if far(both[0], other, rtol, 1 + np.sum(np.abs(h * flat))):
                yield f"forward over forward, {name}", both[0], other
    if names and pulled is not None:
        h = np.real(np.vdot(found[names[0]], flat))
        try:
            g = lambda *args: inner(us, gradient(*args))  # noqa: E731
            expected = slope(g, args, ts) if differences else np.nan
        except (ArithmeticError, ValueError, NotImplementedError, np.linalg.LinAlgError):
            expected = np.nan
        COUNTS["second differences", np.isfinite(expected)] += 1
        if far(expected, h, 10 * rtol, 1 + abs(expected)) and np.isfinite(
            differentiable_slope(g, args, ts, rng)
        ):
            yield f"differences, {names[0]}", expected, h
