"""The jvp of a step as a program of its own, which is linear in its tangents.

Owns how it is recorded.  Must not know what is read from it.
"""

from typing import NamedTuple

from dualrev.program.looking import Unrecordable
from dualrev.program.recording import Recording
from dualrev.program.steps import Program, refs_in
from dualrev.sparse.trials import Trial
from dualrev.transforms import jvp

__all__ = ["Pushed", "pushed"]


class Pushed(NamedTuple):
    """A jvp, recorded.

    Attributes
    ----------
    program : Program
        Its inputs are the arrays that the step reads, then the tangents of these; its one output are
        all tangents of the answers.
    is_constant : bool
        Whether no number matters besides the tangents: then the function is linear.
    """

    program: Program
    is_constant: bool


def pushed(trial: Trial) -> Pushed | None:
    """The jvp of the step of a trial; None where it hangs on numbers which way it goes."""
    recording = Recording()
    try:
        # Which numbers they are is of no matter: a guard tells where one is looked at.
        primals, tangents = ([recording.input(x.copy()) for x in trial.random] for _ in range(2))
        _, t = jvp(lambda *xs: trial.answer(xs, traced=True), primals, tangents)
        program = recording.program([t], "jvp")
    except (Exception, Unrecordable):  # it takes no such numbers, or searches with them
        return None
    finally:
        recording.close()
    if program.outcomes():
        return None
    is_constant = _used(program).isdisjoint(x.ref.buffer for x in primals)
    return Pushed(program, is_constant)


def _used(program):
    """The buffers that the outputs hang on."""
    steps = program.needed()
    return {ref.buffer for ref in (*refs_in(program.outputs), *(r for s in steps for r in s.reads))}
