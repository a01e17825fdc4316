"""Kernels: forms become functions of this process, each form once.

Owns which functions a kernel can hold, and what is compiled.  Must not know programs.

A kernel has the signature of NumPy's loops (:mod:`dualrev.program.llvm.loops`).  Addresses and lengths
are arguments, so that all groups of one form share one kernel: a body that a loop repeats a thousand
times is compiled once.
"""

import threading

import numpy as np

from dualrev.program.llvm.blocks import write_blocked
from dualrev.program.llvm.instructions import INSTRUCTIONS, MEMORY, Writer
from dualrev.program.llvm.loops import Loop, loop_of
from dualrev.program.llvm.machine_code import compiled
from dualrev.program.llvm.nests import is_called, write_loop, write_nest, write_numbers

__all__ = ["is_fusible", "is_reducible", "kernels"]

_KERNELS: dict = {}
_LOCK = threading.Lock()


def kernels(forms) -> list[Loop]:
    """The loops of these forms; those that are new are compiled together."""
    with _LOCK:
        new = [form for form in dict.fromkeys(forms) if form not in _KERNELS]
        # without a loop, what takes time is compiling: LLVM's fast way is 50 times as fast there
        for speed, chosen in (0, [f for f in new if not f.ndim]), (1, [f for f in new if f.ndim]):
            names = [f"kernel{len(_KERNELS) + k}" for k in range(len(chosen))]
            if names:
                text = module_of(dict(zip(names, chosen)))
                addresses = compiled(text, names, speed=speed)
                _KERNELS.update(zip(chosen, (Loop(address, 0) for address in addresses)))
    return [_KERNELS[form] for form in forms]


def is_fusible(function, kinds) -> bool:
    """Whether a kernel can compute a function of arguments and answer of these kinds."""
    if not all(kind in MEMORY for kind in kinds):
        return False
    if function in INSTRUCTIONS:
        return INSTRUCTIONS[function].takes(kinds)
    known = isinstance(function, np.ufunc) and function.signature is None and function.nout == 1
    return known and loop_of(function, tuple(map(np.dtype, kinds))) is not None


def is_reducible(ufunc, kind) -> bool:
    """Whether a kernel can reduce values of this kind as NumPy does."""
    if ufunc is np.add:
        return kind in ("f8", "f4", "i8", "u8")
    return ufunc in (np.maximum, np.minimum) and kind in MEMORY and kind != "b1"


def module_of(forms: dict) -> str:
    """The text of functions, by their names, of these forms."""
    write = Writer()
    for name, form in forms.items():
        if form.ndim == 0:
            write_numbers(write, name, form)
        elif any(map(is_called, form.parts)):
            write_blocked(write, name, form)
        else:
            parts = list(enumerate(form.parts))
            write_nest(write, name, form, lambda operands, n: write_loop(write, operands, parts, n))
    return write.text()
