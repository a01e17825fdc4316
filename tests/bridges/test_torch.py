"""PyTorch: derivatives are equal in both directions, and what cannot be is said."""

import functools
import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose

import dualrev as dr
from tests.bridges.programs import X, Y, names, number_of, of_numpy, several, smooth

torch = pytest.importorskip("torch")

from dualrev.bridges.torch import from_torch, to_torch  # noqa: E402

XP = names(torch, sum=torch.sum, cumsum=functools.partial(torch.cumsum, dim=0))
THEIRS = of_numpy(several, XP)
OURS = of_numpy(several)


def number(f):
    return lambda x, y: number_of(f(x, y))


def tensor(x, grad=False):
    return torch.tensor(x, requires_grad=grad)


# ------------------------------------------------------------------------------------ to_torch


def test_backward_is_the_gradient_and_f_runs_once_for_it():
    calls = []

    def counted(x, y):
        calls.append(1)
        return OURS(x, y)

    x, y = tensor(X, grad=True), tensor(Y, grad=True)
    number(to_torch(counted))(x, y).backward()
    assert len(calls) == 1
    for expected, found in zip(dr.grad(number(OURS), argnums=(0, 1))(X, Y), (x.grad, y.grad)):
        assert_allclose(expected, found, rtol=1e-13)


def test_first_and_second_derivatives_pass_their_gradcheck():
    f = to_torch(OURS)

    def flat(x, y):
        result = f(x, y)
        return result["number"], *result["vectors"]

    x, y = tensor(X, grad=True), tensor(Y, grad=True)
    assert torch.autograd.gradcheck(flat, (x, y), check_forward_ad=True)
    assert torch.autograd.gradgradcheck(flat, (x, y), check_fwd_over_rev=True)


@pytest.mark.parametrize("outer", ["jacrev", "jacfwd"])
@pytest.mark.parametrize("inner", ["jacrev", "jacfwd"])
def test_their_transforms_nest(outer, inner):
    def second(f):
        return getattr(torch.func, outer)(getattr(torch.func, inner)(number(f)))

    x, y = tensor(X), tensor(Y)
    assert_allclose(second(THEIRS)(x, y), second(to_torch(OURS))(x, y), rtol=1e-11, atol=1e-12)


def test_vmap_of_derivatives_and_derivatives_of_vmap():
    rows = tensor(np.stack([X, 2 * X, X - 1])).T

    def of_rows(f):
        each = torch.func.vmap(number(f), in_dims=(1, None))
        slopes = torch.func.vmap(torch.func.grad(number(f)), in_dims=(1, None))
        return lambda rows, y: torch.sum(each(rows, y)) * torch.sum(slopes(rows, y) ** 2)

    for expected, found in zip(
        torch.func.grad(of_rows(THEIRS), argnums=(0, 1))(rows, tensor(Y)),
        torch.func.grad(of_rows(to_torch(OURS)), argnums=(0, 1))(rows, tensor(Y)),
    ):
        assert_allclose(expected, found, rtol=1e-11)


def test_a_gradient_by_some_of_the_arguments():
    x, y = tensor(X, grad=True), tensor(Y, grad=True)
    (by_y,) = torch.autograd.grad(number(to_torch(OURS))(x, y), y)
    assert_allclose(dr.grad(number(OURS), argnums=1)(X, Y), by_y, rtol=1e-12)


def test_a_gradient_penalty_has_a_gradient():
    def penalty(f, x):
        (slope,) = torch.autograd.grad(number(f)(x, tensor(Y)), x, create_graph=True)
        (answer,) = torch.autograd.grad(torch.sum(slope**2), x)
        return answer

    x = tensor(X, grad=True)
    assert_allclose(penalty(THEIRS, x), penalty(to_torch(OURS), x), rtol=1e-12)


def test_an_argument_that_f_does_not_depend_on_has_the_gradient_zero():
    x, y = tensor(X, grad=True), tensor(Y, grad=True)
    to_torch(lambda x, y: np.sum(y))(x, y).backward()
    assert_allclose(np.zeros(3), x.grad)


