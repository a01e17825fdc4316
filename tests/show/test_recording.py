"""A recording holds what jvp and vjp compute, at every step, and where it was computed."""

import linecache
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dualrev as dr
from dualrev.core.watching import OBSERVER
from dualrev.insides import lines
from dualrev.show import trace_table
from dualrev.show.recording import Recording
from dualrev.trees import flatten
from tests.show.programs import PROGRAMS, griewank, network

programs = pytest.mark.parametrize(
    ("f", "args"), PROGRAMS, ids=lambda x: getattr(x, "__name__", "")
)


def records(f, *args, **options):
    return [step.record for step in Recording(f, args, **options).steps]


@programs
def test_the_last_tangent_is_that_of_jvp(f, args):
    made = Recording(f, args)
    count = len(flatten(args[0])[0])
    leaves, treedef = flatten(args)
    ts = [np.ones_like(x) if i < count else np.zeros_like(x) for i, x in enumerate(leaves)]
    _, expected = dr.jvp(f, args, treedef.unflatten(ts))
    (result,) = made.results
    np.testing.assert_array_equal(expected, made.steps[result].record.tangent)


@programs
def test_the_cotangents_of_the_arguments_are_those_of_vjp(f, args):
    ans, pullback = dr.vjp(f, *args)
    expected = flatten(pullback(np.ones_like(ans)))[0]
    for ct, record in zip(expected, records(f, *args)):
        np.testing.assert_array_equal(ct, record.cotangent)


@programs
def test_primals_are_those_of_the_function(f, args):
    made = Recording(f, args)
    (result,) = made.results
    np.testing.assert_array_equal(f(*args), made.steps[result].record.primal)
    for x, record in zip(flatten(args)[0], records(f, *args)):
        np.testing.assert_array_equal(x, record.primal)


def check_chain_rule(recording):
    """Tangents and cotangents of scalar steps, computed from the local derivatives alone."""
    steps = recording.steps
    partials = [recording.partials(i) for i in range(len(steps))]
    cts = np.zeros(len(steps))
    cts[recording.results] = 1.0
    for i, step in reversed(list(enumerate(steps))):
        for parent, partial in zip(step.parents, partials[i]):
            cts[parent] += partial * cts[i]
    np.testing.assert_allclose(cts, [s.record.cotangent or 0.0 for s in steps], rtol=1e-13)
    for step, own in zip(steps, partials):
        if step.parents:
            ts = [steps[parent].record.tangent for parent in step.parents]
            total = sum(partial * t for partial, t in zip(own, ts))
            assert total == pytest.approx(step.record.tangent, rel=1e-13)


def test_local_derivatives_obey_the_chain_rule():
    """Tangents are sums over incoming edges, cotangents over outgoing ones."""
    check_chain_rule(Recording(griewank, (1.5, 0.5)))


UNARY = [np.sin, np.tanh, np.arctan, np.negative, lambda x: np.exp(-(x**2)), lambda x: 2 - x]
BINARY = [np.add, np.subtract, np.multiply, np.hypot, lambda x, y: x / (1 + y**2)]
#: Each instruction applies a function to one or two of the numbers computed before it.
INSTRUCTIONS = st.tuples(st.sampled_from(UNARY + BINARY), st.integers(0, 100), st.integers(0, 100))


def program(instructions):
    def f(x, y):
        numbers = [x, y, x * y]
        for function, i, j in instructions:
            operands = [numbers[i % len(numbers)], numbers[j % len(numbers)]]
            numbers.append(function(*operands[: 1 if function in UNARY else 2]))
        return numbers[-1]

    return f


@given(st.lists(INSTRUCTIONS, max_size=8), st.floats(0.5, 2), st.floats(0.5, 2))
def test_local_derivatives_of_any_program_give_its_gradient(instructions, x, y):
    f = program(instructions)
    made = Recording(f, (x, y))
    check_chain_rule(made)
    expected = dr.grad(f, argnums=(0, 1))(x, y)
    cts = [step.record.cotangent or 0.0 for step in made.steps[:2]]
    np.testing.assert_allclose(expected, cts, rtol=1e-13)


