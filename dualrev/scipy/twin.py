"""twin: a function of SciPy's, with derivatives, from one declaration.

Owns what all twins have in common: SciPy's signature, SciPy itself where nothing is traced, arrays
made of lists, defaults handed on, and the refusal of traced options.  Must not know any function by
name.
"""

import functools
import inspect
from collections.abc import Callable
from typing import Any, ParamSpec

import numpy as np

from dualrev.calls import as_tuple
from dualrev.core.binding import bind
from dualrev.core.operands import as_operand
from dualrev.core.primitive import RULES
from dualrev.core.traced import NEVER_TRACED, tracer_in
from dualrev.errors import ArgumentError, name_of, no_rule, not_constant

__all__ = [
    "bound_arguments",
    "check_constant",
    "least_dimensions",
    "like",
    "twin",
    "with_named_arguments",
]

P = ParamSpec("P")
_ndarray = np.ndarray


def twin(
    function: Callable[P, Any],
    word: Callable | None = None,
    *parts: Any,
    check: Callable | None = None,
    **details: Any,
) -> Callable[[Callable], Callable[P, Any]]:
    """Declare the twin of a function of SciPy: a decorator of its definition.

    The definition has the twin's name and docstring, and its positional parameters are the twin's
    arrays, which are differentiated.  With a word (``linear``, ``rule``, ``by_program``, ...) that is
    all of it: the rule is ``word(function, *parts, **details)``.  Without one, its body computes the
    answer to a traced call, and its keyword-only parameters are the options that it knows; what is
    positional-only, as a tuple of arrays, comes as it is given.

    Parameters
    ----------
    function : callable
        SciPy's function.
    word : callable, optional
        Makes the primitive, or a function that serves as the body does.
    *parts, **details
        What the word takes after the function: a transpose, a pair, a program.
    check : callable, optional
        ``check(*arrays, **options)`` raises where a traced call has no derivative.

    Returns
    -------
    callable
        The decorator.

    Notes
    -----
    A twin has SciPy's signature.  Where nothing is traced it is SciPy's function.  Else lists become
    arrays, and options are handed on by name with SciPy's defaults; one that is traced itself, or
    that the rule does not know, raises MissingRuleError.  No twin overwrites its arguments: what
    ``overwrite_...`` says is ignored.
    """

    def declare(definition):
        unchanged, arrays, _ = _parameters_of(definition)
        run = made = definition if word is None else word(_of(function, arrays), *parts, **details)
        rule = RULES.get(made)
        if rule is None:
            _, _, known = _parameters_of(made)
        else:
            _, known = rule.find_parameters()

            def run(*operands, **options):
                # Options are sorted already: bind saves 5 us.  Without them dispatch is the shorter way.
                return bind(rule, operands, options) if options else made(*operands)

        given = _Given(function, unchanged, arrays, known, check)
        overwrites, before_overwrites = given.overwrites, given.before_overwrites

        @functools.wraps(definition)
        def call(*args, **kwargs):
            if len(args) > before_overwrites or (kwargs and not overwrites.isdisjoint(kwargs)):
                args, kwargs = given.without_overwrites(args, kwargs)
            for x in (*args, *kwargs.values()) if kwargs else args:
                kind = type(x)
                if kind in NEVER_TRACED or (kind is _ndarray and not x.dtype.hasobject):
                    continue
                if tracer_in(x) is not None:
                    operands, options = given.sorted(args, kwargs)
                    return run(*operands, **options)
                if kind is _ndarray:
                    args, kwargs = _without_objects(args, kwargs)
            return function(*args, **kwargs)

        call.__signature__ = given.signature
        return call

    return declare


def like(function: Callable[P, Any]) -> Callable[[Callable], Callable[P, Any]]:
    """Give a definition the signature of a function of SciPy: a decorator of what is no twin().

    So are classes, and what answers them: they run where nothing is traced, too.  The definition
    names the parameters that it reads, as SciPy's come first; the others reach its ``**options``.
    """
    signature = inspect.signature(function)
    names = _positional(signature)

    def declare(definition):
        own = len(_positional(inspect.signature(definition)))

        @functools.wraps(definition)
        def call(*args, **kwargs):
            if len(args) <= own:
                return definition(*args, **kwargs)
            if len(args) > len(names):
                bound_arguments(function, signature, args, kwargs)  # raises
            return definition(*args[:own], **dict(zip(names[own:], args[own:])), **kwargs)

        call.__signature__ = signature
        return call

    return declare


def with_named_arguments(definition: Callable) -> Callable:
    """Let a definition of ``f, ..., args=()`` take ``kwargs``, too, arguments of f by name.

    So have SciPy's functions that work by elements, from SciPy 1.18 on.
    """

    @functools.wraps(definition)
    def call(f, *start, args=(), kwargs=None, **options):
        args = as_tuple(args)
        if not kwargs:
            return definition(f, *start, args=args, **options)
        count = len(args)

        def by_position(x, *given):
            return f(x, *given[:count], **dict(zip(kwargs, given[count:])))

        return definition(by_position, *start, args=(*args, *kwargs.values()), **options)

    return call


def least_dimensions(n: int, count: int | None = None) -> Callable[..., None]:
    """A check: the first ``count`` arrays, or all, have n dimensions; SciPy gives them to fewer."""

    def check(*arrays: Any, **options: Any) -> None:
        for x in arrays[:count]:
            if x is not None and np.ndim(x) < n:
                raise ArgumentError(
                    f"An array of shape {np.shape(x)} was given for one of {n} dimensions, of which "
                    "alone a derivative is known.",
                    fix=f"give np.atleast_{n}d(x)",
                )

    return check


