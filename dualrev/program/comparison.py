"""Comparison: one function that tells whether many values are what they were.

Owns its source, a line for each: ten times as quick as a loop that asks for them.  Must not know what
is compared, nor what else is to be said of a change.
"""

import operator
import types

from dualrev.closures import held_in

__all__ = ["Comparison"]

#: Tests from which the source takes longer to compile (6 ms) than many calls save.
_MOST = 1000
_DICTS = (dict, types.MappingProxyType)
#: How Python reads what these find.
_READ = {type: "type({})", vars: "{}.__dict__", held_in: "{}.cell_contents"}


class Comparison:
    """Tests that are made together."""

    def __init__(self):
        self._tests: list = []
        self._names: dict = {}

    def add(self, test, *things):
        """Add a test, in which ``{}`` stand for things."""
        self._tests.append(test.format(*map(self._name, things)))

    def of_value(self, get, key, value):
        """Add whether ``get`` finds the same by a key."""
        holder = getattr(get, "__self__", None)
        if type(holder) in _DICTS and value is not None:
            self.add("{}[{}] is {}", holder, key, value)
        elif type(get) is operator.attrgetter:
            _, (attribute,) = get.__reduce__()
            self.add(f"{{}}.{attribute} is {{}}", key, value)
        elif get in _READ:
            self.add(_READ[get] + " is {}", key, value)
        else:
            self.add("{}({}) is {}", get, key, value)

    def of_elements(self, x, elements):
        """Add whether a sequence has the same elements in the same order."""
        self.add("len({}) == {}", x, len(elements))
        if type(x) is list:
            for i, element in enumerate(elements):
                self.add("{}[{}] is {}", x, i, element)
        else:
            self.add("all(map({}, {}, {}))", operator.is_, x, elements)

    def function(self, otherwise):
        """A function of all tests; ``otherwise`` does where they are too many.

        A thing that is gone is another one: what raises is no yes.
        """
        if len(self._tests) > _MOST:
            return otherwise
        tests = "\n  and ".join(self._tests) or "True"
        source = (
            f"def is_as_it_was():\n try:\n  return ({tests})\n except Exception:\n  return False"
        )
        exec(compile(source, "<what a function has read>", "exec"), self._names)
        return self._names.pop("is_as_it_was")  # its globals: they would hold it, and it them

    def _name(self, x):
        name = f"x{id(x)}"
        self._names[name] = x  # alive: no other has its id
        return name
