"""The window of Tukey, of which SciPy lets the share of the taper end at 0 and at 1.

Must not know how the other windows are computed: they are SciPy's bodies.
"""

import scipy.signal.windows

from dualrev import errors
from dualrev.core.operands import base_of
from dualrev.core.traced import is_differentiated
from dualrev.scipy.bodies import instead


def _tukey(M, alpha=0.5, *args, **options):
    if is_differentiated(alpha) and base_of(alpha) in (0.0, 1.0):
        raise errors.no_rule(
            "scipy.signal.windows.tukey with a traced alpha of 0 or 1",
            "move alpha into the interval: 1e-9, or 1 - 1e-9",
            "it has a kink there",
        )
    return _tapered(M, alpha, *args, **options)


_tapered = instead(scipy.signal.windows.tukey, _tukey)
