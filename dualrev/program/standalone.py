"""A program by itself, without the function that it was recorded from: called, saved, loaded.

Owns which arguments it takes, and what it says to others.  Must not know how it is written.
"""

import io

import numpy as np

from dualrev import errors, trees
from dualrev.core.traced import is_traced
from dualrev.program import saving
from dualrev.program.arguments import details, flattened, is_array, kind_of
from dualrev.program.engines import workspace_of
from dualrev.program.replay import Replay
from dualrev.program.steps import Diverged, Program

__all__ = ["StandaloneProgram", "load_program"]


class StandaloneProgram:
    """One program, called like the function that it was recorded from, which it does not need.

    Made by ``dr.compile(f).program(*args)`` and :func:`dualrev.load_program`.  It takes arguments of the
    structure, shapes and dtypes that it was recorded for, and holds the arrays that f read besides
    as they were.  ``print(program)`` shows its steps.

    Raises
    ------
    ProgramError
        Where it is called with other arguments, or where f would take another branch for them.
    NonFiniteError
        Where 0 meets infinity, or a nan: what the derivative is there only f can tell.
    """

    def __init__(self, program: Program, arguments, kinds: tuple, result, engine=None):
        self.steps = program
        self.engine = engine
        self._arguments, self._kinds, self._result = arguments, kinds, result
        self._details = details(trees.unflatten(arguments, [None] * len(kinds)))
        self._replay = Replay(program, result, workspace_of(engine))

    def __call__(self, *args, **kwargs):
        leaves, treedef = flattened(args, kwargs)
        known = treedef == self._arguments and details((args, kwargs)) == self._details
        if not known or tuple(map(kind_of, leaves)) != self._kinds:
            raise self._mismatch(leaves, treedef if known else None)
        try:
            return self._replay.run([x for x in leaves if is_array(x)])
        except Diverged as diverged:
            error = self._divergence(diverged)
        raise error

    def __repr__(self):
        return f"<program of {self.steps.name}>"

    def __str__(self):
        return str(self.steps)

    def __reduce__(self):
        file = io.BytesIO()
        self.save(file)
        return _from_bytes, (file.getvalue(),)

    def save(self, file) -> None:
        """Write it to a file, given as a path or as a file that is open for writing bytes.

        The file holds arrays, numbers and the names of functions, no code;
        :func:`dualrev.load_program` reads it where f is not known.

        Raises
        ------
        ProgramError
            Where a step calls a function of the user's own, or arguments and result are not of
            tuples, lists and dicts.
        """
        saving.write(
            file,
            self.steps,
            arguments=_structure(self._arguments),
            kinds=self._kinds,
            result=_structure(self._result),
        )

    # -- what it says to arguments that it does not hold for

    def _mismatch(self, leaves, treedef):
        if is_traced(leaves):
            return errors.MissingRuleError(
                f"The program of `{self.steps.name}` has no derivative: it knows its own steps only.",
                fix="save the program of the derivative: dr.compile(dr.grad(f)).program(x)",
            )
        if treedef is None:
            what = "arguments of another structure"
        else:
            place, own, other = next(
                (path, own, kind_of(x))
                for path, own, x in zip(trees.paths(treedef), self._kinds, leaves)
                if own != kind_of(x)
            )
            what = f"{_said(other)} where it takes {_said(own)}, in {_place(place)}"
        return errors.ProgramError(
            f"The program of `{self.steps.name}` was called with {what}.",
            fix="record one for these arguments: dr.compile(f).program(x)",
        )

    def _divergence(self, diverged):
        name = self.steps.name
        if diverged.seen is None:
            return errors.NonFiniteError(
                f"The program of `{name}` meets a nan, or 0 times infinity.  The derivative may be "
                "finite there, but a program cannot tell.",
                fix="call the function, which can: dr.compile(f)(x)",
            )
        file, number = self.steps.line_of(diverged.number)
        return errors.ProgramError(
            f"The program of `{name}` holds for the branch that was taken when it was recorded; for "
            "these arguments the function takes another.",
            where=f"{file.rpartition('/')[2]}:{number}" if number else None,
            fix="call the function, which records that branch too: dr.compile(f)(x)",
        )


def load_program(file, *, engine=None) -> StandaloneProgram:
    """The program that was saved in a file.

    Nothing in the file is executed: it holds arrays, and names that are looked up among the functions
    of NumPy, SciPy and dualrev that compute arrays.

    Parameters
    ----------
    file : path or binary file
        What ``dr.compile(f).program(*args).save`` has written.
    engine : str or module, optional
        What runs it, as in :func:`compile`.

    Returns
    -------
    callable
        Equal to f for arguments of the structure, shapes and dtypes that it was recorded for.

    Raises
    ------
    ProgramError
        Where the file is damaged, or was written with another version of dualrev or another major
        version of NumPy.

    Notes
    -----
    Of a file that comes from others ``engine="numpy"`` checks each step when it runs; what machine code
    reads hangs on the shapes in the file.  The file SECURITY.md says what is checked where.

    Examples
    --------
    >>> import io, numpy as np, dualrev as dr
    >>> file = io.BytesIO()  # or a path: "slope.npz"
    >>> dr.compile(dr.grad(lambda x: np.sum(x**3))).program(np.ones(2)).save(file)
    >>> slope = dr.load_program(file)
    >>> slope(np.array([1.0, 2.0]))
    array([ 3., 12.])
    """

    def made(program, arguments, kinds, result):
        arguments, leaves = _treedef(arguments)
        result, outputs = _treedef(result)
        saving.require(type(kinds) is tuple and len(kinds) == leaves, "an argument")
        arrays = [kind for kind in kinds if not _is_static(kind)]
        saving.require(len(arrays) == len(program.inputs), "an argument")
        saving.require(len(program.outputs) == outputs, "the result")
        return StandaloneProgram(program, arguments, kinds, result, engine)

    return saving.read(file, made)


def _from_bytes(content):
    return load_program(io.BytesIO(content))


def _is_static(kind):
    """Whether a kind of argument is one that is kept by its value."""
    return type(kind) is tuple and isinstance(kind[0], type)


def _said(kind):
    """A kind of argument in words."""
    if _is_static(kind):
        known = issubclass(kind[0], int | str | bytes | np.integer | np.bool)
        return repr(kind[1]) if known else f"a {kind[0].__name__}"
    if type(kind) is not tuple:
        return f"a {kind.__name__}"
    shape, dtype, *strides = kind
    return f"{dtype}{list(shape)}{f' of strides {strides[0]}' if strides else ''}"


def _place(path):
    """The path of a leaf of (args, kwargs), as it is written in a call."""
    number, _, rest = path[1:].partition("]")
    return f"{('args', 'kwargs')[int(number)]}{rest}"


def _structure(treedef):
    """A structure with a Leaf for each leaf, in containers that a file can hold."""
    if treedef is None:
        return saving.Leaf(0)
    return trees.unflatten(treedef, map(saving.Leaf, range(treedef.num_leaves)))


def _treedef(structure):
    """The treedef of a structure, None for one leaf; and the number of leaves."""
    leaves, treedef = trees.flatten(structure)
    saving.require([leaf.number for leaf in leaves] == list(range(len(leaves))), "a structure")
    return (None if type(structure) is saving.Leaf else treedef), len(leaves)
