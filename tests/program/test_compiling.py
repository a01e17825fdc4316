"""Which program a call replays, when one more is recorded, and when the function itself runs."""

import collections
import copy
import dataclasses
import enum
import functools
import itertools
import queue
import random
import threading
import warnings

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import dualrev as dr

X = np.array([1.0, 2.0, 3.0])


def runs_of(f):
    """f, and a function that answers how often it has run."""
    count = queue.SimpleQueue()  # not looked into

    @functools.wraps(f)
    def counted(*args, **kwargs):
        count.put(1)
        return f(*args, **kwargs)

    return counted, count.qsize


# ------------------------------------------------------------------------------- what is kept


def test_function_runs_once_a_kind_of_arguments():
    f, runs = runs_of(lambda x: np.sum(x**2))
    fast = dr.compile(dr.grad(f))
    for _ in range(3):
        assert_array_equal(2 * X, fast(X))
        assert_array_equal(2 * X[:2], fast(X[:2]))
        assert_array_equal(np.float32([2, 4]), fast(np.float32([1, 2])))
    assert runs() == 3


def test_structures_keywords_and_numbers_are_arguments():
    def f(parameters, scale, *, shift):
        return {"sum": parameters["a"] * scale + shift, "pair": (parameters["b"], shift * 2)}

    fast = dr.compile(f)
    for scale, shift in ((2.0, X), (3, X * 2), (np.float32(4), X), (2.5, X + 1)):
        given = {"a": X, "b": np.float64(scale)}
        expected, found = f(given, scale, shift=shift), fast(given, scale, shift=shift)
        assert_array_equal(expected["sum"], found["sum"])
        assert_array_equal(expected["pair"][1], found["pair"][1])
        assert type(found["pair"][0]) is np.float64
        assert found["pair"][0] == scale


def test_the_order_of_keys_is_part_of_the_arguments():
    def f(parameters, **more):
        (first, *_), (named, *_) = parameters["layer"].values(), more.values()
        return first * named

    layers = {"a": 2.0, "b": 3.0}, {"b": 3.0, "a": 2.0}
    for fast in (dr.compile(f), dr.compile(dr.grad(f))):
        for layer in layers:
            for more in ({"c": 5.0, "d": 7.0}, {"d": 7.0, "c": 5.0}):
                assert fast({"layer": layer}, **more) == fast.f({"layer": layer}, **more)
    program = dr.compile(f).program({"layer": layers[0]}, c=5.0)
    assert program({"layer": {"a": 4.0, "b": 3.0}}, c=5.0) == 20.0
    with pytest.raises(dr.ProgramError, match="of another structure"):
        program({"layer": layers[1]}, c=5.0)


@dataclasses.dataclass
class Holding:
    held: object
    kind: object = dataclasses.field(default=None, metadata={"static": True})


class Registered:
    def __init__(self, held):
        self.held = held


dr.register_container(Registered, lambda x: ((x.held,), None), lambda _, held: Registered(*held))
Pair = collections.namedtuple("Pair", "held other")


@pytest.mark.parametrize(
    "inside",
    [
        *(Holding, Registered, lambda x: Pair(x, 1.0), lambda x: Pair([x], 1.0)),
        *(lambda x: collections.OrderedDict(held=x), lambda x: collections.deque([x])),
        lambda x: collections.defaultdict(float, x),
    ],
)
def test_the_order_of_keys_is_seen_in_every_container(inside):
    def first(x):
        while not hasattr(x, "values"):
            x = getattr(x, "held", None) or x[0]
        (x, *_) = x.values()
        return x if not isinstance(x, dict) else first(x)

    fast = dr.compile(first)
    for held in ({"a": 2.0, "b": 3.0}, {"b": 3.0, "a": 2.0}, {"a": 4.0, "b": 3.0}):
        assert first(inside(held)) == fast(inside(held))


def test_what_equals_another_is_told_apart_by_its_type():
    def f(x):
        (key,) = x.held
        return x.held[key] * len(f"{key}, {x.kind}")

    fast = dr.compile(f)
    for key, kind in ((1, 0.0), (True, 0.0), (1.0, 0.0), (1.0, -0.0), (1.0, (1,)), (1.0, (True,))):
        assert f(Holding({key: X}, kind)).tolist() == fast(Holding({key: X}, kind)).tolist()


