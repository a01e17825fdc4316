"""Functions of NumPy in JAX, and JAX's in dualrev."""

import collections
from collections.abc import Callable

import numpy as np

from dualrev import errors
from dualrev.bridges.arguments import among, bound, chosen, specs_of
from dualrev.bridges.inward import Inward, inward
from dualrev.bridges.outward import outward
from dualrev.bridges.packages import package
from dualrev.errors import name_of

jax = package("jax", "jax")
jnp = jax.numpy
_ad = package("jax.interpreters.ad", "jax")
_batching = package("jax.interpreters.batching", "jax")
_mlir = package("jax.interpreters.mlir", "jax")
_core = package("jax.extend.core", "jax")

__all__ = ["from_jax", "to_jax"]


def to_jax(f: Callable, like=None) -> Callable:
    """A function of NumPy as one of JAX, for all its transforms: jit, grad, jvp, vmap.

    Parameters
    ----------
    f : callable
        Function of arrays, or of structures of arrays, that dualrev differentiates.
    like : optional
        What says shapes and dtypes of the results under ``jit``, in the structure that f returns:
        arrays, numbers, or ``jax.ShapeDtypeStruct``.  By default f is called once with ones when it is
        traced.

    Returns
    -------
    callable
        With the arguments of f, arrays of JAX in the place of NumPy's; what is no array reaches f as it
        is.  Answers f's results as arrays of JAX.  Its derivatives, of any order and in both modes, are
        dualrev's.

    Notes
    -----
    Outside of ``jit`` f is simply called, and what it raises arrives.  Inside, ``jax.pure_callback``
    calls it, and JAX shows the text of what it raises.  Under ``vmap`` f must be such that
    :class:`dualrev.vmap` takes it.  Where a value and its gradient are both asked for, f runs once for
    them: what a gradient needs is kept of the last sixteen calls.

    JAX has no float64 unless it is told: ``jax.config.update("jax_enable_x64", True)``.  Without it f is
    called with arrays of float32, and its results become float32.

    Examples
    --------
    >>> import jax, numpy as np
    >>> from dualrev.bridges.jax import to_jax
    >>> jax.config.update("jax_enable_x64", True)
    >>> energy = to_jax(lambda x: np.sum(np.sin(x) ** 2))
    >>> jax.jit(jax.grad(energy))(jax.numpy.array([0.0, np.pi / 4])).round(3)
    Array([0., 1.], dtype=float64)
    """
    return bound(_in_jax, f, like=like)


def _in_jax(f, args, kwargs, like):
    made, arrays = outward(f, args, kwargs, _is_array, like=like)
    return made.restored(_bridge.bind(*arrays, outward=made, moving=None))


def _is_array(x):
    return isinstance(x, jax.Array | np.ndarray | np.generic)


# A primitive of JAX: custom_vjp has no forward mode, custom_jvp none in reverse that calls NumPy.
_bridge = _core.Primitive("dualrev")
_bridge.multiple_results = True


@_bridge.def_impl
def _run(*xs, outward, moving):
    return [jnp.asarray(_as_jax_has_it(y)) for y in _computed(xs, outward, moving)]


#: What was recorded last.  JAX's caches hold thousands of calls; the tapes of so many would fill memory.
_recorded: collections.deque = collections.deque(maxlen=16)


def _computed(xs, outward, moving, copy=None):
    arrays = [np.array(x, copy=copy)[()] for x in xs]
    if moving is None:
        return outward.results(arrays)
    answers = outward.recorded(arrays, moving)
    if outward in _recorded:
        _recorded.remove(outward)
    elif len(_recorded) == _recorded.maxlen:
        _recorded[0].forget()
    _recorded.append(outward)
    return answers


def _as_jax_has_it(y):
    """In single precision, where JAX is told to have no other."""
    return y.astype(jax.dtypes.canonicalize_dtype(y.dtype))


@_bridge.def_abstract_eval
def _avals(*avals, outward, moving):
    return [
        jax.core.ShapedArray(shape, jax.dtypes.canonicalize_dtype(dtype))
        for shape, dtype in outward.specs(specs_of(avals))
    ]


def _called_back(*xs, outward, moving):
    avals = _avals(*xs, outward=outward, moving=moving)

    def callback(*xs):
        # The memory of a callback's arguments may be used again, and what is recorded is compared later.
        answers = _computed(xs, outward, moving, copy=None if moving is None else True)
        return [_as_told(y, a.dtype, outward) for y, a in zip(answers, avals)]

    specs = [jax.ShapeDtypeStruct(a.shape, a.dtype) for a in avals]
    return jax.pure_callback(callback, specs, *xs)


def _as_told(y, dtype, outward):
    """A result in the dtype that JAX expects; a complex one has no real one in its place."""
    if not np.can_cast(y.dtype, dtype, "same_kind"):
        raise errors.ArgumentError(
            f"`{name_of(outward.f)}` returned an array of {y.dtype}, and of {dtype} when it was called "
            "with ones, or like= says so.",
            where="",
            fix="tell what it returns: like= an example",
        )
    return y.astype(dtype)


_mlir.register_lowering(_bridge, _mlir.lower_fun(_called_back, multiple_results=True))