@given(st.lists(INSTRUCTIONS, min_size=1, max_size=4), st.floats(0.5, 2), st.floats(0.5, 2))
def test_local_derivatives_are_difference_quotients(instructions, x, y):
    """Of each operation, repeated with one of its arguments moved."""
    made = Recording(program(instructions), (x, y))
    for i, (rule, _, args, parents, kwargs, _) in enumerate(made._entries):
        traced = [k for k, parent in enumerate(parents) if parent is not None]
        for k, partial in zip(traced, made.partials(i)):
            ahead, behind = (
                rule.call(*args[:k], args[k] + h, *args[k + 1 :], **kwargs) for h in (1e-6, -1e-6)
            )
            np.testing.assert_allclose((ahead - behind) / 2e-6, partial, rtol=1e-6, atol=1e-7)


def test_a_local_derivative_of_arrays_is_its_diagonal_its_row_or_its_shape():
    def f(x):
        return np.sum(np.exp(x)) + np.sum(np.outer(np.exp(x), x))

    made = Recording(f, (np.zeros(2),))
    partials = {s.record.operation: made.partials(i) for i, s in enumerate(made.steps)}
    assert partials["exp(x)"] == ["diagonal [1 1]"]
    np.testing.assert_array_equal([1, 1], partials["sum(v1)"][0])
    assert partials["outer(v3, x)"] == ["2x2 by 2", "2x2 by 2"]
    (partial,) = Recording(np.exp, (np.zeros(9),)).partials(1)
    assert partial == "9 by 9, diagonal"


def test_the_book_s_example_has_the_book_s_numbers():
    """Griewank and Walther (2008), tables 1.1 and 1.2: y = 2.0167 and its derivative by x1, 3.0118."""
    *_, last = table = records(griewank, 1.5, 0.5)
    assert last.primal == pytest.approx(2.0167, abs=1e-4)
    assert last.tangent == pytest.approx(3.0118, abs=1e-4)
    assert table[0].cotangent == pytest.approx(3.0118, abs=1e-4)
    assert table[1].cotangent == pytest.approx(-13.7239, abs=1e-4)
    assert [f"{r.name} = {r.operation}" for r in table[2:]] == [
        "v1 = x1 / x2",
        "v2 = sin(v1)",
        "v3 = v2 + v1",
        "v4 = exp(x2)",
        "v5 = v3 - v4",
        "v6 = exp(x2)",
        "v7 = v1 - v6",
        "v8 = v5 * v7",
    ]


def test_a_step_names_its_line_its_function_and_its_expression():
    record = records(network, [np.eye(2)], np.ones(2))[3]
    assert record.operation == "tanh(v1)"
    assert record.within == "layer"
    assert record.source == "np.tanh(w @ x)"
    name, line = record.where.split(":")
    assert (name, int(line)) == (
        "programs.py",
        network.__globals__["layer"].__code__.co_firstlineno + 1,
    )


def test_an_expression_over_several_lines_is_joined():
    def f(x):
        # fmt: off
        return np.sin(x
            + 1)
        # fmt: on

    assert records(f, 0.5)[-1].source == "np.sin(x + 1)"


def test_code_without_a_file_is_named_by_its_line():
    space = {"np": np}
    exec(compile("def f(x):\n    return np.sin(x)", "<cell>", "exec"), space)
    assert records(space["f"], 0.5)[-1].where == "line 2"


def test_code_of_a_notebook_is_found_though_it_has_no_file(monkeypatch):
    name = "<ipython-input-3-abc>"
    code = "def f(x):\n\treturn  np.sin( x )\n"
    monkeypatch.setitem(linecache.cache, name, (len(code), None, code.splitlines(True), name))
    space = {"np": np}
    exec(compile(code, name, "exec"), space)
    assert records(space["f"], 0.5)[-1][5:] == ("line 2", "f", "np.sin( x )")


def test_columns_count_bytes_of_the_source(tmp_path):
    path = tmp_path / "unicode.py"
    path.write_text("def f(größe):\n    return '日本' and np.sin(größe)\n", encoding="utf-8")
    space = {"np": np}
    exec(compile(path.read_text("utf-8"), str(path), "exec"), space)
    assert records(space["f"], 0.5)[-1].source == "np.sin(größe)"
    path.write_text("#\n#" + "日" * 40, encoding="utf-8")  # its columns cut letters now
    linecache.checkcache()
    assert records(space["f"], 0.5)[-1].where == "unicode.py:2"


