"""Tables of counts: ``scipy.stats.contingency`` with derivatives by the table.

Must not know what is counted.
"""

import scipy.stats.contingency as _scipy

from dualrev.scipy.rest import Rest

REST = Rest(
    _scipy,
    bodies="margins expected_freq chi2_contingency",
    constant="association crosstab relative_risk odds_ratio",
)

__all__ = [*REST.names]
__getattr__ = REST