def test_integers_complex_numbers_and_empty_arrays():
    def f(x, n, z, none):
        return x[n], np.argmax(x), abs(np.sum(z * z)) + np.sum(none), n + 1

    x, z = tensor(X, grad=True), tensor(X + 1j * Y, grad=True)
    none = torch.zeros((0, 2), dtype=torch.float64, requires_grad=True)
    picked, where, size, more = to_torch(f)(x, torch.tensor([2, 0]), z, none)
    assert (where.dtype, where.requires_grad) == (torch.int64, False)
    assert more.tolist() == [3, 1]
    (torch.sum(picked) + size).backward()
    assert_allclose([1, 0, 1], x.grad)
    assert none.grad.shape == (0, 2)
    found = z.grad.clone()
    z.grad = None
    abs(torch.sum(z * z)).backward()
    assert_allclose(z.grad, found)


def test_forward_mode_beside_an_integer_result():
    f = to_torch(lambda x: (np.sin(x), np.argmax(x), x**2))
    for x in (tensor(X), tensor(X, grad=True)):
        with torch.autograd.forward_ad.dual_level():
            dual = torch.autograd.forward_ad.make_dual(x, tensor(Y))
            first, _, last = (torch.autograd.forward_ad.unpack_dual(y)[1] for y in f(dual))
        assert_allclose(np.cos(X) * Y, first.detach())
        assert_allclose(2 * X * Y, last.detach())


def test_single_precision_stays_and_views_are_read_as_they_lie():
    x = torch.arange(12.0).reshape(3, 4).T[::2].requires_grad_()  # float32, strided
    y = to_torch(lambda x: np.sum(x**2))(x)
    y.backward()
    assert y.dtype == torch.float32
    assert_allclose(2 * x.detach(), x.grad)


def test_a_tensor_that_was_overwritten_is_noticed():
    x = tensor(X, grad=True)
    z = x * 1.0
    y = to_torch(lambda z: np.sum(z**2))(z)
    z += 1.0
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.backward()


def test_results_share_memory_with_nothing():
    held = np.zeros(3)
    x = tensor(X)
    view, same = to_torch(lambda x: (x[:2], held))(x)
    view += 1
    same += 1
    assert_allclose(X, x)
    assert_allclose(np.zeros(3), held)


def test_f_reads_the_memory_and_cannot_write_it():
    x = tensor(X)
    addresses = []
    to_torch(lambda x: addresses.append(x.__array_interface__["data"]) or x)(x)
    assert addresses[0][0] == x.data_ptr()

    def careless(x):
        x += 1
        return x

    with pytest.raises(ValueError, match="read-only"):
        to_torch(careless)(x)


def test_the_users_own_error_arrives():
    class Own(Exception):
        pass

    def fails(x):
        raise Own("here")

    for x in (tensor(X), tensor(X, grad=True)):
        with pytest.raises(Own, match="here"):
            to_torch(fails)(x)


def test_an_error_of_the_second_run_arrives_through_backward():
    runs = []

    def fails_later(x):
        runs.append(1)
        if len(runs) > 1:
            raise KeyError("later")
        return np.sum(x**3)

    x = tensor(X, grad=True)
    y = to_torch(fails_later)(x)
    with pytest.raises(KeyError, match="later"):
        torch.autograd.grad(torch.autograd.grad(y, x, create_graph=True)[0].sum(), x)


@pytest.mark.parametrize(
    ("x", "repair"),
    [
        (torch.zeros(3, dtype=torch.bfloat16), lambda x: x.double()),
        (torch.zeros(3).to_sparse(), lambda x: x.to_dense()),
    ],
)
def test_what_numpy_cannot_read_is_refused_with_what_to_write(x, repair):
    f = to_torch(np.cos)
    with pytest.raises(dr.ArgumentError) as caught:
        f(x)
    assert "x.to_dense()" in caught.value.fix or "x.double()" in caught.value.fix
    assert_allclose(np.ones(3), f(repair(x)))


def test_the_older_vmap_is_refused_with_the_newer():
    f = to_torch(lambda x: np.cumsum(x**2))
    with pytest.raises(dr.ArgumentError, match="use torch.func.jacrev"):
        torch.autograd.functional.jacobian(f, tensor(X), vectorize=True)
    assert_allclose(dr.jacobian(lambda x: np.cumsum(x**2))(X), torch.func.jacrev(f)(tensor(X)))


