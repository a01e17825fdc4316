"""Derivative: a function made from a function, and which of its arguments it is taken by.

Owns argnums and argnames, and the run of f on a tape.  Must not know what is computed from it.
"""

import difflib
import functools
import inspect
from collections.abc import Callable

import numpy as np

from dualrev import errors
from dualrev.calls import (
    call_user,
    caller_of,
    check_callable,
    flatten_arguments,
    place_of,
    unflatten,
)
from dualrev.columns import checked_chunk_size
from dualrev.errors import name_of
from dualrev.insides.marks import name_for_pickle
from dualrev.shared import call_with_shared, is_single
from dualrev.traces import Trace

__all__ = ["Chunked", "Derivative", "named", "word_of"]

_ndarray = np.ndarray
_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


class Derivative:
    """A function made from a function: picklable when f is, with f's name and docstring."""

    #: The transform that the user called, where that one makes this one: errors name it.
    within = ""
    #: What users write for it, where that is not ``dr.name(f)(x)``.
    written = ""
    #: The highest of the derivatives that it asks of one tape.
    order = 1

    def __new__(cls, *args, **kwargs):
        if not args and "f" not in kwargs:
            raise errors.ArgumentError(
                f"{cls.__name__} takes a function, it was given none.",
                fix=f"write {cls.written or f'dr.{cls.__name__}(f)(x)'}",
            )
        if not kwargs.keys() <= (known := _options_of(cls)):
            unknown = next(name for name in kwargs if name not in known)
            similar = difflib.get_close_matches(unknown, known, n=1)
            raise errors.ArgumentError(
                f"{cls.__name__} has no option `{unknown}`.",
                fix=f"perhaps you meant {similar[0]}="
                if similar
                else f"it has {', '.join(sorted(known - {'f'}))}",
            )
        return super().__new__(cls)

    def __init__(
        self,
        f,
        argnums=None,
        argnames=None,
        has_aux=False,
        holomorphic=False,
        within="",
        written="",
    ):
        if within:
            self.within, self.written = within, written
        if not callable(f):
            check_callable(f, self._call())
        if argnums is not None:
            self._check_argnums(argnums)
        if argnames is not None:
            self._check_argnames(argnames)
        functools.update_wrapper(self, f, updated=())
        self.f = f
        self.argnums = 0 if argnums is None and argnames is None else argnums
        self.argnames = argnames
        self.has_aux = has_aux
        self.holomorphic = holomorphic

    def __repr__(self):
        return f"<{word_of(self)} of {name_of(self.f)}>"

    def __get__(self, instance, owner=None):
        # As a decorator of a method, it binds self like a function does.
        return self if instance is None else functools.partial(self, instance)

    def __reduce__(self):
        return name_for_pickle(self) or super().__reduce__()

    def _call(self):
        """How a call of it is written."""
        return self.written or f"dr.{word_of(self)}(f)(x)"

    def _caller(self):
        return caller_of(self._call())

    # -- which arguments

    def _check_argnums(self, argnums):
        numbers = argnums if isinstance(argnums, tuple | list) else (argnums,)
        if all(isinstance(n, int | np.integer) and not isinstance(n, bool) for n in numbers):
            return
        shown = f"an array of shape {argnums.shape}" if hasattr(argnums, "shape") else repr(argnums)
        named = any(isinstance(number, str) for number in numbers)
        raise errors.ArgumentError(
            "argnums is the position of an argument of f, or a tuple of positions; "
            f"{self._caller()} was given {shown}.",
            fix="give names by argnames=" if named else f"write {self._call()}",
        )

    def _check_argnames(self, argnames):
        names = argnames if isinstance(argnames, tuple | list) else (argnames,)
        if not all(isinstance(name, str) for name in names):
            raise errors.ArgumentError(
                "argnames is the name of an argument of f, or a tuple of names; "
                f"{self._caller()} was given {argnames!r}.",
                fix="give positions by argnums=",
            )
        if len(set(names)) != len(names):
            raise errors.ArgumentError(
                f"argnames={argnames!r} names an argument twice.", fix="give each name once"
            )

    def _select(self, args, kwargs):
        """The arguments to differentiate by, and f as a function of them alone."""
        f, argnums = self.f, self.argnums
        if type(argnums) is int and self.argnames is None and 0 <= argnums < len(args):
            if argnums == 0 and len(args) == 1 and not kwargs and is_single(args[0]):
                return args[0], lambda x: call_user(f, (x,), kwargs)
            given = args, kwargs
            head, tail = args[:argnums], args[argnums + 1 :]
            return args[argnums], lambda x: call_with_shared(f, given, (*head, x, *tail), kwargs)
        numbers = self._positions(args, kwargs)
        names = self._names(args, kwargs)
        one_number, one_name = not isinstance(argnums, tuple | list), isinstance(self.argnames, str)
        by_number = tuple(args[i] for i in numbers)
        by_name = {name: kwargs[name] if i is None else args[i] for name, i in names.items()}

        def pack(by_number, by_name):
            """The chosen arguments in the structure in which argnums and argnames were given."""
            number = by_number[0] if one_number and by_number else by_number
            name = by_name[self.argnames] if one_name else by_name
            if self.argnames is None:
                return number
            return name if argnums is None else (number, name)

        def unpack(chosen):
            number, name = chosen, chosen
            if self.argnames is not None and argnums is not None:
                number, name = chosen
            by_number = (number,) if one_number else tuple(number)
            return by_number, {self.argnames: name} if one_name else name

        def call(chosen):
            by_number, by_name = unpack(chosen)
            new_args = list(args)
            new_kwargs = dict(kwargs)
            for i, x in zip(numbers, by_number):
                new_args[i] = x
            for name, i in names.items():
                if i is None:
                    new_kwargs[name] = by_name[name]
                else:
                    new_args[i] = by_name[name]
            return call_with_shared(f, (args, kwargs), tuple(new_args), new_kwargs)

        return pack(by_number, by_name), call

    def _positions(self, args, kwargs):
        argnums = self.argnums
        if argnums is None:
            return ()
        numbers = argnums if isinstance(argnums, tuple | list) else (argnums,)
        positions = []
        for number in numbers:
            if not -len(args) <= number < len(args):
                raise self._out_of_range(args, kwargs)
            positions.append(number % len(args))
        if len(set(positions)) != len(positions):
            raise errors.ArgumentError(
                f"argnums={argnums!r} names an argument twice.", fix="give each number once"
            )
        return tuple(positions)

    def _out_of_range(self, args, kwargs):
        if not args and not kwargs:
            return errors.ArgumentError(
                f"The {word_of(self)} of `{name_of(self.f)}` was called without an argument.",
                fix=f"write {self._call()}",
            )
        return errors.ArgumentError(
            f"argnums={self.argnums!r} is out of range: `{name_of(self.f)}` was called with "
            f"{len(args)} positional argument{'s' * (len(args) != 1)}.",
            fix=f"name an argument that is given by keyword: argnames={next(iter(kwargs))!r}"
            if kwargs
            else f"count from 0: the last is argnums={len(args) - 1}",
        )

    def _names(self, args, kwargs):
        """Position of each named argument (None for one given by keyword)."""
        argnames = self.argnames
        if argnames is None:
            return {}
        names = {}
        for name in (argnames,) if isinstance(argnames, str) else argnames:
            if name in kwargs:
                names[name] = None
                continue
            parameters = inspect.signature(self.f).parameters
            by_position = [p.name for p in parameters.values() if p.kind in _POSITIONAL]
            position = by_position.index(name) if name in by_position else len(args)
            if position >= len(args):
                if name in parameters:
                    raise errors.ArgumentError(
                        f"The argument {name!r} of argnames was not given in the call.",
                        fix=f"give it: {name}=...",
                    )
                raise errors.ArgumentError(
                    f"The argument {name!r} of argnames is unknown.",
                    fix=f"choose among those of `{name_of(self.f)}`: {', '.join(parameters)}",
                )
            if position in self._positions(args, kwargs):
                raise errors.ArgumentError(
                    f"argnums and argnames both name {name!r}, which is taken twice.",
                    fix="leave out argnums",
                )
            names[name] = position
        return names

    # -- running f

    def _at_leaves(self, args, kwargs):
        """The leaves of the arguments it is differentiated by, their treedef, and f of such leaves."""
        if len(args) == 1 and not kwargs and self.argnums == 0 and self.argnames is None:
            x, f = args[0], self.f
            if type(x) is _ndarray and x.dtype.kind in "fc":
                # Most calls: without the questions below 2 us less of a gradient's 34.
                return [x], None, lambda leaves: call_user(f, leaves, {})
        chosen, call = self._select(args, kwargs)
        leaves, treedef = flatten_arguments(chosen, place_of(args, kwargs))
        return leaves, treedef, lambda leaves: call(unflatten(treedef, leaves))

    def _trace(self, args, kwargs):
        """f on a tape, and the treedef of the arguments it is differentiated by."""
        leaves, treedef, call = self._at_leaves(args, kwargs)
        if self.holomorphic:
            self._check_complex(leaves)
        return Trace(self.f, call, leaves, self.has_aux, order=self.order), treedef

    def _with_aux(self, answer, aux):
        return (answer, aux) if self.has_aux else answer

    def _check_scalar(self, outputs, tree, of_arrays):
        """That f returned one number, in an array of any shape; else of_arrays is what to ask for."""
        self._check_single(outputs, tree)
        (value,) = outputs
        if value.size != 1:
            raise errors.NonScalarError(
                f"{word_of(self)} needs a function with a scalar result; `{name_of(self.f)}` returned "
                f"an array of shape {value.shape}.",
                where="",
                fix=of_arrays,
            )

    def _check_single(self, outputs, tree):
        if tree is not None and len(outputs) != 1:
            raise errors.NonScalarError(
                f"{word_of(self)} needs a function with one result; `{name_of(self.f)}` returned a "
                f"structure of {len(outputs)} arrays.",
                where="",
                fix="return one number alone, or, where has_aux=True is given, (number, rest)",
            )

    def _check_scalar_of_real(self, leaves, outputs, tree):
        """One number, real or complex, that is differentiated twice by real ones."""
        word = word_of(self)
        self._check_real(
            leaves,
            "take it by the real and the imaginary part: "
            f"dr.{word}(lambda x, y: f(x + 1j * y), argnums=(0, 1))(z.real, z.imag)",
        )
        self._check_scalar(outputs, tree, f"dr.{word}(lambda x: f(x)[i])(x) is that of element i")

    def _check_real(self, leaves, instead):
        if any(x.dtype.kind == "c" for x in leaves):
            raise errors.ComplexError(
                f"The {word_of(self)} of `{name_of(self.f)}` was asked at complex numbers.",
                where="",
                fix=instead,
            )

    def _check_complex(self, leaves):
        if self.holomorphic and any(x.dtype.kind != "c" for x in leaves):
            raise errors.ComplexError(
                "holomorphic=True differentiates by complex arguments; this one is real.",
                fix="leave out holomorphic=True",
            )

    def _check_holomorphic(self, trace):
        if self.holomorphic and any(y.dtype.kind != "c" for y in trace.ans):
            raise errors.ComplexError(
                f"`{name_of(self.f)}` has a real result: it is not holomorphic.",
                where="",
                fix="leave out holomorphic=True",
            )


class Chunked(Derivative):
    """A derivative of several directions, of which so many are swept at once."""

    def __init__(
        self,
        f: Callable,
        argnums: int | tuple[int, ...] | None = None,
        argnames: str | tuple[str, ...] | None = None,
        *,
        has_aux: bool = False,
        chunk_size: int | None = None,
    ):
        super().__init__(f, argnums, argnames, has_aux=has_aux)
        self.chunk_size = checked_chunk_size(chunk_size)


@functools.cache
def _options_of(cls):
    return frozenset(inspect.signature(cls.__init__).parameters) - {"self"}


def named(word, f, argnums=None, argnames=None, holomorphic=False, written=""):
    """A function and the arguments it is differentiated by, for a transform of another name."""
    return Derivative(f, argnums, argnames, holomorphic=holomorphic, within=word, written=written)


def word_of(derivative):
    return derivative.within or type(derivative).__name__
