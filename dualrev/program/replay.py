"""Replay: one program for arguments of one kind, with the memory in which it runs.

Owns what becomes of its outputs.  Must not know the function that was recorded.
"""

from dualrev import trees
from dualrev.program.numpy_engine import Workspace
from dualrev.program.planning import simplified
from dualrev.program.steps import Diverged

__all__ = ["Replay"]


class Replay:
    """One program, and the structure of its result.

    Attributes
    ----------
    program : Program
    tree
        Treedef of the result; None where it is one array or number.
    outcomes : dict
        What was seen at each guard, by its number.
    """

    def __init__(self, program, tree, workspace_of):
        self.outcomes = program.outcomes()
        self.program = simplified(program)
        self.tree = tree
        self._workspace_of = workspace_of
        self._free: list = []  # workspaces that no thread uses

    def run(self, arrays):
        """The result for these arrays; Diverged where this is not their program."""
        try:
            workspace = self._free.pop()
        except IndexError:
            workspace = self._workspace_of(self.program)
        try:
            outputs = workspace.run(arrays)
        except Diverged as diverged:
            if diverged.number is not None:
                raise
            # An output holds a nan, which may be right: each guard is looked at where it stands.
            outputs = Workspace(self.program, careful=True).run(arrays)
        finally:
            self._free.append(workspace)
        return outputs[0] if self.tree is None else trees.unflatten(self.tree, outputs)
