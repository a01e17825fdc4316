"""Reach: a change of what a compiled function reads besides its arguments is seen at the next call."""

import argparse
import array
import collections
import configparser
import contextvars
import ctypes
import functools
import operator
import queue
import sys
import threading
import types
import warnings
import weakref

import numpy as np
import pytest
import scipy.interpolate
import scipy.linalg
import scipy.sparse
from numpy.testing import assert_array_equal

import dualrev as dr

X = np.array([1.0, 2.0, 3.0])


def test_captured_array_may_be_overwritten():
    w = np.ones(3)
    fast = dr.compile(dr.grad(lambda x: np.sum(w * x)))
    assert_array_equal([1, 1, 1], fast(X))
    w[:] = 2
    assert_array_equal([2, 2, 2], fast(X))


def test_what_is_computed_of_a_captured_array_follows_it():
    w = np.ones(3)
    fast = dr.compile(lambda x: x * (w.sum() if w[0] > 0 else -1.0))
    assert_array_equal(3 * X, fast(X))
    w[:] = 2
    assert_array_equal(6 * X, fast(X))
    w[0] = -1
    assert_array_equal(-X, fast(X))


def test_large_captured_array_may_be_overwritten_anywhere():
    w = np.ones(200_000)
    fast = dr.compile(lambda x: np.sum(w * x))
    assert fast(2.0) == 400_000
    w[123_456] = 0
    assert fast(2.0) == 399_998


SCALE = 2.0


def _helper(x):
    return x * SCALE


class Model:
    def __init__(self):
        self.weights = np.ones(3)
        self.layers = [np.ones(3), np.ones(3)]
        self.options = {"power": 2}
        self.nested = types.SimpleNamespace(shift=np.zeros(3))

    def loss(self, x):
        y = self.weights * x + sum(self.layers) + self.nested.shift
        return np.sum(y ** self.options["power"])


def set_item(model):
    model.options["power"] = 3


def append(model):
    model.layers.append(np.ones(3))


CHANGES = {
    "an element": lambda m: m.weights.__setitem__(0, 5.0),
    "an attribute": lambda m: setattr(m, "weights", np.zeros(3)),
    "an element of a list": lambda m: m.layers.__setitem__(1, np.zeros(3)),
    "an array in a list": lambda m: m.layers[0].__setitem__(0, 9.0),
    "a longer list": append,
    "an option": set_item,
    "a nested object": lambda m: m.nested.shift.fill(4.0),
}


@pytest.mark.parametrize("name", CHANGES)
def test_change_of_an_object_is_seen(name):
    model = Model()
    fast = dr.compile(dr.grad(model.loss))
    assert_array_equal(dr.grad(model.loss)(X), fast(X))
    CHANGES[name](model)
    assert_array_equal(dr.grad(model.loss)(X), fast(X))


class Slotted:
    __slots__ = ("power",)


class Scaled(Slotted):
    __slots__ = ("__weights",)
    scale = 2.0

    def __init__(self):
        self.power = 2
        self.__weights = np.ones(3)

    def weights(self):
        return self.__weights

    @classmethod
    def scaled(cls, x):
        return cls.scale * x

    @property
    def offset(self):
        return 1.0


class Grid:
    scale = 2.0

    def __init__(self):
        self.shift = 1.0

    @functools.cached_property
    def points(self):
        return np.arange(3.0) + self.shift

    def loss(self, x):
        return self.points * x


class FineGrid(Grid):
    scale = 3.0


class Named(list):
    scale = 2.0


WEAKLY_HELD = type("Local", (Scaled,), {})()
STATE = [2.0]


def code_of(f):
    return f.__code__


def times(self, x, k):
    return k * x


def with_keyword():
    def f(x, *, k=2.0):
        return k * x

    return f


def queued(*numbers):
    q = queue.Queue()
    for number in numbers:
        q.put(number)
    return q


def local_to_a_thread(**attributes):
    local = threading.local()
    vars(local).update(attributes)
    return local