def check_constant(function: Callable | str, options: dict) -> None:
    """Raise for a traced option, in which no derivative is known."""
    for name, option in options.items():
        if type(option) not in NEVER_TRACED and tracer_in(option) is not None:
            called = function if isinstance(function, str) else name_of(function)
            raise not_constant(called, name)


def _positional(signature):
    return [p.name for p in signature.parameters.values() if p.kind < p.VAR_POSITIONAL]


def _without_objects(args, kwargs):
    """Arrays of objects that are numbers become arrays of numbers, as of objects that are traced."""
    found = [as_operand(x) if type(x) is _ndarray else x for x in (*args, *kwargs.values())]
    return tuple(found[: len(args)]), dict(zip(kwargs, found[len(args) :]))


def _of(function, arrays):
    """The function of these arrays by position, where SciPy has them in another order, or by name."""
    options = dict(inspect.signature(function).parameters)
    if all(p.kind < p.KEYWORD_ONLY and p.name == a for a, p in zip(arrays, options.values())):
        return function

    @functools.wraps(function)
    def call(*operands, **options):
        return function(**dict(zip(arrays, operands)), **options)

    first = [
        options.pop(a).replace(
            kind=inspect.Parameter.POSITIONAL_ONLY, default=inspect.Parameter.empty
        )
        for a in arrays
    ]
    others = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in options.values()]
    call.__signature__ = inspect.Signature([*first, *others])
    return call


def _parameters_of(definition):
    """The number of positional-only ones, names of the arrays, and of options; None for any."""
    by_kind: dict = {}
    for p in inspect.signature(definition).parameters.values():
        by_kind.setdefault(p.kind, []).append(p.name)
    unchanged = by_kind.get(inspect.Parameter.POSITIONAL_ONLY, [])
    arrays = unchanged + by_kind.get(inspect.Parameter.POSITIONAL_OR_KEYWORD, [])
    options = frozenset(by_kind.get(inspect.Parameter.KEYWORD_ONLY, ()))
    return len(unchanged), arrays, None if inspect.Parameter.VAR_KEYWORD in by_kind else options


def bound_arguments(function, signature, args, kwargs):
    """The arguments by the names of a signature; a TypeError names the function, as Python's own."""
    try:
        return signature.bind(*args, **kwargs)
    except TypeError as error:
        raise TypeError(f"{function.__name__}() {error}") from None


class _Given:
    """What a call gives to a function of SciPy, by the function's signature."""

    def __init__(self, function, unchanged, arrays, known, check):
        self.function, self.unchanged, self.arrays = function, unchanged, arrays
        self.check = check
        signature = inspect.signature(function)
        # The default of a deprecated parameter is an object that says so.
        parameters = [
            p
            for p in signature.parameters.values()
            if type(p.default) is not object or (known is not None and p.name in known)
        ]
        self.signature = signature.replace(parameters=parameters)
        self.names = tuple(_positional(self.signature))
        self.takes_any = any(p.kind is p.VAR_KEYWORD for p in parameters)
        self.defaults = {p.name: p.default for p in parameters if p.default is not p.empty}
        self.required = frozenset(self.names).difference(self.defaults)
        self.overwrites = {name for name in self.defaults if name.startswith("overwrite_")}
        self.before_overwrites = next(
            (i for i, name in enumerate(self.names) if name in self.overwrites), len(self.names)
        )
        self.options = {
            name: default
            for name, default in self.defaults.items()
            if name not in self.overwrites.union(arrays) and (known is None or name in known)
        }
        self.by_default = tuple(map(self.defaults.get, arrays))
        # With so many positional arguments, all are arrays, and none is missing.
        pairs = enumerate(zip(self.names, arrays))
        leading = next((i for i, (name, array) in pairs if name != array), len(arrays))
        self.arrays_alone = range(len(self.required), leading + 1)

    def without_overwrites(self, args, kwargs):
        """The call without what allows to overwrite an argument."""
        bound = bound_arguments(self.function, self.signature, args, kwargs)
        for name in self.overwrites:
            bound.arguments.pop(name, None)
        return bound.args, bound.kwargs

    def sorted(self, args, kwargs):
        """The arrays in the definition's order, and all options by name."""
        if len(args) in self.arrays_alone and kwargs.keys() <= self.options.keys():
            arrays, given = args + self.by_default[len(args) :], kwargs  # 1 us less
        else:
            arrays, given = self._by_name(args, kwargs)
        operands = arrays[: self.unchanged] + tuple(map(as_operand, arrays[self.unchanged :]))
        options = {**self.options, **given} if given else self.options
        if self.check is not None:
            self.check(*operands, **options)
        check_constant(self.function, given)
        return operands, options

    def _by_name(self, args, kwargs):
        given = dict(zip(self.names, args)) | kwargs
        if len(given) < len(args) + len(kwargs) or not self.required <= given.keys():
            bound_arguments(self.function, self.signature, args, kwargs)  # raises
        arrays = tuple(map(given.pop, self.arrays, self.by_default))
        for name in given.keys() - self.options.keys() - self.required:
            if not self.takes_any:
                bound_arguments(
                    self.function, self.signature, args, kwargs
                )  # raises where SciPy has no such parameter
                what = f"{name_of(self.function)} with the argument `{name}`"
                raise no_rule(what, f"leave out `{name}`")
        return arrays, given
