"""Operations, arguments and values in a few characters."""

import functools

import numpy as np
import pytest
from scipy import sparse

from dualrev.show import trace_table
from dualrev.show.wording import brief


def rows(f, *args):
    return [r.operation or r.name for r in trace_table(f, *args).records]


def test_a_parameter_named_v1_is_not_confused_with_an_intermediate():
    table = trace_table(lambda v1, v2: v1 * v2 + v1, 2.0, 3.0).records
    assert [r.name for r in table] == ["v1", "v2", "w1", "w2"]


def test_other_letters_are_found_for_any_parameters():
    table = trace_table(lambda v1, w1, z1: v1 * w1 * z1, 2.0, 3.0, 4.0).records
    assert len({r.name for r in table}) == 5


def one_and_more(x2, *rest, scale=2.0):
    return x2 * rest[0] * rest[1]["a"] * scale


def test_arguments_are_named_as_in_the_signature():
    assert rows(one_and_more, 1.0, 2.0, {"a": 3.0})[:3] == ["x2", "rest[0]", "rest[1]['a']"]
    assert rows(functools.partial(one_and_more, 1.0), 1.0, {"a": 3.0})[0] == "rest[0]"
    assert rows(max, 1.0, 2.0) == ["x1", "x2"]  # it has no signature


def test_a_signature_may_be_that_of_another_function():
    def f(*args):
        return args[0] * args[1]

    f.__wrapped__ = lambda x: x
    assert rows(f, 1.0, 2.0) == ["x", "x2", "x * x2"]


class Key:
    def __repr__(self):
        return "a\n  key"


def test_a_name_is_one_line_whatever_the_key():
    assert rows(lambda p: next(iter(p.values())) + 1, {Key(): 1.0}) == ["p[a key]", "p[a key] + 1"]


@pytest.mark.parametrize(
    ("f", "x", "text"),
    [
        (lambda x: (-2.0) ** x, 2.0, "(-2) ** x"),
        (lambda x: x - -2.0, 2.0, "x - (-2)"),
        (lambda x: x * (1 + 2j), 2.0, "x * (1+2j)"),
        (lambda x: x[:, None, ::2], np.ones((2, 2)), "x[:, None, ::2]"),
        (lambda x: x[np.array([1234567 - 1234567])], np.ones(2), "x[[0]]"),
        (lambda x: x[x > 0], np.ones(2), "x[[True True]]"),
        (lambda x: sparse.csr_array(np.eye(2)) @ x, np.ones(2), "csr_array (2, 2) @ x"),
        (lambda x: np.where(x > 0, x, 0), 2.0, "where(True, x, 0)"),
        (lambda x: np.sum(x, axis=1, keepdims=True), np.eye(2), "sum(x, axis=1, keepdims=True)"),
    ],
)
def test_operations_are_written_as_in_code(f, x, text):
    assert rows(f, x)[1] == text


def test_of_many_operands_the_ends_are_named():
    *_, row = rows(lambda x: np.array([x[k] * 2 for k in range(100)]), np.ones(100))
    assert row == "array(v2, v4, ..., v200)"


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
        (tuple(range(100)), "(0, 1, ..., 99)"),
        (np.dtype(float), "float64"),
        (np.array([1234567]), "[1234567]"),
        (np.array([True, False]), "[True False]"),
        (-0.0, "0"),
        (np.conj(1 + 0j), "1+0j"),
        ("a" * 50, "'aaaaaaaaaaaaaaaaaaa..."),
    ],
    ids=str,
)
def test_values_are_shown_in_a_few_characters(x, text):
    assert text.strip() == brief(x)