def test_another_device_is_refused():
    with pytest.raises(dr.ArgumentError, match="x.cpu()"):
        to_torch(np.cos)(torch.zeros(3, device="meta"))


@pytest.mark.filterwarnings("ignore::UserWarning")  # its compiler asks for .grad of what has none
def test_compiled_code_calls_numpy_as_it_is():
    f = to_torch(of_numpy(smooth))
    compiled = torch.compile(lambda x, y: f(x, y) * torch.sum(x), backend="eager")
    x, y = tensor(X, grad=True), tensor(Y)
    compiled(x, y).backward()
    assert_allclose(dr.grad(lambda x: smooth(np, x, Y) * np.sum(x))(X), x.grad, rtol=1e-12)


def test_a_traced_array_does_not_cross_unseen():
    sine = to_torch(np.sin)
    with pytest.raises(dr.ArgumentError, match="call the function itself with it"):
        dr.grad(lambda x: np.sum(sine(x)))(X)
    assert_allclose(np.cos(X), dr.grad(lambda x: np.sum(np.sin(x)))(X))


def test_a_bridge_pickles_when_the_function_does():
    sine = pickle.loads(pickle.dumps(to_torch(np.sin)))
    assert_allclose(np.sin(X), sine(tensor(X)))
    assert sine.__name__ == "sin"


# ---------------------------------------------------------------------------------- from_torch


def test_a_gradient_is_that_of_the_tensors_and_g_runs_once_for_it():
    calls = []

    def counted(x, y):
        calls.append(1)
        return THEIRS(x, y)

    found = dr.grad(number(from_torch(counted)), argnums=(0, 1))(X, Y)
    assert len(calls) == 1
    for expected, gradient in zip(dr.grad(number(OURS), argnums=(0, 1))(X, Y), found):
        assert_allclose(expected, gradient, rtol=1e-13)


@pytest.mark.parametrize("outer", ["reverse", "forward"])
@pytest.mark.parametrize("inner", ["reverse", "forward"])
def test_our_modes_nest(outer, inner):
    def second(f):
        return dr.jacobian(dr.jacobian(number(f), mode=inner), mode=outer)

    assert_allclose(second(OURS)(X, Y), second(from_torch(THEIRS))(X, Y), rtol=1e-11, atol=1e-12)


def test_third_derivatives_and_batches():
    theirs = from_torch(of_numpy(smooth, XP))

    def third(f):
        return dr.jacobian(dr.hessian(f))

    assert_allclose(third(of_numpy(smooth))(X, Y), third(theirs)(X, Y), rtol=1e-10, atol=1e-11)
    rows = np.stack([X, 2 * X])
    with pytest.warns(dr.PerformanceWarning):
        found = dr.vmap(dr.grad(theirs), in_axes=(0, None))(rows, Y)
    assert_allclose([dr.grad(of_numpy(smooth))(x, Y) for x in rows], found, rtol=1e-12)


def test_a_jacobian_by_rows_runs_g_once():
    calls = []

    def counted(x):
        calls.append(1)
        return torch.sin(x) * x

    expected = np.diag(np.cos(X) * X + np.sin(X))
    assert_allclose(expected, dr.jacobian(from_torch(counted), mode="reverse")(X))
    assert len(calls) == 1


def test_a_module_is_a_function_of_its_input():
    layer = torch.nn.Linear(3, 1).double()
    weights = layer.weight.detach().numpy()
    assert_allclose(weights, dr.jacobian(from_torch(layer))(X))
    assert layer.weight.grad is None


def test_under_a_checkpoint_a_module_is_the_same_until_its_weights_change():
    layer = torch.nn.Linear(3, 1).double()
    f = from_torch(lambda x: torch.sin(layer(x)))
    _, pull = dr.vjp(dr.checkpoint(lambda x: f(x)[0] ** 2), X)
    assert_allclose(dr.grad(lambda x: f(x)[0] ** 2)(X), pull(1.0)[0])
    with torch.no_grad():
        layer.weight += 1.0
    with pytest.raises(dr.MutationError):
        pull(1.0)


def test_gradients_of_complex_arguments_are_ours():
    z = X + 1j * Y
    expected = dr.grad(lambda z: abs(np.sum(np.exp(z * z))))(z)
    found = dr.grad(from_torch(lambda z: abs(torch.sum(torch.exp(z * z)))))(z)
    assert_allclose(expected, found, rtol=1e-12)


