"""Rest: what a package of SciPy has beside what has a rule here, each name with one word.

Owns the words, and what a name answers by its word.  Must not know any function by name.
"""

import functools
import inspect
from types import ModuleType
from typing import Any

from dualrev.core.binding import constant_of, missing_rule
from dualrev.core.primitive import RULES
from dualrev.core.traced import is_traced
from dualrev.scipy.bodies import body, remade

__all__ = ["Rest"]


class Rest:
    """The names of a module of SciPy that have no rule of their own here.

    Parameters
    ----------
    module : module
        SciPy's.
    dispatches : str
        Names, with spaces between them, of functions that take traced arrays as they stand.
    bodies : str
        Of functions and classes of Python that run on traced arrays.
    constant : str
        Of those whose answers carry no derivative: indices, labels, counts, tables.
    refused : dict
        ``{names: (why, fix)}``: those that raise on a traced array, and what to type instead.

    Attributes
    ----------
    words : dict
        The word of each name: "dispatches", "body", "constant" or "refused".
    names : list
        What SciPy's own does not give a traced array, and this module does.
    """

    def __init__(
        self,
        module: ModuleType,
        *,
        dispatches: str = "",
        bodies: str = "",
        constant: str = "",
        refused: dict[str, tuple[str, str]] | None = None,
    ):
        self._module = module
        self.words = dict.fromkeys(dispatches.split(), "dispatches")
        self.words |= dict.fromkeys(bodies.split(), "body")
        self.words |= dict.fromkeys(constant.split(), "constant")
        self._reasons = {
            name: reason for names, reason in (refused or {}).items() for name in names.split()
        }
        self.words |= dict.fromkeys(self._reasons, "refused")
        self.names = [
            name
            for name, word in self.words.items()
            if word in ("body", "constant") and hasattr(module, name)
        ]
        self._made: dict[str, Any] = {}

    def __call__(self, name: str) -> Any:
        """What the name stands for: a module's ``__getattr__``.

        Raises
        ------
        MissingRuleError
            By a function that is refused, or has no word, and is called with a traced array.
        """
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in self._made:
            self._made[name] = self._make(name, getattr(self._module, name))
        return self._made[name]

    def refusal(self, name: str) -> tuple[str, str] | None:
        """Why a name is refused, and what to type instead; None of another."""
        return self._reasons.get(name)

    def _make(self, name, found):
        word = self.words.get(name)
        if word == "body" and isinstance(found, type):
            return remade(found)
        if word == "dispatches" or (
            word != "body" and (not inspect.isroutine(found) or found in RULES)
        ):
            return found
        make = {"body": body, "constant": _constant}.get(
            word, functools.partial(self._refused, name)
        )
        made = functools.wraps(found)(make(found))
        made.__module__ = f"dualrev.{self._module.__name__}"  # where pickle finds it by name
        return made

    def _refused(self, name, function):
        def call(*args, **kwargs):
            given = (*args, *kwargs.values())
            if is_traced(*given):
                why, fix = self.refusal(name) or ("", None)
                raise missing_rule(function, given, why and f" ({why})", fix)
            return function(*args, **kwargs)

        return call


def _constant(function):
    return lambda *args, **kwargs: constant_of(function, args, kwargs)
