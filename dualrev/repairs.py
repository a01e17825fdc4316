"""Repairs: what to type in place of the expression that would have lost a derivative.

Owns one table, from what the user's line calls to what stands there instead; tests/test_advice.py
applies each repair to a program.  Must not know tracers or rules, nor how a line is read, nor the error.
"""

import ast
import functools
import re
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special

#: For arrays that are to hold traced values; where nobody edits the file, and where NumPy has no such
#: function, the second.
IMPORT = (
    "write `import dualrev.numpy as np` for `import numpy as np` in this file: its arrays take "
    "traced values"
)
WITH_IMPORT = ", with `import dualrev.numpy as np` for `import numpy as np` in this file"
PATCH = (
    "call dualrev.patch_numpy() once: the functions of math, and NumPy's arrays, then take traced "
    "values in every file"
)
#: Where each row of a batch must have a call of its own.
BY_ROWS = "write np.stack([f(x) for x in xs]) for dr.vmap(f)(xs)"
#: Where a plain number is all that can be used: texts, files, random draws.
PLAIN = "give it dualrev.stop_gradient(x), a plain number that carries no derivative"
#: Where it must be computed as it is.
RULE = "give it a derivative: a function of yours around it, under @dualrev.rule(vjp=...)"
#: Where the line is not known well enough.
UNKNOWN = "compute it by functions of NumPy, which keep the derivative"
#: ``fix_of(function)``: what to type instead of one of NumPy's that is refused, or None.
fix_of: Callable[[Any], str | None] | None = None


def holding(at):
    """An array that holds traced values in place of the plain one that a line writes."""
    is_patched = np.array.__module__ != "numpy"
    if at.installed:
        return RULE if is_patched else PATCH
    if "dualrev.numpy" not in at.modules and not is_patched:
        return IMPORT
    name = _written(at)
    return f"copy the array inside the differentiated function, before: {name} = np.array({name})"


def _written(at):
    """The plain array that a line writes, as it is called there; "y" where that is not known."""
    statement = parsed(at.source, ast.Assign | ast.AugAssign | ast.Call)
    if statement is None and at.kind != "call":
        return at.name if at.name.isidentifier() else "y"
    if isinstance(statement, ast.Call):
        outs = (keyword.value for keyword in statement.keywords if keyword.arg == "out")
        nodes = [*outs, *statement.args, statement.func]
    elif isinstance(statement, ast.Assign):
        nodes = statement.targets
    else:
        nodes = [] if statement is None else [statement.target]
    return next(filter(None, (_array_in(at, node) for node in nodes)), "y")


def _array_in(at, node):
    """The part of ``y.flat[0]`` or ``self.y[1:]`` that is an array of its own, no view."""
    steps = [node]
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
        steps.append(node)
    value = None
    for step in reversed(steps):
        if isinstance(step, ast.Name):
            value = at.variable(step.id)
        elif isinstance(step, ast.Attribute):
            value = getattr(value, step.attr, None)
        elif isinstance(step, ast.Subscript) and isinstance(step.slice, ast.Constant):
            value = value[step.slice.value] if isinstance(value, dict | list) else None
        else:
            return None
        if type(value) is np.ndarray:
            return ast.unparse(step) if value.base is None else None
    return None


def renewed(at):
    """``y = y + x`` for ``y += x``; of ``y[1:] += x`` it would write into the same array again."""
    if not at.kind.endswith("=") or not at.name or "[" in at.name:
        return None
    statement = parsed(at.source, ast.AugAssign)
    value = "..." if statement is None else _operand(statement.value)
    return f"write {at.name} = {at.name} {at.kind[:-1]} {value}"


def repair(at, shape=()):
    """What to type in place of what a line was at; of a traced array of this shape."""
    if at.kind == "write":
        return holding(at)
    if at.kind == "%":
        return _formatted(at.source)
    if at.kind == "call" and _says_dtypes(at):
        return f"leave out otypes= of np.vectorize, or keep it{WITH_IMPORT}"
    owner = _owner_of(at) if at.kind == "call" else ""
    fix = fix_of(at.subject) if fix_of else None
    if fix is not None:
        return fix
    if owner == "numpy" or (at.installed and owner in ("math", "cmath", "")):
        return holding(at)
    if at.installed:
        return RULE
    calls = _CALLS | {"numpy.random": functools.partial(_of_draw, shape)}
    instead = _instead(calls[owner], at) if owner in calls else None
    if instead is not None:
        return f"write {instead}"
    if owner in ("math", "cmath"):
        return PATCH
    if owner == "builtins":
        return _within(at) or UNKNOWN
    if not owner:
        return UNKNOWN
    if owner == "numpy.random" or owner in sys.stdlib_module_names:
        return PLAIN
    return RULE


