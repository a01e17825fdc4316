"""What a module of dualrev.scipy lacks is SciPy's: for plain arrays, and refused by name for traced."""

import numpy as np
import pytest
import scipy.integrate
import scipy.interpolate
import scipy.linalg

import dualrev as dr
from dualrev.scipy import integrate, interpolate, linalg

X = np.array([1.0, 2.0, 4.0])

LACKING = [
    (scipy.linalg, linalg, "hessenberg", lambda f, x: f(np.diag(x))),
    (
        scipy.integrate,
        integrate,
        "solve_ivp",
        lambda f, x: f(lambda t, y: -y, (0.0, 1.0), x).y[:, -1],
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
