"""checkpoint: the same values and derivatives, from less memory, or an error."""

import functools
import gc
import threading
import tracemalloc
import weakref

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.testing import assert_allclose, assert_array_equal

import dualrev as dr
from dualrev.scipy import integrate, interpolate
from tests.captured_uses import USES, spoil
from tests.nestings import second_derivatives

X = np.linspace(0.1, 1.0, 5)


def plain(f):
    """What stands in a program for checkpoint, so that nothing is."""
    return f


def of_derivatives(f, x):
    """Linear in all second derivatives, which differ by element."""
    return np.sum(dr.grad(f)(x) * np.cos(np.arange(x.size)))


DERIVATIVES = {
    "value": lambda f, x: f(x),
    "grad": lambda f, x: dr.grad(f)(x),
    "jvp": lambda f, x: dr.jvp(f, (x,), (x + 1,)),
    "push": lambda f, x: dr.linearize(f, x)[1].push(x + 1),
    "pulls": lambda f, x: [dr.vjp(f, x)[1](ct) for ct in (1.0, 2.0)],
    "hvp": lambda f, x: dr.hvp(f)(x, x + 1),
    "hessian": lambda f, x: dr.hessian(f)(x),
    "reverse over reverse": lambda f, x: dr.grad(lambda x: of_derivatives(f, x))(x),
    "reverse over forward": lambda f, x: dr.grad(lambda x: dr.jvp(f, (x,), (x + 1,))[1])(x),
    "batch of gradients": lambda f, x: dr.vmap(dr.grad(f))(np.stack([x, 2 * x])),
    "gradient of a batch": lambda f, x: dr.grad(lambda xs: dr.vmap(f)(xs) @ [1.0, 2.0])(
        np.stack([x, 2 * x])
    ),
    "third order": lambda f, x: dr.grad(lambda x: dr.hvp(f)(x, x) @ x)(x),
}


# -------------------------------------------------------------------------------- ways to write it


def twice(x, again):
    return again(again(x))


def sines(x):
    for _ in range(3):
        x = np.sin(x) * x + 0.1
    return x


class Model:
    def __init__(self, weights, power):
        self.weights, self.power = weights, power

    def step(self, x):
        return np.sin(x * self.weights) ** self.power


def one_array(x, again):
    return np.sum(twice(x, again(sines)))


def captured(x, again):
    w = 2 * x
    return np.sum(twice(x + 1, again(lambda y: np.sin(y * w))))


def captured_dict(x, again):
    p = {"w": 2 * x, "b": [x[0], None, "name"], "n": 3}
    return np.sum(twice(x, again(lambda y: np.sin(y * p["w"]) * p["b"][0] ** p["n"])))


def method(x, again):
    return np.sum(twice(x, again(Model(2 * x, 2).step)))


def captured_object(x, again):
    model = Model(2 * x, 2)
    return np.sum(twice(x, again(lambda y: model.step(y))))


def partial(x, again):
    return np.sum(again(functools.partial(lambda a, y, b: a * y**b, 2 * x, b=x))(x))


def defaults(x, again):
    def f(y, w=2 * x, *, v=x):
        return y * w * v

    return np.sum(again(f)(x))


def recursive(x, again):
    w = 2 * x

    def f(y, n):
        return g(np.sin(y * w), n - 1) if n else y

    def g(y, n):
        return f(np.cos(y), n - 1) if n else y

    return np.sum(again(f)(x, 5))


def only_captured(x, again):
    return np.sum(again(lambda: np.sin(x) * x)())


def derivative_inside(x, again):
    force = dr.grad(lambda q: np.sum(np.sin(q * x)))
    return np.sum(again(lambda y: y - force(y) * x)(x + 1))


def inside_itself(x, again):
    return np.sum(again(lambda y: again(lambda z: np.sin(z * x) * y)(2 * y))(x))


def structures(x, again):
    def f(s, rest, *, k):
        return {"a": s["x"] * k, "b": (None, np.sin(s["x"])), "n": 3, "kept": rest}

    r = again(f)({"x": x}, "a text", k=2)
    assert r["kept"] == "a text"
    return np.sum(r["a"] * r["b"][1]) * r["n"]


def several_results(x, again):
    y, same, order, unused = again(lambda y: (y * y, y, np.argsort(-y), np.sqrt(y - 0.1)))(x)
    return np.sum(y[order] * same)


def own_writes(x, again):
    def f(y):
        y = 1 * y
        y[0] = 3 * y[1]
        y *= 2
        return np.sin(y, out=y)

    return np.sum(again(f)(x))


def returned_argument_written(x, again):
    y = 2 * x
    same, other = again(lambda y: (y, y * x))(y)
    same *= x
    y[0] = x[1]
    return np.sum(y * same * other)


