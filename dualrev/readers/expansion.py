"""Expansion: power series pass every primitive that has a rule.

Owns what each word means to them.  What is linear acts on coefficients; what is linear in each of
several arguments is a product of series; of everything else ``y = y_0 +`` the integral of
``jvp(x')``, where the rule's own body runs on series, y itself among its arguments, one coefficient
behind (McIlroy 1999, "Power series, power serious", Journal of Functional Programming 9).  What has
a cheaper recurrence says so beside its rule, as ``series``.  Must not know any function by name.
"""

import functools

import numpy as np

from dualrev.convolution import indices_of_sum
from dualrev.core.arrays import has_nan
from dualrev.core.cotangents import fit, zeros_of
from dualrev.core.operands import SCALARS, like
from dualrev.core.tracer import next_level
from dualrev.readers.captured import owned
from dualrev.readers.power_series import PowerSeries, Terms, primals_of

__all__ = ["Expansion", "affine_coefficient", "solution"]

_ndarray = np.ndarray
_QUIET = np.errstate(divide="ignore", invalid="ignore")
#: Constant arrays up to this size (bytes) are compared by content, as the orders of Bessel functions.
_SMALL = 256
#: Beyond so many orders none is asked for by recursion alone.
_FAR = 30
#: Beyond so many operations those of a body are computed in their order, not by recursion.
_DEEP = 20


def affine_coefficient(rule, moving, coefficients, ans, args, kwargs):
    """A coefficient of the answer of an affine rule, or of its answers, from those of what moves."""
    ts = [None] * len(args)
    moves = rule.word == "rule"  # some of which answer nan to the tangent 0 too
    for i, c in zip(moving, coefficients):
        ts[i] = zeros_of(args[i]) if c is None and moves else c
    if not moves and all(t is None for t in ts):
        return None
    return rule.jvp(ts, ans, args, kwargs)


# ----------------------------------------------------------------------------- one primitive