#: What is read and how it is read; how it changes.
READ = {
    "a slot of a base class": (Scaled, lambda m, x: x**m.power, lambda m: setattr(m, "power", 3)),
    "an array in a private slot": (
        Scaled,
        lambda m, x: m.weights() * x,
        lambda m: m.weights().fill(5.0),
    ),
    "an attribute of a class": (
        lambda: type("Local", (Scaled,), {}),
        lambda cls, x: cls.scaled(x),
        lambda cls: setattr(cls, "scale", 3.0),
    ),
    "an attribute of the class of an object": (
        type("Local", (Scaled,), {"k": 1.0}),
        lambda m, x: m.k * x,
        lambda m: setattr(type(m), "k", 3.0),
    ),
    "a method": (
        type("Local", (Scaled,), {}),
        lambda m, x: m.weights() * x,
        lambda m: setattr(type(m), "weights", lambda self: np.zeros(3)),
    ),
    "a property": (
        type("Local", (Scaled,), {}),
        lambda m, x: m.offset * x,
        lambda m: setattr(type(m), "offset", property(lambda self: 2.0)),
    ),
    "the code of a function": (
        lambda: types.FunctionType(code_of(lambda x: x), {}),
        lambda f, x: f(x),
        lambda f: setattr(f, "__code__", code_of(lambda x: 3 * x)),
    ),
    "a set": (lambda: {2.0}, lambda s, x: sum(s) * x, lambda s: s.add(5.0)),
    "a deque": (
        lambda: collections.deque([2.0]),
        lambda s, x: sum(s) * x,
        lambda s: s.append(5.0),
    ),
    "a list of a class of its own": (
        lambda: Named([2.0]),
        lambda s, x: sum(s) * x,
        lambda s: s.append(5.0),
    ),
    "an attribute of a list": (
        Named,
        lambda s, x: s.scale * x,
        lambda s: setattr(s, "scale", 3.0),
    ),
    "a collection of the standard library": (
        lambda: collections.UserList([2.0]),
        lambda s, x: sum(s) * x,
        lambda s: s.append(5.0),
    ),
    "a dict that is shown": (
        lambda: ((d := {"k": 2.0}), types.MappingProxyType(d)),
        lambda shown, x: shown[1]["k"] * x,
        lambda shown: shown[0].update(k=3.0),
    ),
    "an array of objects": (
        lambda: np.array([2.0, None], object),
        lambda a, x: a[0] * x,
        lambda a: a.__setitem__(0, 3.0),
    ),
    "the numbers of a sparse matrix, others": (
        lambda: scipy.sparse.eye_array(3, format="csr"),
        lambda S, x: S @ x,
        lambda S: setattr(S, "data", 3 * S.data),
    ),
    "the coefficients of a spline": (
        lambda: scipy.interpolate.CubicSpline(np.arange(4.0), np.arange(4.0) ** 2),
        lambda spline, x: spline(0.5) * x,
        lambda spline: spline.c.fill(1.0),
    ),
    "the coefficients of a polynomial": (
        lambda: np.polynomial.Polynomial([1.0, 2.0]),
        lambda p, x: p(0.5) * x,
        lambda p: setattr(p, "coef", np.array([1.0, 3.0])),
    ),
    "a name space": (
        lambda: argparse.Namespace(k=2.0, more={"a": 1.0}),
        lambda m, x: m.k * m.more["a"] * x,
        lambda m: m.more.update(a=3.0),
    ),
    "a file of settings": (
        lambda: (c := configparser.ConfigParser()).read_dict({"a": {"k": "2.0"}}) or c,
        lambda c, x: c.getfloat("a", "k") * x,
        lambda c: c.set("a", "k", "3.0"),
    ),
    "the head of a queue": (
        lambda: queued(2.0, 3.0),
        lambda q, x: q.queue[0] * x,
        lambda q: q.get(),
    ),
    "an array of Python's": (
        lambda: array.array("d", [2.0, 3.0]),
        lambda a, x: a[0] * x,
        lambda a: a.__setitem__(0, 3.0),
    ),
    "a number of C": (
        lambda: ctypes.c_double(2.0),
        lambda c, x: c.value * x,
        lambda c: setattr(c, "value", 3.0),
    ),
    "a variable of a context": (
        lambda: contextvars.ContextVar("k", default=2.0),
        lambda v, x: v.get() * x,
        lambda v: v.set(3.0),
    ),
    "a variable of a thread": (
        lambda: local_to_a_thread(k=2.0),
        lambda m, x: m.k * x,
        lambda m: setattr(m, "k", 3.0),
    ),
    "what a weak reference shows": (
        lambda: weakref.ref(WEAKLY_HELD),
        lambda ref, x: ref().scale * x,
        lambda ref: setattr(ref(), "scale", 1.0 + ref().scale),
    ),
    "what a weak proxy shows": (
        lambda: weakref.proxy(WEAKLY_HELD),
        lambda proxy, x: proxy.scale * x,
        lambda proxy: setattr(proxy, "scale", 1.0 + proxy.scale),
    ),
    "a value of a weak dict": (
        lambda: weakref.WeakKeyDictionary({WEAKLY_HELD: 2.0}),
        lambda d, x: d[WEAKLY_HELD] * x,
        lambda d: d.__setitem__(WEAKLY_HELD, 3.0),
    ),
    "the defaults of a function": (
        lambda: types.FunctionType(code_of(lambda x, k: k * x), {}, argdefs=(2.0,)),
        lambda f, x: f(x),
        lambda f: setattr(f, "__defaults__", (3.0,)),
    ),
    "the defaults of keywords": (
        lambda: with_keyword(),
        lambda f, x: f(x),
        lambda f: setattr(f, "__kwdefaults__", {"k": 3.0}),
    ),
    "an attribute of a function": (
        lambda: types.FunctionType(code_of(lambda x: x), {}),
        lambda f, x: getattr(f, "k", 1.0) * x,
        lambda f: setattr(f, "k", 3.0),
    ),
    "the class of an object": (
        lambda: type("Local", (Scaled,), {})(),
        lambda m, x: m.scale * x,
        lambda m: setattr(m, "__class__", type("Local", (Scaled,), {"scale": 3.0})),
    ),
    "the bases of a class": (
        lambda: type("Local", (Grid,), {}),
        lambda cls, x: cls.scale * x,
        lambda cls: setattr(cls, "__bases__", (FineGrid,)),
    ),
    "all attributes of an object": (
        Model,
        lambda m, x: m.loss(x),
        lambda m: setattr(m, "__dict__", {**vars(m), "options": {"power": 3}}),
    ),
    "the order of a dict": (
        lambda: {"a": 1.0, "b": 2.0},
        lambda d, x: next(iter(d.values())) * x,
        lambda d: d.update(a=d.pop("a")),
    ),
    "an array of objects in two dimensions": (
        lambda: np.array([[2.0, None]], object),
        lambda a, x: a[0, 0] * x,
        lambda a: a.__setitem__((0, 0), 3.0),
    ),
    "the shape of an array": (
        lambda: np.ones(6),
        lambda a, x: len(a) * x,
        lambda a: a.resize((2, 3), refcheck=False),
    ),
    "a method of a dict": (
        lambda: {"k": 2.0}.get,
        lambda get, x: get("k") * x,
        lambda get: get.__self__.update(k=3.0),
    ),
    "what a method of NumPy's takes": (
        lambda: operator.methodcaller("dot", np.ones(3)),
        lambda call, x: call(x),
        lambda call: call.__reduce__()[1][1].fill(3.0),
    ),
    "what a function of Python's reads that is one of NumPy's": (
        lambda: np.frompyfunc(lambda v: STATE[0] * v, 1, 1),
        lambda f, x: np.sum(f(np.ones(2))) * x,
        lambda f: STATE.__setitem__(0, STATE[0] + 1),
    ),
    "what a partial method is given": (
        lambda: type("Local", (Scaled,), {"f": functools.partialmethod(times, k=2.0)}),
        lambda cls, x: cls().f(x),
        lambda cls: vars(cls)["f"].keywords.update(k=3.0),
    ),
    "what a cached function has forgotten": (
        lambda: functools.cache(lambda n: STATE[0] * n),
        lambda f, x: f(3) * x,
        lambda f: STATE.__setitem__(0, STATE[0] + 1) or f.cache_clear(),
    ),
}


