"""Arguments and results that are dict, list, tuple, namedtuple, dataclass or the user's own class."""

import collections
import dataclasses
import typing

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import dualrev as dr
from tests.numeric import numeric_jacobian

W, B = np.array([1.0, 2.0, 3.0]), np.array([0.5, -0.5])
Layer = collections.namedtuple("Layer", ["w", "b"])


class Pair(typing.NamedTuple):
    w: np.ndarray
    b: np.ndarray


@dataclasses.dataclass
class Record:
    w: np.ndarray
    b: np.ndarray


@dataclasses.dataclass(frozen=True, slots=True)
class Frozen:
    w: np.ndarray
    b: np.ndarray
    kind: str = dataclasses.field(default="relu", metadata={"static": True})


@dataclasses.dataclass
class Checked:
    w: np.ndarray
    b: np.ndarray

    def __post_init__(self):
        if not isinstance(self.w, np.ndarray):
            raise ValueError("w must be an array")


class Own:
    def __init__(self, w, b, name):
        self.w, self.b, self.name = w, b, name


dr.register_container(Own, lambda o: ((o.w, o.b), o.name), lambda name, c: Own(*c, name))

# kind -> (structure of w and b, how to read it)
KINDS = {
    "dict": (lambda w, b: {"w": w, "b": b}, lambda t: (t["w"], t["b"])),
    "list": (lambda w, b: [w, b], tuple),
    "tuple": (lambda w, b: (w, b), tuple),
    "namedtuple": (Layer, tuple),
    "typed namedtuple": (Pair, tuple),
    "dataclass": (Record, lambda t: (t.w, t.b)),
    "frozen dataclass": (Frozen, lambda t: (t.w, t.b)),
    "checked dataclass": (Checked, lambda t: (t.w, t.b)),
    "registered class": (lambda w, b: Own(w, b, "mine"), lambda t: (t.w, t.b)),
    "OrderedDict": (
        lambda w, b: collections.OrderedDict(w=w, b=b),
        lambda t: (t["w"], t["b"]),
    ),
    "defaultdict": (
        lambda w, b: collections.defaultdict(list, {"w": w, "b": b}),
        lambda t: (t["w"], t["b"]),
    ),
    "deque": (lambda w, b: collections.deque([w, b]), tuple),
    "nested": (
        lambda w, b: {"layers": [{"w": w}, (b, {"empty": []})]},
        lambda t: (t["layers"][0]["w"], t["layers"][1][0]),
    ),
    "with None": (lambda w, b: [w, None, b], lambda t: (t[0], t[2])),
    "integer keys": (lambda w, b: {2: w, 1: b}, lambda t: (t[2], t[1])),
}


@pytest.fixture(params=KINDS)
def kind(request):
    return KINDS[request.param]


def energy(w, b):
    return np.sum(w**2) * b[0] + np.sum(np.sin(b)) * w[1]


GRADIENT = (
    2 * W * B[0] + np.array([0, np.sum(np.sin(B)), 0]),
    np.array([np.sum(W**2), 0]) + np.cos(B) * W[1],
)


def test_gradient_has_the_structure_of_the_argument(kind):
    make, read = kind
    tree = make(W, B)
    gradient = dr.grad(lambda tree: energy(*read(tree)))(tree)
    assert type(gradient) is type(tree)
    for expected, answer in zip(GRADIENT, read(gradient), strict=True):
        assert type(answer) is np.ndarray
        assert_allclose(expected, answer)


def test_metadata_of_a_structure_is_kept():
    assert dr.grad(lambda t: energy(t.w, t.b))(Own(W, B, "mine")).name == "mine"
    assert dr.grad(lambda t: energy(t.w, t.b))(Frozen(W, B, "tanh")).kind == "tanh"
    gradient = dr.grad(lambda t: energy(t["w"], t["b"]))(collections.defaultdict(list, w=W, b=B))
    assert gradient.default_factory is list
    assert list(dr.grad(lambda t: energy(t["w"], t["b"]))({"w": W, "b": B})) == ["w", "b"]


def test_methods_of_a_structure_work_inside_f():
    @dataclasses.dataclass
    class Line:
        slope: float
        offset: float

        def at(self, x):
            return self.slope * x + self.offset

    gradient = dr.grad(lambda line: line.at(3.0) ** 2)(Line(2.0, 1.0))
    assert gradient == Line(42.0, 14.0)


def test_jvp_of_a_structure_is_its_directional_derivative(kind):
    make, read = kind
    ans, tangent = dr.jvp(
        lambda tree: energy(*read(tree)), (make(W, B),), (make(np.ones(3), np.ones(2)),)
    )
    assert_allclose(energy(W, B), ans)
    assert_allclose(np.sum(GRADIENT[0]) + np.sum(GRADIENT[1]), tangent)