@pytest.mark.parametrize("columns", [True, False])
def test_a_part_of_a_function_has_its_name(monkeypatch, columns):
    """Also where Python keeps no columns: python -X no_debug_ranges."""
    if not columns:
        position_of = lines._position_of
        monkeypatch.setattr(
            lines, "_position_of", lambda *place: (*position_of(*place)[:2], None, None)
        )

    def f(x):
        y = np.concatenate([x, x])
        return np.einsum("i,i", y, y) + np.linalg.norm(x)

    names = [r.operation.partition("(")[0] for r in records(f, np.ones(2)) if "(" in r.operation]
    assert names == ["concatenate", "einsum", "linalg.norm"]
    assert records(np.linalg.norm, np.ones(2))[-1].operation == "linalg.norm(x)"


def test_a_rule_without_a_name_has_that_of_the_call():
    cube = dr.rule(lambda x: x**3, vjp=lambda ct, wanted, ans, x: (3 * x**2 * ct,))
    assert records(lambda x: cube(x) + 1, 2.0)[1].operation == "cube(x)"


def test_a_place_is_read_once(monkeypatch):
    """However often it is passed; and the columns of a function once, however long it is."""
    lines = []
    getline = linecache.getline
    monkeypatch.setattr(linecache, "getline", lambda *at: lines.append(at) or getline(*at))
    assert len(records(network, [np.eye(2)] * 100, np.ones(2))) == 101 + 202
    assert len(lines) == 4


class Layer:
    def __call__(self, x):
        return sum(np.sin(x * k) for k in range(3))


def test_a_method_is_named_with_its_class_and_a_comprehension_is_part_of_its_function():
    assert {r.within for r in records(Layer(), 0.5)[1:]} == {"Layer.__call__"}


def test_a_function_of_numpy_itself_has_no_line():
    assert records(np.sin, 0.5)[-1].where == ""


def test_an_array_that_is_written_later_is_shown_as_it_was():
    def f(x):
        y = x.copy()
        z = np.exp(y)
        z[0] = 5.0
        z[1] = 6.0
        return np.sum(z)

    after = {r.operation: list(r.primal) for r in records(f, np.zeros(3)) if "with" in r.operation}
    assert after == {"v1 with [0] = 5": [5, 1, 1], "v2 with [1] = 6": [5, 6, 1]}


def test_written_arrays_are_shown_as_they_were_inside_of_a_transform_too():
    """Where they are traced themselves."""
    shown = []

    def f(x):
        y = np.exp(x)
        y[0] = 5.0
        y[1] = 6.0
        v = y[1:]
        v *= 2
        return np.sum(y)

    def outer(x):
        table = records(f, x)
        shown.extend(np.array(r.primal.primal) for r in table if "with" in r.operation)
        return table[-1].tangent

    x = np.zeros(3)
    expected = dr.grad(lambda x: dr.jvp(f, (x,), (np.ones(3),))[1])(x)
    np.testing.assert_array_equal(expected, dr.grad(outer)(x))
    np.testing.assert_array_equal([[5, 1, 1], [5, 6, 1], [5, 12, 2]], shown)


def test_large_intermediates_are_kept():
    n = 100_000
    table = records(lambda x: np.sum(np.sin(np.cos(x))), np.full(n, 0.5))
    np.testing.assert_array_equal(np.cos(np.full(n, 0.5)), table[1].primal)


def test_a_transform_inside_the_function_is_recorded_as_what_it_computes():
    def f(x):
        return dr.grad(lambda y: x * y**3)(2.0)

    *_, last = records(f, 3.0)
    assert last.primal == 36.0
    assert last.tangent == 12.0


FORWARD = {
    "jvp": lambda x: x * dr.jvp(np.sin, (x,), (1.0,))[1],
    "derivative": lambda x: x * dr.derivative(np.sin)(x),
    "taylor": lambda x: x * dr.taylor(np.sin, x, 1.0, 2)[1],
    "laplacian": lambda x: x * dr.laplacian(lambda y: y**3)(x),
}