def test_numbers_of_numpy_that_count_are_told_apart_by_value():
    f, runs = runs_of(lambda x, n, flag: x * n if flag else x)
    fast = dr.compile(f)
    for _ in range(2):
        for n in (np.int64(2), np.int8(3)):
            for flag in (np.True_, np.False_):
                assert_array_equal(X * n if flag else X, fast(X, n, flag))
    assert runs() == 4


def test_numbers_of_python_stay_weak():
    fast = dr.compile(lambda x, a: x * a)
    x = np.float32([1, 2])
    assert fast(x, 2.0).dtype == np.float32 == fast(x, 2.5).dtype
    assert fast(x, np.float64(2.0)).dtype == np.float64
    assert_array_equal(np.float32([2.5, 5]), fast(x, 2.5))


def test_other_arguments_are_told_apart_by_value():
    class Kind(enum.Enum):
        SUM, MAX = 1, 2

    def f(x, kind, flag, text):
        y = np.sum(x) if kind is Kind.SUM else np.max(x)
        return y * (2 if flag else 1) + len(text)

    fast = dr.compile(f)
    for kind in Kind:
        for flag in (True, False):
            for text in ("a", "bcd"):
                assert fast(X, kind, flag, text) == f(X, kind, flag, text)


def test_dataclasses_are_arguments_and_results():
    @dataclasses.dataclass
    class Spring:
        stiffness: np.ndarray
        name: str = dataclasses.field(default="s", metadata={"static": True})

    fast = dr.compile(lambda s: Spring(s.stiffness * 2, s.name))
    for _ in range(2):
        found = fast(Spring(X, "k"))
        assert_array_equal(2 * X, found.stiffness)
        assert found.name == "k"


def test_results_alias_nothing():
    fast = dr.compile(lambda x: (x, x[1:], np.sum(x)))
    for _ in range(2):
        x = X.copy()
        whole, part, _ = fast(x)
        whole[:] = 0
        part[:] = 0
        assert_array_equal(X, x)
    kept, _, total = fast(X)
    fast(X * 5)
    assert_array_equal(X, kept)
    assert total == 6


def test_least_recently_used_kinds_are_forgotten():
    f, runs = runs_of(lambda x: x + 1)
    fast = dr.compile(f)
    for n in range(1, 100):
        fast(np.zeros(n))
    fast(np.zeros(99))
    assert runs() == 99
    fast(np.zeros(1))
    assert runs() == 100


# ------------------------------------------------------------------------------------- guards


def test_both_ways_of_a_branch_are_kept():
    f, runs = runs_of(lambda x: np.sum(x**2) if x[0] > 0 else np.sum(3 * x))
    fast = dr.compile(dr.grad(f))
    for _ in range(3):
        assert_array_equal(2 * X, fast(X))
        assert_array_equal([3, 3, 3], fast(-X))
    assert runs() == 2


def test_nested_branches_find_their_program():
    def f(x):
        y = x * 2 if x[0] > 0 else x * 3
        y = y + 1 if x[1] > 0 else y - 1
        return y**2 if x[2] > 0 else y

    counted, runs = runs_of(f)
    fast = dr.compile(counted)
    signs = [np.array([a, b, c]) for a in (1, -1) for b in (1, -1) for c in (1, -1)]
    for _ in range(3):
        for sign in signs:
            assert_array_equal(f(sign * X), fast(sign * X))
    assert runs() == 8


def test_number_of_repetitions_may_depend_on_the_data():
    def f(x):
        n = 0
        while np.abs(x).sum() > 1:
            x = x / 2
            n += 1
        return np.sum(x) * n

    fast = dr.compile(dr.grad(f))
    for scale in (1, 3, 9, 1, 0.1, 3, 9):
        assert_array_equal(dr.grad(f)(scale * X), fast(scale * X))


LOOKS = {
    "bool": lambda x: x * 2 if np.sum(x) > 5 else x,
    "int": lambda x: x * int(np.sum(x)),
    "float": lambda x: x * float(x[1]),
    "index": lambda x: x[int(x[0]) % 3] * x,
    "range": lambda x: sum((x * i for i in range(int(x[2]))), 0 * x),
    "max": lambda x: max(x) * x,
    "sorted": lambda x: np.stack(sorted(x)),
    "length of a choice": lambda x: x * len(x[x > 1.5]),
    "size of a choice": lambda x: x * x[x > 1.5].size,
    "unique": lambda x: x * np.unique(np.round(x)).size,
    "format": lambda x: x * len(f"{x[0]:.3g}"),
    "round": lambda x: x * round(x[0]),
    "str": lambda x: x * len(str(x[0])),
    "%s": lambda x: x if "%s" % x[0] == "1.0" else -x,  # noqa: UP031
    "in": lambda x: x if 2.0 in x else -x,
    "all": lambda x: x if all(x > 0.5) else -x,
    "allclose": lambda x: x if np.allclose(x, [1, 2, 3]) else -x,
    "item": lambda x: x * x[1].item(),
    "tolist": lambda x: x * (1 if x.tolist()[0] > 1 else 2),
    "assert": lambda x: x if (x > 0).any() else x[:1],
}


