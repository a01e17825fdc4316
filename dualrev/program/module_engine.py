"""The engine of a module that has NumPy's functions by name, as jax.numpy and cupy have.

Owns how a step is found in the module, and what a write is where arrays are values.  Must not know
how a program came about.

A program writes into memory and reads it through views.  Here a buffer has a value instead; a view is
computed from it, and a write makes the next value.
"""

import functools
import importlib
import inspect
import operator
import sys
import warnings

import numpy as np

from dualrev import errors
from dualrev.core.arrays import has_nan
from dualrev.core.primitive import Primitive, asks_shapes
from dualrev.errors import name_of
from dualrev.program.nan_guards import unproven
from dualrev.program.steps import Diverged, Guard, Program, Ref, Step, mapped, refs_in
from dualrev.program.views import added_at, read, set_at, written
from dualrev.rules.indexing import scatter
from dualrev.rules.writing import add_at

__all__ = ["Workspace"]

_NUMBERS = (int, float, complex)


class Workspace:
    """A program in the functions of a module; in those of jax.numpy, compiled as a whole.

    Raises ProgramError where the module lacks a function, or cannot take the arguments that a step
    gives it.
    """

    def __init__(self, module, program: Program):
        self._module = _Module(module)
        self._program = program
        unseen = unproven(program)
        guards = [step for step in program.steps if type(step) is Guard]
        self._guards = [g for g in guards if g.seen is not None or g.number in unseen]
        self._proven_by_outputs = len(self._guards) < len(guards)
        self._check_dtypes()
        for step in program.steps:
            if type(step) is Step:
                self._within(step, self._module.find, step.function)
        self._compute = self._values
        if module.__name__ == "jax.numpy":
            jax = importlib.import_module("jax")
            self._compute = jax.jit(self._values)
            jax.eval_shape(
                self._compute, *(jax.ShapeDtypeStruct(r.shape, r.dtype) for r in program.inputs)
            )

    def run(self, arrays):
        """The outputs for these arguments, as NumPy's arrays; Diverged as in the engine of NumPy."""
        inputs = self._program.inputs
        given = [np.asarray(x, ref.dtype) for x, ref in zip(arrays, inputs)]
        with np.errstate(all="ignore"):
            outputs, seen, strays = self._compute(*given)
        for guard, value in zip(self._guards, seen):
            value = _plain(value)
            if guard.seen is None:
                if has_nan(value):
                    raise Diverged(guard.number, None)
            elif value.tobytes() != guard.seen:
                raise Diverged(guard.number, value.tobytes())
        if any(map(_plain, strays)):
            raise IndexError("an index is out of bounds")
        outputs = [
            (_plain(x)[()] if scalar else _plain(x)) if hasattr(x, "dtype") else x
            for x, scalar in zip(outputs, self._program.scalars)
        ]
        if self._proven_by_outputs and any(map(has_nan, outputs)):
            raise Diverged(None, None)
        return outputs

    # -- what is asked before anything runs

    def _check_dtypes(self):
        refs = [*self._program.inputs, *refs_in(self._program.outputs)]
        for step in self._program.steps:
            refs += step.outputs if type(step) is Step else ()
        for dtype in {ref.dtype for ref in refs}:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                made = self._module.module.zeros((), dtype).dtype
            if made != dtype:
                raise errors.ProgramError(
                    f"The program of `{self._program.name}` computes in {dtype}, which "
                    f"{self._module.name} takes for {made}.",
                    where="",
                    fix='call jax.config.update("jax_enable_x64", True) first'
                    if self._module.name == "jax.numpy"
                    else 'compile it with engine="numpy"',
                )

    def _within(self, step, call, *args):
        """The answer of a call that belongs to a step, which an error names."""
        try:
            return call(*args)
        except (Diverged, np.linalg.LinAlgError):
            raise
        except Exception as error:
            file, number = step.line
            why = str(error).strip().partition("\n")[0]
            raise errors.ProgramError(
                f"The engine {self._module.name} cannot run {name_of(step.function)}: {why}.",
                where=f"{file.rpartition('/')[2]}:{number}" if number else "",
                fix='compile it with engine="numpy"',
            ) from None

    # -- the run

    def _values(self, *arrays):
        """The outputs, what the guards see, and whether indices are out of bounds."""
        memory = _Memory(self._module.module, self._program.buffers)
        for ref, x in zip(self._program.inputs, arrays):
            memory.write(ref, self._module.module.asarray(x))
        looked_at = {guard.number for guard in self._guards}
        seen, strays = [], []
        for step in self._program.steps:
            if type(step) is Step:
                self._within(step, self._run, step, memory, strays)
            elif step.number in looked_at:
                seen.append(memory.read(step.ref))
        return [memory.given(x) for x in self._program.outputs], seen, strays

    def _run(self, step, memory, strays):
        function = step.function
        body = self._module.body_of(function)
        if function in (scatter, add_at) and self._module.module is not np:
            answers = self._sum(step, memory, strays)
        elif body is not None:
            answers = self._by_body(body, step, memory)
        else:
            if function is np.copyto:
                memory.write(step.outputs[0], memory.given(step.args[1]))
                return
            args, kwargs = mapped(memory.given, step.args), mapped(memory.given, step.kwargs)
            if function in (operator.getitem, operator.setitem):
                strays += self._strays(args[0], args[1], step.args[1])
            if function is operator.setitem:
                memory.write(step.outputs[0], set_at(*args))
                return
            answers = self._module.call(function, args, kwargs)
        if len(step.outputs) == 1 and not isinstance(answers, tuple | list):
            answers = (answers,)
        for ref, answer in zip(step.outputs, answers, strict=True):
            if np.shape(answer) != ref.shape:
                raise Diverged(step.number, tuple(map(np.shape, answers)))
            memory.write(ref, answer)

    def _sum(self, step, memory, strays):
        """What dualrev adds up by writing: numbers at the keys of an array."""
        options = step.kwargs
        if step.function is scatter:
            total = self._module.module.zeros(options["shape"], options["dtype"])
            terms = zip(step.args, options["keys"], strict=True)
        else:
            total = memory.given(step.args[0])
            terms = ((step.args[1], options["places"]),)
        for x, key in terms:
            index = mapped(memory.given, key)
            strays += self._strays(total, index, key)
            total = added_at(self._module.module, total, index, memory.given(x))
        return total

    def _strays(self, x, index, noted):
        """Whether an index that is computed is out of bounds, where that is no error."""
        if not self._module.is_eager and any(ref.dtype.kind in "iu" for ref in refs_in(noted)):
            inside = self._module.module.zeros(x.shape, bool)
            yield inside.at[index].get(mode="fill", fill_value=True).any()

    def _by_body(self, body, step, memory):
        """The answers of dualrev's own function, whose body dispatches: to the module."""

        def veiled(x):
            return _Veiled(memory.read(x), self._module) if type(x) is Ref else x

        made = body(*mapped(veiled, step.args), **mapped(veiled, step.kwargs))
        if isinstance(made, bool | np.bool):
            # Where numbers are not known it is another answer, at which a guard would stop each time.
            raise _Lacking("it decides by numbers")
        return mapped(_unveiled, made)


