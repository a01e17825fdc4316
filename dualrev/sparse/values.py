"""Values: the numbers that the arrays of a program hold, step by step.

Owns a run of the program's steps as they were recorded.  Must not know what they are for.
"""

import numpy as np

from dualrev import trees
from dualrev.core.primitive import Primitive
from dualrev.program.steps import Program, Ref, mapped

__all__ = ["Values"]


class Values:
    """The arrays of a program, at some arguments.

    Parameters
    ----------
    program : Program
    arrays : list of array
        Its inputs.
    """

    def __init__(self, program: Program, arrays):
        self._memory = [np.zeros(max(1, size), np.uint8) for size in program.buffers]
        for ref, x in zip(program.inputs, arrays):
            self.of(ref)[...] = x

    def of(self, ref):
        """The array."""
        if 0 in ref.shape:  # strides of no elements need not fit into the memory
            return np.empty(ref.shape, ref.dtype)
        memory = self._memory[ref.buffer]
        return np.ndarray(ref.shape, ref.dtype, memory, ref.offset, ref.strides)

    def put(self, x):
        """What a Ref stands for, a number where it is one of no axes; the rest itself."""
        return self.of(x)[()] if type(x) is Ref else x

    def run(self, step):
        """Take one step."""
        args, kwargs = mapped(self.put, step.args), mapped(self.put, step.kwargs)
        function = step.function
        if step.writes:
            function(self.of(step.args[0]), *args[1:], **kwargs)
            return
        function = function.function if isinstance(function, Primitive) else function
        with np.errstate(all="ignore"):
            leaves, _ = trees.flatten(function(*args, **kwargs))
        if len(leaves) > len(step.outputs):  # some show the memory of an argument
            given = [x for x in args if isinstance(x, np.ndarray)]
            leaves = [x for x in leaves if not any(np.may_share_memory(x, y) for y in given)]
        for ref, x in zip(step.outputs, leaves, strict=True):
            self.of(ref)[...] = x
