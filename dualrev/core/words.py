"""The words that declare rules: linear, rule, constant, composition; elementwise has a file of its own.

The complex convention is settled here, once, for every rule.  Must not know what a tracer is: a rule
body calls NumPy, and NumPy dispatches back where its argument is traced.

The complex convention.  Inside the library a vjp is the plain transpose, ``J^T ct`` without
conjugation, so that a holomorphic rule needs no complex case at all; real parts are taken where a
real argument met complex ones.  The transforms conjugate cotangents on their way in and out, and
users see the adjoint under ``Re <a, b>``: the gradient of a real f is ``df/dx + i df/dy``.
"""

import functools

import numpy as np

from dualrev.core.arrays import PLAIN, nowhere
from dualrev.core.cotangents import PartialCotangent, fit, fit_or_none, unbroadcast
from dualrev.core.hidden import finite_terms, hides, is_finite
from dualrev.core.primitive import RULES, Primitive, Rule, register
from dualrev.core.traced import Traced, is_differentiated
from dualrev.insides.bodies import count_arrays

__all__ = ["composition", "computed_below_by", "constant", "kinked", "linear", "rule"]


def linear(function, *transposes, together=None, each=None, chosen=None, constants=0, **options):
    """Declare a linear function; its jvp is itself.

    Parameters
    ----------
    function : callable
        The function.
    *transposes : callable
        Of a function that is linear in each of its array arguments, one an argument:
        ``transpose(ct, *args, **kwargs)``, the vjp in that argument.
    together : callable, optional
        Of one that is linear in all of them together, as joining is: ``together(ct, wanted, ans,
        *args, **kwargs)``, the vjp of a ``rule``.
    each : callable, optional
        Of one that is linear in each of any number of them, as einsum is: the vjp of a ``rule``.
    chosen : callable, optional
        Of one whose answer are the elements of its argument at the option ``index``: the ``combine``
        of PartialCotangent.
    constants : int
        Number of its leading arguments by which there is no derivative, as a condition; it reads
        no others.
    **options
        ``call``, ``view``, ``may_copy``, ``batch``, ``subscripts`` and ``name`` of Rule.
    """
    if together is not None:
        return _linear_together(function, together, constants, **options)
    if each is not None:
        function = rule(function, None, each, **options)
        made = RULES[function]
        made.word, made.jvp, made.affine = "linear", _jvp_of_each(made), True
        made.vjp = _of_finite_terms(made.vjp)
        return function
    if chosen is not None:
        transposes = (lambda ct, x, index=None: PartialCotangent(index, ct, x, chosen),)
    if len(transposes) == 1:
        (transpose,) = transposes

        def vjp(ct, ans, args, kwargs, wanted):
            ct = transpose(ct, *args, **kwargs)
            return (ct if type(ct) is PartialCotangent else unbroadcast(ct, args[0]),)

    else:

        def vjp(ct, ans, args, kwargs, wanted):
            return [
                None if w is None else unbroadcast(transpose(ct, *args, **kwargs), x)
                for w, transpose, x in zip(wanted, transposes, args)
            ]

        if len(transposes) == 2:
            vjp = _vjp_of_two(*transposes)
        vjp = _of_finite_terms(vjp)

    # A linear function of one argument needs that argument's shape only.
    reads_values = len(transposes) > 1
    made = Rule(
        function, "linear", len(transposes), None, vjp, reads_values=reads_values, **options
    )
    made.jvp = _jvp_of_each(made)
    made.chosen = chosen
    made.body = next(filter(None, transposes)), 1
    return register(function, made)


def _vjp_of_two(of_x, of_y):
    """Most have two arguments: unrolled, 0.3 us less."""

    def vjp(ct, ans, args, kwargs, wanted):
        x, y = args
        return [
            None if wanted[0] is None else unbroadcast(of_x(ct, x, y, **kwargs), x),
            None if wanted[1] is None else unbroadcast(of_y(ct, x, y, **kwargs), y),
        ]

    return vjp


def _of_finite_terms(vjp):
    """That of a function linear in each of several arguments: a 0 of ct stops their infinities."""

    def of_finite_terms(ct, ans, args, kwargs, wanted):
        cts = vjp(ct, ans, args, kwargs, wanted)
        if is_finite(ans):  # then so are all arguments
            return cts
        for i, c in enumerate(cts):
            if c is not None and type(c) is not PartialCotangent and hides(c):
                pulled = functools.partial(_pulled, vjp, i, ans, kwargs)
                cts[i] = finite_terms(pulled, ct, args, i, c)
        return cts

    return of_finite_terms


def _pulled(vjp, i, ans, kwargs, ct, args):
    """The cotangent of argument i alone."""
    wanted = [k if k == i else None for k in range(len(args))]
    return vjp(ct, ans, args, kwargs, wanted)[i]


def _jvp_of_each(made):
    """That of a function which is linear in each of its arguments."""

    def jvp(tangents, ans, args, kwargs):
        total = None
        for i, t in enumerate(tangents):
            if t is not None:
                term = made.call(*args[:i], t, *args[i + 1 :], **kwargs)
                if several and hides(term):
                    pushed = functools.partial(_pushed, made.call, i, kwargs)
                    term = finite_terms(pushed, t, args, i, term)
                total = term if total is None else total + term
        return fit(total, ans)

    several = made.arity != 1
    return jvp


