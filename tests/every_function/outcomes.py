"""What comes of a call with a traced argument, beside the same call with a plain one.

It works: the values are those of the plain call, the derivatives those of differences, or nan.  Or it
raises one of our errors, or what the plain call raises.  Anything else is a finding.
"""

import inspect
import itertools
import operator
import os
import re
import time
import types
import warnings

import numpy as np
import scipy.sparse

import dualrev as dr
from dualrev.core.operands import as_operand, base_of
from dualrev.core.tracer import Tracer
from tests.every_function.arguments import Alarm, Call, Late, calls_of, copied, plainly
from tests.every_function.listed import methods_of

__all__ = ["findings_of"]

#: What differs, and may: patterns of paths, with the reason.
_KNOWN = {
    # NumPy and SciPy themselves
    r"\.(power|pow|arctan2|atan2)\.reduce$": "NumPy's own compiled fold overwrites what it reads",
    r"modfresnel[mp]$": "SciPy's values left of 0 are no antiderivative of its integrand",
    r"freqz_zpk$": "SciPy computes the frequencies in single precision",
    r"empty(_like)?$": "values of uninitialised memory",
    r"random\.(RandomState\.)?shuffle$": "NumPy warns that it knows arrays and lists only",
    r"integrate\.(RK23|RK45|DOP853|Radau|BDF|LSODA)$": "the stages of no step are uninitialised memory",
    r"ndimage\.(extrema|(minimum|maximum)_position)$": "SciPy answers lists, of objects",
    r"mstats\.(meppf|plotting_positions)$": "the order of equal elements",
    r"polyvalfromroots$": "it asks whether x is an ndarray; the shapes of roots and x may not fit",
    r"linalg\.interpolative\.": "it says itself which types it takes",
    r"stats\.(Normal|Logistic|Uniform|Binomial)\.": "they say themselves that they take real numbers",
    r"stats\.pmean$": "it says itself which exponents it takes",
    r"is_valid_linkage$": "SciPy answers False of what is no plain array",
    r"polyutils\.(getdomain|mapdomain)$": "a domain of complex numbers, or of several rows",
    # Conventions of ours, with tests of their own
    r"ndarray\.(conj|conjugate|round)$": "out= by position; of ufuncs it is tested elsewhere",
    r"isscalar$": "a traced number is no Python number: docs/reference/limits",
    r"poly(div|add|sub)$|trim|__sub__$": "a leading coefficient that is 0 has a derivative, and stays",
    r"sparse\.linalg\.(bicg|bicgstab|cg|cgs|gmres|lgmres|minres|qmr|tfqmr|gcrotmk)$": (
        "the derivative is that of the solution, not of the iterations that come near it"
    ),
    r"integrate\.solve_(ivp|bvp)$": "the times that SciPy chooses are held; a first guess moves nothing",
    r"optimize\.(minimize|curve_fit|root)$": "a first guess moves nothing, nor what a search knows",
    r"(j_roots|roots_jacobi|js_roots|roots_sh_jacobi)$": "a branch for equal parameters, as taken",
    r"unique_(all|values|counts|inverse)$": "NumPy's order of what it has hashed is none",
    # Lists of traced numbers become arrays of objects, whose functions are Python's own
    r"logical_(and|or|xor|not)(\.\w+)?$|alltrue|sometrue": "Python's `and` answers one of the objects",
    r"(^|\.)m?sign$": "Python's objects have the signs of real numbers",
    r"(array_split|hsplit|vsplit|split|tile|resize)$": "an empty array of objects keeps no shape",
}
_WAYS = ("vjp", "jvp", "by keyword", "as a list")
_STEPS = (1e-4, 2e-5)


# ----------------------------------------------------------------------------- what comes out


def _parts(x, path=(), depth=0):
    """The numbers and arrays in an answer, by where they are."""
    if isinstance(x, np.ndarray) and x.dtype == object:
        x = np.asarray(x) if x.size else x.astype(float)
        operand = as_operand(x)
        if operand is x and x.size:
            for i, part in enumerate(x.ravel()[:50]):
                if part is not x:
                    yield from _parts(part, (*path, i), depth + 1)
            return
        x = operand
    if isinstance(x, Tracer | np.ndarray | np.generic | float | int | complex):
        yield path, x
    elif depth > 4 or x is None or isinstance(x, str | bytes):
        return
    elif scipy.sparse.issparse(x) or type(x).__module__.startswith("dualrev.scipy.sparse"):
        yield from _parts(x.toarray(), path, depth + 1)
    elif isinstance(x, list | tuple):
        for i, part in enumerate(x[:50]):
            yield from _parts(part, (*path, i), depth + 1)
    elif isinstance(x, dict):
        for key in list(x)[:50]:
            yield from _parts(x[key], (*path, key), depth + 1)
    elif hasattr(x, "__next__"):
        for i, part in enumerate(itertools.islice(x, 10)):
            yield from _parts(part, (*path, i), depth + 1)
    elif not (inspect.isroutine(x) or inspect.isclass(x) or isinstance(x, types.ModuleType)):
        yield from _attributes(x, path)