def test_arrays_of_any_layout_and_numbers_are_taken():
    frozen = X[::-1].copy()
    frozen.flags.writeable = False
    swapped = X.astype(">f8")
    f = from_torch(torch.sin)
    for x in (X[::-1], frozen, swapped, 0.3, np.float32(0.3), np.zeros((0, 2))):
        assert_allclose(np.sin(x), f(x))
        assert_allclose(np.cos(x), dr.elementwise_grad(f)(x), rtol=1e-6)


def test_what_does_not_depend_on_an_argument_has_derivative_zero():
    for g in (lambda x: torch.ones(2), lambda x: x.detach(), lambda x: x > 0):
        assert not np.any(dr.jacobian(from_torch(g))(X))


def test_a_write_into_an_argument_is_refused():
    g = from_torch(lambda x: x.mul_(2.0))
    with pytest.raises(dr.InPlaceError, match=r"x = x.clone\(\)"):
        g(X.copy())
    repaired = from_torch(lambda x: x.clone().mul_(2.0))
    assert_allclose(2 * np.eye(3), dr.jacobian(repaired)(X))
    with pytest.raises(RuntimeError, match="in-place"):
        dr.jacobian(g)(X.copy())


def test_a_result_that_is_no_tensor_is_refused():
    with pytest.raises(dr.StructureError, match="of type str"):
        from_torch(lambda x: "text")(X)
    with pytest.raises(dr.StructureError, match="of type NoneType"):
        from_torch(lambda x: None)(X)


def test_a_tensor_that_f_holds_does_not_lose_its_gradient_unseen():
    held = tensor(Y, grad=True)
    f = to_torch(lambda x: np.sum(x * np.asarray(held)))
    for x in (tensor(X, grad=True), tensor(X)):
        with pytest.raises(RuntimeError, match="requires grad"):
            f(x)
        with torch.no_grad():
            assert_allclose(X @ Y, f(x))
    given = to_torch(lambda x, y: np.sum(x * y))
    given(tensor(X), held).backward()
    assert_allclose(X, held.grad)


def test_what_is_no_function_is_refused():
    for bridge in (to_torch, from_torch):
        with pytest.raises(dr.ArgumentError, match=r"f, and not f\(x\)"):
            bridge(np.sin(X))


def test_a_tensor_does_not_cross_unseen():
    weights = tensor(Y, grad=True)
    dot = from_torch(torch.dot)
    for given in ((weights, weights), (X, weights)):
        with pytest.raises(dr.ArgumentError, match=r"lambda x: g\(x, constant\)"):
            dot(*given)
    assert_allclose(Y, dr.grad(from_torch(lambda x: torch.dot(x, weights)))(X))


def test_a_derivative_by_one_argument_asks_for_that_alone():
    class Seen(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, y):
            return x * y

        @staticmethod
        def backward(ctx, ct):
            asked.append(ctx.needs_input_grad)
            return ct, ct

    asked = []
    dr.grad(lambda x: np.sum(from_torch(Seen.apply)(x, Y)))(X)
    assert asked == [(True, False)]


def test_a_traced_array_that_is_written_later_has_not_changed_before():
    g = from_torch(torch.sin)

    def f(np_sin, x):
        y = x * 2.0
        z = np_sin(y)
        y[0] = 5.0
        return np.sum(z * y)

    assert_allclose(dr.grad(lambda x: f(np.sin, x))(X), dr.grad(lambda x: f(g, x))(X))


@pytest.mark.filterwarnings("ignore::dualrev.PerformanceWarning")
def test_a_bridge_there_and_back_is_the_function():
    back = from_torch(to_torch(of_numpy(smooth)))
    assert_allclose(dr.hessian(of_numpy(smooth))(X, Y), dr.hessian(back)(X, Y), rtol=1e-11)
    there = to_torch(from_torch(of_numpy(smooth, XP)))
    x, y = tensor(X), tensor(Y)
    expected = torch.func.hessian(of_numpy(smooth, XP))(x, y)
    assert_allclose(expected, torch.func.hessian(there)(x, y), rtol=1e-11)
