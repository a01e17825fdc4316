"""Contractions: products that are summed over some axes, as einsum writes them.

Owns what the labels of the axes say of dependence.  Must not know any function by name.
"""

import numpy as np
import scipy.sparse

from dualrev.program.steps import Ref, refs_in

__all__ = ["contracted"]


def contracted(call):
    """The numbers of the answer of a product that is summed over some axes, as einsum writes it."""
    operands = call.step.args
    ndims = [len(x.shape) if type(x) is Ref else np.ndim(x) for x in operands]
    terms, output = call.rule.subscripts(*ndims, **call.step.kwargs)
    known = [k for k, x in enumerate(operands) if next(refs_in(x), None) is None]
    if len(operands) == 2 and len(known) == 1 and call.rule.affine:
        (k,) = known
        matrix = _as_matrix(operands[k], terms[k], terms[1 - k], output)
        if matrix is not None:
            return _times(call, *matrix, operands[1 - k], terms[1 - k], output)
    parts = []
    for x, term in zip(operands, terms):
        numbers = call.reading.numbers(x)
        if not numbers.any():
            continue
        for label in {c for c in term if term.count(c) > 1}:  # a diagonal
            while term.count(label) > 1:
                i = term.index(label)
                j = term.index(label, i + 1)
                numbers = np.moveaxis(np.diagonal(numbers, 0, i, j), -1, i)
                term = term[:j] + term[j + 1 :]
        summed = tuple(i for i, label in enumerate(term) if label not in output)
        numbers = call.over(numbers, summed, False)
        term = "".join(label for label in term if label in output)
        order = sorted(range(len(term)), key=lambda i: output.index(term[i]))
        numbers = numbers.transpose(order)
        present = [label in term for label in output]
        sizes = iter(numbers.shape)
        parts.append(numbers.reshape([next(sizes) if has else 1 for has in present]))
    return call.sets.union(*parts)


def _times(call, matrix, sizes, free, inner, x, term, output):
    """The product with a constant matrix (free, inner), whose free axes have these sizes."""
    numbers = call.reading.numbers(x)
    rest = [label for label in term if label not in inner]
    order = [term.index(label) for label in inner + "".join(rest)]
    numbers = numbers.transpose(order)
    shape = numbers.shape[len(inner) :]
    columns = numbers.reshape(matrix.shape[1], -1).T
    ans = np.array([call.sets.combined(matrix, column) for column in columns], np.intp)
    ans = ans.reshape((*shape, *sizes))
    labels = "".join(rest) + free
    return ans.transpose([labels.index(label) for label in output])


def _as_matrix(x, term, other, output):
    """A constant operand as a sparse matrix, where it holds zeros, and the labels of its axes."""
    x = np.asarray(x)
    shared = set(term) & set(other)
    if (
        x.all()
        or shared & set(output)
        or len(set(term)) < len(term)
        or len(set(other)) < len(other)
    ):
        return None
    free = "".join(label for label in term if label in output)
    inner = "".join(label for label in term if label in shared)
    if len(free) + len(inner) < len(term) or any(c not in output + inner for c in other):
        return None
    moved = x.transpose([term.index(label) for label in free + inner])
    sizes = moved.shape[: len(free)]
    rows = int(np.prod(sizes, dtype=int))
    return scipy.sparse.csr_array(moved.reshape(rows, -1) != 0), sizes, free, inner