def _says_dtypes(at):
    """Whether what is called is of np.vectorize with otypes, or makes one."""
    if isinstance(at.subject, np.vectorize):
        return at.subject.otypes is not None
    call = parsed(at.source, ast.Call)
    options = call.func.keywords if call is not None and isinstance(call.func, ast.Call) else ()
    return any(option.arg == "otypes" for option in options)


def _is_number_type(x):
    return any(x is number for number in (float, complex, np.float64, np.complex128))


def _owner_of(at):
    """The module that a called function is from, "numbers" for a type; "" where it is not known."""
    name = at.name.rpartition(".")[2]
    if at.subject is None:
        draws = hasattr(np.random.Generator, name)
        return "numpy.random" if draws else "numpy" * hasattr(np.ndarray, name)
    if _is_number_type(at.subject):
        return "numbers"
    owner = getattr(at.subject, "__self__", None)
    module = getattr(at.subject, "__module__", None) or type(owner).__module__
    return "numpy.random" if module.startswith("numpy.random") else module.partition(".")[0]


# ----------------------------------------------------------------------------------- calls
#
# Each is given what is called and the call as a syntax tree, and answers what to type, or None.


def _of_math(at, call):
    if at.subject.__name__ == "fma":
        return "{} * {} + {}".format(*map(_operand, call.args))
    equal = _equal_of_math(at.subject.__name__, len(call.args))
    return equal and f"{equal}({', '.join(map(ast.unparse, call.args))})"


def _equal_of_math(name, count):
    """The path of the ufunc that equals a function of math, of so many arguments."""
    for path, module in ("np", np), ("scipy.special", special):
        function = getattr(module, name, None)
        # The remainder of math is that of the nearest multiple.
        if getattr(function, "nin", 0) == count and name != "remainder":
            return f"{path}.{name}"
    return None


def _within(at):
    """What to do about float and math.exp in ``list(map(float, x))`` and ``max(x, key=math.exp)``."""
    for node in ast.walk(parsed(at.source, ast.Call) or ast.Module()):
        if isinstance(node, ast.Name) and _is_number_type(at.variable(node.id)):
            return f"leave out {node.id}, which makes plain numbers"
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "math":
            equal = _equal_of_math(node.attr, 1)
            return equal and f"write {equal} for {ast.unparse(node)}"
    return None


def _of_cmath(at, call):
    name = at.subject.__name__
    known = len(call.args) == 1 and isinstance(getattr(np, name, None), np.ufunc)
    return f"np.{name}({_operand(*call.args)} + 0j)" if known else None


_STATISTICS = {
    "fmean": "np.mean({0})",
    "mean": "np.mean({0})",
    "pstdev": "np.std({0})",
    "pvariance": "np.var({0})",
    "stdev": "np.std({0}, ddof=1)",
    "variance": "np.var({0}, ddof=1)",
}


def _of_statistics(at, call):
    name = at.subject.__name__
    known = name in _STATISTICS and len(call.args) == 1 and not call.keywords
    return _STATISTICS[name].format(ast.unparse(call.args[0])) if known else None


def _of_number(at, call):
    real, *imaginary = map(_operand, call.args)
    if at.subject is float or at.subject is np.float64:
        return real
    return f"{real} + 1j * {imaginary[0]}" if imaginary else f"{real} + 0j"


#: Random numbers as functions of their parameters, these with their defaults.
_LOCATED = {"loc": "0.0", "scale": "1.0"}, "{loc} + {scale} * {draw}"
_SCALED = {"scale": "1.0"}, "{scale} * {draw}"
_DRAWS = {
    "normal": _LOCATED,
    "laplace": _LOCATED,
    "logistic": _LOCATED,
    "gumbel": _LOCATED,
    "exponential": _SCALED,
    "rayleigh": _SCALED,
    "uniform": ({"low": "0.0", "high": "1.0"}, "{low} + ({high} - {low}) * {draw}"),
}


def _of_draw(shape, at, call):
    name = at.name.rpartition(".")[2]
    if name not in _DRAWS:
        return None
    defaults, form = _DRAWS[name]
    given = dict(zip([*defaults, "size"], call.args)) | {k.arg: k.value for k in call.keywords}
    size = ast.unparse(given.pop("size")) if "size" in given else ""
    parameters = defaults | {key: _operand(value) for key, value in given.items()}
    varying = [parameters[k] for k, v in given.items() if not isinstance(v, ast.Constant)]
    if not size and (shape or len(varying) > 1):  # one number for each element
        size = f"np.shape({' + '.join(varying)})"
    size = size and f"size={size}"
    return form.format(**parameters, draw=f"{ast.unparse(call.func)}({size})")


_CALLS = {
    "math": _of_math,
    "cmath": _of_cmath,
    "statistics": _of_statistics,
    "numbers": _of_number,
}


