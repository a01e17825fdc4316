"""Tables of counts: ``scipy.stats.contingency`` with derivatives by the table.

Must not know what is counted.
"""

from typing import Any

import numpy as np
import scipy.stats.contingency as _scipy

from dualrev.core.binding import constant_of
from dualrev.core.operands import as_operand
from dualrev.core.traced import is_traced
from dualrev.scipy.rest import Rest

REST = Rest(
    _scipy,
    bodies="margins expected_freq chi2_contingency",
    constant="association relative_risk odds_ratio",
)

__all__ = ["crosstab", *REST.names]
__getattr__ = REST


def crosstab(*args: Any, levels: Any = None, sparse: bool = False) -> Any:
    """The values that sequences hold, and how often each combination of them occurs.

    Equals :func:`scipy.stats.contingency.crosstab`.  The ``elements``, of which the values are found in
    the sequences, carry derivatives; the ``count`` none.
    """
    table = constant_of(_scipy.crosstab, args, {"levels": levels, "sparse": sparse})
    if not is_traced(args, levels):
        return table
    chosen = (None,) * len(args) if levels is None else levels
    elements = [np.unique(as_operand(x)) if c is None else c for x, c in zip(args, chosen)]
    return type(table)(type(table.elements)(elements), table.count)
