"""Primitives: functions with a declared rule, what a rule is, and what follows from it for every reader.

Must not know the words that declare one, nor what a tracer is.
"""

import inspect
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from dualrev.core.traced import NEVER_TRACED, tracer_in
from dualrev.errors import name_of
from dualrev.insides.bodies import mentioned, parameters_of
from dualrev.insides.marks import dispatches, ufunc_behind
from dualrev.ways import by_shapes

__all__ = [
    "METHODS",
    "RULES",
    "Primitive",
    "Rule",
    "asks_shapes",
    "reads_of",
    "register",
    "rule_of",
]

_ndarray = np.ndarray


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
    chosen : callable or None
        Of a function whose answer are the elements of its argument at the option ``index``: the
        ``combine`` of the PartialCotangent that the vjp answers.
    chooses : bool
        Whether a partial that is 0 stays so near the point, as that of a maximum does.
    fills : bool
        Whether the vjp of several outputs takes the cotangent 0 for one that was not used, or None.
    batch : callable or None
        What the function does with one axis more in front of its arrays, see ways.py; None
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
    judged : bool
        Of a composition whether NumPy's own function says first if it takes the call.
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
    chosen: Any = None
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
    judged: bool = False
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

    def reads(self, wanted):
        """A mask of what the pair reads for the derivatives by the wanted arguments.

        Bit 0 is the answer, bit i + 1 argument i.
        """
        if self.values_read is None:
            self.values_read = self._find_reads()
        if self.partials is None:
            return self.values_read
        needed = 0
        for read, w in zip(self.values_read, wanted):
            if w:
                needed |= read
        return needed

    def _find_reads(self):
        if self.partials is None:
            return -1 if self.reads_values else 0
        return reads_of(self.partials, self.products)

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


def reads_of(partials, products):
    """What an elementwise function reads, one mask an argument: an unwanted partial reads nothing."""
    return [
        mentioned(partial, 0) | mentioned(product, 1)
        for partial, product in zip(partials, products)
    ]


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


def register(function, rule):
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
