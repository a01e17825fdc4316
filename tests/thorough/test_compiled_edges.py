"""At kinks, ties and singular points a compiled derivative is the eager one: every row of the tables."""

import numpy as np
import pytest

from tests.program.test_edges import HIDDEN, PAIRS, check, check_both_ways, pytestmark
from tests.test_edge_values import DEFINED
from tests.test_hidden_infinities import FUNCTIONS, POINTS, composed

__all__ = ["pytestmark"]


@pytest.mark.parametrize("edge", DEFINED, ids=str)
def test_of_the_table_of_edges(edge):
    check_both_ways(edge.f, np.asarray(edge.x, float)[()])


@pytest.mark.parametrize("name", HIDDEN)
def test_where_a_zero_hides_an_infinity(name):
    f, x = HIDDEN[name]
    check_both_ways(f, np.array(x))


@pytest.mark.parametrize("names", PAIRS, ids="-".join)
def test_through_singular_functions(names):
    # Rules take other ways to the same number: where terms cancel half of the digits are left, and
    # where all of them do, a rounding: cosh(arccosh(x)) has the second derivative 0.
    f = composed([FUNCTIONS[name][0] for name in names])
    check(f, (0.7, *POINTS), rtol=1e-8, atol=1e-15)