@pytest.mark.parametrize("name", READ)
def test_change_of_what_is_read_is_seen(name):
    make, read, change = READ[name]
    held = make()
    fast = dr.compile(lambda x: read(held, x))
    assert_array_equal(read(held, X), fast(X))
    change(held)
    assert_array_equal(read(held, X), fast(X))


def test_an_object_that_looks_everywhere_for_its_attributes_may_be_read():
    class Table:
        __slots__ = ("later", "numbers")

        def __init__(self):
            self.numbers = {"k": 2.0}

        def __getattr__(self, name):
            return self.numbers[name]  # a KeyError, where Python asks for an AttributeError

    table = Table()
    fast = dr.compile(lambda x: table.k * x)
    assert_array_equal(2 * X, fast(X))
    table.numbers["k"] = 3.0
    assert_array_equal(3 * X, fast(X))


def test_what_an_object_reads_that_is_made_at_each_call_is_seen():
    options = {"k": 2.0}

    class Layer:
        def __call__(self, x):
            return options["k"] * x

    fast = dr.compile(lambda x: Layer()(x))
    assert_array_equal(2 * X, fast(X))
    options["k"] = 3.0
    assert_array_equal(3 * X, fast(X))


def test_what_a_rule_of_the_users_reads_is_seen():
    w = np.array(2.0)
    rules = (
        dr.elementwise(lambda x: w * x, lambda ans, x: w * np.ones_like(x)),
        dr.rule(lambda x: w * x, vjp=lambda ct, wanted, ans, x: (w * ct,)),
        dr.rule(lambda x: w * x, jvp=lambda tangents, ans, x: w * tangents[0]),
        dr.linear(lambda x: w * x, lambda ct, x: w * ct),
    )
    for times in rules:
        w[...] = 2.0
        fast = dr.compile(dr.grad(lambda x, times=times: np.sum(times(x))))
        assert_array_equal([2, 2, 2], fast(X))
        w[...] = 3.0
        assert_array_equal([3, 3, 3], fast(X))