def result_written(x, again):
    y, same = again(lambda y: (y[1:] * 2,) * 2)(x)
    y *= x[1:]
    return np.sum(y * same * x[1:])


def arguments_written_afterwards(x, again):
    w, c = 2 * x, np.ones(5)
    y = again(lambda y, c: np.sin(y * w * c))(w, c)
    w *= 3
    w[0] = x[1]
    c[:] = 7.0
    return np.sum(y * w)


def threads(x, again):
    f = again(lambda y: np.sin(y * x))
    results = {}

    def work(k):
        results[k] = np.sum(f(x * k))

    workers = [threading.Thread(target=work, args=(k,)) for k in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return results[0] + results[1] * results[2]


class Counting:
    """What is no array changes from call to call, and what is one does not."""

    def __init__(self):
        self.calls, self.ones = 0, np.ones(5)

    def step(self, x):
        self.calls += 1
        return np.sin(x) * self.ones


def object_with_a_counter(x, again):
    model = Counting()
    return np.sum(twice(x, again(lambda x: model.step(x)))) + np.sum(again(Counting.step)(model, x))


PROGRAMS = [
    object_with_a_counter,
    *(one_array, captured, captured_dict, method, captured_object, partial, defaults, recursive),
    *(only_captured, derivative_inside, inside_itself, structures, several_results, own_writes),
    *(result_written, returned_argument_written, arguments_written_afterwards, threads),
]


@pytest.mark.one_in(3)
@pytest.mark.filterwarnings("ignore:.*row by row")
@pytest.mark.parametrize("derivative", DERIVATIVES)
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_derivatives_are_those_of_the_function(program, derivative):
    of = DERIVATIVES[derivative]
    expected = of(lambda x: program(x, plain), X)
    found = of(lambda x: program(x, dr.checkpoint), X)
    for e, r in zip(np.atleast_1d(expected), np.atleast_1d(found), strict=True):
        assert_allclose(e, r, rtol=1e-12, atol=1e-13)


def test_a_gradient_is_the_same_to_the_bit():
    expected = dr.grad(lambda x: one_array(x, plain))(X)
    assert_array_equal(expected, dr.grad(lambda x: one_array(x, dr.checkpoint))(X))


def test_compiled():
    compiled = dr.compile(dr.grad(lambda x: one_array(x, dr.checkpoint)))
    for x in (X, X + 1, 2 * X):
        assert_allclose(dr.grad(lambda x: one_array(x, plain))(x), compiled(x), rtol=1e-13)


def test_complex():
    z = X + 1j * X[::-1]

    def f(z, again):
        return np.sum(np.abs(again(lambda z: np.exp(z) * z**2)(z)))

    assert_allclose(dr.grad(lambda z: f(z, plain))(z), dr.grad(lambda z: f(z, dr.checkpoint))(z))


def test_float32_and_empty_arrays_keep_their_types():
    assert dr.grad(lambda x: one_array(x, dr.checkpoint))(X.astype("f4")).dtype == np.float32
    assert dr.grad(lambda x: one_array(x, dr.checkpoint))(np.zeros(0)).shape == (0,)


KINKS = {
    "norm at 0": (lambda x, again: again(np.linalg.norm)(x) ** 2, np.zeros(3)),
    "square of it inside": (
        lambda x, again: again(lambda x: np.linalg.norm(x) ** 2)(x),
        np.zeros(3),
    ),
    "abs": (lambda x, again: np.sum(again(np.abs)(x) * x), np.array([0.0, 1.0])),
    "branch": (
        lambda x, again: np.sum(again(lambda x: np.where(x > 0, np.sqrt(x), 0))(x)),
        np.array([0.0, 1.0]),
    ),
    "branch outside": (
        lambda x, again: np.sum(np.where(x > 0, again(np.sqrt)(x), 0)),
        np.array([0.0, 1.0]),
    ),
    "0 times infinity": (
        lambda x, again: np.sum((x - x) * again(lambda x: np.sqrt(x))(x)),
        np.array([0.0, 1.0]),
    ),
}


@pytest.mark.parametrize("name", KINKS)
def test_kinks_and_hidden_infinities_are_those_of_the_function(name):
    program, x = KINKS[name]
    expected = dr.grad(lambda x: program(x, plain))(x)
    assert_array_equal(expected, dr.grad(lambda x: program(x, dr.checkpoint))(x))
    nested = second_derivatives(lambda x: program(x, plain), x)
    found = second_derivatives(lambda x: program(x, dr.checkpoint), x)
    for (_, e), (order, r) in zip(nested, found):
        if order == "forward over forward":  # nan also where one by one a zero would stop it
            e = np.where(np.isnan(r) & np.isnan(e).any(), np.nan, e)
        assert_allclose(e, r, err_msg=order, atol=1e-13)


# ------------------------------------------------------------------------------ right, or an error


def gradient(program):
    return dr.grad(lambda x: program(x, dr.checkpoint))(X)


@pytest.mark.parametrize("use", [lambda x, c: x * c, lambda x, c: np.sin(x + c)], ids=["*", "+"])
@pytest.mark.parametrize("x", [X, 0 * X], ids=["x", "0"])
@pytest.mark.parametrize("size", [5, 50_000])
def test_a_captured_array_that_changes_is_an_error_where_the_value_is_the_same_too(use, x, size):
    def program(x):
        c = np.ones(size)
        y = dr.checkpoint(lambda x: use(x[0], c))(x)
        c[-1] = 2.0
        return np.sum(y)

    with pytest.raises(dr.MutationError, match="did not compute the same"):
        dr.grad(program)(x)
    with pytest.raises(dr.MutationError):
        dr.hessian(program)(x)


@pytest.mark.parametrize("sweep", ["push", "pull"])
def test_a_linear_map_notices_what_changes_after_it_was_made(sweep):
    c = np.ones(5)
    _, linear = dr.linearize(dr.checkpoint(lambda x: np.sin(x * c)), X)
    getattr(linear, sweep)(X)
    c[0] = 2.0
    with pytest.raises(dr.MutationError):
        getattr(linear, sweep)(X)


@pytest.mark.one_in(2)
@pytest.mark.parametrize("name", USES)
def test_every_use_of_a_captured_array_is_the_same_again_or_an_error(name):
    use, make = USES[name]

    def program(x, again, change):
        c = make()
        y = again(lambda x: use(x, c))(x)
        change(c)
        return np.sum(np.sin(y))

    def same(c):
        pass

    x = np.array([0.7, 1.3, 2.1])
    expected = dr.grad(lambda x: program(x, plain, same))(x)
    assert_allclose(expected, dr.grad(lambda x: program(x, dr.checkpoint, same))(x), rtol=1e-12)
    try:
        found = dr.grad(lambda x: program(x, dr.checkpoint, spoil))(x)
    except (dr.MutationError, ValueError):  # SciPy refuses a spoiled filter
        return
    assert_allclose(expected, found, rtol=1e-12)


def test_what_primitives_hold_besides_is_the_same_again():
    matrix = sp.random(5, 5, 0.5, random_state=0).tocsr()

    def sparse(x, again):
        return np.sum(again(lambda y: matrix @ y * y)(x))

    def quadrature(x, again):
        return again(lambda y: integrate.quad(lambda t: np.exp(-t * y[0]), 0, 1)[0])(x)

    def spline(x, again):
        return np.sum(again(lambda y: interpolate.CubicSpline(np.arange(5.0), y)(1.5) * y)(x))

    for program in (sparse, quadrature, spline):
        expected = dr.grad(lambda x: program(x, plain))(X)
        assert_allclose(expected, dr.grad(lambda x: program(x, dr.checkpoint))(X), rtol=1e-13)


def test_random_numbers_drawn_inside_are_an_error():
    rng = np.random.default_rng(0)
    with pytest.raises(dr.MutationError, match="random"):
        gradient(lambda x, again: np.sum(again(lambda x: x * rng.random(5))(x)))
    with pytest.raises(dr.MutationError, match="random"):
        gradient(lambda x, again: np.sum(again(lambda x: x * np.random.random(5))(x)))  # noqa: NPY002
    with pytest.raises(dr.MutationError, match="random"):
        gradient(lambda x, again: np.sum(again(lambda x, rng: x * rng.random(5))(x, rng)))


def test_a_branch_that_is_taken_otherwise_is_an_error():
    calls = []

    def f(x):
        calls.append(1)
        return np.sin(x) if len(calls) % 2 else np.cos(x)

    with pytest.raises(dr.MutationError):
        gradient(lambda x, again: np.sum(again(f)(x)))


def writes(y):
    y[0] = 1.0
    return y


def writes_a_view(y):
    y[1:] += 1.0
    return y


@pytest.mark.parametrize("f", [writes, writes_a_view])
def test_a_write_into_an_argument_is_an_error(f):
    with pytest.raises(dr.InPlaceError, match="writes what it was given"):
        gradient(lambda x, again: np.sum(again(f)(1 * x)))


def test_a_write_into_what_is_captured_is_an_error():
    def into_array(x, again):
        w = 2 * x

        def f(y):
            w[0] = y[1]
            return y * w

        return np.sum(again(f)(x) * w)

    def into_list(x, again):
        seen = [x]

        def f(y):
            seen.append(y)
            return 2 * y

        return np.sum(again(f)(x) * seen[-1])

    def into_variable(x, again):
        w = 2 * x

        def f(y):
            nonlocal w
            w = w * y
            return w

        return np.sum(again(f)(x) * w)

    def into_object(x, again):
        model = Model(2 * x, 2)

        def f(y):
            model.weights = y
            return y

        return np.sum(again(f)(x) * model.weights)

    with pytest.raises(dr.InPlaceError, match="writes what it was given"):
        gradient(into_array)
    for program in (into_list, into_variable, into_object):
        with pytest.raises(dr.InPlaceError, match="puts something else into"):
            gradient(program)


@pytest.mark.parametrize("f", [lambda y: (y[1:], y), lambda y: ((z := y * 2)[1:], z)])
@pytest.mark.parametrize("written", [0, 1])
def test_a_write_into_what_a_result_shows_is_an_error(f, written):
    def program(x, again):
        results = again(f)(2 * x)
        results[written][0] = 3.0
        return np.sum(results[0] * results[1][1:])

    with pytest.raises(dr.InPlaceError, match="returned a view of"):
        gradient(program)


def test_what_is_stored_elsewhere_has_escaped():
    def program(x, again):
        seen = []
        y = again(lambda y: (seen.append(y), 2 * y)[1])(x)
        return np.sum(y * seen[-1])

    with pytest.raises(dr.EscapedTracerError):
        gradient(program)


class Hidden:
    """What it holds is not among its attributes."""

    __slots__ = ("x",)

    def __init__(self, x):
        self.x = x


@pytest.mark.parametrize(
    "f",
    [lambda y, h: y * h.x, lambda y, h: y + 2 * h.x[0], lambda y, h: h.x],
    ids=["*", "+", "only"],
)
def test_a_traced_value_that_is_not_found_is_an_error(f):
    with pytest.raises(dr.EscapedTracerError, match="none of its arguments"):
        gradient(lambda x, again: np.sum(again(f)(x, Hidden(2 * x))))


def test_an_error_inside_is_the_user_s_own():
    with pytest.raises(KeyError, match="mine"):
        gradient(lambda x, again: again(lambda x: {}["mine"])(x))


def test_errors_of_the_call_name_the_line():
    with pytest.raises(dr.CoercionError, match=r"float\(x\[0\]\)"):
        gradient(lambda x, again: again(lambda x: float(x[0]))(x))
    with dr.debug(), pytest.raises(dr.NonFiniteError, match="numpy.sqrt"):
        gradient(lambda x, again: np.sum(again(lambda x: np.sqrt(x - x))(x)))


def test_only_a_function_is_checkpointed():
    with pytest.raises(dr.ArgumentError, match="given a float"):
        dr.checkpoint(3.0)


# ---------------------------------------------------------------------------------------- memory


def peak(f, x):
    """Most memory in use during a call, in arrays of the size of x."""
    tracemalloc.start()
    f(x)
    top = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return top / x.nbytes


def blocks(x, again):
    w = x[0]

    def block(x):
        for _ in range(12):
            x = np.sin(x) * w
        return x

    for _ in range(12):
        x = again(block)(x)
    return np.sum(x)


@pytest.mark.one_in(2)
@pytest.mark.parametrize(
    "derivative",
    [
        lambda f: dr.grad(f),
        lambda f: dr.grad(lambda x: np.sum(dr.grad(f)(x))),
        lambda f: dr.grad(lambda x: dr.jvp(f, (x,), (x,))[1]),
        lambda f: lambda x: dr.hvp(f)(x, x),
        lambda f: lambda x: dr.grad(lambda t: dr.jvp(f, (x,), (t,))[1])(x),
    ],
    ids=["grad", "grad of grad", "grad of jvp", "hvp", "grad by the direction of a jvp"],
)
def test_each_level_keeps_less(derivative):
    x = np.linspace(0.1, 1.0, 10_000)
    whole = peak(derivative(lambda x: blocks(x, plain)), x)
    assert whole / 2 > peak(derivative(lambda x: blocks(x, dr.checkpoint)), x)


def test_a_call_that_has_been_pulled_leaves_nothing_behind():
    kept = []

    def program(x, again):
        w = 2 * x
        model = Model(w, 2)
        kept.append(weakref.ref(model))
        return np.sum(again(lambda y: np.sin(y * w) + model.weights)(x))

    gc.collect()
    gc.disable()
    try:
        gradient(program)
        assert kept.pop()() is None
    finally:
        gc.enable()


def test_no_tape_no_second_run():
    runs = []

    def f(x):
        runs.append(1)
        return np.sin(x)

    dr.checkpoint(f)(X)
    dr.jvp(dr.checkpoint(f), (X,), (X,))
    dr.vmap(dr.checkpoint(f))(X)
    assert len(runs) == 3
