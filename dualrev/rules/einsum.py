"""einsum: sums of products along labelled axes.

Must not know the products that have names of their own.
"""

import functools
import string

import numpy as np

from dualrev.core.arrays import rounds
from dualrev.core.words import composition, linear
from dualrev.rules.shape import plain


def _einsum(*operands, **options):
    if not isinstance(operands[0], str):
        operands = _subscripts_of_lists(operands)
    subscripts, *arrays = operands
    if rounds(options.get("dtype")):
        return np.einsum(subscripts, *map(plain, arrays), **options)
    return contracted(*arrays, subscripts=subscripts, **options)


def _subscripts_of_lists(operands):
    """``einsum(a, [0, 1], b, [1, 2], [0, 2])`` in the form ``einsum("AB,BC->AC", a, b)``."""
    # Upper case first: implicit output is in the order of the numbers, and of the letters.
    letters = string.ascii_uppercase + string.ascii_lowercase

    def term(labels):
        return "".join("..." if label is Ellipsis else letters[label] for label in labels)

    pairs = len(operands) // 2
    subscripts = ",".join(map(term, operands[1 : 2 * pairs : 2]))
    if len(operands) % 2:
        subscripts += "->" + term(operands[-1])
    return subscripts, *operands[: 2 * pairs : 2]


@functools.lru_cache(maxsize=1024)
def _labels(subscripts, ndims):
    """The labels of each operand and of the answer, with letters in the place of the dots."""
    inputs, arrow, output = subscripts.replace(" ", "").partition("->")
    dots = "".join(c for c in string.ascii_letters if c not in subscripts)
    terms = inputs.split(",")
    # Axes under the dots broadcast: they are aligned at their right end.
    widths = [n - len(term) + 3 if "." in term else 0 for n, term in zip(ndims, terms)]
    dots = dots[: max(widths)]
    terms = [term.replace("...", dots[len(dots) - w :]) for term, w in zip(terms, widths)]
    if arrow:
        output = output.replace("...", dots)
    else:
        letters = sorted(c for c in inputs if c.isalpha() and inputs.count(c) == 1)
        output = dots + "".join(letters)
    return terms, output


@functools.lru_cache(maxsize=1024)
def _transposed(subscripts, ndims, i):
    """The contraction that gives the cotangent of operand i, from that of the answer and the rest.

    Also the axes in which the operand repeats a label, and, where it was summed over axes that are
    its own, which of its axes the contraction yields.
    """
    terms, output = _labels(subscripts, ndims)
    labels = [output, *terms[:i], *terms[i + 1 :]]
    fresh = (c for c in string.ascii_letters if c not in output + "".join(terms))
    target, repeated = "", []
    for axis, label in enumerate(terms[i]):
        if label in target:  # a diagonal was read: an identity matrix puts its cotangent there
            repeated.append(axis)
            labels.append(label := label + next(fresh))
        target += label[-1]
    known = "".join(labels)
    kept = [c in known for c in target]
    inputs, target = ",".join(labels), "".join(c for c in target if c in known)
    return f"{inputs}->{target}", repeated, None if all(kept) else kept


def _einsum_transpose(ct, i, arrays, subscripts, optimize):
    transposed, repeated, kept = _transposed(subscripts, tuple(map(np.ndim, arrays)), i)
    operands = [ct, *arrays[:i], *arrays[i + 1 :]]
    operands += [np.eye(arrays[i].shape[axis], dtype=ct.dtype) for axis in repeated]
    if isinstance(optimize, list):  # the path of another contraction
        optimize = "greedy"
    ct = np.einsum(transposed, *operands, optimize=optimize)
    if kept is None:
        return ct
    sizes = iter(ct.shape)
    return ct.reshape([next(sizes) if yielded else 1 for yielded in kept])


def _einsum_vjp(ct, wanted, ans, *arrays, subscripts, optimize=False, **options):
    return [
        _einsum_transpose(ct, i, arrays, subscripts, optimize) if want else None
        for i, want in enumerate(wanted)
    ]


def _einsum_batch(call, batched, *arrays, subscripts, **options):
    ndims = tuple(np.ndim(x) - with_rows for x, with_rows in zip(arrays, batched))
    terms, output = _labels(subscripts, ndims)
    rows = next(c for c in string.ascii_letters if c not in output + "".join(terms))
    terms = [rows + term if with_rows else term for term, with_rows in zip(terms, batched)]
    return call(*arrays, subscripts=f"{','.join(terms)}->{rows}{output}", **options)


contracted = linear(
    lambda *arrays, subscripts, **options: np.einsum(subscripts, *arrays, **options),
    each=_einsum_vjp,
    view=True,
    may_copy=True,  # of one operand without a sum: "ii->i", "ij->ji"
    batch=_einsum_batch,
    subscripts=lambda *ndims, subscripts, **options: _labels(subscripts, ndims),
    name="einsum",
)
composition(np.einsum, _einsum)
