"""Linear systems: their response to an input, given at equal steps, and to frequencies.

Owns what is computed of a state space, where SciPy goes by ways that have no derivative.  The classes
of systems, and the other responses, are SciPy's own bodies.
"""

import numpy as np
import scipy.signal

from dualrev.core.operands import as_operand
from dualrev.core.traced import is_traced
from dualrev.errors import ComplexError
from dualrev.scipy.bodies import instead, remade
from dualrev.scipy.each_row import numbers_under
from dualrev.scipy.linalg import expm


def _simulated(system, U, T, X0=None, interp=True):
    """Outputs and states: ``x' = A x + B u`` over each step (Franklin et al. 1998, section 4.3).

    An input, or a time, that is 0 has a derivative: so there is no way apart for these.
    """
    if isinstance(system, remade(scipy.signal.dlti)):
        raise AttributeError("lsim can only be used with continuous-time systems.")
    lti = remade(scipy.signal.lti)
    made = (system if isinstance(system, lti) else lti(*system))._as_ss()
    system = made.A, made.B, made.C, made.D
    T = np.atleast_1d(as_operand(T))
    U = 0.0 if U is None else as_operand(U)
    # All that SciPy raises.
    scipy.signal.lsim(numbers_under(system), *numbers_under((U, T, X0)), interp)
    a, b, c, d = system
    n, m = b.shape
    if np.ndim(U) == 0:
        U = np.zeros((len(T), m)) + U
    U = U[:, np.newaxis] if U.ndim == 1 else U
    state = np.zeros(n) if X0 is None else np.broadcast_to(np.reshape(as_operand(X0), -1), (n,))
    if np.result_type(state, U).kind == "c" and a.dtype.kind != "c":
        raise ComplexError(
            "scipy.signal.lsim leaves out the imaginary parts of the states of a real system.",
            fix="ask for those of the real and of the imaginary part: U.real, U.imag",
        )
    if is_traced(T) or T[0] != 0:
        state = state @ expm(a.T * T[0])
    states = [state]
    if len(T) > 1:
        for pushed in _pushes(a, b, U, T[1] - T[0], interp):
            states.append(states[-1] @ pushed[0] + pushed[1])
    x = np.stack(states)
    return T, np.squeeze(x @ c.T) + np.squeeze(U @ d.T), np.squeeze(x)


def _pushes(a, b, u, dt, interp):
    """For each step the matrix of the state, and what the input adds (Van Loan 1978)."""
    n, m = b.shape
    above = np.concatenate([a * dt, b * dt], 1)
    if not interp:
        e = expm(np.concatenate([above, np.zeros((m, n + m))]).T)
        added = u[:-1] @ e[n:, :n]
    else:
        between = np.concatenate([np.zeros((m, n + m)), np.eye(m)], 1)
        above = np.concatenate([above, np.zeros((n, m))], 1)
        e = expm(np.concatenate([above, between, np.zeros((m, n + 2 * m))]).T)
        later = e[n + m :, :n]
        added = u[:-1] @ (e[n : n + m, :n] - later) + u[1:] @ later
    return [(e[:n, :n], row) for row in added]


# SciPy goes by zeros and poles, or by coefficients, of which those that are 0 are left out: the first of
# a system without feedthrough is.


def _frequency_response(system, w=None, n=10000):
    space = _state_space(
        system, scipy.signal.lti, lambda *system: remade(scipy.signal.lti)(*system)
    )
    if space is None:
        return _by_polynomials(system, w, n)
    if w is None:
        w, _ = scipy.signal.freqresp(numbers_under(space), n=n)
    w = np.atleast_1d(as_operand(w))
    return w, _transferred(space, 1j * w)


def _frequency_response_of_steps(system, w=None, n=10000, whole=False):
    def made(*system):
        return remade(scipy.signal.dlti)(*system[:-1], dt=system[-1])

    space = _state_space(system, scipy.signal.dlti, made)
    if space is None:
        return _by_polynomials_of_steps(system, w, n, whole)
    if w is None:
        w, _ = scipy.signal.freqz([1.0], [1.0], n, whole)
    w = np.atleast_1d(as_operand(w))
    return w, _transferred(space, np.exp(1j * w))


def _state_space(system, cls, made):
    """The four matrices of a system with one input and one output; None of other kinds of system."""
    if not isinstance(system, tuple(map(remade, (scipy.signal.lti, scipy.signal.dlti)))):
        system = made(*system)
    of_kind = isinstance(system, remade(scipy.signal.StateSpace)) and isinstance(
        system, remade(cls)
    )
    if not of_kind or (system.inputs, system.outputs) != (1, 1):
        return None  # or that is for SciPy to judge
    if any(part.dtype.kind == "c" for part in (system.B, system.C, system.D)):
        raise ComplexError(
            "scipy.signal.freqresp leaves out the imaginary part of a complex gain.",
            fix="give real B, C and D, and multiply the response",
        )
    return system.A, system.B, system.C, system.D


def _transferred(space, s):
    """C (s - A)^-1 B + D (Franklin et al. 1998, equation 2.73)."""
    a, b, c, d = space
    resolved = np.linalg.solve(s[:, np.newaxis, np.newaxis] * np.eye(len(a)) - a, b + 0j)
    return (c @ resolved)[:, 0, 0] + d[0, 0]


_by_polynomials = instead(scipy.signal.freqresp, _frequency_response)
_by_polynomials_of_steps = instead(scipy.signal.dfreqresp, _frequency_response_of_steps)
instead(scipy.signal.lsim, _simulated)