def _pushed(call, i, kwargs, t, args):
    """The tangent by argument i alone."""
    return call(*args[:i], t, *args[i + 1 :], **kwargs)


def _linear_together(function, vjp, constants, **options):
    def jvp(tangents, ans, args, kwargs):
        if len(args) == constants:
            return (None,) * len(ans)  # the indices that np.where of a condition alone answers
        ts = list(args)
        for i in range(constants, len(ts)):
            ts[i] = _still(ts[i], ans) if tangents[i] is None else tangents[i]
        return fit(made.call(*ts, **kwargs), ans)

    chooses = constants > 0
    options |= {
        "reads_values": chooses,
        "chooses": chooses,
        "values_read": ((1 << constants) - 1) << 1,
    }
    function = rule(function, None, vjp, **options)
    made = RULES[function]
    made.word, made.jvp, made.affine = "linear", jvp, True
    return function


def _still(x, ans):
    """The tangent of an argument that does not move."""
    return np.zeros(x.shape, ans.dtype)[()] if hasattr(x, "shape") else 0.0


def rule(function, jvp, vjp, *, arity=None, body=None, **options):
    """Declare the pair (jvp, vjp) of a function that is neither elementwise nor linear.

    Parameters
    ----------
    function : callable
        The function.
    jvp : callable
        ``jvp(tangents, ans, *args, **kwargs)``; a tangent is None where its argument is constant.
    vjp : callable
        ``vjp(ct, wanted, ans, *args, **kwargs)``, one cotangent an array argument; ``wanted`` holds
        a bool for each, so that work which serves several is done once.
    arity : int, optional
        Number of leading arguments that are arrays, -1 where all positional ones are; by default
        the parameters of ``vjp`` without default value.
    body : tuple, optional
        The function whose parameters are the rule's, and how many of its own come first; by
        default ``(vjp, 3)``.
    **options
        ``call``, ``view``, ``may_copy``, ``reads_values``, ``fills``, ``batch``, ``affine``,
        ``subscripts`` and ``name`` of Rule.
    """

    def pair_jvp(tangents, ans, args, kwargs):
        t = jvp(tangents, ans, *args, **kwargs)
        if isinstance(ans, tuple):
            return tuple(map(fit_or_none, t, ans))
        return fit(t, ans)

    def single_vjp(ct, ans, args, kwargs, wanted):
        (ct,) = vjp(ct, (True,), ans, *args, **kwargs)
        return (unbroadcast(ct, args[0]),)

    def pair_vjp(ct, ans, args, kwargs, wanted):
        asked = [w is not None for w in wanted]
        cts = vjp(ct, asked, ans, *args, **kwargs)
        return [
            unbroadcast(c, x) if w and c is not None else None for w, c, x in zip(asked, cts, args)
        ]

    if arity is None:
        arity = count_arrays(vjp, 3)
    half = single_vjp if arity == 1 else pair_vjp  # an argument alone is always wanted: 0.4 us less
    made = Rule(function, "rule", arity, pair_jvp, half, body=body or (vjp, 3), **options)
    return register(function, made)


def constant(*functions, arity=0, **options):
    """Declare functions whose answers carry no derivative: steps, comparisons, indices, shapes.

    Options are ``batch`` of Rule, of a function of the first ``arity`` arguments or of one, and
    ``open``: of one that answers None for some numbers, as nothing.
    """
    made = tuple(
        register(function, Rule(function, "constant", arity, None, None, **options))
        for function in functions
    )
    return made[0] if len(made) == 1 else made


def composition(function, call, arity=0, **options):
    """Declare that a function is computed from primitives: on tracers, ``call`` runs instead.

    The first ``arity`` arguments are arrays: they reach ``call`` as arrays where lists were given.
    ``judged`` of Rule is for one of many options, which takes so long that 3 us more are no matter.
    """
    made = Rule(function, "composition", arity, None, None, call, **options)
    return register(function, made)


def kinked(function, strict):
    """Declare that a function has a kink where it is 0, as a norm has: there its rule chooses 0.

    What was chosen has no derivative itself.  So the levels below, which differentiate the rule
    again, compute with ``strict``: the same function, with a rule that chooses nothing and is nan at
    the kink.  To a tape that is not enough: the cotangent ``2 * norm(x)`` is 0 there, as is one that
    np.where put out.  It carries a doubt along, which np.where puts out too.

    Answers the function for bodies of rules, which are differentiated again.
    """

    def in_doubt(*args, **options):
        ans = strict(*args, **options)
        zero = np.equal(ans, 0)
        return ans if nowhere(zero) else ans.doubted(zero)

    return computed_below_by(in_doubt, function)


def computed_below_by(other, function):
    """Declare what computes the answer on the primals of a tracer where they are tracers again."""
    rule = RULES[function]
    rule.below = other
    compute = rule.call.function if type(rule.call) is Primitive else rule.call

    def call(*args, **options):
        below = compute
        for a in args:
            if type(a) not in PLAIN and isinstance(a, Traced):
                if is_differentiated(a):
                    return other(*args, **options)
                below = function  # which dispatches
        return below(*args, **options)

    def call_of_one(x):
        if type(x) in PLAIN or not is_differentiated(x):
            return compute(x)
        return other(x)

    # abs of a number is hot: a third of the time of the loop.
    rule.call = call_of_one if rule.word == "elementwise" and rule.arity == 1 else call
    return rule.call
