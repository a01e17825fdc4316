"""The rest of a module of SciPy: what takes no derivative serves plain arrays and refuses traced ones.

Owns that refusal.  Must not know any function by name.
"""

import functools
import inspect
from collections.abc import Callable
from types import ModuleType
from typing import Any

from dualrev.core.binding import missing_rule
from dualrev.core.primitive import RULES
from dualrev.core.traced import is_traced

__all__ = ["rest_of"]


def rest_of(module: ModuleType) -> Callable[[str], Any]:
    """A module's ``__getattr__``: what the module itself lacks is SciPy's, for plain arrays only.

    Classes, constants and submodules come as they are.

    Raises
    ------
    MissingRuleError
        By a function so found that is called with a traced array.
    """

    def __getattr__(name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        found = getattr(module, name)
        return _untraced(found) if inspect.isroutine(found) and found not in RULES else found

    return __getattr__


def _untraced(function):
    @functools.wraps(function)
    def call(*args, **kwargs):
        given = (*args, *kwargs.values())
        if is_traced(*given):
            raise missing_rule(function, given)
        return function(*args, **kwargs)

    return call
