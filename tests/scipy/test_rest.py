"""What a package of dualrev.scipy has beside its rules: each name by its word, or without one."""

import contextlib

import numpy as np
import pytest
import scipy.signal

import dualrev as dr
from dualrev.scipy import integrate, interpolate, linalg
from dualrev.scipy.rest import Rest

X = np.array([1.0, 2.0, 4.0])


def test_what_has_no_word_is_scipys_for_plain_arrays_and_refused_for_traced():
    hilbert = Rest(scipy.signal)("hilbert")
    np.testing.assert_array_equal(scipy.signal.hilbert(X), hilbert(X))
    with pytest.raises(dr.MissingRuleError, match="scipy.signal.hilbert"):
        dr.jvp(hilbert, (X,), (X,))


def test_what_is_refused_says_why_and_what_to_type():
    rest = Rest(scipy.signal, refused={"hilbert": ("it has ears", "write abs(x)")})
    with pytest.raises(dr.MissingRuleError, match=r"it has ears[\s\S]*write abs\(x\)"):
        dr.jvp(rest("hilbert"), (X,), (X,))
    assert rest.names == []


def test_what_is_constant_answers_plain_indices():
    argrelmax = Rest(scipy.signal, constant="argrelmax")("argrelmax")
    x = np.array([1.0, 3.0, 2.0])
    assert dr.grad(lambda x: x[argrelmax(x)[0]].sum())(x).tolist() == [0.0, 1.0, 0.0]


@pytest.mark.parametrize("module", [linalg, integrate, interpolate])
def test_a_name_that_scipy_lacks_is_an_attribute_error(module):
    with pytest.raises(AttributeError):
        module.no_such_function  # noqa: B018


@pytest.mark.parametrize("of_denominator", [True, False])
@pytest.mark.parametrize(
    "call",
    [
        lambda b, a: scipy.signal.lp2lp(b, a, 2.0),
        lambda b, a: scipy.signal.lp2bs(b, a, 2.0, 0.5),
        lambda b, a: scipy.signal.zpk2ss(b, a, 2.0),
        scipy.signal.tf2ss,
        scipy.signal.normalize,
    ],
)
def test_coefficients_that_scipy_would_take_for_several_filters_are_refused(call, of_denominator):
    """An array of objects is several numerators to SciPy: the answer would have another shape.

    SciPy 1.15 makes no such array of some.
    """
    b, a = np.array([1.0, 2.0]), np.array([1.0, 3.0, 2.0])
    f, x = ((lambda a: call(b, a)), a) if of_denominator else ((lambda b: call(b, a)), b)
    with contextlib.suppress(dr.CoercionError):
        for part, expected in zip(dr.jvp(f, (x,), (x,))[0], f(x), strict=True):
            np.testing.assert_allclose(part, expected, strict=True)