@pytest.mark.parametrize("name", LOOKS)
def test_what_python_looks_at_is_looked_at_again(name):
    f = LOOKS[name]
    fast = dr.compile(f)
    rng = np.random.default_rng(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dr.PerformanceWarning)
        for x in (X, X, X + 0.25, -X, *rng.normal(size=(12, 3)), X):
            assert_array_equal(f(x), fast(x))


def test_error_condition_is_a_branch():
    def f(x):
        if x[0] < 0:
            raise ValueError("negative")
        return x * 2

    fast = dr.compile(f)
    fast(X)
    with pytest.raises(ValueError, match="negative"):
        fast(-X)
    assert_array_equal(2 * X, fast(X))


def test_caught_error_is_not_replayed():
    def f(a):
        try:
            return np.linalg.inv(a)
        except np.linalg.LinAlgError:
            return a * 0

    fast = dr.compile(f)
    regular, singular = np.diag(X), np.zeros((3, 3))
    assert_array_equal(f(regular), fast(regular))
    with pytest.warns(dr.PerformanceWarning, match="catches an error"):
        assert_array_equal(f(singular), fast(singular))
    for a in (regular, singular):
        assert_array_equal(f(a), fast(a))
    other = dr.compile(f)
    with pytest.warns(dr.PerformanceWarning, match="catches an error"):
        assert_array_equal(f(singular), other(singular))
    assert_array_equal(f(regular), other(regular))


def test_another_way_at_each_call_is_warned_of_with_its_line():
    fast = dr.compile(lambda x: x * float(x[0]))
    with pytest.warns(dr.PerformanceWarning, match=r"np.where") as caught:
        found = [fast(X + i) for i in range(10)]
    for i in range(10):
        assert_array_equal((X + i) * float(X[0] + i), found[i])
    assert len(caught) == 1
    assert "test_compiling.py" in str(caught[0].message)


def test_after_many_recordings_the_function_runs_as_it_is():
    f, runs = runs_of(lambda x: x * float(x[0]))
    fast = dr.compile(f)
    with pytest.warns(dr.PerformanceWarning):
        _ = [fast(X + i) for i in range(100)]
    assert runs() == 100
    assert_array_equal(X, fast(X))  # by its program still
    assert runs() == 100


# ---------------------------------------------------------------------- what cannot be replayed


def draws_numpys(x):
    return x * np.random.rand()  # noqa: NPY002


def draws_pythons(x):
    return x * random.random()


GENERATOR = np.random.default_rng(0)


def draws_generators(x):
    return x * GENERATOR.random()


def draws_bits(x):
    return x * np.random.Generator(GENERATOR.bit_generator).random()


def draws_a_childs(x):
    return x * GENERATOR.spawn(1)[0].random()


SEEDS = np.random.SeedSequence(0)


def draws_of_a_seed(x):
    return x * np.random.default_rng(SEEDS.spawn(1)[0]).random()


@pytest.mark.parametrize(
    "f",
    [
        *(draws_numpys, draws_pythons, draws_generators, draws_bits, draws_a_childs),
        *(draws_of_a_seed, lambda x, draw=GENERATOR.random: x * draw()),
    ],
)
def test_random_draws_are_made_anew(f):
    fast = dr.compile(f)
    with pytest.warns(dr.PerformanceWarning, match="random numbers; pass them"):
        drawn = [fast(X)[0] for _ in range(4)]
    assert len(set(drawn)) == 4


def test_generator_from_a_seed_is_part_of_the_function():
    def f(x):
        return x * np.random.default_rng(3).normal(size=3)

    fast = dr.compile(f)
    for _ in range(3):
        assert_array_equal(f(X), fast(X))


