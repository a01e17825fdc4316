"""What NumPy and SciPy answer, and what is traced: array or number, dtype, shape, whose memory.

A number that were an array would be written by ``+=`` where others hold it, and the reverse.
"""

import numpy as np
import pytest

import dualrev as dr
from dualrev.core.operands import base_of, is_array
from dualrev.core.traced import Traced
from tests.cases import all_cases, once, row
from tests.rows import each_row

# Folds over one axis, whose answers other rules compute.
FOLDS = (np.power, np.arctan2, np.hypot, np.logaddexp, np.maximum, np.subtract, np.multiply)
CASES = [
    *(case for case in all_cases() if "out=" not in str(case)),
    *(row(ufunc.reduce, np.array([2.0, 1.5, 0.5])) for ufunc in FOLDS),
]
IN_OTHER_SHAPES = set(once(CASES))
SHAPES = {
    "as they are": lambda x: x,
    "0-d": lambda x: np.array(x.ravel()[0]),
    "numbers": lambda x: x.ravel()[0],
    "of length 1": lambda x: x.ravel()[:1],
}


def parts_of(ans):
    return list(ans) if isinstance(ans, tuple | list) else [ans]


def is_an_array(x):
    return is_array(x) if isinstance(x, Traced) else isinstance(x, np.ndarray)


def numbers_in(x):
    if isinstance(x, Traced):
        x.settle()
    return np.array(base_of(x))


def looks_of(x):
    """Array or number, dtype and shape."""
    plain = x if hasattr(x, "dtype") else np.asarray(x)
    return ("array" if is_an_array(x) else "number"), plain.dtype, plain.shape


def written(x):
    """Whether x takes a write, which changes all of its elements."""
    try:
        x[...] = 7
    except (TypeError, ValueError):
        return False
    return True


def changes(arrays, others):
    """What becomes of others where each of the arrays is written: what shares memory with them."""
    before = [numbers_in(x) for x in others]
    for x in arrays:
        content = numbers_in(x)
        taken = is_an_array(x) and written(x)
        yield (
            taken,
            [not np.array_equal(numbers_in(x), b, equal_nan=True) for x, b in zip(others, before)],
        )
        if taken:
            x[...] = content  # an answer may be a constant of the table, such as edges of bins


def found(call, args, run):
    """All that the law compares.  Each question writes, and is asked of arguments of its own."""
    seen = []

    def of_answers(*args):
        answers = parts_of(call(*args))
        seen.append([looks_of(ans) for ans in answers])
        seen.append(list(changes(answers, args)))
        return np.float64(0)

    def of_arguments(*args):
        seen.append(list(changes(args, parts_of(call(*args)))))
        return np.float64(0)

    answers = []
    for question in (of_answers, of_arguments):
        seen.clear()
        run(question, [x.copy() for x in args])
        # Forward mode runs a function again where a 0 has hidden an infinite partial.
        answers += seen[: 2 if question is of_answers else 1]
    return answers


RUNS = {
    "forward": lambda f, args: dr.jvp(f, tuple(args), tuple(args)),
    "reverse": lambda f, args: dr.vjp(f, *args),
}
# np.dot of three arrays writes into the last, and of no axes answers a number all the same.  NumPy
# warns of a write into what it has broadcast, which we refuse; elements that are gathered in
# an array of objects are stacked when it is used.
UNLIKE = (
    "dot(d(3,4), d(4,), d(3,))",
    "broadcast_arrays",
    "full(",
    "vectorize",
    "apply_along_axis",
    "histogram(d(12,))",
)


@pytest.mark.filterwarnings("ignore")
@each_row([case for case in CASES if not any(name in str(case) for name in UNLIKE)], turn=0, of=3)
def test_an_answer_is_what_numpy_and_scipy_give(case):
    """Array or number, dtype and shape; what takes a write, and what changes with what is written."""
    call, args = case.call, case.args
    for shape, change in SHAPES.items():
        if not all(x.size for x in args):
            continue
        if shape != "as they are" and case not in IN_OTHER_SHAPES:
            continue
        changed = [change(x) for x in args]
        try:
            expected = found(call, changed, lambda f, args: f(*args))
        except Exception:
            continue  # NumPy refuses arguments of this shape
        for mode, run in RUNS.items():
            try:
                got = found(call, changed, run)
            except Exception:
                if shape == "as they are":
                    raise
                continue  # so do we: loud
            assert expected == got, (shape, mode)


