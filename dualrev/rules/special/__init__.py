"""Functions of scipy.special, which are ufuncs and dispatch as NumPy's do: one file a chapter.

Must not know NumPy's own functions' rules.  Equation numbers are those of the NIST Digital Library of
Mathematical Functions, https://dlmf.nist.gov.

Each derivative is written in functions that have a rule themselves, so that derivatives exist in any
order.  A parameter by which no derivative is known, or that must be a whole number, is held constant:
its partial raises, naming it.
"""

from dualrev.rules.special import (  # noqa: F401
    airy,
    bessel,
    carlson,
    elementary,
    elliptic,
    entropies,
    errors,
    exponential,
    gamma,
    hypergeometric,
    incomplete,
    integrals,
    kelvin,
    mathieu,
    orthogonal,
    parabolic,
    spheroidal,
    statistical,
    zeta,
)