def test_what_is_changed_outside_is_changed_at_each_call():
    history = []

    def f(x):
        history.append(1)
        return x * len(history)

    fast = dr.compile(f)
    with pytest.warns(dr.PerformanceWarning, match="a list of 0 elements, which outlives the call"):
        results = [fast(X)[0] for _ in range(3)]
    # The first call runs it twice.
    assert results == [2, 3, 4]


ITERATORS = {
    "a generator": lambda: (float(i) for i in range(9)),
    "a count": lambda: itertools.count(1.0),
    "a cycle": lambda: itertools.cycle([1.0, 2.0, 3.0]),
    "an iterator of a list": lambda: iter([1.0, 2.0, 3.0, 4.0]),
}


@pytest.mark.parametrize("name", ITERATORS)
def test_an_iterator_moves_on_at_each_call(name):
    numbers, expected = ITERATORS[name](), ITERATORS[name]()
    fast = dr.compile(lambda x: x * next(numbers))
    with pytest.warns(dr.PerformanceWarning, match="which moves on; pass what comes of it"):
        assert_array_equal(X * next(expected), fast(X))
    for _ in range(3):
        assert_array_equal(X * next(expected), fast(X))


def test_counter_is_counted():
    class Problem:
        calls = 0

        def loss(self, x):
            self.calls += 1
            return np.sum(x**2)

    problem = Problem()
    fast = dr.compile(dr.grad(problem.loss))
    with pytest.warns(dr.PerformanceWarning, match="Problem.calls"):
        found = [fast(X) for _ in range(3)]
    assert_array_equal([2 * X] * 3, found)
    assert problem.calls == 4  # the first call runs it twice


def test_argument_that_is_written_is_an_error():
    def f(x):
        x[0] = 0.0
        return np.sum(x)

    with pytest.raises(dr.InPlaceError, match="writes into its argument"):
        dr.compile(f)(X.copy())
    assert dr.compile(lambda x: f(x.copy()))(X) == 5.0
    assert_array_equal([0, 1, 1], dr.compile(dr.grad(f))(X))


@pytest.mark.parametrize("result", [None, "text", object(), [], {"a": "b"}])
def test_result_without_arrays_is_an_error(result):
    with pytest.raises(dr.StructureError, match="returns arrays and numbers"):
        dr.compile(lambda x: result)(X)


def test_what_is_no_function_is_an_error():
    with pytest.raises(dr.ArgumentError, match=r"dr.compile\(f\)\(x\)"):
        dr.compile(3.0)


def test_error_while_recording_leaves_nothing():
    broken = [True]

    def f(x):
        if broken[0]:
            raise RuntimeError("not yet")
        return x * 2

    fast = dr.compile(f)
    with pytest.raises(RuntimeError, match="not yet"):
        fast(X)
    broken[0] = False
    for _ in range(2):
        assert_array_equal(2 * X, fast(X))


def test_value_that_escapes_is_an_error_where_it_is_used():
    kept = queue.SimpleQueue()  # not looked into

    def f(x):
        kept.put(x * 2)
        return x

    dr.compile(f)(X)
    escaped = kept.get()
    for use in (lambda x: x + 1, float, str):
        with pytest.raises(dr.EscapedTracerError, match="recording has ended"):
            use(escaped)


def test_arguments_that_no_program_takes_reach_the_function():
    fast = dr.compile(lambda x: x.sum())
    assert fast(np.ma.masked_array(X, [0, 1, 0])) == 4.0
    assert fast(np.array(["a", "b"], object)) == "ab"


# ------------------------------------------------------------------------- together with others


def test_derivatives_of_a_compiled_function():
    f = lambda x: np.sum(np.sin(x) * x**2)  # noqa: E731
    fast = dr.compile(f)
    for transform in (dr.grad, dr.hessian, lambda f: lambda x: dr.hvp(f)(x, X)):
        for _ in range(2):
            fast(X)
            assert_array_equal(transform(f)(X), transform(fast)(X))


def test_compiled_functions_call_each_other():
    square = dr.compile(lambda x: x**2)
    inner = dr.compile(dr.grad(lambda x: np.sum(square(x) * x)))
    outer = dr.compile(lambda x: inner(x) @ x)
    for x in (X, X + 1, -X):
        np.testing.assert_allclose(3 * np.sum(x**3), outer(x), rtol=1e-14)


def test_compiled_function_that_calls_itself():
    @dr.compile
    def power(x, n):
        return x if n <= 1 else x * power(x, n - 1)

    for n in (3, 1, 4, 3):
        assert_array_equal(X**n, power(X, n))


