"""braille: the picture of a pattern in a terminal.

Must not know matrices of derivatives.
"""

import numpy as np

from dualrev.sparse.patterns import blocks, given

__all__ = ["braille"]

#: The dots of a character, two wide and four high, as bits of its code beyond U+2800.
_DOTS = np.array([[1, 8], [2, 16], [4, 32], [64, 128]])


def braille(pattern) -> str:
    """Picture of a sparse pattern in braille dots, of at most 60 x 20 characters between brackets.

    Parameters
    ----------
    pattern : sparse matrix or array, shape (m, n)
        Stored entries count, whatever their values: what :func:`~dualrev.sparsity` answers,
        ``J.pattern`` of a prepared matrix, or any matrix.

    Returns
    -------
    str
        A dot stands for an entry; where there are more than 120 columns or 80 rows, for a block that
        has one.

    See Also
    --------
    plot_pattern, dualrev.prepare_jacobian

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.show import braille
    >>> print(braille(dr.sparsity(lambda x: x[1:] * x[:-1], np.ones(9))))
    ⎡⠙⢦⡀⠀⠀⎤
    ⎣⠀⠀⠙⢦⡀⎦
    """
    counts, _ = blocks(given(pattern), 80, 120)
    high, wide = counts.shape
    dots = np.pad(counts > 0, [(0, -high % 4), (0, -wide % 2)])
    cells = dots.reshape(dots.shape[0] // 4, 4, dots.shape[1] // 2, 2)
    codes = 0x2800 + np.einsum("iajb,ab->ij", cells, _DOTS).astype(int)
    lines = ["".join(map(chr, line)) for line in codes.tolist()]
    if len(lines) < 2:
        return f"[{''.join(lines)}]"
    between = len(lines) - 2
    left, right = f"⎡{'⎢' * between}⎣", f"⎤{'⎥' * between}⎦"
    return "\n".join(map("".join, zip(left, lines, right)))