def _attributes(x, path):
    for name in dir(x):
        if not name.startswith("_"):
            try:
                value = getattr(x, name)
            except Exception:
                continue
            if isinstance(value, Tracer | np.ndarray | np.generic | float | tuple):
                yield from _parts(value, (*path, f".{name}"), 4)


def _plain(x):
    return np.asarray(base_of(x))


def _equal(x, y):
    x, y = _plain(x), _plain(y)
    if x.shape != y.shape or "O" in x.dtype.kind + y.dtype.kind:
        return x.shape == y.shape
    if not {x.dtype.kind, y.dtype.kind} <= set("fciub"):
        return True
    return np.allclose(x, y, rtol=1e-6, atol=1e-9, equal_nan=True)


def _is_float(x):
    return getattr(x, "dtype", np.dtype(type(x))).kind in "fc" if not isinstance(x, int) else False


# ------------------------------------------------------------------------------------ the check


class _Program:
    """A call as a function of the value at one of its places."""

    def __init__(self, function, call, place, way, names):
        self.function, self.call, self.place, self.way, self.names = (
            *(function, call, place, way),
            names,
        )

    def __call__(self, x):
        """All parts of the answer, and x itself, into which the function may have written."""
        given = list(x) if self.way == "as a list" else x
        args, kwargs = self.call.with_value(self.place, given)
        if self.way == "by keyword":
            kwargs |= dict(zip(self.names[self.place :], args[self.place :]))
            args = args[: self.place]
        np.random.seed(0)  # noqa: NPY002 (it is that of functions of numpy.random)
        drawn_by = getattr(self.function, "__self__", None)
        if isinstance(drawn_by, np.random.Generator):
            drawn_by.bit_generator.state = np.random.default_rng(0).bit_generator.state
        parts = dict(_parts(self.function(*args, **kwargs)))
        return parts if self.way == "as a list" else {**parts, "x": x}


def _direction(x):
    if not np.shape(x):
        return 1.0
    v = np.random.default_rng(3).standard_normal(x.shape)
    return v + v.T if x.ndim == 2 and np.array_equal(x, x.T) else v.astype(x.dtype)


def _outcome(program, x):
    """A finding, or None."""
    begin = time.monotonic()
    try:
        with Alarm(5):
            expected = program(copied(x))
    except Late:
        return None
    except Exception as error:
        expected = error
    limit = 10 + 20 * (time.monotonic() - begin)
    seen = {}

    def traced(x):
        seen.clear()
        seen.update(program(x))
        return [part for part in seen.values() if _is_float(part)] or [0.0]

    v = _direction(x)
    try:
        with Alarm(limit):
            if program.way == "jvp":
                values, tangents = dr.jvp(traced, (copied(x),), (v,))
            else:
                values, _ = dr.vjp(traced, copied(x))
    except Late:
        return f"took longer than {limit:.0f} s"
    except dr.DualrevError:
        return None
    except Exception as error:
        same = isinstance(expected, Exception) and isinstance(error, type(expected))
        return None if same else f"raised {_described(error)}"
    if isinstance(expected, Exception):
        return None  # it works for traced arrays also
    with Alarm(limit):
        again = program(copied(x))
    if not all(_equal(expected[key], again.get(key, np.nan)) for key in expected):
        return None  # random
    keys = [key for key, part in seen.items() if _is_float(part)]
    seen.update(zip(keys, values))
    missing = [key for key in expected if key not in seen and not any(map(_named, key))]
    if missing:
        return f"lacks {missing[0]}"
    for key in expected:
        if key in seen and not _equal(expected[key], seen[key]):
            return f"value at {key}: {_short(seen[key])} for {_short(expected[key])}"
    keys = [key for key in keys if key in expected and _is_float(expected[key])]
    slopes = _differences(program, x, v, {key: _plain(expected[key]) for key in keys})
    if program.way == "jvp":
        pushed = dict(
            zip((k for k, part in seen.items() if k in keys or _is_float(part)), tangents)
        )
        return next(filter(None, (_wrong(key, pushed[key], slopes[key]) for key in slopes)), None)
    for key, slope in slopes.items():
        if np.isfinite(slope).all():
            found = _pulled(traced, seen, key, slope, x, v, limit)
            if found:
                return found
    return None


def _named(part):
    return isinstance(part, str)


def _short(x):
    return " ".join(repr(_plain(x)).split())[:60]