def test_compiled_method():
    class Model:
        def __init__(self, scale):
            self.scale = scale

        @dr.compile
        def scaled(self, x):
            return self.scale * x

    one, two = Model(2.0), Model(X)
    for _ in range(2):
        assert_array_equal(2 * X, one.scaled(X))
        assert_array_equal(X * X, two.scaled(X))
    one.scale = 5.0
    assert_array_equal(5 * X, one.scaled(X))


def test_debug_watches_the_function_itself():
    fast = dr.compile(dr.grad(lambda x: np.sum(np.log(x))))
    fast(X)
    with dr.debug(), np.errstate(all="ignore"), pytest.raises(dr.NonFiniteError):
        fast(X - 1)


def test_threads_have_a_workspace_each():
    fast = dr.compile(dr.grad(lambda x: np.sum(np.sin(x) ** 2 * x)))
    inputs = [X + i for i in range(8)]
    expected = [dr.grad(fast.f.f)(x) for x in inputs]
    wrong = []

    def work(i):
        for _ in range(200):
            if not np.array_equal(fast(inputs[i]), expected[i]):
                wrong.append(i)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_copies_are_compiled_functions():
    fast = dr.compile(lambda x: 2.0 * x)
    fast(X)
    assert_array_equal(2 * X, copy.copy(fast)(X))


def test_program_reads_as_a_list_of_calls():
    def f(x):
        return np.sum(np.exp(x)) if x[0] > 0 else x[0]

    text = str(dr.compile(f).program(X))
    assert "numpy.exp(%0)" in text
    assert "guard: " in text
    assert "test_compiling.py" in text


def test_program_of_what_has_none_says_so():
    with (
        pytest.warns(dr.PerformanceWarning),
        pytest.raises(dr.ArgumentError, match="it runs as it is: it draws random numbers"),
    ):
        dr.compile(draws_numpys).program(X)


def test_of_a_solver_the_line_is_named_that_has_no_program():
    def root(a):
        return dr.scipy.optimize.newton(lambda y: y**3 - a, 1.0)

    fast = dr.compile(dr.grad(root))
    with pytest.warns(dr.PerformanceWarning, match="`root` runs as it is.*in your function `root`"):
        assert_array_equal(dr.grad(root)(8.0), fast(8.0))
    with pytest.raises(dr.ArgumentError, match="searches with its numbers, in your function"):
        fast.program(8.0)


# ---------------------------------------------------------------------------- numbers and data


def test_whole_numbers_stay_what_they_are():
    def f(x, n, table):
        assert isinstance(n, int)
        return table[n] * x**n if n in table else x[:n]

    fast = dr.compile(f)
    for n in (2, 3, 1, 2):
        assert_array_equal(f(X, n, {2: 5.0, 3: X}), fast(X, n, {2: 5.0, 3: X}))


def test_data_may_be_made_plain_arrays():
    data = np.random.default_rng(0).normal(size=(1000, 3))

    def loss(w, data):
        return np.sum(np.tanh(np.asarray(data) @ w))

    gradient = dr.grad(loss)
    fast = dr.compile(gradient)
    for w in (X, -X):
        np.testing.assert_allclose(fast(w, data), gradient(w, data), rtol=1e-13)
    data[0] = 5.0
    np.testing.assert_allclose(fast(X, data), gradient(X, data), rtol=1e-13)


def test_errors_of_numbers_that_numpy_raises_are_raised():
    def guarded(x):
        with np.errstate(invalid="raise"):
            try:
                return np.sqrt(x)
            except FloatingPointError:
                return 0 * x

    fast = dr.compile(guarded)
    with pytest.warns(dr.PerformanceWarning, match="asks NumPy to raise"):
        assert_array_equal(np.sqrt(X), fast(X))
    assert_array_equal([0, 0, 0], fast(-X))
    with np.errstate(divide="raise"):
        divide = dr.compile(lambda x: 1 / x)
        with pytest.warns(dr.PerformanceWarning, match="NumPy is to raise"):
            divide(X)
        with pytest.raises(FloatingPointError):
            divide(0 * X)


def log_or_zero(x):
    with warnings.catch_warnings(), np.errstate(all="warn"):
        warnings.simplefilter("error")
        try:
            return np.log(x)
        except RuntimeWarning:
            return 0 * x


