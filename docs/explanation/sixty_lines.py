"""Reverse mode for NumPy code: what dualrev does, as short as it can be said."""

import itertools

import numpy as np

next_level = itertools.count(1).__next__


class Var(np.lib.mixins.NDArrayOperatorsMixin):
    """A primal, and its place on a tape. All that NumPy does with it ends in bind."""

    def __init__(self, primal, level, tape, *entry):
        self.primal, self.level, self.tape, self.index = primal, level, tape, len(tape)
        tape.append(entry)

    shape = property(lambda self: self.primal.shape)
    T = property(np.transpose)

    def __array_ufunc__(self, ufunc, method, *args, **kwargs):
        return NotImplemented if kwargs or method != "__call__" else bind(ufunc, *args)

    def __array_function__(self, function, types, args, kwargs):
        return bind(function, *args, **kwargs)


def bind(function, *args, **kwargs):
    """Apply a function: the highest level records, all else is constant to it."""
    top = max((a for a in args if isinstance(a, Var)), key=lambda a: a.level)
    parents = [a.index if isinstance(a, Var) and a.tape is top.tape else None for a in args]
    primals = [a if p is None else a.primal for a, p in zip(args, parents)]
    ans = function(*primals, **kwargs)  # NumPy brings this back here where a primal is a Var
    return Var(ans, top.level, top.tape, RULES[function], ans, primals, parents, kwargs)


def pull(y, x):
    """Cotangent of x, where that of y is 1: one sweep backward over the tape of x."""
    cts = {y.index: np.ones(y.shape)[()]} if isinstance(y, Var) and y.tape is x.tape else {}
    for i in reversed(range(1, len(x.tape))):
        if i in cts:
            rule, ans, args, parents, kwargs = x.tape[i]
            for a, p, ct in zip(args, parents, rule(cts[i], ans, *args, **kwargs)):
                if p is not None:
                    cts[p] = cts.get(p, 0) + unbroadcast(ct, a)
    return cts.get(0, np.zeros(x.shape))


def unbroadcast(ct, x):
    """Sum ct over the axes along which x was broadcast."""
    shape = (1,) * (len(ct.shape) - len(x.shape)) + x.shape
    axes = tuple(i for i, n in enumerate(shape) if n != ct.shape[i])
    return np.reshape(np.sum(ct, axis=axes), x.shape)


def grad(f):
    """Gradient of f, or of the sum of what f returns, by the first argument."""

    def gradient(x, *args):
        x = Var(x if isinstance(x, Var) else np.asarray(x, float), next_level(), [])
        return pull(f(x, *args), x)

    return gradient


RULES = {  # of each function: (ct, ans, *args) -> a cotangent for each argument
    np.add: lambda ct, ans, x, y: (ct, ct),
    np.subtract: lambda ct, ans, x, y: (ct, -ct),
    np.multiply: lambda ct, ans, x, y: (ct * y, ct * x),
    np.divide: lambda ct, ans, x, y: (ct / y, -ct * ans / y),
    np.power: lambda ct, ans, x, n: (ct * n * x ** (n - 1), None),
    np.negative: lambda ct, ans, x: (-ct,),
    np.exp: lambda ct, ans, x: (ct * ans,),
    np.log: lambda ct, ans, x: (ct / x,),
    np.sin: lambda ct, ans, x: (ct * np.cos(x),),
    np.cos: lambda ct, ans, x: (-ct * np.sin(x),),
    np.sum: lambda ct, ans, x, axis=(): (np.ones(x.shape) * np.expand_dims(ct, axis),),
    np.expand_dims: lambda ct, ans, x, axis: (np.reshape(ct, x.shape),),
    np.reshape: lambda ct, ans, x, shape: (np.reshape(ct, x.shape),),
    np.transpose: lambda ct, ans, x: (ct.T,),
    np.matmul: lambda ct, ans, a, b: (ct @ b.T, a.T @ ct),
}
