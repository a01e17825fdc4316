"""Functions of NumPy in PyTorch, and PyTorch's in dualrev."""

from collections.abc import Callable
from typing import Any

import numpy as np

from dualrev import errors
from dualrev.bridges.arguments import among, bound, chosen, lent
from dualrev.bridges.inward import Inward, inward
from dualrev.bridges.outward import outward
from dualrev.bridges.packages import package
from dualrev.errors import name_of

torch: Any = package("torch", "torch")

__all__ = ["from_torch", "to_torch"]


def to_torch(f: Callable) -> Callable:
    """A function of NumPy as one of PyTorch, through which autograd differentiates.

    Parameters
    ----------
    f : callable
        Function of arrays, or of structures of arrays, that dualrev differentiates.

    Returns
    -------
    callable
        With the arguments of f, tensors in the place of arrays; what is no tensor reaches f as it is.
        Answers f's results as tensors.  Its derivatives are dualrev's: ``backward``, also with
        ``create_graph=True``, ``torch.autograd.forward_ad``, and ``torch.func``'s ``grad``, ``vjp``,
        ``jvp``, ``jacrev``, ``jacfwd``, ``hessian`` and ``vmap``, nested as one likes.

    Raises
    ------
    ArgumentError
        For tensors that NumPy cannot read: on another device, sparse, of bfloat16.

    Notes
    -----
    f reads the memory of the tensors, without a copy, and must not write into it: NumPy raises where it
    tries.  It runs once for its value and its gradient.  Where a tensor is overwritten before its
    gradient was taken, PyTorch raises as for functions of its own.  Under ``torch.func.vmap`` f must be
    such that :class:`dualrev.vmap` takes it.

    Examples
    --------
    >>> import numpy as np, torch
    >>> from dualrev.bridges.torch import to_torch
    >>> energy = to_torch(lambda x: np.sum(np.sin(x) ** 2))
    >>> x = torch.tensor([0.0, np.pi / 4], dtype=torch.float64, requires_grad=True)
    >>> energy(x).backward()
    >>> x.grad
    tensor([0., 1.], dtype=torch.float64)
    """
    return bound(_in_torch, f)


def _in_torch(f, args, kwargs):
    if torch.compiler.is_compiling():  # which would take NumPy's calls for its own
        return torch.compiler.disable(_called)(f, args, kwargs)
    return _called(f, args, kwargs)


def _called(f, args, kwargs):
    made, tensors = outward(f, args, kwargs, torch.is_tensor)
    return made.restored(_apply(made, tensors))


def _apply(outward, tensors):
    records = torch.is_grad_enabled()
    moving = tuple(records and t.requires_grad for t in tensors)
    return _Bridge.apply(outward, moving, records, *tensors)


class _Bridge(torch.autograd.Function):
    """A call of an Outward; of its derivatives PyTorch asks when it needs them."""

    @staticmethod
    def forward(outward, moving, records, *tensors):
        arrays = [_array(t) for t in tensors]
        # PyTorch turns it off here; then a tensor that f holds would lose its gradient unseen.
        with torch.set_grad_enabled(records):
            answers = outward.recorded(arrays, moving)
        return tuple(map(torch.from_numpy, answers))

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.outward, _, _, *tensors = inputs
        # Here PyTorch notices where one is overwritten before it is needed.
        ctx.save_for_backward(*tensors)
        ctx.save_for_forward(*tensors)
        ctx.inexact = [_is_inexact(y) for y in output]
        ctx.mark_non_differentiable(*(y for y in output if not _is_inexact(y)))

    @staticmethod
    def backward(ctx, *cts):
        moving = ctx.needs_input_grad[3:]
        pull = ctx.outward.pull(moving)
        cts = [ct for ct, inexact in zip(cts, ctx.inexact) if inexact]
        pulled = iter(_apply(pull, (*ctx.saved_tensors, *cts)))
        return None, None, None, *(next(pulled) if m else None for m in moving)

    @staticmethod
    def jvp(ctx, *tangents):
        tangents = tangents[3:]
        push = ctx.outward.push([t is not None for t in tangents])
        ts = [t for t in tangents if t is not None]
        pushed = iter(_apply(push, (*ctx.saved_tensors, *ts)))
        return tuple(next(pushed) if inexact else None for inexact in ctx.inexact)

    @staticmethod
    def vmap(info, in_dims, outward, moving, records, *tensors):
        answers = _apply(outward.rows(in_dims[3:]), tensors)
        return answers, (0,) * len(answers)


