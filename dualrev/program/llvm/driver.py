"""The driver: walks a table of loops, and the loops that NumPy does not have as functions.

Owns their text in LLVM's language.  Must not know steps.

All are compiled when they are first asked for and kept as long as the process.  They have the
signature of NumPy's own (:mod:`dualrev.program.llvm.loops`), so that a table holds both.
"""

import ctypes
import functools

import numpy as np

from dualrev.program.llvm.instructions import INSTRUCTIONS, MEMORY, Writer
from dualrev.program.llvm.loops import Loop
from dualrev.program.llvm.machine_code import compiled

__all__ = [
    "adding",
    "converting",
    "copying",
    "differing",
    "elementwise",
    "falling",
    "finding_nan",
    "gathering",
    "repeat",
    "scattering",
    "selecting",
    "walk",
]

#: A table is three words: the address of its entries, how many there are, and that of the word into
#: which a loop of guards writes 1.  The answer is the number of the entry that stopped the walk.
#: An entry is loop, args, dims, steps, data, how many args there are.  A loop is handed a copy of its
#: args: those of scipy.special and numpy.linalg move them.  With 0 they are handed as they are.
_DRIVER = """
%entry = type { ptr, ptr, ptr, ptr, ptr, i64 }

define i64 @walk(ptr %table) {
  %given = alloca ptr, i64 64
  %first = load ptr, ptr %table
  %count_at = getelementptr i64, ptr %table, i64 1
  %count = load i64, ptr %count_at
  %stop_at_at = getelementptr i64, ptr %table, i64 2
  %stop_at = load ptr, ptr %stop_at_at
  store i64 0, ptr %stop_at
  br label %head
head:
  %i = phi i64 [ 0, %0 ], [ %next, %called ]
  %stopped = load i64, ptr %stop_at
  %running = icmp eq i64 %stopped, 0
  %more = icmp ult i64 %i, %count
  %go = and i1 %running, %more
  br i1 %go, label %body, label %end
body:
  %entry = getelementptr %entry, ptr %first, i64 %i
  %args_at = getelementptr %entry, ptr %entry, i64 0, i32 1
  %args = load ptr, ptr %args_at
  %nargs_at = getelementptr %entry, ptr %entry, i64 0, i32 5
  %nargs = load i64, ptr %nargs_at
  %as_they_are = icmp eq i64 %nargs, 0
  br i1 %as_they_are, label %called, label %copy
copy:
  %k = phi i64 [ 0, %body ], [ %k_next, %copy ]
  %from = getelementptr ptr, ptr %args, i64 %k
  %to = getelementptr ptr, ptr %given, i64 %k
  %arg = load ptr, ptr %from
  store ptr %arg, ptr %to
  %k_next = add i64 %k, 1
  %copied = icmp eq i64 %k_next, %nargs
  br i1 %copied, label %called, label %copy
called:
  %handed = phi ptr [ %args, %body ], [ %given, %copy ]
  call void @call(ptr %entry, ptr %handed)
  %next = add i64 %i, 1
  br label %head
end:
  %last = sub i64 %i, 1
  %answer = select i1 %running, i64 -1, i64 %last
  ret i64 %answer
}

define void @repeat(ptr %args, ptr %dims, ptr %moves, ptr %inner) {
  %n = load i64, ptr %dims
  %nargs_at = getelementptr %entry, ptr %inner, i64 0, i32 5
  %nargs = load i64, ptr %nargs_at
  %given = alloca ptr, i64 %nargs
  br label %head
head:
  %i = phi i64 [ 0, %0 ], [ %next, %called ]
  %more = icmp ult i64 %i, %n
  br i1 %more, label %copy, label %end
copy:
  %k = phi i64 [ 0, %head ], [ %k_next, %copy ]
  %from = getelementptr ptr, ptr %args, i64 %k
  %move_at = getelementptr i64, ptr %moves, i64 %k
  %to = getelementptr ptr, ptr %given, i64 %k
  %start = load ptr, ptr %from
  %move = load i64, ptr %move_at
  %offset = mul i64 %move, %i
  %arg = getelementptr i8, ptr %start, i64 %offset
  store ptr %arg, ptr %to
  %k_next = add i64 %k, 1
  %copied = icmp eq i64 %k_next, %nargs
  br i1 %copied, label %called, label %copy
called:
  call void @call(ptr %inner, ptr %given)
  %next = add i64 %i, 1
  br label %head
end:
  ret void
}

define internal void @call(ptr %entry, ptr %args) alwaysinline {
  %dims_at = getelementptr %entry, ptr %entry, i64 0, i32 2
  %steps_at = getelementptr %entry, ptr %entry, i64 0, i32 3
  %data_at = getelementptr %entry, ptr %entry, i64 0, i32 4
  %loop = load ptr, ptr %entry
  %dims = load ptr, ptr %dims_at
  %steps = load ptr, ptr %steps_at
  %data = load ptr, ptr %data_at
  call void %loop(ptr %args, ptr %dims, ptr %steps, ptr %data)
  ret void
}
"""


