"""Calls that work: plain arguments for a function that one knows nothing of but its signature."""

import copy
import inspect
import itertools
import signal
import time
import warnings

import numpy as np
import scipy.cluster.hierarchy
import scipy.interpolate
import scipy.sparse

__all__ = ["Alarm", "Call", "calls_of", "copied", "floating", "plainly"]

_RNG = np.random.default_rng(5)


def _definite():
    a = _RNG.standard_normal((4, 4))
    return a @ a.T / 4 + np.eye(4)


# Increasing, and within (0, 1), so that most functions take them.
VECTOR, OTHER = np.array([0.12, 0.37, 0.58, 0.91]), np.array([0.21, 0.33, 0.66, 0.87])
WEIGHTS = np.array([0.83, 0.31, 0.62, 0.17])
MATRIX, OTHER_MATRIX = _definite(), _definite()
LONG, WAVE = np.cumsum(_RNG.uniform(0.1, 0.4, 40)), np.sin(np.linspace(0.1, 7, 40))
POINTS, OTHER_POINTS = _RNG.standard_normal((2, 7, 2))
#: No two arguments of a call are the same array: at coinciding ones many functions have kinks.
_OTHERS = {
    id(VECTOR): OTHER,
    id(MATRIX): OTHER_MATRIX,
    id(LONG): WAVE,
    id(POINTS): OTHER_POINTS,
    id(WEIGHTS): WEIGHTS[::-1].copy(),
}


def _parabola(x, *args):
    return x * x - 0.3


def _bowl(x, *args):
    return np.sum((x - 0.3) ** 2)


def _decay(t, y, *args):
    return -0.5 * y


_GENERAL = [
    *(VECTOR, MATRIX, 0.4, LONG, WEIGHTS, 2, POINTS, _parabola, np.arange(4)),
    *(VECTOR + 1j * WEIGHTS, _bowl),
]
_FILTER = np.array([[0.2, 0.3, 0.1, 1.0, -0.2, 0.1]])
_SYSTEM = (0.3 * np.eye(2) + 0.1, np.ones((2, 1)), np.ones((1, 2)), np.ones((1, 1)))
#: What is tried first for parameters of these names.
_BY_NAME = {
    "fun func f function func1d pyfunc funcs": (_parabola, _bowl, _decay),
    "n nn N num npoints numtaps deg degree worN num_samples nlags levels nperseg": (2, 3, 1, 4, 5),
    "k m order nu": (2, 1, 3, VECTOR),
    "axis axis1 axis2 source destination": (0, 1),
    "axes": ((0, 1), 0),
    "shape newshape output_shape": ((4,), (2, 2), (4, 4), 4),
    "size": (3, (3,)),
    "dtype newdtype": (float,),
    "bounds": ([(0.0, 1.0)] * 4, (0.0, 1.0), [(0.05, 1.0)]),
    "bracket t_span": ((0.0, 1.0),),
    "ranges": ([(0.0, 1.0)], [(0.0, 1.0)] * 2),
    "window": ("hann", 5),
    "Z": (scipy.cluster.hierarchy.linkage(POINTS),),
    "points xi XA XB obs observations": (POINTS, VECTOR, MATRIX),
    "indices ind indx idx indices_or_sections obj multi_index": (np.array([0, 2]), 2),
    "condition mask where": (np.array([True, False, True, True]),),
    "pk qk p": (WEIGHTS / WEIGHTS.sum(), 0.4, 2),
    "y0 x0": (VECTOR, 0.4),
    "subscripts": ("i->", "ij->j"),
    "graph csgraph A": (MATRIX, scipy.sparse.csr_array(MATRIX)),
    "weights": (WEIGHTS, MATRIX),
    "kernel_size": (3,),
    "widths": (np.array([1.0, 2.0]),),
    "pad_width": (1,),
    "repeats reps shift": (2,),
    "sos": (_FILTER,),
    "b": (VECTOR, 0.6, MATRIX, 1.4),
    "a": (WEIGHTS + 1, MATRIX, 0.4, 2, VECTOR),
    "Wn wp": (0.4,),
    "ws": (0.6,),
    "gpass": (1.0,),
    "gstop": (30.0,),
    "system": ((np.array([1.0, 0.3]), np.array([1.0, 0.5, 0.2])), _SYSTEM),
    "dt": (0.5,),
    "fs": (2.5,),
    "rng random_state": (np.random.default_rng(0),),
    "knots t": (LONG, VECTOR, 0.4),
    "tck": (scipy.interpolate.splrep(LONG, WAVE),),
    "bins": (5,),
    "table observed": (np.array([[3.0, 5.0], [4.0, 9.0]]), VECTOR),
    "cov": (MATRIX,),
    "df": (5.0, 5),
    "scale": (MATRIX, 0.7, VECTOR),
    "alpha": (2 * VECTOR + 1, 0.4),
    "r q confidence_level": (0.4, VECTOR),
    "samples": (LONG,),
    "data": (LONG, VECTOR, MATRIX, (VECTOR,), (LONG, WAVE)),
    "input": (WAVE, MATRIX, VECTOR),
    "labels": (np.array([0, 1, 1, 2]),),
    "c": (VECTOR, 0.4, MATRIX),
    "coordinates": (np.array([VECTOR]), np.array([VECTOR, WEIGHTS])),
    "sigma": (0.8,),
    "footprint structure": (np.ones((3, 3), bool), np.ones(3, bool)),
    "u v": (VECTOR, WEIGHTS, 0.4),
    "arrays tup seq arys": ([VECTOR, WEIGHTS], (MATRIX, MATRIX)),
}
_FIRST = {name: values for names, values in _BY_NAME.items() for name in names.split()}
#: Options that are settings, or have tests of their own: out=, dtype= and the like.
_SETTINGS = (
    *("axis", "backend", "callback", "casting", "check_finite", "copy", "deep", "device", "disp"),
    *("dtype", "full_output", "keepdims", "kind", "like", "method", "mode", "nan_policy", "norm"),
    *("order", "out", "output", "overwrite_a", "overwrite_b", "overwrite_x", "plan", "rng"),
    *("random_state", "seed", "signature", "subok", "where", "workers"),
)
_DISTRIBUTIONS = ("fit", "nnlf", "fit_loc_scale", "expect")