# Functions that make an array of a number, or a view of an array of no axes.
OF_A_NUMBER = {
    "asarray": lambda x: dr.numpy.asarray(x) ** 2,
    "array": lambda x: dr.numpy.array(x),
    "x[...]": lambda x: np.square(x)[...],
    "reshape": lambda x: np.reshape(x, ()) ** 2,
    "itself": lambda x: x,
    "constant": lambda x: np.array(3.0),
}
DERIVATIVES = {
    "grad": lambda f, x: dr.grad(f)(x),
    "grad of a structure": lambda f, x: dr.grad(lambda tree: f(tree["x"]))({"x": x})["x"],
    "value_and_grad": lambda f, x: dr.value_and_grad(f)(x)[1],
    "derivative": lambda f, x: dr.derivative(f)(x),
    "jvp": lambda f, x: dr.jvp(f, (x,), (np.ones_like(x),))[1],
    "vjp": lambda f, x: dr.vjp(f, x)[1](np.ones_like(x))[0],
    "linearize": lambda f, x: dr.linearize(f, x)[1].push(np.ones_like(x)),
    "hvp": lambda f, x: dr.hvp(f)(x, np.ones_like(x)),
    "jacobian": lambda f, x: dr.jacobian(f)(x),
    "jacobian, forward": lambda f, x: dr.jacobian(f, mode="forward")(x),
    "jacobian, reverse": lambda f, x: dr.jacobian(f, mode="reverse")(x),
    "hessian": lambda f, x: dr.hessian(f)(x),
    "elementwise_grad": lambda f, x: dr.elementwise_grad(f)(x),
    "bilaplacian": lambda f, x: dr.bilaplacian(f)(x),
    "divergence": lambda f, x: dr.divergence(f)(x),
    "gauss_newton_product": lambda f, x: dr.gauss_newton_product(f)(x, np.ones_like(x)),
    "propagate": lambda f, x: dr.propagate(f, x, std=0.1).covariance,
    "propagate, mean": lambda f, x: dr.propagate(f, x, std=0.1).mean,
    "propagate, second order": lambda f, x: dr.propagate(f, x, std=0.1, order=2).covariance,
    "grad of grad": lambda f, x: dr.grad(dr.grad(f))(x),
    "derivative_tensor": lambda f, x: dr.derivative_tensor(f, 2)(x),
    "partial": lambda f, x: dr.partial(f, (1,), argnums=(0,))(x),
    "laplacian": lambda f, x: dr.laplacian(f)(x),
    "hessian_diagonal": lambda f, x: dr.hessian_diagonal(f)(x),
    "jvp of grad": lambda f, x: dr.jvp(dr.grad(f), (x,), (np.ones_like(x),))[1],
}


@pytest.mark.parametrize("x", [2.0, np.float64(2.0), np.array(2.0)], ids=repr)
@pytest.mark.parametrize("derivative", DERIVATIVES)
@pytest.mark.parametrize("f", OF_A_NUMBER)
def test_a_derivative_without_axes_is_a_number(f, derivative, x):
    """Whatever the function makes of its argument on the way."""
    assert type(DERIVATIVES[derivative](OF_A_NUMBER[f], x)) is np.float64


@pytest.mark.parametrize("x", [2.0, np.float64(2.0), np.array(2.0)], ids=repr)
def test_inside_another_transform_a_derivative_without_axes_is_a_number(x):
    kinds = []

    def g(x):
        slope = dr.grad(OF_A_NUMBER["asarray"])(x)
        kinds.append(is_an_array(slope))
        return slope

    dr.grad(g)(x)
    dr.jvp(g, (x,), (1.0,))
    assert kinds == [False, False]
