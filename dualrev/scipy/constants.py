"""``scipy.constants``: conversions of traced quantities; its numbers and tables are SciPy's.

Owns the words of its names.
"""

import scipy.constants as _scipy

from dualrev.scipy.rest import Rest

REST = Rest(
    _scipy,
    bodies="convert_temperature lambda2nu nu2lambda",
    constant="find precision unit value",
)

__all__ = REST.names
__getattr__ = REST
