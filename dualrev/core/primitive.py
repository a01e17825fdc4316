"""RULES and the words that declare them: elementwise, linear, rule, constant, composition.

The complex convention and guarded products are settled here, once, for every rule.  Must not know
what a tracer is: a rule body calls NumPy, and NumPy dispatches back where its argument is traced.

The complex convention.  Inside the library a vjp is the plain transpose, ``J^T ct`` without
conjugation, so that a holomorphic rule needs no complex case at all; real parts are taken where a
real argument met complex ones.  The transforms conjugate cotangents on their way in and out, and
users see the adjoint under ``Re <a, b>``: the gradient of a real f is ``df/dx + i df/dy``.
"""

import functools
import inspect
import itertools
import operator
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from dualrev.core.arrays import has_nan, nowhere, somewhere
from dualrev.core.cotangents import PartialCotangent, cast, fit, fit_or_none, unbroadcast, zeros_of
from dualrev.core.traced import NEVER_TRACED, Traced, is_differentiated, is_traced, tracer_in
from dualrev.core.ways import aligned, by_shapes
from dualrev.errors import name_of
from dualrev.insides import count_arrays, dispatches, parameters_of, ufunc_behind

__all__ = [
    "METHODS",
    "RULES",
    "Rule",
    "asks_shapes",
    "composition",
    "computed_below_by",
    "constant",
    "elementwise",
    "guarded_product",
    "hidden_products",
    "is_traced",
    "kinked",
    "linear",
    "may_need_guard",
    "rule",
    "rule_of",
    "tracer_in",
]

_FLOAT = np.float64
#: Python's numbers do not broadcast what they meet.
_WEAK = frozenset({float, int})
_ndarray = np.ndarray
_PLAIN = frozenset({_ndarray, _FLOAT})


