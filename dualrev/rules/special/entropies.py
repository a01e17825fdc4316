"""Entropies, divergences and losses of scipy.special.

Must not know NumPy's own functions' rules.
"""

import numpy as np
from scipy import special

from dualrev.core.elementwise import elementwise
from dualrev.core.guarded import guarded_product

#: ``x / y``, but 0 where both are 0, and so with its slopes by y: at x = 0 it is 0 for every y.
_ratio = elementwise(
    lambda x, y: x / np.where(np.equal(x, 0) & np.equal(y, 0), 1, y),
    lambda ans, x, y: 1 / y,
    lambda ans, x, y: -_ratio(ans, y),
    guarded=True,
    # One quotient, as of np.log: x / y**2 of a large y is 0 before t brings it back.
    product=(
        lambda t, ans, x, y: guarded_product(t, 1 / y),
        lambda t, ans, x, y: -_ratio(t * ans, y),
    ),
    name="ratio",
)
#: ``log(x / y)``, of which each slope knows one argument: at x = 0 that by y is finite.
_log_ratio = elementwise(
    lambda x, y: np.log(x / np.where(np.equal(x, 0) & np.equal(y, 0), 1, y)),
    lambda ans, x, y: 1 / x,
    lambda ans, x, y: -1 / y,
    guarded=True,
    name="log_ratio",
)

for _function, _log, _shift in ((special.xlogy, np.log, 0), (special.xlog1py, np.log1p, 1)):
    elementwise(
        _function,
        lambda ans, x, y, log=_log: log(y),
        lambda ans, x, y, shift=_shift: _ratio(x, shift + y),
        guarded=True,
    )
elementwise(special.entr, lambda ans, x: -1 - np.log(x), guarded=True)
elementwise(
    special.rel_entr,
    lambda ans, x, y: 1 + _log_ratio(x, y),
    lambda ans, x, y: -_ratio(x, y),
    guarded=True,
)
elementwise(
    special.kl_div,
    lambda ans, x, y: _log_ratio(x, y),
    lambda ans, x, y: 1 - _ratio(x, y),
    guarded=True,
)
elementwise(
    special.huber,
    lambda ans, delta, r: np.maximum(np.absolute(r) - delta, 0),
    lambda ans, delta, r: np.clip(r, -delta, delta),
)
elementwise(
    special.pseudo_huber,
    lambda ans, delta, r: 2 * ans / delta - r * r / (delta * np.hypot(1, r / delta)),
    lambda ans, delta, r: r / np.hypot(1, r / delta),
)