def _jvp(primals, tangents, *, outward, moving):
    moves = tuple(type(t) is not _ad.Zero and t.dtype != jax.dtypes.float0 for t in tangents)
    answers = _bridge.bind(*primals, outward=outward, moving=moves)
    push = outward.push(moves)
    ts = iter(_bridge.bind(*primals, *chosen(tangents, moves), outward=push, moving=None))
    return answers, [
        next(ts) if _is_inexact(y) else _ad.Zero(jax.typeof(y).to_tangent_aval()) for y in answers
    ]


def _is_inexact(y):
    return jnp.issubdtype(y.dtype, jnp.inexact)


def _transpose(cts, *args, outward, moving):
    known, vectors = args[: outward.arguments], args[outward.arguments or len(args) :]
    if any(map(_ad.is_undefined_primal, known)):
        raise errors.ArgumentError(
            f"JAX was asked to transpose `{name_of(outward.f)}`, which may not be linear.",
            fix="transpose its derivative, which is: jax.vjp(f, x)[1]",
        )
    cts = [_conj(_ad.instantiate_zeros(ct)) for ct in cts]
    pulled = _bridge.bind(*known, *cts, outward=outward.transposed(len(cts)), moving=None)
    return [None] * len(known) + [
        _conj(ct) if _ad.is_undefined_primal(x) else None for ct, x in zip(pulled, vectors)
    ]


def _conj(x):
    return jnp.conj(x) if jnp.iscomplexobj(x) else x


def _batch(args, axes, *, outward, moving):
    count = next(x.shape[axis] for x, axis in zip(args, axes) if axis is not None)
    args, axes = list(args), [None if axis is None else int(axis) for axis in axes]
    if outward.arguments is not None:  # each row has vectors of its own
        for i in range(outward.arguments, len(args)):
            x, axis = args[i], axes[i]
            args[i] = (
                jnp.broadcast_to(x, (count, *x.shape)) if axis is None else jnp.moveaxis(x, axis, 0)
            )
            axes[i] = 0
    answers = _bridge.bind(*args, outward=outward.rows(axes), moving=moving)
    return answers, [0] * len(answers)


# By its name, as the pages of the manual are made without JAX, where nothing has items.
_ad.primitive_jvps.__setitem__(_bridge, _jvp)
_ad.primitive_transposes.__setitem__(_bridge, _transpose)
_batching.primitive_batchers.__setitem__(_bridge, _batch)


def from_jax(g: Callable) -> Callable:
    """A function of JAX as a primitive of dualrev, in programs of NumPy.

    Parameters
    ----------
    g : callable
        Function of arrays of JAX, or of structures of them.

    Returns
    -------
    callable
        With the arguments of g, arrays of NumPy and floating-point numbers in the place of JAX's; whole
        numbers, and what is no number, reach g as they are.  Answers g's results as arrays.

    Raises
    ------
    ArgumentError
        For an array that JAX would round: of float64, where it computes in single precision.

    Notes
    -----
    Derivatives are JAX's own; g runs once for a gradient.  Many values at once, of :class:`dualrev.vmap`
    or the columns of a Jacobian, are ``jax.vmap`` of it.

    Examples
    --------
    >>> import jax, numpy as np, dualrev as dr
    >>> from dualrev.bridges.jax import from_jax
    >>> jax.config.update("jax_enable_x64", True)
    >>> softplus = from_jax(jax.nn.softplus)
    >>> dr.grad(lambda x: np.sum(softplus(2 * x)))(np.zeros(2))
    array([1., 1.])
    """
    return inward(g, _FromJax)


class _FromJax(Inward):
    def is_tensor(self, y):
        return isinstance(y, jax.Array)

    def tensor(self, x):
        y = jnp.array(x)  # a copy: it may be read after x was overwritten
        if y.dtype != x.dtype:
            raise errors.ArgumentError(
                f"JAX computes in single precision; an argument is an array of {x.dtype}.",
                fix='jax.config.update("jax_enable_x64", True)',
            )
        return y

    def array(self, y):
        return np.array(y)[()]

    def _by(self, tensors, moving):
        def by(*some):
            return self.g(*among(some, moving, tensors))

        return by, chosen(tensors, moving)

    def record(self, tensors, moving):
        by, xs = self._by(tensors, moving)
        answers, pull = jax.vjp(by, *xs)
        return answers, lambda cts: pull(self._with_zeros(cts, answers))

    def _with_zeros(self, cts, answers):
        zeros = (np.zeros(y.shape, jax.dtypes.float0) for y in answers)
        return tuple(among(cts, map(_is_inexact, answers), zeros))

    def jvp(self, tensors, moving, ts):
        by, xs = self._by(tensors, moving)
        answers, ts = jax.jvp(by, xs, ts)
        return chosen(ts, map(_is_inexact, answers))

    def vjp(self, tensors, moving, cts):
        by, xs = self._by(tensors, moving)
        answers, pull = jax.vjp(by, *xs)
        return pull(self._with_zeros(cts, answers))

    def mapped(self, batched):
        return jax.vmap(self.g, [0 if b else None for b in batched])
