"""What a function captured and then overwrote: right, or MutationError, in every mode and size.

The expected answers are those of the same function that leaves its constants alone.
"""

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.testing import assert_allclose

import dualrev as dr
from dualrev.readers import captured, tape
from dualrev.scipy.interpolate import CubicSpline, interp1d
from tests.captured_uses import USES, X, spoil

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def loss(f):
    return lambda x: np.sum(np.abs(f(x)) ** 2)


def pulled_later(f, x, between):
    _, pull = dr.vjp(f, x)
    between()
    return pull(1.0)[0]


MODES = {
    "grad": lambda f, x: dr.grad(f)(x),
    "forward Jacobian": lambda f, x: dr.jacobian(f, mode="forward")(x),
    "reverse Jacobian": lambda f, x: dr.jacobian(f, mode="reverse")(x),
    "hvp": lambda f, x: dr.hvp(f)(x, np.ones(x.shape)),
    "reverse over reverse": lambda f, x: dr.grad(lambda x: np.sum(dr.grad(f)(x)))(x),
    "jvp": lambda f, x: dr.jvp(f, (x,), (np.ones(x.shape),))[1],
}


def check(name):
    """Each mode with the constant spoiled when f is done with it, and a pull after it was spoiled."""
    f, make = USES[name]
    for mode, derivative in MODES.items():
        kept, lost = make(), make()

        def spoiling(x, c=lost):
            y = f(x, c)
            spoil(c)
            return y

        expected = derivative(loss(lambda x, c=kept: f(x, c)), X)
        assert_unless_raised(expected, lambda d=derivative, s=spoiling: d(loss(s), X), mode)
    c = make()
    expected = dr.grad(loss(lambda x: f(x, make())))(X)
    assert_unless_raised(
        expected, lambda: pulled_later(loss(lambda x: f(x, c)), X, lambda: spoil(c)), "vjp"
    )


def assert_unless_raised(expected, derivative, mode):
    try:
        found = derivative()
    except dr.MutationError:
        assert captured.COPY_LIMIT < 0
        return
    assert_allclose(found, expected, rtol=1e-8, atol=1e-10, err_msg=mode)


@pytest.mark.one_in(3)
@pytest.mark.parametrize("name", USES)
def test_a_small_constant_may_be_overwritten_after_its_use(name):
    check(name)


@pytest.fixture
def everything_is_watched(monkeypatch):
    """Constants of every size are treated as large ones, and read in many pieces."""
    monkeypatch.setattr(captured, "COPY_LIMIT", -1)
    monkeypatch.setattr(tape, "COPY_LIMIT", -1)
    monkeypatch.setattr(captured, "_DIGEST_FROM", 0)
    monkeypatch.setattr(captured, "_BLOCK", 8)


@pytest.mark.one_in(3)
@pytest.mark.parametrize("name", USES)
def test_a_large_constant_that_is_overwritten_is_right_or_an_error(name, everything_is_watched):
    check(name)


# -------------------------------------------------------------------- what is read of large arrays

N = 100_000


def f_of(use, change):
    """A function that uses an array, changes it, and needs what it was."""

    def f(a, c):
        y = use(np.sin(a), c)
        change(c)
        return np.sum(y)

    return f


def swap(c):
    first, last = c.flat[3], c.flat[-7]
    c.flat[3], c.flat[-7] = last, first


