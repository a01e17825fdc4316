"""What a module of dualrev.scipy lacks is SciPy's: for plain arrays, and refused by name for traced."""

import contextlib

import numpy as np
import pytest
import scipy.integrate
import scipy.interpolate
import scipy.linalg
import scipy.signal

import dualrev as dr
from dualrev.scipy import integrate, interpolate, linalg

X = np.array([1.0, 2.0, 4.0])

LACKING = [
    (scipy.linalg, linalg, "hessenberg", lambda f, x: f(np.diag(x))),
    (
        scipy.integrate,
        integrate,
        "nsum",
        lambda f, x: f(lambda k: 1 / k**2, 1.0, x).sum,
    ),
    (scipy.interpolate, interpolate, "krogh_interpolate", lambda f, x: f(x, x**2, 3.0)),
]


@pytest.mark.parametrize(("scipys", "module", "name", "call"), LACKING)
def test_what_takes_no_derivative_is_scipys(scipys, module, name, call):
    function = getattr(module, name)
    np.testing.assert_array_equal(call(getattr(scipys, name), X), call(function, X))
    with pytest.raises(dr.MissingRuleError, match=name):
        dr.jvp(lambda x: call(function, x), (X,), (X,))


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