def _described(error):
    traceback = error.__traceback__
    while traceback.tb_next:
        traceback = traceback.tb_next
    code = traceback.tb_frame.f_code
    place = f"{os.path.basename(code.co_filename)}:{traceback.tb_lineno} {code.co_name}"
    return f"{type(error).__name__}: {' '.join(str(error).split())[:100]} ({place})"


def _differences(program, x, v, values):
    """The slopes of all parts along v, nan where two steps or two sides do not agree."""
    slopes = []
    for step in _STEPS:
        try:
            with Alarm(20):
                right, left = program(x + step * v), program(x - step * v)
        except (Exception, Late):
            return {}
        parts = {}
        for key, middle in values.items():
            a, b = (_plain(side[key]) if key in side else np.empty(0) for side in (right, left))
            if a.shape == b.shape == middle.shape:
                slope = (a - b) / (2 * step)
                kink = np.abs(a + b - 2 * middle) / step > 1e-2 * (1 + np.abs(slope))
                noise = 1e-11 * np.abs(middle) / step > 1e-3 * (1 + np.abs(slope))
                parts[key] = np.where(kink | noise, np.nan, slope)
        slopes.append(parts)
    first, second = slopes
    agreed = {}
    for key in first.keys() & second.keys():
        near = np.abs(first[key] - second[key]) <= 1e-4 * (1 + np.abs(second[key]))
        agreed[key] = np.where(near, second[key], np.nan)
    return agreed


def _wrong(key, ours, slope):
    ours = np.asarray(ours)
    error = np.abs(ours - slope)
    bad = np.isfinite(error) & (error > 2e-3 * (1 + np.abs(slope)))
    if not bad.any():
        return None
    return f"derivative at {key}: {ours[bad].ravel()[0]:.5g} for {slope[bad].ravel()[0]:.5g}"


def _pulled(traced, seen, key, slope, x, v, limit):
    """The same of a pull, whose product with v is that of its cotangent with the slope."""
    cts = [np.zeros_like(_plain(part)) for part in seen.values() if _is_float(part)]
    place = [k for k, part in seen.items() if _is_float(part)].index(key)
    ct = np.random.default_rng(4).standard_normal(slope.shape)
    cts[place] = cts[place] + ct
    try:
        with Alarm(limit):
            (pulled,) = dr.vjp(traced, copied(x))[1](cts)
    except Late:
        return f"pulled for longer than {limit:.0f} s"
    except dr.DualrevError:
        return None
    except Exception as error:
        return f"a pull raised {_described(error)}"
    ours, theirs = np.real(np.sum(np.conj(pulled) * v)), np.real(np.sum(ct * slope))
    scale = 1 + np.sum(np.abs(ct * slope))
    if np.isfinite(ours) and np.abs(ours - theirs) > 2e-3 * scale:
        return f"derivative at {key}: a pull gives {ours:.5g} for {theirs:.5g}"
    return None


# --------------------------------------------------------------------------------- all of one


def _names_of(function):
    """The parameters' names, where all can be given by name."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return []
    if any(p.kind == p.POSITIONAL_ONLY for p in parameters):
        return []
    return [p.name for p in parameters if p.kind == p.POSITIONAL_OR_KEYWORD]


def _ways_to(place, call, names, value):
    for way in _WAYS:
        if way == "by keyword" and not (isinstance(place, int) and len(call.args) <= len(names)):
            continue
        if way == "as a list" and not np.ndim(value):
            continue
        yield way


def _of_calls(path, function, calls):
    names = _names_of(function)
    for call in calls:
        for place in call.places:
            x = call.value_at(place)
            for way in _ways_to(place, call, names, x):
                with np.errstate(all="ignore"), warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    found = _outcome(_Program(function, call, place, way, names), x)
                if found is not None and not any(re.search(known, path) for known in _KNOWN):
                    yield f"{path}{call}, argument {place} traced ({way}): {found}"


def findings_of(path, function, seconds=1.5, most=4):
    """What is wrong with a function, and whether calls of it were found; of a class with its methods."""
    calls = calls_of(function, seconds, most)
    found = list(_of_calls(path, function, calls))
    if calls and inspect.isclass(function) and not issubclass(function, np.generic):
        first = calls[0]
        instance = plainly(function, first.args, first.kwargs)
        for name, method in methods_of(path, instance):
            made = _method_of(function, name.rpartition(".")[2], len(first.args))
            for call in calls_of(method, 0.4, 2):
                if not call.kwargs:
                    whole = Call((*first.args, *call.args), {})
                    found.extend(_of_calls(name, made, [whole]))
    return found, bool(calls)


def _method_of(cls, name, count):
    """A method as a function of the arguments of the class and its own."""
    # Of an operator Python asks the other side, too.
    operate = getattr(operator, name, None) if name.startswith("__") else None

    def call(*args):
        instance = cls(*args[:count])
        return (
            operate(instance, *args[count:]) if operate else getattr(instance, name)(*args[count:])
        )

    return call