def one_element(c):
    c.flat[N // 3] += 1


def one_bit(c):
    c.view(np.uint8).reshape(-1)[5] ^= 1


def window(c):
    c[40:48] = 0.0


@pytest.mark.parametrize("change", [swap, one_element, one_bit, window])
@pytest.mark.parametrize(
    "derivative",
    [
        dr.grad,
        lambda f: dr.jacobian(f, mode="forward"),
        lambda f: dr.jacobian(f, mode="reverse"),
        lambda f: lambda a, c: dr.hvp(f)(a, 1.0, c),
        lambda f: lambda a, c: dr.linearize(lambda a: f(a, c), a)[1].push(1.0),
    ],
)
def test_no_change_of_a_large_array_escapes(derivative, change):
    f = f_of(lambda s, c: s * c, change)
    with pytest.raises(dr.MutationError):
        derivative(f)(0.8, np.linspace(0.0, 1.0, N))


@pytest.mark.parametrize(
    "make",
    [
        lambda: np.arange(2 * N, dtype=float)[::2],
        lambda: np.arange(2 * N, dtype=float)[::-1],
        lambda: np.arange(2.0 * N).reshape(4, -1)[:, ::2],
        lambda: np.arange(2.0 * N).reshape(-1, 4)[:, 1:3],
        lambda: np.asfortranarray(np.arange(2.0 * N).reshape(4, -1))[1:3],
        lambda: np.arange(N, dtype=float).reshape(20, 50, -1).transpose(1, 2, 0),
        lambda: np.arange(8 * N, dtype=np.int32),
        lambda: np.ones(8 * N, bool),
        lambda: np.ones(N, np.float32),
        lambda: np.ones(N, ">f8"),
        lambda: np.ones(N, np.longdouble),
        lambda: np.ones((2, N), complex),
    ],
)
def test_one_changed_element_of_a_large_array_of_any_layout_is_noticed(make):
    def change(c):
        last = (-1,) * c.ndim
        c[last] = not c[last]

    with pytest.raises(dr.MutationError):
        dr.grad(f_of(lambda s, c: np.abs(s * c), change))(0.8, make())


def test_a_change_of_the_base_of_a_broadcast_view_is_noticed():
    row = np.linspace(0.0, 1.0, N)

    def f(a):
        y = np.sin(a) * np.broadcast_to(row, (3, N))
        row[5] = 7.0
        return np.sum(y)

    with pytest.raises(dr.MutationError):
        dr.grad(f)(0.8)


def test_content_that_was_put_back_before_the_pull_is_noticed_at_the_next_use():
    """Both ends look alike: the use in between does not."""
    table = np.zeros(N)

    def f(a):
        y = 0.0
        for k in range(3):
            table[10 * k] = 1.0
            y = y + np.sum(np.sin(a) * table)
            table[10 * k] = 0.0
        return y

    with pytest.raises(dr.MutationError):
        dr.grad(f)(0.8)


@pytest.mark.parametrize("n", [1_000, 10_000, 30_000])
def test_a_window_that_moves_over_a_buffer_is_honoured(n):
    """The sum over windows of (sum of exp(-100 a t) in it)**2, by its series of terms."""
    t = np.linspace(0.0, 1.0, n)

    def f(a):
        m, s = np.zeros(n), 0.0
        for k in range(4):
            m[10 * k + 1 : 10 * k + 9] = 1.0
            s = s + np.sum(m * np.exp(-100 * a * t)) ** 2
            m[10 * k + 1 : 10 * k + 9] = 0.0
        return s

    expected = 0.0
    for k in range(4):
        part = t[10 * k + 1 : 10 * k + 9]
        terms = np.exp(-100 * 0.8 * part)
        expected += 2 * terms.sum() * (-100 * part * terms).sum()
    assert_allclose(dr.grad(f)(0.8), expected, rtol=1e-12)
    assert_allclose(dr.jacobian(f, mode="forward")(0.8), expected, rtol=1e-12)


def test_a_matrix_that_changes_by_an_entry_in_each_step_is_honoured():
    """u' = M_k u with one diagonal entry halved in each step: the derivative by the start."""

    def f(a, n=120):
        m, u = np.eye(n), a * np.ones(n)
        for k in range(5):
            m[k, k] = 0.5
            u = m @ u
        return np.sum(u)

    # Entry k is halved from step k on: 5 - k times.
    expected = 115 + sum(0.5 ** (5 - k) for k in range(5))
    assert_allclose(dr.grad(f)(0.8), expected, rtol=1e-14)


@pytest.mark.parametrize("n", [3, 30_000])
def test_a_sparse_matrix_whose_indices_scipy_sorts_is_honoured(n):
    """Columns of each row in falling order: sorting moves numbers and indices together."""
    rows = np.arange(n)
    columns = np.stack([(rows + 1) % n, rows], axis=1)
    columns = np.sort(columns, axis=1)[:, ::-1].reshape(-1)
    numbers = np.arange(1.0, 2 * n + 1)
    s = sp.csr_array((numbers, columns.copy(), np.arange(0, 2 * n + 1, 2)), shape=(n, n))
    x = np.linspace(0.5, 1.5, n)
    expected = 2 * (s.T @ (s @ x))

    def f(x):
        t = s.copy()
        y = t @ x
        t.sort_indices()
        t.data[0] = -50.0
        return np.sum(y**2)

    assert_allclose(dr.grad(f)(x), expected, rtol=1e-13)
    assert_allclose(pulled_later(f, x, lambda: None), expected, rtol=1e-13)


def test_a_matrix_that_is_filled_again_for_each_solution_is_honoured():
    """b -> A_2^-1 A_1^-1 b with triangular matrices in one array, by hand."""
    from dualrev.scipy import linalg

    a = np.zeros((2, 2))

    def f(b):
        for k in (1.0, 2.0):
            a[:] = [[2 * k, 1.0], [0.0, k]]
            b = linalg.solve(a, b)
        return b[0]

    # A_k^-1 = [[1/(2k), -1/(2k^2)], [0, 1/k]]
    assert_allclose(dr.grad(f)(np.ones(2)), [0.125, -0.25], rtol=1e-14)


@pytest.mark.parametrize("made", [CubicSpline, interp1d])
def test_an_interpolator_holds_the_data_that_it_was_made_of(made):
    sites, values = np.arange(5.0), np.arange(5.0) ** 2
    before = made(sites, values)
    expected = dr.grad(lambda at: before(at))(1.3)
    sites *= 2.0
    values *= -1.0
    assert_allclose(dr.grad(lambda at: before(at))(1.3), expected)


# ------------------------------------------------------------------------------ what it costs


def test_a_large_argument_that_no_rule_reads_is_not_watched(monkeypatch):
    seen = []
    real = captured.digest_of
    monkeypatch.setattr(captured, "digest_of", lambda array: seen.append(array) or real(array))
    x = np.ones(N)
    dr.grad(lambda x: np.sum(3.0 * x))(x)
    assert not seen
    dr.grad(lambda x: np.sum(x[1:] * x[:-1]))(x)
    assert len(seen) == 2  # where it is first kept, and before the pull


def test_a_large_argument_that_is_written_behind_its_back_is_an_error_in_hvp():
    x0 = np.linspace(1.0, 2.0, N)

    def f(x):
        y = np.sum(x**3)
        x0[7] = 0.0
        return y

    for derivative in (dr.grad(f), lambda x: dr.hvp(f)(x, x)):
        with pytest.raises(dr.MutationError):
            derivative(x0)
        x0[7] = 1.0


@pytest.mark.parametrize(
    "use", [np.sin, lambda v: v * v, lambda v: np.log(v[:5].reshape(-1, 1)), lambda v: v[::-1] ** 2]
)
def test_a_small_part_of_a_large_argument_that_is_overwritten_is_an_error(use):
    x0 = np.linspace(1.0, 2.0, N)

    def f(x):
        y = np.sum(use(x[:10]))
        x0[:] = 0.0
        return y

    with pytest.raises(dr.MutationError):
        dr.grad(f)(x0)


@pytest.mark.parametrize("use", [np.exp, lambda v: v * 2, lambda v: v - 1])
def test_a_small_part_of_a_large_argument_that_no_rule_reads_may_be_overwritten(use):
    x0 = np.linspace(1.0, 2.0, N)
    expected = dr.grad(lambda x: np.sum(use(x[:10])))(x0)

    def f(x):
        y = np.sum(use(x[:10]))
        x0[:] = 0.0
        return y

    assert_allclose(expected, dr.grad(f)(x0))


@pytest.mark.parametrize("k", [0, N])
def test_each_of_two_large_arguments_in_one_memory_is_watched(k):
    both = np.linspace(1.0, 2.0, 2 * N)

    def f(x, y):
        z = np.sum(x * x) + np.sum(y * y)
        both[k] = 0.0
        return z

    with pytest.raises(dr.MutationError):
        dr.grad(f, argnums=(0, 1))(both[:N], both[N:])


def test_a_large_constant_that_no_rule_reads_is_not_watched():
    """d(c / x) = -c / x**2 dx reads the quotient: c may change."""

    def f(x):
        c = np.ones(N)
        y = c / x
        c[:] = 0.0
        return np.sum(y)

    assert_allclose(dr.grad(f)(2.0), -N / 4)