@dataclass(slots=True, eq=False)
class Rule:
    """What is declared of one function: a pair (jvp, vjp), and how to call it on primals.

    Attributes
    ----------
    function : callable
        The function that users call; the key of this rule in ``RULES``.
    call : callable
        Computes the answer from primals; the function itself, but where something is faster, as
        Python's operators are, or different.
    word : str
        The word that declared it: elementwise, linear, rule, constant or composition.
    arity : int
        Number of leading arguments that are arrays; -1 where all positional arguments are.
    jvp : callable
        ``jvp(tangents, ans, args, kwargs)``; a tangent is None where the argument is constant.
    vjp : callable
        ``vjp(ct, ans, args, kwargs, wanted)``; wanted is a mask: None stands for an argument whose
        cotangent is not wanted.  Answers one cotangent (or None) an argument.
    view : bool
        Whether NumPy's answer shares memory with its first argument.
    may_copy : bool
        Whether that depends on the memory layout.
    reads_values : bool
        Whether the pair reads the values of the arguments, so that they must not change meanwhile;
        else their shapes are enough.
    partials, products : tuple or None
        Those of an elementwise function, one an argument; None for a product that is not fused.
    chooses : bool
        Whether a partial that is 0 stays so near the point, as that of a maximum does.
    fills : bool
        Whether the vjp of several outputs takes the cotangent 0 for one that was not used, or None.
    batch : callable or None
        What the function does with one axis more in front of its arrays, see core/ways.py; None
        until it is asked, where it follows from the word.
    below : callable or None
        What computes the answer instead where the arguments are traced, see ``computed_below_by``.
    series : callable or None
        ``series(ans, *args, **kwargs)``: the next Taylor coefficient of the answer, from the list of
        those before it and the list of each argument's own, that one included.  None, in them and as
        the answer, is a 0 by structure.  NotImplemented where the jvp must tell.  Only where a
        recurrence was measured to pay.
    affine : bool
        Whether it is affine in each of its arguments alone, as what is linear is, and what has a pair
        that reads no values.
    subscripts : callable or None
        Of a product that is summed over some axes: ``subscripts(*ndims, **kwargs)``, the labels of
        the axes of each argument and those of the answer, as einsum takes them; also of another
        function of which an element depends on the same elements as that of such a product.
    program : callable or None
        An equal function in functions that have rules, of which the pair is made.
    computes : bool
        Whether the function computes arrays from arrays and does nothing else, so that a program
        may call it.
    open : bool
        Whether a program holds the calls that its body makes, not one call of it.
    name : str or None
        What users call the function, where it has no name of its own.
    body : tuple or None
        The function whose parameters are the rule's, and how many of its own come first.
    """

    function: Callable
    word: str
    arity: int
    jvp: Any
    vjp: Any
    call: Any = None
    view: bool = False
    reads_values: bool = True
    may_copy: bool = False
    partials: Any = None
    products: Any = None
    chooses: bool = False
    fills: bool = True
    batch: Any = None
    below: Any = None
    series: Any = None
    affine: bool = False
    subscripts: Any = None
    program: Any = None
    computes: bool = True
    open: bool = False
    name: str | None = None
    body: Any = None
    parameters: Any = None
    values_read: Any = None

    def __post_init__(self):
        if self.call is None:
            self.call = self.function
        if self.word == "linear" or (self.word == "rule" and not self.reads_values):
            self.affine = True

    def __repr__(self):
        return f"<{self.word} rule of {name_of(self.function)}>"

    def __reduce__(self):
        return rule_of, (self.function,)

    def is_affine_by(self, moving):
        """Whether the derivative by these arguments, by their numbers, is the same everywhere."""
        if self.below is not None:
            return False
        if self.word == "elementwise":
            return not any(callable(self.partials[i]) for i in moving)
        if not self.reads_values or (self.word == "linear" and self.chooses):
            return True
        return self.affine and len(moving) == 1

    def find_parameters(self):
        """Names of the function's parameters, and those of its options that the rule knows.

        The second is None where the rule takes any.  Found at the first call that needs them.
        """
        if self.parameters is None:
            self.parameters = self._parameters()
        return self.parameters

    def _parameters(self):
        own, options = (), frozenset()
        if self.body is not None:
            body, skip = self.body
            positional, keywords, takes_any = parameters_of(body, skip)
            own = positional + keywords
            options = None if takes_any else frozenset(own)
        try:
            given = inspect.signature(self.function).parameters.values()
        except ValueError:  # some of NumPy's C functions, in its older versions
            return own, options
        given = itertools.takewhile(lambda p: p.kind != p.VAR_POSITIONAL, given)
        return tuple(p.name for p in given), options


RULES: dict[Callable, Rule] = {}
#: What declares a method of a ufunc whose rule follows from the ufunc's: ``declare(ufunc)``, by the
#: method's name.
METHODS: dict[str, Callable] = {}


def rule_of(function):
    """The rule of a function, or None; that of a ufunc's method follows from the ufunc's."""
    rule = RULES.get(function)
    if rule is None:
        ufunc = getattr(function, "__self__", None)
        if isinstance(ufunc, np.ufunc) and ufunc in RULES and function.__name__ in METHODS:
            METHODS[function.__name__](ufunc)
            rule = RULES.get(function)
    return rule


def asks_shapes(function):
    """Whether a function asks for shapes and dtypes alone, which every array knows."""
    rule = rule_of(function)
    return rule is not None and rule.batch is by_shapes


class Primitive:
    """A user's function with a declared rule; dispatches to the tracers among its arguments."""

    def __init__(self, function: Callable, name: str | None = None):
        self.function = function
        self.__name__ = name or getattr(function, "__name__", type(function).__name__)
        self.__qualname__ = name or getattr(function, "__qualname__", self.__name__)
        self.__module__ = getattr(function, "__module__", __name__)
        self.__doc__ = getattr(function, "__doc__", None)
        self.__wrapped__ = function

    def __call__(self, *args, **kwargs):
        for a in (*args, *kwargs.values()) if kwargs else args:
            kind = type(a)
            if kind in NEVER_TRACED or (kind is _ndarray and not a.dtype.hasobject):
                continue
            tracer = tracer_in(a)
            if tracer is not None:
                return tracer.__array_function__(self, (), args, kwargs)
        return self.function(*args, **kwargs)

    def __repr__(self):
        return f"<primitive {self.__name__}>"

    def __reduce__(self):
        # A decorated function is found by name, like any function; the name leads back to self.
        return self.__qualname__


