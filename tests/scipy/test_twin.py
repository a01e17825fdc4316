"""What every declaration of a twin gives, on a function that stands for one of SciPy's."""

import contextlib
import inspect
import pickle
import re
import warnings

import numpy as np
import pytest
import scipy.integrate
import scipy.interpolate
import scipy.ndimage
import scipy.spatial

import dualrev as dr
import dualrev.scipy.linalg
import dualrev.scipy.ndimage
import dualrev.scipy.spatial.distance
from dualrev import scipy as twins
from dualrev.core.words import linear
from dualrev.errors import ArgumentError
from dualrev.scipy.by_program import by_program
from dualrev.scipy.twin import like, twin

X = np.array([1.0, 2.0, 4.0])
CALLS = []


def scaled(x, factor=2.0, overwrite_x=False, check_finite=True, *, shift=0):
    CALLS.append((type(x), overwrite_x))
    return np.multiply(x, factor) + shift * 0


@twin(scaled, linear, lambda ct, x, factor=1.0, shift=0: ct * factor)
def by_rule(x):
    """The arrays times a factor."""


@twin(scaled)
def by_body(x, *, factor, shift):
    """The arrays times a factor."""
    assert shift == 0
    return x * factor


@twin(scaled)
def with_all_options(x, **options):
    """The arrays times a factor."""
    assert options == {"factor": 3.0, "check_finite": True, "shift": 0}
    return x * options["factor"]


def check_factor(x, *, factor, **options):
    if factor == 0.0:
        raise ValueError(f"{x.shape} times 0")


@twin(scaled, linear, lambda ct, x, factor=1.0: ct * factor, check=check_factor)
def checked(x):
    """The arrays times a factor, which is not 0 where they are traced."""


@twin(scaled)
def of_both(x, factor):
    """The arrays times a factor, an array too."""
    return x * factor


@twin(scaled, by_program, lambda shift, x: 2.0 * x + 0 * shift)
def in_another_order(shift, x):
    """The arrays times 2, and another array, which SciPy has by name only."""


def made_body(function):
    def body(x, *, factor, shift):
        return x * factor

    return body


@twin(scaled, made_body)
def by_body_of_a_word(x):
    """The arrays times a factor."""


@like(scaled)
def like_scaled(x, factor=2.0, **options):
    """Its arguments."""
    return x, factor, options


TWINS = [by_rule, by_body, by_body_of_a_word]


@pytest.mark.parametrize("function", TWINS)
def test_the_signature_is_scipys_and_the_rest_is_the_definitions(function):
    assert inspect.signature(scaled) == inspect.signature(function)
    assert inspect.isfunction(function)
    assert function.__doc__ == "The arrays times a factor."
    assert function.__module__ == __name__
    assert pickle.loads(pickle.dumps(function)) is function


@pytest.mark.parametrize("function", TWINS)
def test_nothing_traced_is_scipys_function_which_is_given_the_arguments_as_they_are(function):
    CALLS.clear()
    np.testing.assert_array_equal([2.0, 4.0], function([1.0, 2.0]))
    assert [(list, False)] == CALLS


@pytest.mark.parametrize("function", TWINS)
@pytest.mark.parametrize("call", [((2.0, True), {}), ((), {"overwrite_x": True})])
def test_what_allows_to_overwrite_is_ignored(function, call):
    args, kwargs = call
    CALLS.clear()
    function(X, *args, **kwargs)
    assert [(np.ndarray, False)] == CALLS
    gradient = dr.grad(lambda x: np.sum(function(x, *args, **kwargs)))(X)
    np.testing.assert_array_equal([2.0, 2.0, 2.0], gradient)


@pytest.mark.parametrize("function", TWINS)
def test_options_come_by_position_by_name_and_by_default(function):
    for args, kwargs, expected in (((), {}, 2.0), ((3.0,), {}, 3.0), ((), {"factor": 3.0}, 3.0)):
        gradient = dr.grad(lambda x: np.sum(function(x, *args, **kwargs)))(X)
        np.testing.assert_array_equal(np.full(3, expected), gradient)