# A class whose own checks refuse tracers can be an argument, but f cannot make one.
RESULTS = [name for name in KINDS if name != "checked dataclass"]


@pytest.mark.parametrize("name", RESULTS)
def test_result_of_a_structure_is_pulled_and_pushed(name):
    """(sin b, w b0) in every container; the pull is the adjoint of the push."""
    make, read = KINDS[name]

    def f(w, b):
        return make(w * b[0], np.sin(b))

    ans, pull = dr.vjp(f, W, B)
    again, linear = dr.linearize(f, W, B)
    for result in (ans, again):
        assert type(result) is type(make(W, B))
        assert_allclose(W * B[0], read(result)[0])
        assert_allclose(np.sin(B), read(result)[1])
    cts = np.array([1.0, -1.0, 2.0]), np.array([0.5, 3.0])
    by_w, by_b = pull(make(*cts))
    assert_allclose(cts[0] * B[0], by_w)
    assert_allclose(np.array([cts[0] @ W, 0]) + cts[1] * np.cos(B), by_b)
    pushed = read(linear.push(np.ones(3), np.ones(2)))
    assert_allclose(
        np.sum(by_w) + np.sum(by_b), cts[0] @ pushed[0] + cts[1] @ pushed[1], rtol=1e-12
    )


@pytest.mark.parametrize("mode", ["auto", "forward", "reverse"])
def test_jacobian_of_structures_is_a_structure_of_structures(kind, mode):
    """Result outside, argument inside: J[result][argument]."""
    make, read = kind

    def f(tree):
        w, b = read(tree)
        return {"outer": w[:2] * b[0], "sum": np.sum(w) * b[1]}

    jacobian = dr.jacobian(f, mode=mode)(make(W, B))
    assert set(jacobian) == {"outer", "sum"}
    by_w, by_b = read(jacobian["outer"])
    assert_allclose(B[0] * np.eye(2, 3), by_w)
    assert_allclose(np.array([[1.0, 0], [2.0, 0]]), by_b)
    by_w, by_b = read(jacobian["sum"])
    assert_allclose(B[1] * np.ones(3), by_w)
    assert_allclose([0.0, 6.0], by_b)


def test_hessian_of_a_structure_has_blocks(kind):
    make, read = kind
    hessian = dr.hessian(lambda tree: energy(*read(tree)))(make(W, B))
    blocks = [read(row) for row in read(hessian)]
    x = np.concatenate([W, B])
    whole = numeric_jacobian(dr.grad(lambda x: energy(x[:3], x[3:])), x)
    assert_allclose(whole[:3, :3], blocks[0][0], atol=1e-8)
    assert_allclose(whole[:3, 3:], blocks[0][1], atol=1e-8)
    assert_allclose(whole[3:, :3], blocks[1][0], atol=1e-8)
    assert_allclose(whole[3:, 3:], blocks[1][1], atol=1e-8)


def test_hvp_of_a_structure_has_its_structure(kind):
    make, read = kind
    product = dr.hvp(lambda tree: energy(*read(tree)))(make(W, B), make(np.ones(3), np.ones(2)))
    x = np.concatenate([W, B])
    whole = numeric_jacobian(dr.grad(lambda x: energy(x[:3], x[3:])), x) @ np.ones(5)
    assert type(product) is type(make(W, B))
    assert_allclose(whole[:3], read(product)[0], atol=1e-8)
    assert_allclose(whole[3:], read(product)[1], atol=1e-8)


@pytest.mark.parametrize("name", RESULTS)
def test_derivative_of_a_structured_result(name):
    make, read = KINDS[name]
    ans = dr.derivative(lambda t: make(W * t, np.array([t**2, 1.0])))(3.0)
    assert_allclose(W, read(ans)[0])
    assert_allclose([6.0, 0.0], read(ans)[1])


def test_operator_of_structures_counts_their_elements():
    f = lambda tree: [tree["w"] * tree["b"][0], tree["b"]]  # noqa: E731
    _, linear = dr.linearize(f, {"w": W, "b": B})
    operator = linear.operator
    assert operator.shape == (5, 5)
    # leaves of a dict come in the order of its keys: b, then w
    matrix = operator @ np.eye(5)
    expected = np.zeros((5, 5))
    expected[:3, 0] = W
    expected[:3, 2:] = B[0] * np.eye(3)
    expected[3:, :2] = np.eye(2)
    assert_allclose(expected, matrix)
    assert_allclose(expected.T, operator.T @ np.eye(5))


def test_scalars_in_structures_are_numbers():
    gradient = dr.grad(lambda p: p["a"] ** 2 * p["n"])({"a": 2.0, "n": 3})
    assert gradient == {"a": 12.0, "n": 4.0}
    assert {type(g) for g in gradient.values()} == {np.float64}


