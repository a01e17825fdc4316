"""What type checkers see of the operators: mypy checks this file too, as its settings say."""

import ast
import dataclasses
import functools
import inspect
from pathlib import Path
from typing import Any, assert_type

import numpy as np
import pytest
from numpy.typing import NDArray

import dualrev as dr
from dualrev import gauss_newton, gradients, higher, jacobians, mixed, operators

Array = NDArray[np.float64]
X: Array = np.array([1.0, 2.0])
MODULES = gauss_newton, gradients, higher, jacobians, mixed, operators


def energy(x: Array, stiffness: float = 1.0, *, shift: float = 0.0) -> np.float64:
    return np.sum(stiffness * (x - shift) ** 2)


def cubic(x: float) -> float:
    return x**3


def bare(x: np.ndarray) -> np.float64:
    return np.sum(x**2)


def residuals(x: Array) -> Array:
    return np.sin(x)


def parts(x: Array) -> dict[str, Array]:
    return {"a": x}


def untyped(x, stiffness=1.0):
    return stiffness * np.sum(x**2)


@dataclasses.dataclass
class Spring:
    stiffness: float

    def energy(self, x: Array) -> np.float64:
        return np.sum(self.stiffness * x**2)

    @dr.grad
    def force(self, x: float) -> float:
        return self.stiffness * x


def stretched(spring: Spring) -> float:
    return spring.stiffness**2


@dr.value_and_grad
def decorated(x: Array) -> np.float64:
    return np.sum(x**2)


def test_gradient_has_the_type_of_the_first_argument() -> None:
    assert_type(dr.grad(energy)(X), Array)
    assert_type(dr.grad(energy)(X, 2.0), Array)
    assert_type(dr.grad(energy)(X, stiffness=2.0, shift=1.0), Array)
    assert_type(dr.grad(cubic)(2.0), float)
    assert_type(dr.grad(dr.grad(cubic))(2.0), float)
    assert_type(dr.grad(stretched)(Spring(2.0)), Spring)
    assert_type(dr.grad(Spring(2.0).energy)(X), Array)
    assert_type(dr.grad(functools.partial(energy, stiffness=2.0))(X), Array)
    assert_type(dr.elementwise_grad(residuals)(X), Array)
    assert_type(dr.hvp(energy)(X, X, 2.0), Array)
    assert_type(dr.value_and_grad(energy)(X), tuple[np.float64, Array])
    assert_type(decorated(X), tuple[np.float64, Array])
    assert dr.grad(energy)(X, stiffness=2.0, shift=1.0).shape == (2,)
    assert isinstance(dr.grad(cubic)(2.0), float)
    assert isinstance(dr.grad(stretched)(Spring(2.0)), Spring)


def test_functions_without_types_are_of_any() -> None:
    assert_type(dr.value_and_grad(untyped)(X, 2.0), tuple[Any, Array])
    assert_type(dr.grad(lambda x: x**3)(2.0), float)
    assert_type(dr.grad(lambda p: p["a"] ** 2)({"a": 2.0}), dict[str, float])
    assert_type(dr.jvp(lambda x: x**3, (2.0,), (1.0,)), tuple[Any, Any])
    assert_type(dr.jacobian(lambda x: x**2)(X), NDArray[Any])
    dr.grad(np.sum)(X)
    dr.grad(np.linalg.norm)(X)
    dr.jacobian(np.sin)(X)
    dr.elementwise_grad(np.sin)(X)
    dr.grad(np.hypot)(3.0, 4.0)
    dr.derivative(np.sin)(2.0)


def test_other_arguments_make_any() -> None:
    assert_type(dr.grad(energy, 1)(X, 2.0), Any)
    assert_type(dr.grad(energy, argnums=(0, 1))(X, 2.0, shift=1.0), Any)
    assert_type(dr.grad(energy, argnames="shift")(X, shift=1.0), Any)
    assert_type(dr.value_and_grad(energy, argnames="shift")(X, shift=1.0), tuple[np.float64, Any])
    assert_type(dr.hvp(energy, argnums=1)(X, 1.0, 2.0), Any)
    assert_type(dr.grad(lambda x: (np.sum(x), x), has_aux=True)(X), Any)


def test_a_method_is_called_without_self() -> None:
    assert_type(Spring(2.0).force(3.0), Any)
    assert Spring(2.0).force(3.0) == Spring(3.0)  # by self, the first argument