def _instead(repair, at):
    """What to type instead of a call; where its source is not known, of one of x, or of x and y."""
    known = parsed(at.source, ast.Call)
    if known is not None and not at.source.endswith("(...)"):
        calls = [known]
    else:
        calls = [parsed(f"{at.name}({given})", ast.Call) for given in ("x", "x, y")]
    plainly = (call for call in calls if call is not None and not _unpacks(call))
    return next(filter(None, (repair(at, call) for call in plainly)), None)


def _unpacks(call):
    stars = (isinstance(x, ast.Starred) for x in call.args)
    return any(stars) or any(k.arg is None for k in call.keywords)


# ------------------------------------------------------------------------------------- lists


def instead_of_lists(at):
    """Arrays in place of the lists that a call is given, as far as they may hold traced numbers."""
    call = parsed(at.source, ast.Call) if at.kind == "call" else None
    if call is None:
        return None
    arguments = [*call.args, *(keyword.value for keyword in call.keywords)]
    given = [_as_array(at, x) for x in arguments if _is_list(at, x)]
    if not given:
        return None
    imported = any("np.array" in x for x in given) and "dualrev.numpy" not in at.modules
    by = WITH_IMPORT * imported
    return f"write {', '.join(given)}{by}"


def _is_list(at, node):
    """Whether it is a list, or a name of one, and not of plain numbers alone."""
    if isinstance(node, ast.Name):
        value = at.variable(node.id)
        return isinstance(value, list | tuple) and not all(
            isinstance(x, int | float) for x in value
        )
    if not isinstance(node, ast.List | ast.Tuple | ast.ListComp):
        return False
    try:
        return not ast.literal_eval(node)
    except ValueError:
        return True


def _as_array(at, node):
    parts = at.variable(node.id) if isinstance(node, ast.Name) else _parts(node)
    nested = any(isinstance(x, list | tuple | ast.List | ast.Tuple | ast.ListComp) for x in parts)
    return f"np.{'array' if nested else 'stack'}({ast.unparse(node)}) for {ast.unparse(node)}"


def _parts(node):
    return [node.elt] if isinstance(node, ast.ListComp) else node.elts


# ------------------------------------------------------------------------------------- refusals


def of_key(at):
    """A cache would answer what it was once given; a key is compared by its value."""
    cached = getattr(at.subject, "__func__", at.subject)
    call = parsed(at.source, ast.Call)
    if not hasattr(cached, "cache_info") or call is None:
        return "take its plain number for the key, dualrev.stop_gradient(x)"
    owner = [] if cached is at.subject else [at.name.rpartition(".")[0]]
    arguments = [*owner, *map(ast.unparse, call.args), *map(ast.unparse, call.keywords)]
    return f"call the function without its cache: {at.name}.__wrapped__({', '.join(arguments)})"


def of_iterator(at):
    """Elements in turn, which nditer takes from memory."""
    call = parsed(at.source, ast.Call)
    given = call.args[0] if call and call.args else ast.Name("x")
    if isinstance(given, ast.List | ast.Tuple):
        return f"iterate over np.broadcast({', '.join(map(ast.unparse, given.elts))})"
    return f"iterate over {_operand(given)}.flat"


def of_call(at):
    """Of a call of what knows no traced values."""
    owner = _owner_of(at)
    if owner == "builtins":
        return PLAIN
    return repair(at) if owner in sys.stdlib_module_names else RULE


# ------------------------------------------------------------------------------------- texts


def _formatted(source):
    """``"{:g}".format(x[0])`` of ``"%g" % x[0]``: it shows the number that the traced one carries."""
    division = parsed(source, ast.BinOp)
    if division is None or not isinstance(division.left, ast.Constant):
        return PLAIN
    fields = re.sub(r"[{}]", r"\g<0>\g<0>", division.left.value)
    fields = re.sub(r"%([\d.]*)([efgEFG])", r"{:\1\2}", fields)
    fields = re.sub(r"%[sr]", "{}", fields)
    values = division.right.elts if isinstance(division.right, ast.Tuple) else [division.right]
    if "%" in fields or len(re.findall(r"{[^{}]*}", fields)) != len(values):
        return PLAIN
    return f"write {fields!r}.format({', '.join(map(ast.unparse, values))})"


def _operand(node):
    text = ast.unparse(node)
    whole = isinstance(node, ast.Name | ast.Constant | ast.Call | ast.Subscript | ast.Attribute)
    return text if whole else f"({text})"


def parsed(source, kind):
    """The syntax tree of a line where it is of a kind; None elsewhere."""
    try:
        (node,) = ast.parse(source).body
    except (SyntaxError, ValueError):
        return None
    node = node.value if isinstance(node, ast.Expr) else node
    return node if isinstance(node, kind) else None
