"""Hypergeometric functions in their argument: chapters 13, 15 and 16 of DLMF.

Must not know NumPy's own functions' rules.
"""

import numpy as np
from scipy import special

from dualrev.core.primitive import elementwise
from dualrev.rules.special.refusal import refuse

elementwise(  # 16.3.1
    special.hyp0f1, refuse(special.hyp0f1, "v"), lambda ans, v, z: special.hyp0f1(v + 1, z) / v
)
elementwise(  # 13.3.15
    special.hyp1f1,
    refuse(special.hyp1f1, "a"),
    refuse(special.hyp1f1, "b"),
    lambda ans, a, b, x: a / b * special.hyp1f1(a + 1, b + 1, x),
    guarded=True,
)
elementwise(  # 15.5.1
    special.hyp2f1,
    *(refuse(special.hyp2f1, argument) for argument in "abc"),
    lambda ans, a, b, c, z: a * b / c * special.hyp2f1(a + 1, b + 1, c + 1, z),
    guarded=True,
)
elementwise(  # 13.3.22
    special.hyperu,
    refuse(special.hyperu, "a"),
    refuse(special.hyperu, "b"),
    lambda ans, a, b, x: -a * special.hyperu(a + 1, b + 1, x),
    guarded=True,
)
# Wright (1935), "The asymptotic expansion of the generalized Bessel function": the sum over k of
# x^k / (k! gamma(a k + b)).  10.46.1.
elementwise(
    special.wright_bessel,
    refuse(special.wright_bessel, "a"),
    refuse(special.wright_bessel, "b"),
    lambda ans, a, b, x: special.wright_bessel(a, a + b, x),
    guarded=True,
)
if hasattr(special, "log_wright_bessel"):
    elementwise(
        special.log_wright_bessel,
        refuse(special.log_wright_bessel, "a"),
        refuse(special.log_wright_bessel, "b"),
        lambda ans, a, b, x: np.exp(special.log_wright_bessel(a, a + b, x) - ans),
        guarded=True,
    )
