"""Lines: which line of the user's is being executed, or was when an error passed it.

An error names the line that has to be edited, which only the frames know.  A walk over frames takes
0.1 us a frame; nobody walks but an error, a warning, a watch over a large array and a recording.
"""

import itertools
import linecache
import os
import sys
from typing import Any, NamedTuple

__all__ = [
    "Expression",
    "expression_at",
    "expression_of",
    "is_installed",
    "is_of_library",
    "is_of_ours",
    "is_ours",
    "is_standard",
    "is_users",
    "line_of",
    "module_of",
    "passed",
    "running",
    "user_frame",
    "user_line",
    "user_place",
]

_frame = sys._getframe
_PACKAGE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "")
#: Codes, and whether each is the user's.
_of_users: dict[int, tuple] = {}
# Frames of these packages, and of Python's own library, are never the user's own line.
_FOREIGN = ("numpy", "scipy", "optree")
_STANDARD = os.path.join(os.path.dirname(os.__file__), "")


def user_frame():
    """Innermost frame that is neither dualrev's nor NumPy's, or None."""
    frame = _frame(1)
    while frame is not None and not is_users(frame):
        frame = frame.f_back
    return frame


def user_line() -> str:
    """The user's line that is being executed, in words; empty when there is none."""
    return _in_words((frame, frame.f_lineno) for frame in running(_frame(1)))


def user_place() -> tuple[str, int]:
    """File and number of the user's line that is being executed, as warnings take them."""
    frame = user_frame()
    return ("unknown", 0) if frame is None else (frame.f_code.co_filename, frame.f_lineno)


def line_of(error: BaseException) -> str:
    """The innermost of the user's lines that an error passed, in words."""
    return _in_words(reversed([*passed(error)]))


def passed(error):
    """The frames that an error passed, outermost first, each with its line."""
    traceback = error.__traceback__
    while traceback is not None:
        yield traceback.tb_frame, traceback.tb_lineno
        traceback = traceback.tb_next


def is_users(frame):
    # A recording asks for every step: 0.6 us less a frame.  Not by the code, whose hash reads all of it.
    code = frame.f_code
    known = _of_users.get(id(code))
    if known is None:
        if len(_of_users) > 10_000:
            _of_users.clear()
        known = _of_users[id(code)] = code, _is_users_code(frame)
    return known[1]


def _is_users_code(frame):
    # A body of SciPy's, that runs here, has SciPy's code with global names of ours.
    if module_of(frame).partition(".")[0] in (*_FOREIGN, "dualrev") or is_ours(frame):
        return False
    file = frame.f_code.co_filename
    if file.endswith((".pyx", "<stringsource>")):  # Cython's, of which a traceback has lines only
        return False
    if file.startswith("<frozen "):  # of Python's own library: what imports modules
        return False
    return not file.startswith(_STANDARD) or is_installed(file)


def is_installed(file):
    """Whether a file is of a package that was installed, which its user does not edit."""
    return "-packages" in file  # site-packages, Debian's dist-packages


def is_standard(module: str | None) -> bool:
    """Whether a module is Python's own, NumPy's, SciPy's or ours; code that exec ran has none."""
    root = (module or "").partition(".")[0]
    # Of Cython's own classes, whose class answers a descriptor when it is asked for its module.
    if root.startswith("_cython_"):
        return True
    return root in _FOREIGN or root == "dualrev" or root in sys.stdlib_module_names


def is_of_library(module: str | None) -> bool:
    """Whether nobody edits a module who uses it: it is standard, or was installed."""
    file = getattr(sys.modules.get(module or ""), "__file__", None)
    return is_standard(module) or is_installed(file or "")


def is_of_ours(function: Any) -> bool:
    """Whether a function is dualrev's."""
    module = getattr(function, "__module__", None) or ""
    return module.partition(".")[0] == "dualrev"


def is_ours(frame):
    return frame.f_code.co_filename.startswith(_PACKAGE)


def module_of(frame):
    return frame.f_globals.get("__name__") or ""


def running(frame):
    while frame is not None:
        yield frame
        frame = frame.f_back


def _in_words(lines):
    """``in your function `loss` (model.py:41)``, with the line of a package that it calls there."""
    passed = (line for line in lines if is_users(line[0]))
    innermost = next(passed, None)
    if innermost is None:
        return ""
    outer = [innermost, *passed] if is_installed(innermost[0].f_code.co_filename) else [innermost]
    own = next((line for line in outer if not is_installed(line[0].f_code.co_filename)), innermost)
    name = own[0].f_code.co_name
    function = "code" if name == "<module>" else f"function `{name}`"
    by = "" if own is innermost else f", by `{innermost[0].f_code.co_name}` {_place(*innermost)}"
    return f"in your {function} {_place(*own)}{by}"


def _place(frame, number):
    return f"({os.path.basename(frame.f_code.co_filename)}:{number})"


class Expression(NamedTuple):
    """What a frame evaluates."""

    #: Name of the file, with its path, and number of the line.
    file: str
    number: int
    #: Name of the function that the line belongs to, ``Layer.__call__``.
    within: str
    #: The expression, or its line where Python does not know it.
    source: str
    line: str


def expression_of(frame: Any) -> Expression:
    """The expression that a frame evaluates, where a recording meets it for the first time."""
    return expression_at(frame, frame.f_lasti)


def expression_at(frame, instruction):
    code = frame.f_code
    file = code.co_filename
    first, last, begin, end = _position_of(code, instruction)
    first = first or frame.f_lineno or 0
    numbers = range(first, (last or first) + 1)
    lines = [linecache.getline(file, k, frame.f_globals) for k in numbers]
    source = line = lines[0].strip()
    if begin is not None and end is not None:
        encoded = [text.encode() for text in lines]  # columns count bytes
        encoded[-1] = encoded[-1][:end]
        encoded[0] = encoded[0][begin:]
        # Of a file that was changed the columns may be wrong.
        source = " ".join(b"".join(encoded).decode(errors="replace").split())
    return Expression(file, first, code.co_qualname, source, line)


def _position_of(code, instruction):
    """First and last line, and columns, of an instruction: CPython keeps them for tracebacks.

    The columns are None under ``python -X no_debug_ranges``.  5 us, or 50 at the end of a long function.
    """
    return next(itertools.islice(code.co_positions(), instruction // 2, None))