def _register(function, rule):
    """Store the rule; answer what users call: the function itself where it dispatches already."""
    ufunc = ufunc_behind(function)
    if ufunc is not function:
        rule.function = ufunc
        rule.call = ufunc if rule.call is function else rule.call
        RULES[ufunc] = rule
    elif not (isinstance(function, Primitive) or dispatches(function)):
        primitive = Primitive(function, rule.name)
        if rule.call is function:
            rule.call = primitive  # a lower level may be among the primals
        rule.function = function = primitive
    RULES[function] = rule
    return function


# ------------------------------------------------------------------------- guarded products


def guarded_product(ct, partial, both=False):
    """``ct * partial``, but 0 where ct is exactly 0, also where the partial is infinite or nan.

    With ``both`` also where the partial is exactly 0 and ct is not finite.
    """
    product = ct * partial
    if type(partial) in _WEAK and partial - partial == 0:  # finite
        return product
    return _masked_product(ct, partial, both=both) if may_need_guard(product, ct) else product


def may_need_guard(product, ct):
    """Whether a product of ct and a partial holds a nan, or derivatives of it may."""
    if type(product) is _ndarray or type(product) is _FLOAT:
        return has_nan(product)
    return has_nan(product) or (isinstance(product, Traced) and product.may_meet_nan(ct))


class _Hidden(threading.local):
    """Notes of the running thread."""

    def __init__(self):
        self.notes = []


_hidden = _Hidden()


def hidden_products():
    """A list of this thread that grows where a 0 hides an infinite or nan partial.

    A pull clears it, and looks closer at an entry that has added to it.
    """
    return _hidden.notes


def _masked(ct, partial, both=False):
    hides = np.equal(ct, 0) & ~np.isfinite(partial)
    if not _hidden.notes and somewhere(hides):
        _hidden.notes.append(True)
    finite = np.where(hides, 0, partial)
    if both:
        ct = np.where(np.equal(partial, 0) & ~np.isfinite(ct), 0, ct)
    return ct * finite


def _masked_jvp(tangents, ans, ct, partial, both=False):
    t_ct, t_partial = tangents
    if t_partial is None:
        return guarded_product(t_ct, partial)
    # A zero in ct stops an infinite tangent of the partial as it stops the partial itself.
    t = guarded_product(ct, t_partial)
    return t if t_ct is None else t + guarded_product(t_ct, partial)


def _masked_vjp(ct, wanted, ans, factor, partial, both=False):
    return (
        guarded_product(ct, partial) if wanted[0] else None,
        guarded_product(ct, factor, both=True) if wanted[1] else None,
    )


# --------------------------------------------------------------------------------- the words


def elementwise(function, *partials, guarded=False, guards_pull=False, product=None, **options):
    """Declare that each element of the answer depends on the matching elements of the arguments only.

    Parameters
    ----------
    function : callable
        The function.
    *partials : callable, number or None
        One an argument: ``partial(ans, *args)``, the derivative of an element of the answer by the
        matching element of that argument.  A number for a constant partial, None for no derivative.
    guarded : bool
        Whether an exactly zero tangent or cotangent stays zero where the partial is infinite.
    guards_pull : bool
        The same of cotangents only: where the partial is infinite at an infinite argument alone,
        whose tangent np.where discards.
    product : callable or tuple of callable, optional
        ``product(t, ans, *args)``: a tangent or cotangent times the first partial, or one of each
        for the first ones: where one fused expression was measured to pay, or where the partial
        overflows and the product does not.
    **options
        ``call``, ``chooses``, ``series`` and ``name`` of Rule.
    """
    products = [None if p is None else _times(p, guarded or guards_pull) for p in partials]
    fused = product if isinstance(product, tuple) else (product,)
    fused += (None,) * (len(partials) - len(fused))
    product = fused[0]
    for i, of_argument in enumerate(fused):
        if of_argument is not None:
            products[i] = lambda t, ans, args, by=of_argument: by(t, ans, *args)
    if len(partials) == 1:
        push = _times(partials[0], False) if guards_pull and product is None else products[0]
        jvp, vjp = _elementwise_of_one(push, products[0])
    else:
        jvp, vjp = _elementwise_of_many(partials, products, product, guarded)
    # The sweeps of a tape are quiet as a whole.  Operators are too hot for it (1.2 us), and where
    # their partial is infinite mostly their answer is, and NumPy has warned.
    if guarded and options.get("call") is None:
        jvp = _quiet(jvp)
    reads_values = any(callable(p) for p in partials)
    made = Rule(
        function, "elementwise", len(partials), jvp, vjp, reads_values=reads_values, **options
    )
    made.partials, made.products = partials, fused
    return _register(function, made)


