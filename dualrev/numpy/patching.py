"""patch_numpy: for programs that nobody edits, NumPy's own functions are replaced in the whole process.

Owns which names are replaced where, and that they come back.  Must not know what stands in for them.
"""

import cmath
import math
import sys
import threading
from types import ModuleType

import numpy as np

from dualrev.numpy.creating import CREATING, INDEXED
from dualrev.numpy.mathematics import MATHEMATICS

__all__ = ["patch_numpy"]

_TURN = threading.RLock()


class patch_numpy:
    """Let NumPy's functions that make arrays, and those of ``math`` and ``cmath``, take traced values.

    For programs and packages that say ``import numpy as np``, ``from numpy import zeros`` or
    ``import math`` and are not to be edited.  It replaces, in the whole process, ``numpy.zeros``,
    ``array``, ``eye``, ``stack``, ``r_`` and their kind (those of :mod:`dualrev.numpy`) and the
    functions of ``math`` and ``cmath``, also under the names by which loaded modules have imported
    them.  What stands in for them differs only inside a function that is being differentiated or
    compiled, on the thread that runs it, and only where code other than NumPy's, SciPy's and dualrev's
    calls.

    Returns
    -------
    patch
        It has a method ``undo``, and is a context manager that undoes it.

    Notes
    -----
    Outside transforms a call of a replaced function costs 0.1 us more (math) or 0.2 us.  Call it when
    all is imported: it replaces what modules and their classes hold.  Functions that were stored
    otherwise, in a dict or a default argument, stay NumPy's own, as do those that threads call which a
    differentiated function has started.

    See Also
    --------
    dualrev.numpy : the same for one file, by its import.

    Examples
    --------
    >>> import math, numpy as np, dualrev as dr
    >>> def f(x):
    ...     y = np.zeros(3)
    ...     y[0] = math.sin(x[0])
    ...     return y @ y
    >>> with dr.patch_numpy():
    ...     gradient = dr.grad(f)(np.array([1.0, 2.0]))
    >>> gradient.round(6)
    array([0.909297, 0.      ])
    """

    #: How many are in force, and what they have replaced: (module or class, name, original, other).
    _in_force = 0
    _replaced: list = []  # noqa: RUF012 (one for all)

    def __init__(self):
        with _TURN:
            patch_numpy._in_force += 1
            if patch_numpy._in_force == 1:
                self._replace()
        self._undone = False

    def undo(self) -> None:
        """Bring the original functions back; once more does nothing."""
        with _TURN:
            if self._undone:
                return
            self._undone = True
            patch_numpy._in_force -= 1
            if not patch_numpy._in_force:
                self._restore()

    def __enter__(self):
        return self

    def __exit__(self, *raised):
        self.undo()

    def __repr__(self):
        return f"<dualrev.patch_numpy, {'undone' if self._undone else 'in force'}>"

    def _replace(self):
        standing_in = {}
        for module, functions in (np, CREATING), (np, INDEXED), *MATHEMATICS.items():
            for name, function in functions.items():
                original = getattr(module, name)
                standing_in[id(original)] = original, function
        for owner in _owners():
            for name, held in list(vars(owner).items()):
                is_static = isinstance(held, staticmethod)
                value = held.__func__ if is_static else held
                original, function = standing_in.get(id(value), (None, None))
                if original is None or original is not value:
                    continue
                if isinstance(owner, type):
                    # A builtin function does not become a method of a class that holds it.
                    function = staticmethod(function)
                setattr(owner, name, function)
                self._replaced.append((owner, name, held, function))

    def _restore(self):
        while self._replaced:
            owner, name, held, function = self._replaced.pop()
            if vars(owner).get(name) is function:  # else it was replaced by somebody else
                setattr(owner, name, held)


def _owners():
    """Modules with code of users, numpy, math and cmath, where they look, and the classes in them."""
    for module in list(sys.modules.values()):
        if not isinstance(module, ModuleType):
            continue
        package = module.__name__.partition(".")[0]
        is_library = package in sys.stdlib_module_names or package in ("numpy", "scipy", "dualrev")
        if is_library and module not in (np, math, cmath):
            continue
        yield module
        if not is_library:
            for value in list(vars(module).values()):
                if isinstance(value, type) and value.__module__ == module.__name__:
                    yield value