def test_leaves_that_f_ignores_have_zero_gradients():
    gradient = dr.grad(lambda p: np.sum(p["w"]))({"w": W, "b": B, "c": 1.0, "e": np.zeros((2, 0))})
    assert_array_equal(np.zeros(2), gradient["b"])
    assert gradient["c"] == 0.0
    assert gradient["e"].shape == (2, 0)


def test_same_array_in_two_places_gets_its_own_gradients():
    gradient = dr.grad(lambda p: np.sum(p[0] * 2 + p[1] * 3))([W, W])
    assert_array_equal([2.0] * 3, gradient[0])
    assert_array_equal([3.0] * 3, gradient[1])
    assert not np.shares_memory(gradient[0], gradient[1])
    # also where both cotangents are one array inside
    gradient = dr.grad(lambda p: np.sum((p[0] + p[1]) ** 2))([W, W])
    assert not np.shares_memory(gradient[0], gradient[1])


def test_containers_mutated_by_f_are_not_the_callers():
    tree = {"w": W.copy(), "more": [1.0]}

    def f(tree):
        tree["w"] = tree["w"] * 2
        tree["more"].append(tree["w"][0])
        return np.sum(tree["w"]) + tree["more"][1]

    gradient = dr.grad(f)(tree)
    assert_array_equal(W, tree["w"])
    assert tree["more"] == [1.0]
    assert_array_equal([4.0, 2.0, 2.0], gradient["w"])


def test_structures_pass_between_nested_transforms():
    """d/da sum of inner gradients of a structure that holds a."""

    def f(a):
        gradient = dr.grad(lambda p: p["x"] ** 2 * p["y"])({"x": a, "y": 2 * a})
        return gradient["x"] + gradient["y"]  # 4 a**2 + a**2

    for mode in (dr.grad, dr.derivative):
        assert_allclose(30.0, mode(f)(3.0))


def test_dataclass_with_static_fields_runs_by_them():
    @dataclasses.dataclass
    class Poly:
        c: np.ndarray
        degree: int = dataclasses.field(metadata={"static": True})

        def __call__(self, x):
            return sum(self.c[k] * x**k for k in range(self.degree + 1))

    gradient = dr.grad(lambda p: p(2.0))(Poly(np.ones(3), 2))
    assert_array_equal([1.0, 2.0, 4.0], gradient.c)
    assert gradient.degree == 2


def test_dataclasses_inside_dataclasses():
    @dataclasses.dataclass
    class Inner:
        w: float

    @dataclasses.dataclass
    class Outer:
        inner: Inner
        parts: list

    gradient = dr.grad(lambda o: o.inner.w * o.parts[0].w)(Outer(Inner(2.0), [Inner(3.0)]))
    assert gradient == Outer(Inner(3.0), [Inner(2.0)])


def test_structures_of_other_lengths_follow_each_other():
    """Nothing about a structure is remembered from call to call."""
    total = dr.grad(lambda p: sum(np.sum(x**2) for x in p))
    for n in (1, 3, 2):
        gradient = total([W] * n)
        assert len(gradient) == n
        assert_allclose(2 * W, gradient[-1])


def test_aux_may_have_any_structure():
    class Opaque:
        pass

    opaque = Opaque()
    aux = dr.grad(
        lambda x: (x @ x, {"twice": x * 2, "log": ["text", None, opaque, 3], "n": Layer(x[0], 1)}),
        has_aux=True,
    )(W)[1]
    assert type(aux["twice"]) is np.ndarray
    assert_array_equal(2 * W, aux["twice"])
    assert aux["log"] == ["text", None, opaque, 3]
    assert type(aux["n"]) is Layer
    assert type(aux["n"].w) is np.float64


@pytest.mark.parametrize("vector", [[1, 0, 2], (1.0, 0.0, 2.0)])
def test_a_list_stands_for_an_array_wherever_a_vector_is_given(vector):
    x, v = np.array([1.0, 2.0, 3.0]), np.asarray(vector)

    def cubes(x):
        return x**3

    assert_array_equal(dr.hvp(lambda x: np.sum(x**3))(x, vector), 6 * x * v)
    assert_array_equal(dr.gauss_newton_product(cubes)(x, vector), 9 * x**4 * v)
    assert_array_equal(dr.jvp(cubes, (x,), (vector,))[1], 3 * x**2 * v)
    assert_array_equal(dr.vjp(cubes, x)[1](vector)[0], 3 * x**2 * v)
    assert_array_equal(dr.vjp(lambda x: {"a": cubes(x)}, x)[1]({"a": vector})[0], 3 * x**2 * v)
    assert_array_equal(dr.taylor(cubes, x, vector, 1)[1], 3 * x**2 * v)
