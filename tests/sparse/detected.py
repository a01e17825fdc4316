"""What is compared of a detected pattern: the places where a dense Jacobian is not 0."""

import numpy as np

import dualrev as dr
from dualrev import trees

#: What is smaller beside the largest entry, in units of its last place, is a 0 that was rounded.
ROUNDED = 500


def numbers_of(result):
    """The floating-point numbers of a result as one vector: others have no derivative."""
    leaves, _ = trees.flatten(result)
    parts = [np.reshape(x, -1) for x in leaves if getattr(x, "dtype", np.dtype("O")).kind in "fc"]
    return np.concatenate(parts) if parts else np.zeros(0)


def of_case(case):
    """The call of a row of the table, with one vector for its result."""
    return lambda *args: numbers_of(case.call(*args))


def gradient_of(f, count):
    """The gradient of a sum of squares, whose Hessian is found from it."""

    def scalar(*args):
        y = f(*args)
        return np.sum(np.real(y * np.conj(y))) + np.sum(np.real(y))

    gradient = dr.grad(scalar, tuple(range(count)))
    return lambda *args: numbers_of(gradient(*args))


def places_of(f, args, **options):
    """Where the dense Jacobian by all arguments is not 0."""
    dense = dr.jacobian(f, tuple(range(len(args))), matrix=True, **options)(*args)
    size = np.abs(dense)
    # nan, where a derivative is not known, is all along a row and none of its entries
    return size > ROUNDED * np.finfo(dense.dtype).eps * np.nanmax(size, initial=0)


def detected(f, args):
    return dr.sparsity(f, *args, argnums=tuple(range(len(args)))).toarray()


def compare(f, args, **options):
    """How many places too many the pattern has; none may be lacking, there and nearby."""
    pattern, places = detected(f, args), places_of(f, args, **options)
    assert pattern.shape == places.shape
    rng = np.random.default_rng(1)
    nearby = [(x * (1 + 1e-4 * rng.uniform(-1, 1, np.shape(x)))).astype(x.dtype) for x in args]
    for found in (places, places_of(f, nearby, **options)):
        lacking = np.argwhere(found & ~pattern)
        assert not len(lacking), f"entries that are lacking: {lacking[:5].tolist()}"
    return int((pattern & ~places).sum())