@pytest.mark.parametrize("name", FORWARD)
def test_forward_mode_inside_the_function_is_recorded_too(name):
    f = FORWARD[name]
    first, *_, last = records(f, 1.5)
    slope = dr.grad(f)(1.5)
    np.testing.assert_allclose([slope, slope], [first.cotangent, last.tangent])


def test_what_has_no_influence_has_no_cotangent_and_what_is_not_perturbed_no_tangent():
    def f(x, y):
        np.sin(x)
        return np.cos(y)

    table = records(f, 1.0, 2.0)
    assert [r.operation for r in table if r.cotangent is None] == ["", "sin(x)"]
    assert table[-1].tangent == 0.0


def test_a_direction_and_a_cotangent_may_be_given():
    def f(x):
        return np.array([x[0] * x[1], x[1]])

    table = records(
        f, np.array([2.0, 3.0]), tangents=(np.array([0.0, 1.0]),), ct=np.array([1.0, 0.0])
    )
    np.testing.assert_array_equal([2, 1], table[-1].tangent)
    np.testing.assert_array_equal([3, 2], table[0].cotangent)


def test_the_default_direction_is_the_first_argument_that_holds_arrays():
    assert records(lambda options, x: x**2, None, 3.0)[-1].tangent == 6.0


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"tangents": 1.0}, dr.ArgumentError, r"tangents=\(t,\)"),
        ({"tangents": np.ones(2)}, dr.ArgumentError, r"tangents=\(t,\)"),
        ({"tangents": (1.0, 1.0)}, dr.StructureError, "2 tangents were given for 1 arg"),
        ({"tangents": (np.ones(2),)}, dr.ShapeError, "tangent has shape"),
        ({"ct": np.ones(2)}, dr.ShapeError, "cotangent has shape"),
        ({"ct": 1j}, dr.ComplexError, "cotangent is complex"),
    ],
)
def test_a_direction_or_cotangent_that_does_not_fit_says_so(options, error, message):
    with pytest.raises(error, match=message):
        records(np.sin, 1.0, **options)


def test_a_value_in_place_of_the_function_is_refused():
    with pytest.raises(dr.ArgumentError, match=r"trace_table\(f, x\)"):
        trace_table(np.sin(1.0), 1.0)


def test_cotangents_of_complex_numbers_are_as_users_see_them():
    """As grad: df/dx + i df/dy."""

    def f(z):
        return np.abs(z) ** 2

    assert records(f, 1.0 + 2.0j)[0].cotangent == dr.grad(f)(1.0 + 2.0j)


def test_a_result_that_does_not_depend_on_the_arguments_has_no_steps_but_these():
    made = Recording(lambda x: 3.0, (1.0,))
    assert made.results == []
    assert [step.record.cotangent for step in made.steps] == [None]


def test_the_function_runs_once_and_its_arguments_stay():
    calls = []
    x = np.array([1.0, 2.0])

    def f(y):
        calls.append(1)
        y *= 2
        return np.sum(y)

    assert records(f, x)[-1].primal == 6.0
    assert len(calls) == 1
    np.testing.assert_array_equal([1, 2], x)


def test_an_error_in_the_function_leaves_no_observer():
    def f(x):
        raise RuntimeError("from f")

    with pytest.raises(RuntimeError, match="from f"):
        Recording(f, (1.0,))
    assert OBSERVER.get() is None


def test_threads_that_record_together_keep_their_steps_apart():
    """Each table is that of its own argument."""
    tables = {}

    def record(k):
        tables[k] = trace_table(lambda x: np.exp(x) * k, float(k)).records

    threads = [threading.Thread(target=record, args=(k,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for k, table in tables.items():
        assert [np.exp(float(k)), np.exp(float(k)) * k] == [r.primal for r in table[1:]]


def test_a_write_shows_its_whole_line():
    def f(x):
        y = np.zeros_like(x)
        y[0] = x[1] ** 2
        return y[0]

    (written,) = [r for r in records(f, np.ones(2)) if " with " in r.operation]
    assert written.source == "y[0] = x[1] ** 2"