class Late(BaseException):
    """What a call took too long for; no handler of Exception stops it."""


class Alarm:
    """A time limit in seconds for what runs inside."""

    def __init__(self, seconds):
        self.seconds = seconds

    def __enter__(self):
        def ring(*args):
            raise Late

        self.before = signal.signal(signal.SIGALRM, ring)
        signal.setitimer(signal.ITIMER_REAL, self.seconds)

    def __exit__(self, *args):
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, self.before)


class Call:
    """Arguments with which a function works, and the places in them that hold floating-point numbers.

    A place is a position, a pair of positions (in a list that is an argument) or a name.
    """

    def __init__(self, args, kwargs):
        self.args, self.kwargs = args, kwargs
        self.places = list(kwargs) if kwargs else list(self._positions())

    def _positions(self):
        for i, a in enumerate(self.args):
            if floating(a):
                yield i
            elif type(a) in (list, tuple):
                yield from ((i, j) for j, b in enumerate(a) if floating(b))

    def value_at(self, place):
        if isinstance(place, tuple):
            return self.args[place[0]][place[1]]
        return self.kwargs[place] if isinstance(place, str) else self.args[place]

    def with_value(self, place, value):
        """Copies of the arguments, with another value at a place."""
        args, kwargs = copied(list(self.args)), copied(self.kwargs)
        if isinstance(place, str):
            kwargs[place] = value
        elif isinstance(place, tuple):
            parts = list(args[place[0]])
            parts[place[1]] = value
            args[place[0]] = type(args[place[0]])(parts)
        else:
            args[place] = value
        return args, kwargs

    def __repr__(self):
        parts = [*map(repr, self.args), *(f"{k}={v!r}" for k, v in self.kwargs.items())]
        return f"({', '.join(' '.join(part.split())[:40] for part in parts)})"


def floating(a):
    """Whether an argument is an array or a number that can be traced."""
    return type(a) is float or (isinstance(a, np.ndarray) and a.dtype.kind in "fc")


def copied(x):
    """Arguments of their own for each call."""
    if isinstance(x, np.ndarray | np.random.Generator) or scipy.sparse.issparse(x):
        return copy.deepcopy(x)
    if type(x) is dict:
        return {key: copied(value) for key, value in x.items()}
    return type(x)(map(copied, x)) if type(x) in (list, tuple) else x