def test_a_body_that_takes_all_options_has_all_but_what_is_ignored():
    gradient = dr.grad(lambda x: np.sum(with_all_options(x, 3.0, True)))(X)
    np.testing.assert_array_equal([3.0, 3.0, 3.0], gradient)


def test_an_array_may_come_by_default_by_position_or_by_name():
    np.testing.assert_array_equal([2.0, 2.0, 2.0], dr.grad(lambda x: np.sum(of_both(x)))(X))
    np.testing.assert_array_equal(X, dr.grad(lambda f: np.sum(of_both(X, factor=f)))(X))
    np.testing.assert_array_equal(X, dr.grad(lambda f: np.sum(of_both(X, f)))(X))


def test_a_rule_has_its_arrays_in_the_order_of_the_definition():
    gradient = dr.grad(lambda x: np.sum(in_another_order(x, shift=np.zeros(3))))
    np.testing.assert_array_equal([2.0, 2.0, 2.0], gradient(X))
    np.testing.assert_array_equal(np.zeros((3, 3)), dr.jacobian(gradient)(X))


def test_what_is_like_a_function_has_its_signature_and_reads_what_it_names():
    assert inspect.signature(scaled) == inspect.signature(like_scaled)
    assert like_scaled(1) == (1, 2.0, {})
    assert like_scaled(1, 3.0, True, shift=4) == (1, 3.0, {"overwrite_x": True, "shift": 4})
    assert like_scaled(x=1, check_finite=False) == (1, 2.0, {"check_finite": False})


@pytest.mark.parametrize(
    ("args", "kwargs"), [((), {}), ((1, 2, 3, 4, 5), {}), ((1, 2, 3), {"overwrite_x": 4})]
)
def test_a_wrong_call_of_what_is_like_a_function_is_a_type_error(args, kwargs):
    with pytest.raises(TypeError):
        like_scaled(*args, **kwargs)


@pytest.mark.parametrize("function", TWINS)
def test_a_list_of_traced_numbers_is_an_array(function):
    gradient = dr.grad(lambda x: np.sum(function([x[0], 0.0, x[2]])))(X)
    np.testing.assert_array_equal([2.0, 0.0, 2.0], gradient)


@pytest.mark.parametrize("function", TWINS)
def test_an_array_of_objects_that_are_numbers_is_an_array_of_numbers(function):
    """As an array of objects that are traced is a traced array: one program serves both."""
    for ans in (function(X.astype(object)), function(x=X.astype(object), factor=2.0)):
        assert ans.dtype == float
        np.testing.assert_array_equal(2 * X, ans)


@pytest.mark.parametrize("function", TWINS)
def test_a_traced_option_is_refused_by_name(function):
    with pytest.raises(dr.MissingRuleError, match="`factor` traced"):
        dr.grad(lambda x: np.sum(function(X, x[0])))(X)


def test_a_check_sees_the_arrays_and_all_options_of_a_traced_call_only():
    np.testing.assert_array_equal(np.zeros(3), checked([1.0, 2.0, 4.0], 0.0))
    np.testing.assert_array_equal(np.full(3, 2.0), dr.grad(lambda x: np.sum(checked(x)))(X))
    with pytest.raises(ValueError, match=re.escape("(2,) times 0")):
        dr.grad(lambda x: np.sum(checked([x[0], x[1]], 0.0)))(X)


@pytest.mark.parametrize("function", TWINS)
def test_an_option_that_the_rule_does_not_know_is_refused_by_name(function):
    with pytest.raises(dr.MissingRuleError, match="`check_finite` has no derivative rule"):
        dr.grad(lambda x: np.sum(function(x, check_finite=False)))(X)


@pytest.mark.parametrize("function", TWINS)
@pytest.mark.parametrize("traced", [False, True])
@pytest.mark.parametrize(
    ("args", "kwargs"), [((), {"other": 1}), ((2.0, False, True, 0), {}), ((), {"x": X})]
)
def test_a_wrong_call_is_a_type_error_that_names_the_function(function, traced, args, kwargs):
    def call(x):
        return function(x, *args, **kwargs)

    with pytest.raises(TypeError, match=r"^scaled\(\) ") as error:
        dr.jvp(call, (X,), (X,)) if traced else call(X)
    assert not isinstance(error.value, dr.MissingRuleError)


