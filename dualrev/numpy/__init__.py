"""NumPy's namespace, in which new arrays can take traced values: ``import dualrev.numpy as np``.

NumPy gives no hook for ``y = np.zeros(n); y[i] = x[0]`` and ``np.array([[x[0], 0.0], [0.0, 1.0]])``.
With this import both work where a derivative is taken, or a function compiled.  All names are
NumPy's; those that make arrays answer what NumPy's answer, to the type, outside of transforms.  Within
one they answer an ndarray that turns into a traced array when a traced value is written into it, or
into a view of it; and lists that hold traced numbers are arrays to them.

>>> import dualrev as dr, dualrev.numpy as np
>>> def f(x):
...     y = np.zeros(3)
...     for i in range(3):
...         y[i] = x[i] ** 2
...     return np.linalg.det(np.array([[y[0], 0.5], [0.5, y[1]]]))
>>> dr.grad(f)(np.array([1.0, 2.0, 3.0]))
array([8., 4., 0.])
"""

import sys

import numpy as _numpy

from dualrev.numpy.creating import CREATING, INDEXED
from dualrev.numpy.vectorizing import vectorize

_STANDING_IN = {**CREATING, **INDEXED, "vectorize": vectorize}

for _name in _numpy.__all__:
    globals()[_name] = getattr(_numpy, _name)
globals().update(_STANDING_IN)

# ``import dualrev.numpy.random as npr``; and what is in them, of which Python would load a second copy.
_SUBMODULES = ("fft", "linalg", "polynomial", "random", "testing")
for _name in _SUBMODULES:
    getattr(_numpy, _name)  # which NumPy loads when it is asked for
for _path, _module in list(sys.modules.items()):
    if _path.startswith(tuple(f"numpy.{_name}" for _name in _SUBMODULES)):
        sys.modules[f"dualrev.{_path}"] = _module

__all__ = [*_numpy.__all__]


def __getattr__(name):
    return getattr(_numpy, name)


def __dir__():
    return dir(_numpy)