def _quiet(jvp):
    """jvp without a warning that a partial is infinite, which may meet a zero tangent."""

    def quiet_jvp(tangents, ans, args, kwargs):
        with np.errstate(divide="ignore", invalid="ignore"):
            return jvp(tangents, ans, args, kwargs)

    return quiet_jvp


def _times(partial, guarded):
    """``(ct, ans, args) -> ct * partial``, with the constants 1 and -1 multiplied out."""
    if callable(partial):
        if not guarded:
            return lambda ct, ans, args: ct * partial(ans, *args)

        def times(ct, ans, args):
            box = [partial(ans, *args)]
            if type(box[0]) in _WEAK and box[0] - box[0] == 0:  # finite
                return ct * box[0]
            # Nothing else holds the partial then: NumPy writes the product into its memory, 3 to
            # 10 ms less of 10^6 elements.
            product = ct * box.pop()
            if may_need_guard(product, ct):
                return guarded_product(ct, partial(ans, *args))
            return product

        return times
    if partial == 1:
        return lambda ct, ans, args: ct
    if partial == -1:
        return lambda ct, ans, args: -ct
    return lambda ct, ans, args: ct * partial


def _elementwise_of_one(push, pull):
    def jvp(tangents, ans, args, kwargs):
        t = push(tangents[0], ans, args)
        return t if t.dtype is ans.dtype else cast(t, ans.dtype)

    def vjp(ct, ans, args, kwargs, wanted):
        ct = pull(ct, ans, args)
        x = args[0]
        return (ct if ct.dtype is x.dtype else cast(ct, x.dtype),)

    return jvp, vjp


def _pull_of(partial, times):
    """``(ct, ans, args, x)`` -> the cotangent of one argument x of several."""
    if partial == 1:
        return lambda ct, ans, args, x: unbroadcast(ct, x)
    if callable(partial):
        return lambda ct, ans, args, x: unbroadcast(times(ct, ans, args), x)
    # A constant factor comes after the sum over broadcast axes, where fewer elements are left.
    return lambda ct, ans, args, x: times(unbroadcast(ct, x), ans, args)


def _elementwise_of_many(partials, products, fused, guarded):
    pulls = [
        None if times is None else _pull_of(partial, times)
        for partial, times in zip(partials, products)
    ]
    if len(products) == 2 and None not in products:
        return _elementwise_of_two(partials, products, pulls, fused, guarded)

    def jvp(tangents, ans, args, kwargs):
        total = None
        for t, times in zip(tangents, products):
            if t is not None and times is not None:
                term = times(t, ans, args)
                total = term if total is None else total + term
        return zeros_of(ans) if total is None else fit(total, ans)

    def vjp(ct, ans, args, kwargs, wanted):
        return [
            None if w is None or pull is None else pull(ct, ans, args, x)
            for w, pull, x in zip(wanted, pulls, args)
        ]

    return jvp, vjp