def _is_inexact(t):
    return t.is_floating_point() or t.is_complex()


def _array(t):
    """The memory of a tensor as an array, which f is not to write into."""
    if t.device.type != "cpu":
        raise errors.ArgumentError(
            f"NumPy computes on the CPU; an argument is a tensor on {t.device}.",
            fix="give it x.cpu(), through which PyTorch differentiates",
        )
    if t.layout != torch.strided:
        raise errors.ArgumentError(
            f"NumPy has no sparse arrays; an argument is a tensor of the layout {t.layout}.",
            fix="give it x.to_dense(), through which PyTorch differentiates",
        )
    if t.dtype == torch.bfloat16:
        raise errors.ArgumentError(
            "NumPy has no bfloat16, which is the dtype of an argument.",
            fix="give it x.double(), through which PyTorch differentiates",
        )
    try:
        return lent(t.numpy(force=True))
    except RuntimeError as error:
        raise errors.ArgumentError(
            "PyTorch has an older vmap besides, for vectorize=True and is_grads_batched=True, whose "
            "tensors NumPy cannot read.",
            fix="use torch.func.jacrev, jacfwd, hessian or vmap",
        ) from error


def from_torch(g: Callable) -> Callable:
    """A function of PyTorch as a primitive of dualrev, in programs of NumPy.

    Parameters
    ----------
    g : callable
        Function of tensors, or of structures of tensors: a ``torch.nn.Module`` too, whose parameters
        are constants.

    Returns
    -------
    callable
        With the arguments of g, arrays and floating-point numbers in the place of tensors; whole
        numbers, and what is no number, reach g as they are.  Answers g's results as arrays.

    Raises
    ------
    InPlaceError
        Where g writes into an argument.

    Notes
    -----
    Derivatives are PyTorch's own: the first in reverse mode by the graph of one call of g, the others
    by ``torch.func``.  g reads the memory of the arrays, without a copy where they are writeable.

    Examples
    --------
    >>> import numpy as np, torch, dualrev as dr
    >>> from dualrev.bridges.torch import from_torch
    >>> softplus = from_torch(torch.nn.functional.softplus)
    >>> dr.grad(lambda x: np.sum(softplus(2 * x)))(np.zeros(2))
    array([1., 1.])
    """
    return inward(g, _FromTorch)


class _FromTorch(Inward):
    adjoint = True

    def is_tensor(self, y):
        return torch.is_tensor(y)

    def tensor(self, x):
        if not x.flags.writeable or min(x.strides, default=0) < 0 or not x.dtype.isnative:
            x = np.array(x, x.dtype.newbyteorder("="))
        return torch.from_numpy(x)

    def g(self, *tensors):
        versions = [t._version for t in tensors]
        answers = super().g(*tensors)
        if versions != [t._version for t in tensors]:
            raise errors.InPlaceError(
                f"`{name_of(self._g)}` wrote into an argument, whose memory is that of an array.",
                where="",
                fix="compute with a copy inside it: x = x.clone()",
            )
        return answers

    def array(self, y):
        return np.array(y.numpy(force=True))[()]

    def record(self, tensors, moving):
        with torch.enable_grad():
            leaves = [t.requires_grad_() if m else t for t, m in zip(tensors, moving)]
            answers = self.g(*leaves)
        inexact = list(filter(_is_inexact, answers))

        def pull(cts):
            known = [(y, ct) for y, ct in zip(inexact, cts) if y.requires_grad]
            xs = chosen(leaves, moving)
            if not known:
                return [torch.zeros_like(x) for x in xs]
            ys, cts = zip(*known)
            return torch.autograd.grad(
                ys, xs, cts, retain_graph=True, allow_unused=True, materialize_grads=True
            )

        return answers, pull

    def _by(self, tensors, moving):
        def by(*some):
            return tuple(filter(_is_inexact, self.g(*among(some, moving, tensors))))

        return by, chosen(tensors, moving)

    def jvp(self, tensors, moving, ts):
        by, xs = self._by(tensors, moving)
        return torch.func.jvp(by, xs, ts)[1]

    def vjp(self, tensors, moving, cts):
        by, xs = self._by(tensors, moving)
        return torch.func.vjp(by, *xs)[1](cts)