def plainly(function, args, kwargs, seconds=2.0):
    """The answer to a call in silence; NotImplemented where it fails."""
    with np.errstate(all="ignore"), warnings.catch_warnings(), Alarm(seconds):
        warnings.simplefilter("ignore")
        try:
            return function(*copied(list(args)), **copied(kwargs))
        except (Exception, Late):
            return NotImplemented


def _apart(args):
    """The arguments, no two of them the same array or number."""
    seen = set()
    for i, a in enumerate(args):
        key = a if type(a) is float else id(a)
        if key in seen:
            a = a + 0.13 * i if type(a) is float else _OTHERS.get(id(a), a)
        seen.add(key)
        yield a


def _parameters_of(function):
    """Ways to fill the parameters that must be given, by their names, and the names of the others."""
    owner = getattr(function, "__self__", None)
    if isinstance(function, np.ufunc):
        return [["x"] * function.nin], []
    if isinstance(owner, np.ufunc):
        names = {"outer": "x x", "reduceat": "array indices", "at": "array indices x"}
        return [names.get(function.__name__, "array").split()], []
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return [["?"], ["?", "?"], ["?"] * 3, []], []
    required = [p.name for p in parameters if p.kind < 2 and p.default is p.empty]
    optional = [p.name for p in parameters if p.kind in (1, 3) and p.default is not p.empty]
    if any(p.kind == p.VAR_POSITIONAL for p in parameters):
        if hasattr(owner, "numargs"):
            return [required], ["loc", "scale"]
        return [required + ["?"] * n for n in (1, 2, 3, 0)], optional
    if not required:
        first = [p.name for p in parameters if p.kind < 2]
        return [first[:1], first[:2], []], optional
    return [required], optional


def _shapes_of(function):
    """The shape parameters of a distribution of scipy.stats."""
    owner = getattr(function, "__self__", None)
    if not hasattr(owner, "numargs") or function.__name__ in _DISTRIBUTIONS:
        return ()
    # As its own test suite has them: a distribution does not say which are valid.
    from scipy.stats._distr_params import distcont, distdiscrete

    shapes = dict(pair for pair in distcont + distdiscrete if isinstance(pair[0], str))
    given = shapes.get(owner.name, (0.7,) * owner.numargs)
    return tuple(float(shape) if np.ndim(shape) == 0 else np.array(shape) for shape in given)


def _choices(names):
    """Arguments for parameters of these names, the likely ones first."""
    lists = []
    for name in names:
        first = _FIRST.get(name, ())
        rest = [v for v in _GENERAL if not any(v is w for w in first)]
        lists.append([*first, *rest][: 5 if len(names) > 4 else None])
    places = itertools.islice(itertools.product(*(range(len(values)) for values in lists)), 30_000)
    for chosen in sorted(places, key=lambda t: (sum(t), max(t, default=0))):
        yield tuple(values[i] for values, i in zip(lists, chosen))


def calls_of(function, seconds=1.5, most=4):
    """Some calls that work, each with arguments of other kinds; then the options, one in each."""
    end = time.monotonic() + seconds
    ways, optional = _parameters_of(function)
    shapes = _shapes_of(function)
    found, kinds = [], set()
    for args in itertools.chain.from_iterable(map(_choices, ways)):
        if time.monotonic() > end or len(found) == most:
            break
        args += shapes
        kind = tuple((a.dtype.kind, a.ndim) if isinstance(a, np.ndarray) else type(a) for a in args)
        if kind in kinds or (found and not Call(args, {}).places):
            continue
        for given in (tuple(_apart(args)), args):
            if plainly(function, given, {}) is not NotImplemented:
                found.append(Call(given, {}))
                kinds.add(kind)
                break
    positional = [call.args for call in found[:2]]
    for name in optional:
        if name in _SETTINGS:
            continue
        tried = itertools.product(
            positional,
            [v for v in (*_FIRST.get(name, ()), VECTOR, 0.4, MATRIX, WEIGHTS) if floating(v)],
        )
        for args, value in tried:
            if time.monotonic() > end + 2 * seconds:
                return found
            *_, value = _apart((*args, value))
            if plainly(function, args, {name: value}) is not NotImplemented:
                found.append(Call(args, {name: value}))
                break
    return found
