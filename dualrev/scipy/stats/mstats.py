"""Statistics of masked arrays: no traced array is one, so all of ``scipy.stats.mstats`` is refused.

Must not know any function by name.
"""

import scipy.stats.mstats as _scipy

from dualrev.scipy.rest import Rest

REST = Rest(
    _scipy,
    refused={
        " ".join(_scipy.__all__): (
            "it computes with masks, which traced arrays have not",
            "use the function of scipy.stats, with nan where the mask is and nan_policy='omit'",
        )
    },
)

__all__ = [*REST.names]
__getattr__ = REST
