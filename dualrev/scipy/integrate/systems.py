"""Systems: the equations of all steps at a solution, as one system that is differentiated.

Owns how it is put together, and how large the error of a step is for what is linear in it.  Must not
know where its mesh and its solution come from.
"""

from typing import Any, NamedTuple

import numpy as np

from dualrev.implicit.corrections import corrected
from dualrev.scipy.integrate.right_sides import RightSide
from dualrev.scipy.integrate.schemes import DAMPING
from dualrev.scipy.integrate.steps import InverseOfSteps, Mesh

__all__ = ["System", "differentiated"]


class System(NamedTuple):
    """Steps each from the last stage of the one before, but for a constant.

    Attributes
    ----------
    mesh : Mesh
    stages : array, shape (steps, s, n)
        Of plain numbers.
    missing : array, shape (steps, n)
        What the states of the solution are besides the last stages: an error within the solver's
        tolerance, of a step that was not of this scheme, or was accepted before it was solved.
    inverse : InverseOfSteps
        Of the steps, each from a state of its own.
    """

    mesh: Mesh
    stages: np.ndarray
    missing: np.ndarray
    inverse: InverseOfSteps

    def states(self, stages: Any, y0: Any) -> Any:
        """The states between the steps, of shape (steps + 1, n)."""
        return np.concatenate([y0[None], stages[:, -1] + self.missing])

    def residual(self, right_side: RightSide, y0: Any) -> Any:
        """What is missing of the equations of the stages."""
        return self.mesh.residual(self.stages, self.states(self.stages, y0)[:-1], right_side)

    def differentiated(self, right_side: RightSide, y0: Any) -> Any:
        """The stages, with their derivatives by what is traced in the right-hand side and y0."""
        return differentiated(
            self.mesh,
            self.stages,
            lambda stages: self.states(stages, y0)[:-1],
            right_side,
            self.inverse.chained(),
        )

    def rates(self, right_side: RightSide, stages: Any, y0: Any) -> Any:
        """The right-hand side at the first state, at all stages, and at the last state."""
        t, y = self.mesh.evaluated(stages)
        end = self.mesh.t[-1:] + self.mesh.h[-1:]
        last = stages[-1:, -1] + self.missing[-1:]
        places = np.concatenate([self.mesh.t[:1], t, end]), np.concatenate([y0[None], y, last])
        return right_side.rows(*places)

    def errors(self, stages, states, rates):
        """The errors of all steps, of shape (directions, steps, n), for tangents.

        Parameters
        ----------
        stages : array, shape (directions, steps, s, n)
        states : array, shape (directions, steps + 1, n)
        rates : array, shape (directions, steps u + 2, n)
        """
        scheme = self.mesh.scheme
        h = self.mesh.h[:, None]
        count, steps, _, n = stages.shape
        at_stages = rates[:, 1:-1].reshape(count, steps, -1, n)
        if scheme.is_explicit:
            # The rate at the end is the first of the next step.
            after = np.concatenate([at_stages[:, 1:, 0], rates[:, -1:]], axis=1)[:, :, None]
            estimates = np.einsum(
                "eu,dkun->edkn", scheme.errors, np.concatenate([at_stages, after], axis=2)
            )
            if len(estimates) == 1:
                return np.abs(h * estimates[0])
            # Hairer, Norsett and Wanner (1993), "Solving Ordinary Differential Equations I", section
            # II.10: of order 5, made as small as one of order 7 by one of order 3.
            fifth, third = np.abs(estimates)
            both = np.hypot(fifth, 0.1 * third)
            part = np.divide(fifth, both, out=np.zeros_like(both), where=both > 0)
            return np.abs(h) * fifth * part
        # Hairer and Wanner (1996), equations IV.8.19 and 20; the second makes that of stiff parts small.
        before = np.concatenate([rates[:, :1], at_stages[:, :-1, -1]], axis=1)
        moves = np.tensordot(stages - states[:, :-1, None], scheme.errors[0], (2, 0))
        shift = DAMPING / np.where(h == 0, 1.0, h)  # of a span of no length
        once = self.inverse.damped(shift[:, 0], h * before + moves)
        return np.abs(self.inverse.damped(shift[:, 0], shift**2 * once) / DAMPING)


def differentiated(mesh, stages, starts, right_side, inverse) -> Any:
    """The stages of steps from states, ``starts(stages)``, with their derivatives."""
    shape = stages.shape

    def residual(flat):
        stages = flat.reshape(shape)
        return mesh.residual(stages, starts(stages), right_side).reshape(-1)

    return corrected(residual, stages.reshape(-1), inverse).reshape(shape)
