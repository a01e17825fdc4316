"""SciPy's Python functions that only call ufuncs: they serve traced arrays, here lists of them too.

Must not know a formula.
"""

import functools
import inspect
from collections.abc import Callable
from typing import Any

from scipy import special

from dualrev.core.operands import as_operand
from dualrev.core.traced import is_traced
from dualrev.rules.special.refusal import refuse
from dualrev.scipy.bodies import remade

__all__ = [
    "h1vp",
    "h2vp",
    "ivp",
    "jvp",
    "kvp",
    "lambertw",
    "sinc",
    "softplus",
    "yvp",
    "zeta",
]


def _with_lists(function: Callable[..., Any], *constants: str) -> Callable[..., Any]:
    """The function, with lists of traced numbers made arrays; traced constants are refused by name."""
    names = list(inspect.signature(function).parameters)
    body = remade(function)  # in which asarray(v) keeps a traced v

    @functools.wraps(function)
    def twin(*args: Any, **kwargs: Any) -> Any:
        if not is_traced(*args, *kwargs.values()):
            return function(*args, **kwargs)
        for name, x in (*zip(names, args), *kwargs.items()):
            if name in constants and is_traced(x):
                refuse(function, name)(None)
        options = {name: as_operand(x) for name, x in kwargs.items()}
        return body(*map(as_operand, args), **options)

    return twin


# Derivatives of Bessel functions, by their order in v and n.
jvp = _with_lists(special.jvp, "n")
yvp = _with_lists(special.yvp, "n")
ivp = _with_lists(special.ivp, "n")
kvp = _with_lists(special.kvp, "n")
h1vp = _with_lists(special.h1vp, "n")
h2vp = _with_lists(special.h2vp, "n")
lambertw = _with_lists(special.lambertw, "k", "tol")
sinc = _with_lists(special.sinc)
softplus = _with_lists(special.softplus)
zeta = _with_lists(special.zeta)