class _Memory:
    """The values of the buffers, flat."""

    def __init__(self, module, sizes):
        self._module, self._sizes = module, sizes
        self._flat: dict = {}

    def read(self, ref):
        return read(self._module, self._flat[ref.buffer], ref)

    def given(self, x):
        return self.read(x) if type(x) is Ref else x

    def write(self, ref, value):
        value = self._module.asarray(value, ref.dtype)
        if value.shape != ref.shape:
            value = self._module.broadcast_to(value, ref.shape)
        flat = self._flat.get(ref.buffer)
        if flat is None or (flat.dtype != ref.dtype and value.nbytes == self._sizes[ref.buffer]):
            flat = self._module.zeros(self._sizes[ref.buffer] // ref.dtype.itemsize, ref.dtype)
        self._flat[ref.buffer] = written(self._module, flat, ref, value)


def _dtype(x):
    return np.dtype(x.dtype if hasattr(x, "dtype") else type(x))


def _plain(x):
    """An array of NumPy's own."""
    return np.array(x.get() if hasattr(x, "get") else x)


# ------------------------------------------------------------------------------ functions


class _Lacking(Exception):
    """A module has no function of that name."""


def _public_name(function):
    """The name under which SciPy has a function, or None."""
    package = ".".join((getattr(function, "__module__", None) or "").split(".")[:2])
    name = getattr(function, "__name__", "")
    found = getattr(sys.modules.get(package), name, None) if package.startswith("scipy.") else None
    return f"{package}.{name}" if found is function else None


class _Module:
    """The functions of a module, by those of NumPy and SciPy."""

    def __init__(self, module):
        self.module, self.name = module, module.__name__
        self.is_eager = self.name != "jax.numpy"
        self.find = functools.cache(self._find)

    def call(self, function, args, kwargs):
        """``function(*args, **kwargs)`` in the module."""
        call = self.find(function)
        if kwargs:
            kwargs = _without_defaults(function, kwargs)
        if isinstance(function, np.ufunc) and not kwargs and function.signature is None:
            args = self._cast(function, args)
        return call(*args, **kwargs)

    def _cast(self, ufunc, args):
        """The arguments in the dtypes in which NumPy computes with them."""
        kinds = [type(x) if type(x) in _NUMBERS else _dtype(x) for x in args]
        dtypes = ufunc.resolve_dtypes((*kinds, *(None,) * ufunc.nout))
        return [self.module.asarray(x, dtype) for x, dtype in zip(args, dtypes)]

    def body_of(self, function):
        """The body of a function of dualrev's own, which is found nowhere else; or None."""
        if self.module is np or not isinstance(function, Primitive):
            return None
        return function.function if _public_name(function.function) is None else None

    def _find(self, function):
        if function in (operator.getitem, operator.setitem, np.copyto):
            return function
        if self.module is np:
            return function.function if isinstance(function, Primitive) else function
        owner = getattr(function, "__self__", None)
        if isinstance(owner, np.ufunc):
            return self._named(f"{name_of(owner)}.{function.__name__}")
        body = self.body_of(function)
        if body is not None:
            return body
        if isinstance(function, Primitive):
            return self._named(_public_name(function.function))
        return self._named(name_of(function))

    def _named(self, name):
        """A function by its path; those of SciPy stand beside the module."""
        root, *path = name.split(".")
        found = self.module
        if root == "scipy":
            found = self._beside(".".join(("scipy", path[0])))
            path = path[1:]
        for part in path:
            found = getattr(found, part, None)
        if found is None:
            raise _Lacking(f"it has no function of that name, {name}")
        return found

    def _beside(self, path):
        package = self.name.partition(".")[0]
        for root in (package, f"{package}x"):  # cupyx.scipy
            try:
                return importlib.import_module(f"{root}.{path}")
            except ImportError:
                continue
        return None


def _without_defaults(function, kwargs):
    """The options that say more than NumPy's and SciPy's defaults, which modules do not all have."""
    defaults = _defaults(getattr(function, "function", function))
    return {name: x for name, x in kwargs.items() if not _is_same(x, defaults.get(name, _Lacking))}


def _is_same(x, default):
    return type(x) is type(default) and type(x) in (bool, int, str, type(None)) and x == default


@functools.cache
def _defaults(function):
    try:
        parameters = inspect.signature(function).parameters.values()
    except ValueError:  # of some functions in C
        return {}
    return {p.name: p.default for p in parameters}


class _Veiled(np.lib.mixins.NDArrayOperatorsMixin):
    """An array of the module that NumPy's functions take, as they do another library's."""

    def __init__(self, array, module):
        self._array, self._module = array, module

    shape = property(lambda self: self._array.shape)
    ndim = property(lambda self: self._array.ndim)
    size = property(lambda self: self._array.size)
    dtype = property(lambda self: np.dtype(self._array.dtype))

    def __array_ufunc__(self, ufunc, method, *args, **kwargs):
        if kwargs.get("out"):
            raise TypeError("it is immutable")
        return self._called(ufunc if method == "__call__" else getattr(ufunc, method), args, kwargs)

    def __array_function__(self, function, types, args, kwargs):
        if asks_shapes(function):
            return function(*mapped(_shape_of, args), **mapped(_shape_of, kwargs))
        return self._called(function, args, kwargs)

    def __getitem__(self, index):
        return self._called(operator.getitem, (self, index), {})

    def __getattr__(self, name):
        if not (hasattr(np, name) or name in ("T", "mT")):  # nor what shows memory
            raise AttributeError(name)
        found = getattr(self._array, name)
        if not callable(found):
            return _veiled(self._module, found)
        return lambda *args, **kwargs: mapped(
            functools.partial(_veiled, self._module),
            found(*mapped(_unveiled, args), **mapped(_unveiled, kwargs)),
        )

    def __len__(self):
        return len(self._array)

    def _called(self, function, args, kwargs):
        made = self._module.call(function, mapped(_unveiled, args), mapped(_unveiled, kwargs))
        return mapped(functools.partial(_veiled, self._module), made)

    def _refuse(self, *args, **kwargs):
        raise TypeError("it looks at numbers")

    __array__ = __bool__ = __float__ = __int__ = __index__ = _refuse


def _veiled(module, x):
    return _Veiled(x, module) if hasattr(x, "dtype") and hasattr(x, "shape") else x


def _unveiled(x):
    return x._array if type(x) is _Veiled else x


def _shape_of(x):
    """A plain array of the same shape and dtype."""
    return np.broadcast_to(np.zeros((), x.dtype), x.shape) if type(x) is _Veiled else x
