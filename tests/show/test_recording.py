"""A recording holds what jvp and vjp compute, at every step, and where it was computed."""

import threading

import numpy as np
import pytest

import dualrev as dr
from dualrev.core.forward import OBSERVER
from dualrev.core.trees import flatten
from dualrev.show import trace_table
from dualrev.show.recording import Recording, brief
from tests.show.programs import PROGRAMS, griewank, network

programs = pytest.mark.parametrize(
    ("f", "args"), PROGRAMS, ids=lambda x: getattr(x, "__name__", "")
)


def records(f, *args, **options):
    return [step.record for step in Recording(f, args, **options).steps]


@programs
def test_the_last_tangent_is_that_of_jvp(f, args):
    recording = Recording(f, args)
    count = len(flatten(args[0])[0])
    leaves, treedef = flatten(args)
    ts = [np.ones_like(x) if i < count else np.zeros_like(x) for i, x in enumerate(leaves)]
    _, expected = dr.jvp(f, args, treedef.unflatten(ts))
    (result,) = recording.results
    np.testing.assert_array_equal(expected, recording.steps[result].record.tangent)


@programs
def test_the_cotangents_of_the_arguments_are_those_of_vjp(f, args):
    ans, pullback = dr.vjp(f, *args)
    expected = flatten(pullback(np.ones_like(ans)))[0]
    for ct, record in zip(expected, records(f, *args)):
        np.testing.assert_array_equal(ct, record.cotangent)


@programs
def test_primals_are_those_of_the_function(f, args):
    recording = Recording(f, args)
    (result,) = recording.results
    np.testing.assert_array_equal(f(*args), recording.steps[result].record.primal)
    for x, record in zip(flatten(args)[0], records(f, *args)):
        np.testing.assert_array_equal(x, record.primal)


def test_local_derivatives_obey_the_chain_rule():
    """Tangents are sums over incoming edges, cotangents over outgoing ones."""
    steps = Recording(griewank, (1.5, 0.5)).steps
    cts = np.zeros(len(steps))
    cts[-1] = 1.0
    for i, step in reversed(list(enumerate(steps))):
        for parent, partial in zip(step.parents, step.partials):
            cts[parent] += partial * cts[i]
    np.testing.assert_allclose(cts, [step.record.cotangent for step in steps], rtol=1e-15)
    for step in steps[2:]:
        ts = [steps[parent].record.tangent for parent in step.parents]
        total = sum(partial * t for partial, t in zip(step.partials, ts))
        assert total == pytest.approx(step.record.tangent, rel=1e-15)


def test_a_local_derivative_of_arrays_is_its_diagonal_its_row_or_its_shape():
    def f(x):
        return np.sum(np.exp(x)) + np.sum(np.outer(np.exp(x), x))

    steps = {s.record.operation: s.partials for s in Recording(f, (np.zeros(2),)).steps}
    assert steps["exp(x)"] == ("diagonal [1 1]",)
    np.testing.assert_array_equal([1, 1], steps["sum(v1)"][0])
    assert steps["outer(v3, x)"] == ("2x2 by 2", "2x2 by 2")
    (partial,) = Recording(np.exp, (np.zeros(9),)).steps[1].partials
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


def test_cotangents_of_complex_numbers_are_as_users_see_them():
    """As grad: df/dx + i df/dy."""

    def f(z):
        return np.abs(z) ** 2

    assert records(f, 1.0 + 2.0j)[0].cotangent == dr.grad(f)(1.0 + 2.0j)


def test_a_result_that_does_not_depend_on_the_arguments_has_no_steps_but_these():
    recording = Recording(lambda x: 3.0, (1.0,))
    assert recording.results == []
    assert [step.record.cotangent for step in recording.steps] == [None]


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


def test_a_parameter_named_v1_is_not_confused_with_an_intermediate():
    table = trace_table(lambda v1, v2: v1 * v2 + v1, 2.0, 3.0).records
    assert [r.name for r in table] == ["v1", "v2", "w1", "w2"]


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (0.1 + 0.2, "0.3"),
        (np.float32(1e-12), "1e-12"),
        (1 + 2j, "1+2j"),
        (3, "3"),
        (np.arange(3), "[0 1 2]"),
        (np.arange(100.0), "[0 1 ... 99] (100,)"),
        (np.eye(2), "[1 0 0 1] (2, 2)"),
        (np.zeros(0), "[] "),
        ((1.0, np.ones(2)), "(1, [1 1])"),
        ((3,), "(3,)"),
        (np.dtype(float), "float64"),
        ("a" * 50, "'aaaaaaaaaaaaaaaaaaa..."),
    ],
    ids=str,
)
def test_values_are_shown_in_a_few_characters(x, text):
    assert text.strip() == brief(x)
