"""What the laws cannot say of rules/joining.py."""

import numpy as np
import pytest

import dualrev as dr


def test_zero_copies_give_a_zero_cotangent():
    for f in (lambda x: np.tile(x, 0), lambda x: np.repeat(x, 0), lambda x: np.tile(x, (2, 0))):
        ans, pullback = dr.vjp(f, np.ones(3))
        np.testing.assert_array_equal(np.zeros(3), pullback(np.ones(ans.shape))[0])


@pytest.mark.parametrize(
    "options", [{"mode": lambda *args: None}, {"mode": "reflect", "reflect_type": "odd"}]
)
def test_a_way_to_pad_without_a_rule_says_so(options):
    with pytest.raises(NotImplementedError, match="pad"):
        dr.grad(lambda x: np.sum(np.pad(x, 1, **options)))(np.ones(3))


def test_pad_takes_a_dictionary_of_axes_and_traced_constant_values():
    x = np.arange(6.0).reshape(2, 3)
    f = lambda x: np.pad(x, {-1: (1, 2)}, constant_values=x[0, 1])  # noqa: E731
    try:
        expected = f(x)
    except TypeError:
        pytest.skip("this NumPy takes no dictionary")
    ans, pullback = dr.vjp(f, x)
    np.testing.assert_array_equal(expected, ans)
    np.testing.assert_array_equal([[1, 7, 1], [1, 1, 1]], pullback(np.ones(ans.shape))[0])


@pytest.mark.parametrize("x", [[0.0, 1, 0, 2, 0, 0], [0.0, 0.0], [1.0, 2.0]])
@pytest.mark.parametrize("trim", ["fb", "f", "b"])
def test_trim_zeros_is_numpy_s(x, trim):
    x = np.array(x)
    ans, pullback = dr.vjp(lambda x: np.trim_zeros(x, trim), x)
    np.testing.assert_array_equal(np.trim_zeros(x, trim), ans)
    kept = np.sum(pullback(np.ones(ans.shape))[0])
    assert kept == ans.size
