"""Random programs whose Jacobians are sparse: gathers, writes, views, products, sums, choices, loops.

A program is a list of instructions, each with a number from which its own choices are drawn, over a
growing pool of arrays.  Coefficients are random, so that nothing is 0 by chance.
"""

import dataclasses

import hypothesis.strategies as st
import numpy as np
import scipy.sparse

# ------------------------------------------------------------------------------ what is drawn


class Pool:
    """The arrays that a program has made, and the choices of one instruction."""

    def __init__(self, arrays):
        self.arrays = list(arrays)
        self.rng = np.random.default_rng(0)

    def any(self):
        return self.arrays[self.rng.integers(len(self.arrays))]

    def vector(self):
        return self.any().reshape(-1)

    def matrix(self):
        x = self.vector()
        rows = self.divisor(x.size)
        return x.reshape(rows, x.size // max(rows, 1))

    def divisor(self, n):
        return int(self.rng.choice([k for k in range(1, n + 1) if n % k == 0] or [1]))

    def number(self):
        return float(self.rng.uniform(0.3, 1.3))

    def numbers(self, *shape):
        return self.rng.uniform(0.3, 1.3, shape)

    def holed(self, *shape):
        """A constant with zeros."""
        return self.numbers(*shape) * (self.rng.random(shape) < 0.4)

    def mask(self, *shape):
        return self.rng.random(shape) < 0.5

    def places(self, n, count=None):
        """Indices, some of them twice; none of what is empty."""
        count = self.rng.integers(0, n + 2) if count is None else count
        return self.rng.integers(0, n, count) if n else np.zeros(0, int)

    def slice(self, n):
        start, stop = np.sort(self.rng.integers(0, n + 1, 2))
        return slice(int(start), int(stop), int(self.rng.choice([1, 1, 2, 3])))

    def like(self, x, size):
        """A vector repeated or cut to a size."""
        return np.resize(x, size) if x.size else np.zeros(size)


def mixed(x):
    """With derivatives of all orders, which do not grow."""
    return np.sin(x) + 0.3 * x


def factor(x):
    """What another array is multiplied by: not 0 where the array is."""
    return mixed(x) + 0.7


# ------------------------------------------------------------------------------ instructions


def elementwise(p):
    x = p.any()
    return p.number() * mixed(x) + p.number()


def combined(p):
    x, y = p.vector(), p.vector()
    n = min(x.size, y.size)
    return p.number() * factor(x[:n]) * factor(y[y.size - n :]) + p.number() * np.sin(x[:n])


def outer(p):
    return np.multiply.outer(factor(p.vector()[:4]), factor(p.vector()[:5]))


def broadcast(p):
    x = p.matrix()
    return x + p.number() * np.sin(p.like(p.vector(), x.shape[1]))


def gathered(p):
    x = p.vector()
    return x[p.places(x.size)]


def gathered_from_both(p):
    x = p.matrix()
    return x[p.places(len(x), 3)[:, None], p.places(x.shape[1], 2)] if x.size else x


def taken(p):
    x = p.matrix()
    return np.take(x, p.places(x.shape[1]), axis=1)


def masked(p):
    x = p.vector()
    return x[p.mask(x.size)]


def sliced(p):
    x = p.matrix()
    return x[p.slice(len(x)), p.slice(x.shape[1])]


def reversed_(p):
    return p.vector()[::-1]


def transposed(p):
    return p.matrix().T


def rolled(p):
    return np.roll(p.matrix(), p.rng.integers(-3, 4), axis=p.rng.integers(2))


def concatenated(p):
    return np.concatenate([p.vector(), p.holed(2), p.vector()[:3]])


def stacked(p):
    x = p.vector()
    return np.stack([x, mixed(x[::-1])], axis=p.rng.integers(2))


def padded(p):
    return np.pad(p.vector(), (1, 2), constant_values=0.5)


def repeated(p):
    return np.repeat(p.vector()[:6], p.rng.integers(0, 3))


def tiled(p):
    return np.tile(p.vector()[:5], 2)


def diagonal(p):
    return np.diag(p.vector()[:4])


def differences(p):
    x = p.matrix()
    y = np.diff(x * p.numbers(*x.shape), axis=p.rng.integers(2))
    return y * p.numbers(*y.shape)  # else a sum of them cancels


def running(p):
    return np.cumsum(p.vector()[:6])


def summed(p):
    return np.sum(p.matrix(), axis=p.rng.integers(2))


def summed_where(p):
    x = p.matrix()
    return np.sum(x, axis=1, where=p.mask(*x.shape))


def averaged(p):
    x = p.matrix()
    return np.mean(x, axis=p.rng.integers(2), keepdims=True) if x.size else x


def product_with_matrix(p):
    x = p.vector()
    return p.holed(4, x.size) @ x


def product_with_sparse(p):
    x = p.matrix()
    return scipy.sparse.csr_array(p.holed(5, len(x))) @ x


def product_of_both(p):
    x, y = p.matrix(), p.matrix()
    n = min(x.shape[1], len(y), 3)
    return factor(x[:4, :n]) @ factor(y[:n, :3])


def einsum(p):
    x = p.matrix()
    return np.einsum("ij,kj->ki", x, p.holed(3, x.shape[1]))


def einsum_of_both(p):
    x = p.matrix()
    return np.einsum("ij,ik->ijk", factor(x[:3, :3]), factor(x[:3, ::-1][:, :2]))


def tensordot(p):
    x = p.matrix()
    return np.tensordot(p.holed(2, 2, len(x)), x, axes=1)


def convolved(p):
    x = p.vector()
    return np.convolve(x, [1.0, -2.03, 0.57], "same") if x.size > 3 else x


def written_slice(p):
    x = p.vector().copy()
    y = p.vector()
    k = min(x.size, y.size)
    x[:k:2] = mixed(y[:k:2])
    return x


def written_view(p):
    x = p.matrix().copy()
    view = x.T[1:]
    view[...] = p.number() * view + p.like(p.vector(), view.shape[1])
    x[0] += x[-1] if len(x) else 0
    return x


def written_mask(p):
    x = p.vector() * 1.0
    x[p.mask(x.size)] *= p.number()
    y = p.vector()
    x[p.mask(x.size)] = y[0] if y.size else 0.3
    return x


def written_places(p):
    x = p.vector() * 1.0
    places = p.rng.permutation(x.size)[: p.rng.integers(0, x.size + 1)]
    x[places] = mixed(p.like(p.vector(), len(places)))
    return x


def scattered(p):
    x = p.vector()
    y = np.zeros_like(x, shape=(6,))
    np.add.at(y, p.places(6, x.size), mixed(x))
    return y


def filled(p):
    x = p.vector()
    y = np.zeros_like(x, shape=(2, 5))
    y[1, : min(5, x.size)] = x[:5]
    y[0] = y[1, ::-1] * 0.5
    return y


def chosen_by_constant(p):
    x = p.vector()
    return np.where(p.mask(x.size), x, mixed(x[::-1]))


def looped(p):
    x = p.vector()
    total = x[0] if x.size else 0.5
    rows = [total]
    for k in range(1, min(x.size, 5)):
        total = mixed(total) * 0.5 + x[k] if k % 2 else x[k]
        rows.append(total)
    return np.stack([*rows, total * 0.5])


def windows(p):
    x = p.vector()
    return np.lib.stride_tricks.sliding_window_view(x, 2) * p.numbers(2) if x.size > 1 else x


def through_complex(p):
    x = p.vector()
    z = (x + 1j * mixed(x[::-1])) * (p.number() + 0.5j)
    return np.concatenate([z.real, z.imag])


def parts_of_complex(p):
    x = p.vector()
    z = x + 1j * mixed(x[::-1])
    return np.stack([np.conj(z).imag, np.abs(z + 3) ** 2])


#: Where the true and detected patterns are equal: nothing is chosen by numbers, and nothing cancels.
STRUCTURAL = [
    elementwise,
    combined,
    outer,
    broadcast,
    gathered,
    gathered_from_both,
    taken,
    masked,
    sliced,
    reversed_,
    transposed,
    rolled,
    concatenated,
    stacked,
    padded,
    repeated,
    tiled,
    diagonal,
    differences,
    summed,
    summed_where,
    averaged,
    product_with_matrix,
    product_with_sparse,
    product_of_both,
    einsum,
    einsum_of_both,
    tensordot,
    convolved,
    written_slice,
    written_view,
    written_mask,
    written_places,
    scattered,
    filled,
    chosen_by_constant,
    looped,
    windows,
    through_complex,
]


def chosen_by_numbers(p):
    x = p.vector()
    return np.where(x > 0.7, x * x, mixed(x[::-1]))


def maximum(p):
    x = p.vector()
    return np.maximum(x, mixed(x[::-1]))


def clipped(p):
    return np.clip(p.vector(), 0.4, mixed(p.number()))


def extreme(p):
    x = p.matrix()
    return x.max(axis=1) if x.size else x


def sorted_(p):
    return np.sort(p.matrix(), axis=p.rng.integers(2))


def gathered_by_numbers(p):
    x = p.vector()
    return x[np.argsort(mixed(x))][:4]


def written_by_numbers(p):
    x = p.vector() * 1.0
    x[x > 0.7] = 0.5 * x[x > 0.7]
    return x


def branched(p):
    x = p.vector()
    return x[1:] * 0.5 if x.size and x[0] > 0.6 else mixed(x)


def met_itself(p):
    x = p.vector()[:5]
    return np.convolve(x, x) if x.size else x


def multiplied(p):
    x = p.matrix()
    return np.prod(x, axis=1) - x.std(axis=1) if x.size else x


def solved(p):
    x = p.like(p.vector(), 9).reshape(3, 3) * 0.2
    return np.linalg.solve(x + 4 * np.eye(3), p.numbers(3))


def transformed(p):
    x = p.matrix()
    return np.abs(np.fft.fft(x, axis=0)) ** 2 if x.size else x


def by_difference(p):
    x = p.vector()
    return x - x + x[::-1] * 0


CHOOSING = [
    running,
    chosen_by_numbers,
    maximum,
    clipped,
    extreme,
    sorted_,
    gathered_by_numbers,
    written_by_numbers,
    branched,
    met_itself,
    multiplied,
    solved,
    transformed,
    by_difference,
    parts_of_complex,
]


@dataclasses.dataclass
class Program:
    """A function of one vector that answers one vector."""

    instructions: list
    kept: int

    def __call__(self, x):
        pool = Pool([x])
        for instruction, seed in self.instructions:
            pool.rng = np.random.default_rng(seed)
            y = instruction(pool)
            if y.size > 60:
                y = y.reshape(-1)[:: y.size // 30]
            pool.arrays.append(y)
        parts = [y.reshape(-1) for y in pool.arrays[-self.kept :]]
        return np.concatenate(parts)

    def scalar(self, x):
        """One number of the same sparsity, as far as that is possible."""
        y = self(x)
        return np.sum(mixed(y)) + np.sum(y[1:] * y[:-1])

    def __repr__(self):
        shown = ", ".join(f"({i.__name__}, {seed})" for i, seed in self.instructions)
        return f"Program([{shown}], kept={self.kept})"


def programs(instructions, longest=6):
    drawn = st.tuples(st.sampled_from(instructions), st.integers(0, 2**16))
    return st.builds(Program, st.lists(drawn, min_size=1, max_size=longest), st.integers(1, 3))


def arguments(dtypes=("d",)):
    """A vector of 0 to 8 positive numbers."""

    def made(size, seed, dtype):
        return np.random.default_rng(seed).uniform(0.3, 1.3, size).astype(dtype)

    return st.builds(
        made, st.integers(0, 8), st.integers(0, 2**16), st.sampled_from(sorted(dtypes))
    )