def test_a_missing_argument_is_a_type_error():
    with pytest.raises(TypeError, match=r"scaled\(\) missing a required argument: 'x'"):
        dr.jvp(lambda f: by_body(factor=f), (X,), (X,))


@pytest.mark.parametrize(
    ("function", "args"),
    [
        (twins.linalg.sqrtm, (0.4,)),
        (twins.linalg.expm, (0.4,)),
        (twins.linalg.cholesky, (0.4,)),
        (twins.linalg.lu_factor, (np.ones(3),)),
        (twins.linalg.solve, (0.4, np.ones(3))),
        (twins.linalg.solve_discrete_lyapunov, (np.full(1, 0.4), np.ones((1, 1)))),
        (twins.linalg.solve_discrete_are, (0.4, 0.6, 0.4, 0.4)),
        (twins.ndimage.convolve, (0.4, 0.4)),
        (twins.spatial.distance.jensenshannon, (np.full(3, 0.3), 0.4)),
    ],
)
def test_numbers_and_vectors_in_the_place_of_matrices_are_refused(function, args):
    """SciPy gives them the axes that they lack."""
    with pytest.raises(ArgumentError, match="np.atleast_"):
        dr.vjp(lambda x: function(x, *args[1:]), args[0])


_LINE, _PLANE = np.arange(5.0), np.array([[0.0, 0], [2, 0], [0, 2], [2, 2], [0.8, 1.1]])


@pytest.mark.parametrize(
    "call",
    [
        lambda m, z: m.interpolate.CubicSpline(_LINE, _LINE**2)(z),
        lambda m, z: m.interpolate.CubicSpline(_LINE, _LINE**2).integrate(z[0], 1.0),
        lambda m, z: m.interpolate.make_interp_spline(_LINE, _LINE**2)(z),
        lambda m, z: m.interpolate.interp1d(_LINE, _LINE**2, "cubic")(z),
        lambda m, z: m.interpolate.BarycentricInterpolator(z + _LINE[:2], _LINE[:2])(0.5),
        lambda m, z: m.interpolate.RegularGridInterpolator((_LINE,), _LINE**2)(z[:, None]),
        lambda m, z: m.interpolate.NdBSpline((np.arange(9.0),), _LINE, 3)(3 + z[:, None]),
        lambda m, z: m.interpolate.RBFInterpolator(_PLANE, _LINE, kernel="cubic")(z[None]),
        lambda m, z: m.interpolate.LinearNDInterpolator(_PLANE + 0.1 * z, _LINE)(1.0, 0.9),
        lambda m, z: m.interpolate.CloughTocher2DInterpolator(_PLANE, _LINE)(z[None]),
        lambda m, z: m.interpolate.UnivariateSpline(_LINE, _LINE**2, s=0)(z),
        lambda m, z: m.interpolate.splev(z, m.interpolate.splrep(_LINE, _LINE**2)),
        lambda m, z: m.integrate.simpson(_LINE**2, x=_LINE + z[0]),
        lambda m, z: m.ndimage.shift(_PLANE, z),
        lambda m, z: m.spatial.ConvexHull(_PLANE + z).volume,
    ],
)
def test_imaginary_parts_that_scipy_leaves_out_are_refused(call):
    """They change nothing, and a derivative by them would be another number."""
    z = np.array([0.5 + 0.1j, 0.7 - 0.3j])
    # Most warn of it; newer versions refuse some.
    with contextlib.suppress(TypeError), warnings.catch_warnings():
        warnings.simplefilter("ignore", np.exceptions.ComplexWarning)
        np.testing.assert_allclose(call(scipy, z.real), call(scipy, z), rtol=1e-12)
    for derivative in (lambda f: dr.jvp(f, (z,), (1j * z,)), lambda f: dr.vjp(f, z)):
        with pytest.raises(dr.ComplexError, match="imaginary"):
            derivative(lambda z: call(twins, z))
