"""The trace table as text, as HTML and as records."""

import numpy as np

from dualrev.show import trace_table
from tests.show.programs import griewank

TEXT = """
griewank: 8 operations
step          primal   tangent, down  cotangent, up  where          source
------------  -------  -------------  -------------  -------------  -----------------------------------------------
x1            1.5      1              3.0118
x2            0.5      0              -13.724
v1 = x1 / x2  3        2              1.5059         programs.py:8  x1 / x2
v2 = sin(v1)  0.14112  -1.98          1.3513         programs.py:9  np.sin(u)
v3 = v2 + v1  3.1411   0.020015       1.3513         programs.py:9  np.sin(u) + u
v4 = exp(x2)  1.6487   0              -1.3513        programs.py:9  np.exp(x2)
v5 = v3 - v4  1.4924   0.020015       1.3513         programs.py:9  np.sin(u) + u - np.exp(x2)
v6 = exp(x2)  1.6487   0              -1.4924        programs.py:9  np.exp(x2)
v7 = v1 - v6  1.3513   2              1.4924         programs.py:9  u - np.exp(x2)
v8 = v5 * v7  2.0166   3.0118         1              programs.py:9  (np.sin(u) + u - np.exp(x2)) * (u - np.exp(x2))
"""  # noqa: E501 - as it is printed


def long_chain(x):
    for _ in range(500):
        x = np.sin(x)
    return x


def test_a_terminal_gets_the_table_of_the_textbook():
    assert str(trace_table(griewank, 1.5, 0.5)) == TEXT.strip()


def test_a_terminal_needs_ascii_only():
    assert str(trace_table(griewank, 1.5, 0.5)).isascii()


def test_html_has_a_row_an_operation_and_escapes_the_code():
    text = trace_table(lambda x: np.where(x < 1, x, x**2), 0.5)._repr_html_()
    assert text.count("<tr>") == 1 + 3
    assert "x &lt; 1" in text
    assert "x < 1" not in text


def test_of_a_long_trace_the_ends_are_shown_and_the_rest_is_in_the_records():
    table = trace_table(long_chain, 0.5)
    lines = str(table).splitlines()
    assert len(lines) == 3 + 81
    assert lines[3 + 40] == "... 421 more, in .records"
    assert "421 more" in table._repr_html_()
    assert len(table.records) == len(table) == 501


def test_no_cell_is_wider_than_a_terminal_shows():
    table = trace_table(lambda p: np.linalg.svd(p["k" * 99]).U, {"k" * 99: np.eye(3)})
    assert max(map(len, str(table).splitlines())) < 6 * 50
    assert "k" * 99 in table._repr_html_()


def test_long_source_is_cut_in_a_terminal():
    table = trace_table(
        lambda x: np.sin(x + 0.123456789 + 0.123456789 + 0.123456789 + 0.1234567), 0.5
    )
    assert all(len(line.split("  ")[-1]) <= 48 for line in str(table).splitlines())


def test_records_are_named_columns():
    record = trace_table(griewank, 1.5, 0.5).records[2]
    assert record[:4] == ("v1", "x1 / x2", 3.0, 2.0)
    assert record._fields[5:] == ("where", "within", "source")


def test_what_nothing_depends_on_is_shown_as_zero():
    table = trace_table(lambda x, y: x, 1.0, 2.0)
    assert str(table).splitlines()[-1].split() == ["y", "2", "0", "0"]