def log_if_nobody_warns(x):
    with warnings.catch_warnings(record=True) as caught, np.errstate(all="warn"):
        warnings.simplefilter("always")
        y = np.log(x)
    return 0 * x if caught else y


def log_if_nothing_is_called(x):
    called = []
    with np.errstate(divide="call", call=lambda *what: called.append(what)):
        y = np.log(x)
    return 0 * x if called else y


@pytest.mark.parametrize("f", [log_or_zero, log_if_nobody_warns, log_if_nothing_is_called])
def test_who_listens_to_what_numpy_says_of_numbers_hears_it(f):
    for first, second in (X, 0 * X), (0 * X, X):
        fast = dr.compile(f)
        with pytest.warns(dr.PerformanceWarning, match="catches warnings|asks NumPy to raise"):
            assert_array_equal(f(first), fast(first))
        assert_array_equal(f(second), fast(second))


def test_who_does_not_want_to_hear_it_has_a_program():
    def f(x):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return np.where(x > 0, np.log(x), 0.0)

    fast = dr.compile(f)
    for x in (X, 0 * X):
        assert_array_equal(f(x), fast(x))
    assert fast.program(X) is not None


def test_array_that_is_overwritten_after_use_is_as_it_is():
    room = np.zeros(100_000)

    def f(x):
        work = room.copy()
        y = work * x
        work += 1.0
        return np.sum(y) + np.sum(work * x)

    fast = dr.compile(f)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dr.PerformanceWarning)
        for x in (2.0, 3.0):
            assert fast(x) == f(x)


def test_zero_times_infinity_is_recorded_and_replayed():
    f, runs = runs_of(lambda x: np.sum(np.where(x > 0, np.sqrt(x), 0)))
    fast = dr.compile(dr.grad(f))
    edge, inside = np.array([0.0, 1.0, 4.0]), np.array([1.0, 4.0, 16.0])
    with np.errstate(all="ignore"):
        for _ in range(3):
            assert_array_equal([0, 0.5, 0.25], fast(edge))
            assert_array_equal([0.5, 0.25, 0.125], fast(inside))
    assert runs() == 2


# ------------------------------------------------------- what shows memory that is written later


def written_by_its_name(v):
    w = np.asarray(v)
    w[w > 0] = 2
    return v


def written_under_its_name(v):
    w = np.ascontiguousarray(v)[1:]
    v += 7
    return w * 1, v


def element_of_it_written(v):
    w = np.asarray(v.reshape(2, 2)[1])
    v[3] = 9
    return w + v[:2]


def windows_of_it(v):
    w = np.lib.stride_tricks.sliding_window_view(v, 2)
    v[0] = 9
    return w * 1


def cast_to_what_it_is(v):
    w = v.astype(v.dtype, copy=False)
    w[0] = 9
    return v * 1


def seen_as_an_array(v):
    w = v.view(np.ndarray)
    w[0] = 9
    return v * 1


def copied_and_cast(v):
    w, u = np.array(v), np.asarray(v, complex)
    w[0] = 5
    u[1] = 7
    v += 1
    return w * 1, u * 1, v


@pytest.mark.parametrize(
    "f",
    [
        *(written_by_its_name, written_under_its_name, element_of_it_written, windows_of_it),
        *(cast_to_what_it_is, seen_as_an_array, copied_and_cast),
    ],
)
@pytest.mark.parametrize("dtype", [float, int, complex])
@pytest.mark.filterwarnings("ignore::dualrev.PerformanceWarning")
def test_what_shows_memory_that_is_written_is_numpys(f, dtype):
    fast = dr.compile(lambda x: f(np.copy(x)))
    for x in ([1, -2, 3, 4], [1, -2, 3, 4], [5, 2, -3, 4]):
        x = np.array(x, dtype)
        for expected, ans in zip(f(x.copy()), fast(x), strict=True):
            assert_array_equal(expected, ans)
            assert expected.dtype == ans.dtype


@pytest.mark.filterwarnings("error")
def test_whole_numbers_that_are_an_index_may_be_written_next():
    table = np.arange(10.0)

    def f(x):
        places, total = np.abs(x), 0.0
        for _ in range(3):
            total = total + table[places]
            places += 1
        return total

    fast = dr.compile(f)
    for x in ([1, -2, 3], [1, -2, 3], [0, 5, 2]):
        assert_array_equal(f(np.array(x)), fast(np.array(x)))