def test_what_the_loss_of_a_product_reads_is_seen():
    w = np.ones(3)
    product = dr.gauss_newton_product(np.square, lambda r: np.sum(w * r**2))
    fast = dr.compile(lambda x: product(x, x))
    assert_array_equal(product(X, X), fast(X))
    w[0] = 5.0
    assert_array_equal(product(X, X), fast(X))


def test_a_property_that_is_cached_at_the_first_call_is_read_from_then_on():
    grid = Grid()
    fast = dr.compile(grid.loss)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert_array_equal([1, 4, 9], fast(X))
        assert_array_equal([2, 8, 18], fast(2 * X))
    assert fast.program(X) is not None
    grid.points[0] = 5.0
    assert_array_equal([5, 4, 9], fast(X))
    del grid.points
    grid.shift = 2.0
    assert_array_equal([2, 6, 12], fast(X))


class Column:
    """A column as pandas has it, which keeps what it was last asked for."""

    __module__ = "pandas.core.series"

    def __init__(self, values, index):
        self.values, self.index, self.cache = values, index, {}

    def to_numpy(self):
        self.cache[len(self.cache)] = self.values
        return np.array(self.values)  # another one each time

    def __array__(self, dtype=None, copy=None):
        return np.array(self.values, dtype)

    shape = property(lambda self: np.shape(self.values))


def test_columns_of_pandas_are_compared_by_what_they_show():
    column = Column([1.0, 2.0, None], ["a", "b", "c"])
    f = lambda x: column.to_numpy()[:2].astype(float) * x * len(column.index[0])  # noqa: E731
    fast = dr.compile(f)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert_array_equal([1, 4], fast(X[:2]))
        column.values[0] = 5.0
        assert_array_equal([5, 4], fast(X[:2]))
        column.index = ["aa", "b", "c"]
        assert_array_equal([10, 8], fast(X[:2]))


def test_modules_that_import_each_other_are_looked_at_once():
    one, other = types.ModuleType("one"), types.ModuleType("other")
    one.other, other.one, other.k = other, one, 2.0
    fast = dr.compile(lambda x: one.other.one.other.k * x)
    assert_array_equal(2 * X, fast(X))
    other.k = 3.0
    assert_array_equal(3 * X, fast(X))


def test_a_module_that_the_function_imports_is_seen(tmp_path, monkeypatch):
    (tmp_path / "parameters_of_a_test.py").write_text("k = 2.0")
    monkeypatch.syspath_prepend(tmp_path)

    def f(x):
        from parameters_of_a_test import k

        return k * x

    fast = dr.compile(f)
    for scale in (2.0, 3.0):
        assert_array_equal(scale * X, fast(X))
        sys.modules["parameters_of_a_test"].k = 3.0
    del sys.modules["parameters_of_a_test"]


def test_what_a_text_names_is_seen(monkeypatch):
    fast = dr.compile(lambda x: globals()["SCALE"] * x)
    assert_array_equal(2 * X, fast(X))
    monkeypatch.setitem(globals(), "SCALE", 3.0)
    assert_array_equal(3 * X, fast(X))


def test_what_a_cached_function_forgets_later_is_seen():
    state = [2.0]
    cached = functools.cache(lambda n: state[0] * n)
    fast = dr.compile(lambda x: cached(3) * x)
    assert_array_equal(6 * X, fast(X))
    state[0] = 3.0
    assert_array_equal(6 * X, fast(X))
    cached.cache_clear()
    assert_array_equal(9 * X, fast(X))