# Two arguments are most of all operations: unrolled, and asking for broadcasting only where it can
# have been, 0.5 us less than the loops above.
def _elementwise_of_two(partials, products, pulls, fused, guarded):
    times_x, times_y = products
    pull_x, pull_y = pulls
    difference = partials == (1, -1)
    # Two guarded products and their sum are looked through for nan once, not twice.
    together = guarded and fused is None
    plain_x, plain_y = (_times(partial, False) for partial in partials)

    def jvp(tangents, ans, args, kwargs):
        t_x, t_y = tangents
        if t_y is None:
            t = times_x(t_x, ans, args)
        elif t_x is None:
            t = times_y(t_y, ans, args)
        elif difference:
            t = t_x - t_y
        elif together:
            t = plain_x(t_x, ans, args) + plain_y(t_y, ans, args)
            if has_nan(t):
                t = times_x(t_x, ans, args) + times_y(t_y, ans, args)
        else:
            t = times_x(t_x, ans, args) + times_y(t_y, ans, args)
        if type(t) is _FLOAT and type(ans) is _FLOAT:
            return t
        return t if t.dtype is ans.dtype and t.shape == ans.shape else fit(t, ans)

    def vjp(ct, ans, args, kwargs, wanted):
        x, y = args
        if wanted[1] is None:
            if type(y) not in _WEAK:
                return pull_x(ct, ans, args, x), None
            ct = times_x(ct, ans, args) if fused is None else fused(ct, ans, x, y)
            return (ct if ct.dtype is x.dtype else cast(ct, x.dtype)), None
        if wanted[0] is None:
            if type(x) not in _WEAK:
                return None, pull_y(ct, ans, args, y)
            ct = times_y(ct, ans, args)
            return None, (ct if ct.dtype is y.dtype else cast(ct, y.dtype))
        if type(x) is _FLOAT and type(y) is _FLOAT and type(ct) is _FLOAT:
            return times_x(ct, ans, args), times_y(ct, ans, args)
        return pull_x(ct, ans, args, x), pull_y(ct, ans, args, y)

    return jvp, vjp


def linear(function, *transposes, together=None, each=None, constants=0, **options):
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
        return function
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

    # A linear function of one argument needs that argument's shape only.
    reads_values = len(transposes) > 1
    made = Rule(
        function, "linear", len(transposes), None, vjp, reads_values=reads_values, **options
    )
    made.jvp = _jvp_of_each(made)
    made.body = next(filter(None, transposes)), 1
    return _register(function, made)


def _jvp_of_each(made):
    """That of a function which is linear in each of its arguments."""

    def jvp(tangents, ans, args, kwargs):
        total = None
        for i, t in enumerate(tangents):
            if t is not None:
                term = made.call(*args[:i], t, *args[i + 1 :], **kwargs)
                total = term if total is None else total + term
        return fit(total, ans)

    return jvp


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
    return _register(function, made)


def constant(*functions, arity=0, **options):
    """Declare functions whose answers carry no derivative: steps, comparisons, indices, shapes.

    Options are ``batch`` of Rule, of a function of the first ``arity`` arguments or of one, and
    ``open``: of one that answers None for some numbers, as nothing.
    """
    made = tuple(
        _register(function, Rule(function, "constant", arity, None, None, **options))
        for function in functions
    )
    return made[0] if len(made) == 1 else made


def composition(function, call, arity=0, **options):
    """Declare that a function is computed from primitives: on tracers, ``call`` runs instead.

    The first ``arity`` arguments are arrays: they reach ``call`` as arrays where lists were given.
    """
    made = Rule(function, "composition", arity, None, None, call, **options)
    return _register(function, made)


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
            if type(a) not in _PLAIN and isinstance(a, Traced):
                if is_differentiated(a):
                    return other(*args, **options)
                below = function  # which dispatches
        return below(*args, **options)

    def call_of_one(x):
        if type(x) is _FLOAT or type(x) is _ndarray or not is_differentiated(x):
            return compute(x)
        return other(x)

    # abs of a number is hot: a third of the time of the loop.
    rule.call = call_of_one if rule.word == "elementwise" and rule.arity == 1 else call
    return rule.call


def _masked_series(ans, ct, partial, both=False):
    """Each 0 of ct stops what it is multiplied by, as in the jvp of the jvp."""
    terms = [
        guarded_product(c, p)
        for c, p in zip(ct, partial[len(ans) :: -1])
        if c is not None and p is not None
    ]
    return functools.reduce(operator.add, terms) if terms else None


_masked_product = rule(
    _masked, _masked_jvp, _masked_vjp, open=True, batch=aligned, series=_masked_series
)