def test_matrices_are_arrays() -> None:
    assert_type(dr.hessian(energy)(X, shift=1.0), NDArray[Any])
    assert_type(dr.jacobian(residuals)(X), NDArray[Any])
    assert_type(dr.jacobian(energy)(X, 2.0), NDArray[Any])
    assert_type(dr.jacobian(parts)(X), Any)
    assert_type(dr.hessian(cubic)(2.0), Any)


def test_operators_of_equations_have_the_types_of_argument_and_result() -> None:
    assert_type(dr.laplacian(energy)(X, shift=1.0), np.float64)
    assert_type(dr.laplacian(energy, argnums=0)(X), Any)
    assert_type(dr.bilaplacian(cubic)(2.0), float)
    assert_type(dr.hessian_diagonal(energy)(X), Array)
    assert_type(dr.divergence(residuals)(X), Any)
    assert_type(dr.curl(residuals)(X), Any)
    assert_type(dr.gauss_newton_product(residuals)(X, X), Array)


def test_a_derivative_by_a_number_has_the_type_of_the_result() -> None:
    assert_type(dr.derivative(cubic)(2.0), float)
    assert_type(dr.derivative(lambda t: t * X)(2.0), Any)
    assert_type(dr.derivative(curve)(2.0), Array)


def curve(t: float) -> Array:
    return t * X


def with_aux(x: Array) -> tuple[np.float64, str]:
    return np.sum(x), "aux"


def test_transforms_have_the_types_of_the_result() -> None:
    assert_type(dr.jvp(curve, (2.0,), (1.0,)), tuple[Array, Array])
    assert_type(dr.jvp(with_aux, (X,), (X,), has_aux=True), tuple[np.float64, np.float64, str])
    value, pullback = dr.vjp(curve, 2.0)
    assert_type(value, Array)
    assert_type(pullback(X), tuple[Any, ...])
    assert_type(dr.vjp(with_aux, X, has_aux=True)[2], str)
    value, linear = dr.linearize(curve, 2.0)
    assert_type(value, Array)
    assert_type(linear, dr.LinearMap)
    assert_type(dr.linearize(with_aux, X, has_aux=True)[2], str)
    assert_type(dr.stop_gradient({"a": X}), dict[str, Array])
    assert_type(dr.ravel(Spring(2.0))[1](X[:1]), Spring)


def test_wrong_calls_are_found() -> None:
    """A mistake that mypy no longer found would leave its comment unused, which mypy reports."""
    with pytest.raises(TypeError):
        dr.grad(energy)(X, stifness=2.0)  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        dr.hessian(energy)(X, 1.0, 2.0)  # type: ignore[call-overload]
    with pytest.raises(TypeError):
        dr.derivative(cubic)()  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        dr.grad(energy, argnum=1)  # type: ignore[call-overload]
    with pytest.raises(TypeError):
        dr.grad(energy(X))  # type: ignore[call-overload]
    with pytest.raises(AttributeError):
        _ = dr.jit  # type: ignore[attr-defined]


def test_stub_has_the_parameters_of_the_code() -> None:
    """The last overload of each operator in the stubs is its signature."""
    classes: dict[str, ast.ClassDef] = {}
    for module in MODULES:
        stub = ast.parse(Path(str(module.__file__)).with_suffix(".pyi").read_text("utf-8"))
        classes |= {node.name: node for node in stub.body if isinstance(node, ast.ClassDef)}
    names_of_all = {name for module in MODULES for name in module.__all__} & classes.keys()
    for name in names_of_all:
        made = [node for node in classes[name].body if isinstance(node, ast.FunctionDef)]
        given = [node for node in made if node.name == "__init__"][-1].args
        names = [argument.arg for argument in (*given.args[1:], *given.kwonlyargs)]
        defaults = [ast.literal_eval(x) for x in (*given.defaults, *given.kw_defaults) if x]
        parameters = inspect.signature(getattr(dr, name)).parameters
        by_name = [p.name for p in parameters.values() if p.kind is p.KEYWORD_ONLY]
        assert names == list(parameters)
        assert [argument.arg for argument in given.kwonlyargs] == by_name
        assert defaults == [p.default for p in parameters.values() if p.default is not p.empty]