@functools.cache
def _driver():
    walk, repeat = compiled(_DRIVER, ["walk", "repeat"])
    signature = ctypes.c_int64, ctypes.c_void_p
    beside = _walk_beside(ctypes.CFUNCTYPE(*signature)(walk))
    return ctypes.PYFUNCTYPE(*signature)(walk), beside, repeat


def walk(alone: bool = True):
    """The driver: of the address of a table the number of the entry that stopped it, or -1.

    ``alone`` keeps other threads waiting: they are let in and out in 0.1 us, and an error of a loop is
    raised at once.
    """
    return _driver()[0 if alone else 1]


def _walk_beside(walk):
    """The walk while other threads run; the error that a loop has set is raised after it."""

    def beside(table):
        at = walk(table)
        ctypes.pythonapi.PyErr_CheckSignals()
        return at

    return beside


def repeat() -> int:
    """The address of the loop that calls another one n times; its data is the other's entry."""
    return _driver()[2]


def elementwise(name: str, sizes, body: str, *, apart=False) -> str:
    """The text of a loop over arguments of these sizes in bytes, 0 for one that stands still.

    The body computes one element; ``%at0``, ``%at1``, ... are the addresses of the arguments'.  The
    loop is written out a second time for arguments without gaps, which LLVM makes wide.  ``apart``
    says that no two arguments share memory.
    """
    args = range(len(sizes))
    one = ", ".join(f"ptr {'noalias ' if apart else ''}%at{k}" for k in args)
    lines = [
        f"define internal void @{name}_one({one}) alwaysinline {{\n{body}\n  ret void\n}}",
        f"define void @{name}(ptr %args, ptr %dims, ptr %steps, ptr %data) {{",
        "  %n = load i64, ptr %dims",
    ]
    dense = "true"
    for k in args:
        lines += [
            f"  %arg_at{k} = getelementptr ptr, ptr %args, i64 {k}",
            f"  %arg{k} = load ptr, ptr %arg_at{k}",
            f"  %step_at{k} = getelementptr i64, ptr %steps, i64 {k}",
            f"  %step{k} = load i64, ptr %step_at{k}",
            f"  %same{k} = icmp eq i64 %step{k}, {sizes[k]}",
            f"  %dense{k} = and i1 {dense}, %same{k}",
        ]
        dense = f"%dense{k}"
    lines += [
        "  %empty = icmp eq i64 %n, 0",
        "  br i1 %empty, label %end, label %choose",
        "choose:",
        f"  br i1 {dense}, label %wide, label %strided",
    ]
    for label, steps in ("wide", sizes), ("strided", [f"%step{k}" for k in args]):
        lines += [
            f"{label}:",
            f"  %i_{label} = phi i64 [ 0, %choose ], [ %next_{label}, %{label} ]",
        ]
        for k in args:
            lines += [
                f"  %offset{k}_{label} = mul i64 %i_{label}, {steps[k]}",
                f"  %{label}{k} = getelementptr i8, ptr %arg{k}, i64 %offset{k}_{label}",
            ]
        given = ", ".join(f"ptr %{label}{k}" for k in args)
        lines += [
            f"  call void @{name}_one({given})",
            f"  %next_{label} = add i64 %i_{label}, 1",
            f"  %more_{label} = icmp ult i64 %next_{label}, %n",
            f"  br i1 %more_{label}, label %{label}, label %end",
        ]
    lines.append("end:\n  ret void\n}\n")
    return "\n".join(lines)


def _loop(name, sizes, body, *, apart=False):
    text = elementwise(name, sizes, "\n".join(body), apart=apart)
    return Loop(compiled(text, [name])[0], 0)


def _bits(size):
    """The type of an element of so many bytes, wherever it lies."""
    return f"i{size * 8}", "align 1"


