"""Kelvin functions: chapter 10 of DLMF, from 10.61.

Must not know NumPy's own functions' rules.

ber + i bei = J0(x exp(3 pi i / 4)) and ker + i kei = K0(x exp(pi i / 4)) satisfy w'' = i w - w' / x.
"""

import math

from scipy import special

from dualrev.core.elementwise import elementwise
from dualrev.rules.special.outputs import several_outputs
from dualrev.rules.special.removable import near, power_series

# ber'(x) / x^3 and bei'(x) / x in powers of x^4: 10.65.1.
_BER = [(-1) ** k * 4 * k / (4**k * math.factorial(2 * k)) ** 2 for k in range(1, 9)]
_BEI = [(-1) ** k * (4 * k + 2) / (2 * 4**k * math.factorial(2 * k + 1)) ** 2 for k in range(8)]


def _berp_ratio(x, berp):
    return near(
        x,
        0,
        lambda x: x * x * power_series((x * x) ** 2, _BER),
        lambda x: berp(x) / x,
        1,
    )


def _beip_ratio(x, beip):
    return near(x, 0, lambda x: power_series((x * x) ** 2, _BEI), lambda x: beip(x) / x, 1)


elementwise(special.ber, lambda ans, x: special.berp(x))
elementwise(special.bei, lambda ans, x: special.beip(x))
elementwise(special.ker, lambda ans, x: special.kerp(x), guarded=True)
elementwise(special.kei, lambda ans, x: special.keip(x), guarded=True)
elementwise(special.berp, lambda ans, x: -special.bei(x) - _berp_ratio(x, special.berp))
elementwise(special.beip, lambda ans, x: special.ber(x) - _beip_ratio(x, special.beip))
elementwise(special.kerp, lambda ans, x: -special.kei(x) - ans / x, guarded=True)
elementwise(special.keip, lambda ans, x: special.ker(x) - ans / x, guarded=True)


def _kelvin_slopes(ans, x):
    be, ke, be_slope, ke_slope = ans
    ratio = _berp_ratio(x, special.berp) + _beip_ratio(x, special.beip) * 1j
    return be_slope, ke_slope, be * 1j - ratio, ke * 1j - ke_slope / x


several_outputs(special.kelvin, _kelvin_slopes)
