"""Rules of the user's own: the words of the machine, as calls and as decorators.

Checks what a user's rule answers, and derives the half of a pair that was not given.  Must not know
any NumPy function.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dualrev import errors
from dualrev.calls import is_array_of_numbers, noun_of
from dualrev.core import elementwise as of_elements
from dualrev.core import words
from dualrev.core.assignment import shares_memory
from dualrev.core.cotangents import zeros_of
from dualrev.core.operands import as_operand
from dualrev.core.primitive import RULES, Primitive, reads_of
from dualrev.errors import name_of
from dualrev.insides.bodies import count_arrays
from dualrev.through import pulled_through

__all__ = ["constant", "elementwise", "linear", "rule"]

#: What a partial may be beside a function.
_CONSTANT = (int, float, complex, np.number, type(None))


def elementwise(
    function: Callable | None = None,
    *partials: Callable | float | None,
    guarded: bool = False,
    **decorator: Sequence,
) -> Any:
    """Declare a function whose answer's elements depend on the matching elements of its arguments.

    Parameters
    ----------
    function : callable, optional
        The function; left out where this is used as a decorator.
    *partials : callable, float or None
        One an argument: ``partial(ans, *args)``, the derivative of an element of the answer by the
        matching element of that argument; a number where it is constant, None where there is none.
        A decorator takes them as ``partials=(...)``.
    guarded : bool
        Whether a tangent or cotangent that is exactly zero stays zero where a partial is infinite.

    Returns
    -------
    callable
        The function, which now takes traced arrays too; broadcasting is taken care of.

    Raises
    ------
    ArgumentError
        Where no partial is given.
    RuleError
        Where the function is differentiated, and a partial has not the shape of the answer.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> @dr.elementwise(partials=(lambda ans, x: 1 / (1 + np.exp(-x)),))
    ... def softplus(x):
    ...     return np.log1p(np.exp(x))
    >>> dr.derivative(softplus)(0.0)
    np.float64(0.5)
    """
    if function is None:
        partials = _only("elementwise", "partials", decorator)
        return lambda function: elementwise(function, *partials, guarded=guarded)
    _check_function("elementwise", function, partials, "partial")
    name = name_of(function)
    checked = (_checked_partial(name, i, p) for i, p in enumerate(partials))
    made = of_elements.elementwise(function, *checked, guarded=guarded)
    # What a tape must keep is seen in the partials as they were written.
    declared = RULES[made]
    declared.values_read = reads_of(partials, declared.products)
    return _with_checked_answers(made, partials, of_elements=True)


def linear(function: Callable | None = None, *transposes: Callable, **decorator: Sequence) -> Any:
    """Declare a function that is linear in each of its array arguments.

    Its jvp is the function itself; only the transposes are to be written.

    Parameters
    ----------
    function : callable, optional
        The function; left out where this is used as a decorator.
    *transposes : callable
        One an array argument: ``transpose(ct, *args, **kwargs)``, the cotangent of that argument.
        A decorator takes them as ``transposes=(...)``.

    Returns
    -------
    callable
        The function, which now takes traced arrays too.

    Raises
    ------
    ArgumentError
        Where no transpose is given.
    RuleError
        Where the function is differentiated, and a cotangent has not the shape of its argument.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> @dr.linear(transposes=(lambda ct, x: np.flip(ct),))
    ... def backwards(x):
    ...     return np.flip(x)
    >>> dr.grad(lambda x: backwards(x) @ np.array([1.0, 2.0]))(np.zeros(2))
    array([2., 1.])
    """
    if function is None:
        transposes = _only("linear", "transposes", decorator)
        return lambda function: linear(function, *transposes)
    _check_function("linear", function, transposes, "transpose")
    name = name_of(function)

    def checked(i, transpose):
        def checked_transpose(ct, *args, **kwargs):
            answer = transpose(ct, *args, **kwargs)
            return _checked_answer(name, f"transpose in argument {i}", answer, args[i])

        return checked_transpose

    view = len(transposes) == 1
    checked_transposes = (checked(i, t) for i, t in enumerate(transposes))
    made = words.linear(function, *checked_transposes, view=view, may_copy=view)
    made = _with_checked_answers(made, transposes)
    return made if view else _with_own_answers(made)


def rule(
    function: Callable | None = None,
    *,
    jvp: Callable | None = None,
    vjp: Callable | None = None,
) -> Any:
    """Declare the jvp, the vjp, or both, of a function.

    Where one is given the other is derived from it, as the transpose of a linear function; for
    that the given one must itself be written in functions that have rules.

    Parameters
    ----------
    function : callable, optional
        The function; left out where this is used as a decorator.
    jvp : callable, optional
        ``jvp(tangents, ans, *args, **kwargs)``: the tangent of the answer, in its shape.
        ``tangents`` holds one an array argument, None where that argument is constant.
    vjp : callable, optional
        ``vjp(ct, wanted, ans, *args, **kwargs)``: a tuple with the cotangent of each array
        argument, in its shape; None where ``wanted`` is False.  It is the plain transpose: no
        complex conjugation.

    Returns
    -------
    callable
        The function, which now takes traced arrays too.

    Raises
    ------
    ArgumentError
        Where neither is given.
    RuleError
        Where the function is differentiated, and a tangent has not the shape of the answer, or a
        cotangent not that of its argument.

    Notes
    -----
    The array arguments are the parameters of jvp or vjp that have no default value; the others
    are passed on by name.

    A rule is kept as long as the process runs, and its function with it: declare it where modules
    declare functions, not in a function that is called again and again.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> def cube_vjp(ct, wanted, ans, x):
    ...     return (3 * x**2 * ct,)
    >>> @dr.rule(vjp=cube_vjp)
    ... def cube(x):
    ...     return x**3
    >>> dr.grad(cube)(2.0), dr.derivative(cube)(2.0)
    (np.float64(12.0), np.float64(12.0))
    """
    if jvp is None and vjp is None:
        raise errors.ArgumentError(
            "dualrev.rule was given neither a jvp nor a vjp.",
            fix="give one: @dualrev.rule(vjp=...) above the function",
        )
    if function is None:
        return lambda function: rule(function, jvp=jvp, vjp=vjp)
    _check_function("rule", function, [p for p in (jvp, vjp) if p is not None], "jvp or vjp")
    name = name_of(function)
    given, skip = (vjp, 3) if vjp is not None else (jvp, 2)
    arity = count_arrays(given, skip)
    made = words.rule(
        function,
        view=arity == 1,
        may_copy=True,
        jvp=_jvp_from(_checked_vjp(name, vjp)) if jvp is None else _checked_jvp(name, jvp),
        vjp=_vjp_from(_checked_jvp(name, jvp)) if vjp is None else _checked_vjp(name, vjp),
        arity=arity,
        body=(given, skip),
    )
    made = _with_checked_answers(made, range(arity))
    return made if arity == 1 else _with_own_answers(made)


def constant(function: Callable) -> Any:
    """Declare a function whose answers carry no derivative: steps, comparisons, indices, shapes.

    Parameters
    ----------
    function : callable
        The function, which may convert its arguments as it likes: it is given plain arrays.

    Returns
    -------
    callable
        The function, which now takes traced arrays too.

    Raises
    ------
    ArgumentError
        Where it is no function.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> @dr.constant
    ... def nearest(x, grid):
    ...     return np.argmin(abs(grid - float(x)))
    >>> grid = np.array([0.0, 1.0, 2.0])
    >>> dr.grad(lambda x: (x - grid[nearest(x, grid)]) ** 2)(1.25)
    np.float64(0.5)
    """
    _check_declared("constant", function)
    return words.constant(function)


def _with_checked_answers(made, parts, of_elements=False):
    """A function that was declared, which has so many arguments and answers arrays of numbers.

    NumPy's also where it answers Python's numbers.
    """
    declared = RULES[made]
    compute, name = declared.call, name_of(made)

    def call(*args, **kwargs):
        if len(args) < len(parts):
            raise errors.RuleError(
                f"{name} was declared with {len(parts)} array arguments, and called with {len(args)}.",
                fix="declare it with one partial or transpose an array argument",
            )
        ans = compute(*args, **kwargs)
        if type(ans) is tuple:
            return tuple(_as_numpys(y, name) for y in ans)
        ans = _as_numpys(ans, name)
        if of_elements and not any(ans.shape == np.shape(x) for x in args):
            _check_elements(name, ans, args[: len(parts)])
        return ans

    declared.call = call
    return made


def _as_numpys(ans, name):
    if not hasattr(ans, "shape"):
        ans = np.asarray(ans)
    if ans.dtype == object:  # np.frompyfunc answers them
        ans = as_operand(ans)
    ans = ans if ans.shape or hasattr(ans, "level") else ans[()]
    if not is_array_of_numbers(ans):
        raise errors.RuleError(
            f"{name} answered {noun_of(ans)}, and was declared as a function of arrays of numbers.",
            fix="return an array, a number, or a tuple of such",
        )
    return ans


def _check_elements(name, ans, args):
    shapes = [np.shape(x) for x in args]
    if np.broadcast_shapes(*shapes) != ans.shape:
        raise errors.RuleError(
            f"{name} was declared elementwise; it answered shape {ans.shape} to arguments of shape "
            f"{', '.join(map(str, shapes))}.",
            fix="declare it by dualrev.rule, with its jvp or vjp",
        )


def _with_own_answers(made):
    """A primitive whose answers are no views: of one argument they may be, as in NumPy."""
    if isinstance(made, Primitive):
        function = made.function

        def call(*args, **kwargs):
            ans = function(*args, **kwargs)
            return ans.copy() if any(shares_memory(ans, x) for x in args) else ans

        made.function = call
    return made


def _only(word, name, decorator):
    """The one keyword that the decorator form needs."""
    if list(decorator) != [name]:
        raise errors.ArgumentError(
            f"dualrev.{word} was given no function and no {name}.",
            fix=f"write @dualrev.{word}({name}=(...,)) above the function",
        )
    parts = decorator[name]
    if not isinstance(parts, tuple | list):
        raise errors.ArgumentError(
            f"The {name} of dualrev.{word} are a tuple, one an argument; it was given {noun_of(parts)}.",
            fix=f"write {name}=(...,), with a comma behind the only one",
        )
    return parts


def _check_declared(word, function):
    if not callable(function):
        raise errors.ArgumentError(
            f"dualrev.{word} declares a function, not {function!r}.",
            fix="give the function first, or write the declaration above it as a decorator",
        )


def _check_function(word, function, parts, what):
    _check_declared(word, function)
    if not parts:
        raise errors.ArgumentError(
            f"dualrev.{word} was given no {what} of {name_of(function)}.",
            fix=f"as a decorator: @dualrev.{word}({what}s=(...,))",
        )
    for part in parts:
        if not callable(part) and (word != "elementwise" or not isinstance(part, _CONSTANT)):
            raise errors.ArgumentError(
                f"dualrev.{word} was given {noun_of(part)} as a {what} of {name_of(function)}.",
                fix=f"give a function as the {what}",
            )
    if all(part is None for part in parts):
        raise errors.ArgumentError(
            f"dualrev.elementwise was given no partial of {name_of(function)} that is not None.",
            fix="declare what has no derivative by dualrev.constant(function)",
        )


def _checked_partial(name, i, partial):
    if not callable(partial):
        return partial

    def checked(ans, *args):
        answer = partial(ans, *args)
        if answer is None:
            raise errors.RuleError(
                f"The partial in argument {i} of {name} returned None.",
                fix="return an array of numbers: a `return` may be missing",
            )
        try:
            fits = np.broadcast_shapes(np.shape(answer), ans.shape) == ans.shape
        except ValueError:
            fits = False
        if not fits:
            raise errors.RuleError(
                f"The partial in argument {i} of {name} has shape {np.shape(answer)}, the answer "
                f"has shape {ans.shape}.",
                fix="answer one number for each element of ans",
            )
        return answer

    return checked


def _checked_jvp(name, jvp):
    def checked(tangents, ans, *args, **kwargs):
        t = jvp(tangents, ans, *args, **kwargs)
        if not isinstance(ans, tuple):
            return _checked_answer(name, "jvp", t, ans)
        if not isinstance(t, tuple | list) or len(t) != len(ans):
            raise errors.RuleError(
                f"The jvp of {name} must return a tuple of {len(ans)} tangents.",
                fix="return one tangent an answer, None where it has none",
            )
        return tuple(
            None if s is None else _checked_answer(name, f"jvp in answer {k}", s, y)
            for k, (s, y) in enumerate(zip(t, ans))
        )

    return checked


def _checked_vjp(name, vjp):
    def checked(ct, wanted, ans, *args, **kwargs):
        cts = vjp(ct, wanted, ans, *args, **kwargs)
        if len(args) == 1 and cts is not None and not isinstance(cts, tuple | list):
            cts = (cts,)
        if not isinstance(cts, tuple | list) or len(cts) != len(args):
            raise errors.RuleError(
                f"The vjp of {name} must return a tuple of one cotangent an array argument, "
                f"of {len(args)}; it returned {noun_of(cts)}"
                + (f" of {len(cts)}." if isinstance(cts, tuple | list) else "."),
                fix="return one cotangent an array argument, None where it is not wanted",
            )
        return [
            _checked_answer(name, f"vjp in argument {i}", c, x) if w else None
            for i, (c, x, w) in enumerate(zip(cts, args, wanted))
        ]

    return checked


def _jvp_from(vjp):
    """``J t`` as the transpose of ``ct -> J^T ct``."""

    def jvp(tangents, ans, *args, **kwargs):
        wanted = [t is not None for t in tangents]

        def pull(*cts):
            pulled = vjp(cts if isinstance(ans, tuple) else cts[0], wanted, ans, *args, **kwargs)
            return [c for c, w in zip(_outputs(pulled), wanted) if w]

        zeros = [zeros_of(y) for y in _outputs(ans)]
        given = tuple(t for t in tangents if t is not None)
        ts = pulled_through(pull, zeros, given, [True] * len(zeros))
        if not isinstance(ans, tuple):
            return ts[0]
        return tuple(t if y.dtype.kind in "fc" else None for t, y in zip(ts, ans))

    return jvp


def _vjp_from(jvp):
    """``J^T ct`` as the transpose of ``t -> J t``."""

    def vjp(ct, wanted, ans, *args, **kwargs):
        def push(*ts):
            pushed = jvp(list(ts), ans, *args, **kwargs)
            return [
                zeros_of(y) if t is None else t for t, y in zip(_outputs(pushed), _outputs(ans))
            ]

        zeros = [zeros_of(x) if w else None for x, w in zip(args, wanted)]
        return pulled_through(push, zeros, ct, wanted)

    return vjp


def _outputs(ans):
    """The arrays of an answer: several where it is a tuple, or a list."""
    return ans if isinstance(ans, tuple | list) else (ans,)


def _checked_answer(name, what, answer, expected):
    """What a rule answered, as an array; a RuleError where its shape is wrong."""
    if not hasattr(answer, "shape"):
        answer = np.asarray(answer)[()]
    if not is_array_of_numbers(answer):
        raise errors.RuleError(
            f"The {what} of {name} returned {noun_of(answer)}, it must return an array of numbers.",
            fix="return an array of numbers: a `return` may be missing",
        )
    if answer.shape != expected.shape:
        raise errors.RuleError(
            f"The {what} of {name} has shape {answer.shape}, it must have shape {expected.shape}.",
            fix="a jvp answers in the shape of ans, a vjp in the shape of each argument",
        )
    return answer