@functools.cache
def copying(size: int) -> Loop:
    """args: from, to.  Of elements of so many bytes."""
    kind, align = _bits(size)
    body = f"%x = load {kind}, ptr %at0, {align}", f"store {kind} %x, ptr %at1, {align}"
    return _loop("copy", (size, size), body, apart=True)


@functools.cache
def selecting(size: int) -> Loop:
    """args: condition, where it is true, where it is false, to."""
    kind, align = _bits(size)
    body = (
        "%c = load i8, ptr %at0",
        f"%x = load {kind}, ptr %at1, {align}",
        f"%y = load {kind}, ptr %at2, {align}",
        "%yes = icmp ne i8 %c, 0",
        f"%z = select i1 %yes, {kind} %x, {kind} %y",
        f"store {kind} %z, ptr %at3, {align}",
    )
    return _loop("select", (1, size, size, size), body)


@functools.cache
def differing(size: int) -> Loop:
    """args: what is, what was seen, the place that stops the walk."""
    kind, align = _bits(size)
    body = (
        f"%x = load {kind}, ptr %at0, {align}",
        f"%y = load {kind}, ptr %at1, {align}",
        f"%bad = icmp ne {kind} %x, %y",
        *_stopping("%at2"),
    )
    return _loop("differ", (size, size, 0), body, apart=True)


@functools.cache
def gathering(size: int) -> Loop:
    """args: how many bytes from the first element, that element, to."""
    kind, align = _bits(size)
    body = (
        *_PLACE,
        f"%x = load {kind}, ptr %place, {align}",
        f"store {kind} %x, ptr %at2, {align}",
    )
    return _loop("gather", (8, 0, size), body)


@functools.cache
def scattering(size: int) -> Loop:
    """args: how many bytes from the first element, that element, from."""
    kind, align = _bits(size)
    body = (
        *_PLACE,
        f"%x = load {kind}, ptr %at2, {align}",
        f"store {kind} %x, ptr %place, {align}",
    )
    return _loop("scatter", (8, 0, size), body)


@functools.cache
def adding(dtype: np.dtype) -> Loop | None:
    """args: how many bytes from the first element, that element, what is added to it."""
    if dtype.str[1:] not in MEMORY or dtype.kind == "b":
        return None
    kind = MEMORY[dtype.str[1:]].type
    body = (
        *_PLACE,
        f"%x = load {kind}, ptr %place",
        f"%y = load {kind}, ptr %at2",
        f"%z = {'fadd' if dtype.kind == 'f' else 'add'} {kind} %x, %y",
        f"store {kind} %z, ptr %place",
    )
    return _loop("add", (8, 0, dtype.itemsize), body)


_PLACE = "%bytes = load i64, ptr %at0", "%place = getelementptr i8, ptr %at1, i64 %bytes"


@functools.cache
def falling(dtype: np.dtype) -> Loop:
    """args: float64 or float32, the least that lets the walk go on, the place that stops it."""
    kind = MEMORY[dtype.str[1:]].type
    body = (
        f"%x = load {kind}, ptr %at0",
        f"%least = load {kind}, ptr %at1",
        f"%bad = fcmp ult {kind} %x, %least",
        *_stopping("%at2"),
    )
    return _loop("fall", (dtype.itemsize, 0, 0), body, apart=True)


@functools.cache
def finding_nan(dtype: np.dtype) -> Loop:
    """args: float64 or float32, the place that stops the walk."""
    kind = MEMORY[dtype.str[1:]].type
    body = (
        f"%x = load {kind}, ptr %at0",
        f"%bad = fcmp uno {kind} %x, %x",
        *_stopping("%at1"),
    )
    return _loop("find_nan", (dtype.itemsize, 0), body, apart=True)


def _stopping(place):
    return (
        "%stop = zext i1 %bad to i64",
        f"%before = load i64, ptr {place}",
        "%now = or i64 %before, %stop",
        f"store i64 %now, ptr {place}",
    )


@functools.cache
def converting(source: np.dtype, target: np.dtype) -> Loop | None:
    """args: from, to.  None where NumPy's conversion is not a few instructions."""
    kinds = source.str[1:], target.str[1:]
    convert = INSTRUCTIONS[np.copyto]
    if not (MEMORY.keys() >= {*kinds} and convert.takes(kinds)):
        return None
    write = Writer()
    value = convert.write(write, kinds, [write.load(kinds[0], "%at0")])
    write.store(kinds[1], value, "%at1")
    return _loop("convert", (source.itemsize, target.itemsize), [write.text()])