def test_single_dispatch_has_a_program_and_is_seen():
    @functools.singledispatch
    def scaled(kind, x):
        return 2 * x

    model = Model()
    fast = dr.compile(lambda x: scaled(model, x))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert_array_equal(2 * X, fast(X))
        scaled.register(Model, lambda kind, x: 3 * x)
        assert_array_equal(3 * X, fast(X))


def test_behind_very_many_objects_nothing_is_taken_for_unchanged():
    rows = [[float(i)] for i in range(11_000)]
    fast = dr.compile(lambda x: rows[-1][0] * x)
    with pytest.warns(dr.PerformanceWarning, match="more than 10000 objects"):
        assert_array_equal(10_999 * X, fast(X))
    rows[-1][0] = 3.0
    assert_array_equal(3 * X, fast(X))


@pytest.mark.parametrize("n", [3, 1500])
def test_an_element_of_a_long_list_and_a_missing_key_are_seen(n):
    held, named = list(map(float, range(n))), collections.defaultdict(float)
    fast = dr.compile(lambda x: x * sum(held) + named.get("a", 0.0))
    for _ in range(2):
        assert fast(1.0) == sum(held)
    held[1] = 7.5
    assert fast(1.0) == sum(held)
    assert not named
    named["a"] = 2.0
    assert fast(1.0) == sum(held) + 2
    del named["a"], held[0]
    assert fast(1.0) == sum(held)


def test_long_chain_of_objects_is_looked_at():
    chain = []
    for _ in range(5000):
        chain = [chain]
    fast = dr.compile(lambda x: len(chain) * x)
    assert_array_equal(X, fast(X))


def test_object_as_argument_is_looked_into():
    fast = dr.compile(dr.grad(lambda x, model: model.loss(x)))
    for model in (Model(), Model()):
        assert_array_equal(dr.grad(model.loss)(X), fast(X, model))
        model.weights[:] = 7
        assert_array_equal(dr.grad(model.loss)(X), fast(X, model))


def test_global_that_is_bound_anew_is_seen(monkeypatch):
    fast = dr.compile(_helper)
    assert_array_equal(2 * X, fast(X))
    monkeypatch.setitem(globals(), "SCALE", 3.0)
    assert_array_equal(3 * X, fast(X))


def test_variable_of_the_enclosing_function_is_seen():
    k = 2.0
    fast = dr.compile(lambda x: _helper(x) * k)
    assert_array_equal(4 * X, fast(X))
    k = 3.0
    assert_array_equal(6 * X, fast(X))


def test_default_values_and_partial_arguments_are_seen():
    w = np.ones(3)

    def f(x, w=w):
        return x * w

    fast, partial = dr.compile(f), dr.compile(functools.partial(lambda w, x: x * w, w))
    for compiled in (fast, partial):
        w[:] = 1
        assert_array_equal(X, compiled(X))
        w[:] = 2
        assert_array_equal(2 * X, compiled(X))


def test_change_at_each_call_is_warned_of():
    w = np.ones(3)
    fast = dr.compile(lambda x: x * w)

    def check(i):
        w[:] = i
        assert_array_equal(i * X, fast(X))

    with pytest.warns(dr.PerformanceWarning, match="pass it as an argument"):
        _ = [check(i) for i in range(12)]


@pytest.mark.parametrize("kind", ["csr", "csc", "coo", "dok", "lil", "dia", "bsr"])
@pytest.mark.parametrize("form", ["array", "matrix"])
def test_sparse_matrix_that_is_captured_is_seen(kind, form):
    matrix = getattr(scipy.sparse, f"{kind}_{form}")(np.diag(X))
    fast = dr.compile(dr.grad(lambda x: np.sum((matrix @ x) ** 2)))
    for _ in range(2):
        assert_array_equal(2 * X**3, fast(X))
    if kind in ("csr", "dok", "lil"):
        matrix[0, 0] = 5.0
    else:
        matrix.data *= 2.0
    np.testing.assert_allclose(fast(X), 2 * matrix.toarray().diagonal() ** 2 * X, rtol=1e-14)


def test_a_function_that_cython_made_may_be_captured():
    """Its class is of a class of Cython's, which answers a descriptor for its module."""
    insert = scipy.linalg.qr_insert

    def f(x):
        return x * 2.0 if callable(insert) else x

    assert_array_equal(2 * X, dr.compile(f)(X))