class Expansion:
    """One primitive applied to series, and all that the bodies of rules compute for it.

    Attributes
    ----------
    equal : dict
        The answers of functions by function and arguments: equal ones are computed once, so that
        sin asks for cos, and cos for the same sin, one coefficient behind.
    wary : bool
        Whether every guarded product takes the form that is right where it holds a nan.
    """

    __slots__ = ("closed", "equal", "level", "made", "nodes", "order", "stable", "wary")

    def __init__(self, level, order, wary=False):
        self.level = level
        self.order = order
        self.wary = wary
        self.closed = False
        self.equal = {}
        self.made = []
        self.nodes = []

    def run(self, rule, tangents, ans, args, kwargs):
        """The coefficients of the answer, a tuple of them where the answer is one."""
        self.stable = set(map(id, args))
        fields = [x if t is None else self.terms([x, *t]) for x, t in zip(args, tangents)]
        try:
            answer = self.answer(rule, fields, ans, kwargs)
            key = self.key(rule, fields, kwargs)
            if key is not None:
                self.equal[key] = fields, answer
            answers = answer if isinstance(ans, tuple) else (answer,)
            self.complete([y for y in answers if type(y) is Terms])
            found = [tuple(y.known[1:]) if type(y) is Terms else None for y in answers]
            return tuple(found) if isinstance(ans, tuple) else found[0]
        finally:
            self.close()

    def complete(self, series):
        """Compute all coefficients of series."""
        for k in range(min(_FAR, self.order), self.order + 1):
            if k > _FAR:
                # Each gets one more, the last one made first: so none asks far, though of gammaln
                # each order asks a new function.
                for terms, n in reversed([(terms, len(terms.known)) for terms in self.made]):
                    if n < k:
                        terms.upto(n)
            for y in series:
                y.upto(k)

    def close(self):
        """A series that is used from now on has escaped."""
        self.closed = True
        for terms in self.made:  # else they would hold each other
            terms.rest = terms.slope = None
        self.equal.clear()

    def terms(self, known, rest=None):
        terms = Terms(known, rest)
        self.made.append(terms)
        return terms

    def slope(self, terms):
        """The derivative of a series."""
        if terms.slope is None:
            first = terms.upto(1)[1]
            first = zeros_of(terms.known[0]) if first is None else first
            terms.slope = self.terms([first], functools.partial(_scaled, terms))
        return terms.slope

    def tracer(self, x):
        """What stands for a series in the body of a rule; constants stand for themselves."""
        if type(x) is not Terms:
            return x
        # Not by an __init__: 0.15 us less.
        series = PowerSeries()
        series.primal = x.known[0]
        series.terms = x
        series.within = self
        series.level = self.level
        series.alias = series.writes = None
        return series

    def own(self, x):
        """A constant that nobody can change before the last coefficient is computed."""
        return x if type(x) in SCALARS or id(x) in self.stable else owned(x)

    def is_own(self, x):
        return type(x) is PowerSeries and x.within is self

    def key(self, rule, fields, kwargs):
        """What equal applications share; None where that is not known."""
        try:
            return rule.function, *map(self._mark, fields), *map(_frozen, kwargs.items())
        except TypeError:
            return None

    def _mark(self, x):
        return id(x) if type(x) is Terms or id(x) in self.stable else _frozen(x)

    # -- the answer of a primitive, by its word

    def answer(self, rule, fields, ans, kwargs):
        """The series of an answer; a tuple where it is one, with the plain outputs that are steps."""
        moving = [i for i, x in enumerate(fields) if type(x) is Terms]
        if isinstance(ans, tuple):
            # Outputs without a derivative stay plain, as those of a step.
            primals = primals_of(fields)
            ts = [zeros_of(x) if i in moving else None for i, x in enumerate(primals)]
            carried = rule.jvp(ts, ans, primals, kwargs)
            answers = tuple(y if t is None else self.terms([y]) for y, t in zip(ans, carried))
        else:
            answers = (self.terms([ans]),)
        given = rule, fields, ans, answers, kwargs
        if rule.is_affine_by(moving):
            rest = self._affine(*given, moving)
        elif rule.below is not None:
            rest = self._by_body(*given)
        elif rule.word == "linear":
            rest = self._multilinear(*given, moving)
        elif rule.series is not None:
            rest = self._recurrent(*given)
        else:
            rest = self._by_body(*given)
        for i, y in enumerate(answers):
            if type(y) is Terms:
                y.rest = functools.partial(rest, i)
                self.nodes.append(y)
        return like(ans, answers) if isinstance(ans, tuple) else answers[0]

    def _affine(self, rule, fields, ans, answers, kwargs, moving):
        args = primals_of(fields)
        pushed = {}

        def rest(i, k):
            if k not in pushed:
                cs = [fields[place].upto(k)[k] for place in moving]
                pushed[k] = affine_coefficient(rule, moving, cs, ans, args, kwargs)
            t = pushed[k]
            return t[i] if t is not None and isinstance(ans, tuple) else t

        return rest

    def _multilinear(self, rule, fields, ans, answers, kwargs, moving):
        args = primals_of(fields)

        def rest(i, k):
            series = [fields[place].upto(k) for place in moving]
            total = None
            for indices in indices_of_sum(k, len(moving)):
                parts = [known[j] for known, j in zip(series, indices)]
                if any(part is None for part in parts):
                    continue
                for place, part in zip(moving, parts):
                    args[place] = part
                term = rule.call(*args, **kwargs)
                total = term if total is None else total + term
            return None if total is None else fit(total, ans)

        return rest

    def _recurrent(self, rule, fields, ans, answers, kwargs):
        (terms,) = answers
        known = terms.known
        constant = [None] * self.order

        def rest(i, k):
            series = [x.upto(k) if type(x) is Terms else [x, *constant] for x in fields]
            c = rule.series(known, *series, **kwargs)
            if c is None:
                return None
            if c is NotImplemented:
                terms.rest = functools.partial(self._by_body(rule, fields, ans, answers, kwargs), 0)
                return terms.rest(k)
            return fit(c, ans)

        return rest

    def _by_body(self, rule, fields, ans, answers, kwargs):
        def slopes():
            ts = [self.tracer(self.slope(x)) if type(x) is Terms else None for x in fields]
            args = [*map(self.tracer, fields)]
            if rule.below is not None:
                # Where the first derivative was chosen, the answer has no second one.
                whole = rule.below(*args, **kwargs)
            elif isinstance(ans, tuple):
                whole = like(ans, map(self.tracer, answers))
            else:
                whole = self.tracer(answers[0])
            t = rule.jvp(ts, whole, args, kwargs)
            return t if isinstance(ans, tuple) else (t,)

        return self.integral(slopes)

    def integral(self, compute):
        """Coefficients of series from their derivatives, which ``compute()`` answers once."""
        slopes, nodes = [], []

        def rest(i, k):
            if not slopes:
                outer, self.nodes = self.nodes, nodes
                try:
                    slopes.extend(map(self._content, compute()))
                finally:
                    self.nodes = outer
            slope = slopes[i]
            if type(slope) is not Terms:  # the same everywhere
                return slope if k == 1 else None
            if len(nodes) > _DEEP:
                for node in nodes:
                    node.upto(k - 1)
            c = slope.upto(k - 1)[k - 1]
            return None if c is None else c / k

        return rest

    def _content(self, t):
        if not self.is_own(t):
            return t
        t.settle()
        return t.terms


@_QUIET
def solution(initial, compute, order, wary=False):
    """The coefficients 0 to order of series, from where they start and the function of their slopes."""
    expansion = Expansion(next_level(), order, wary)
    series = [expansion.terms([y]) for y in initial]
    expansion.stable = set(map(id, initial))

    def slopes():
        found = compute(*map(expansion.tracer, series))
        return [fit(slope, y) for slope, y in zip(found, initial)]

    rest = expansion.integral(slopes)
    for i, y in enumerate(series):
        y.rest = functools.partial(rest, i)
    try:
        expansion.complete(series)
    finally:
        expansion.close()
    if not wary and any(c is not None and has_nan(c) for y in series for c in y.known):
        return solution(initial, compute, order, wary=True)
    return [y.known for y in series]


def _scaled(terms, k):
    c = terms.upto(k + 1)[k + 1]
    return None if c is None else (k + 1) * c


def _frozen(x):
    """A key of what is equal in value and kind; TypeError where there is none."""
    kind = type(x)
    if kind is slice:
        return kind, _frozen(x.start), _frozen(x.stop), _frozen(x.step)
    if kind in (tuple, list):
        return kind, *map(_frozen, x)
    if kind is _ndarray and x.nbytes <= _SMALL and x.dtype.kind in "fciub":
        return x.shape, x.dtype, x.tobytes()
    if kind in (float, np.float64, complex, np.complex128) and not (x and x.imag == 0):
        return kind, repr(x)  # -0.0 is another number
    hash(x)
    return kind, x
