"""Cases of rules/special/incomplete.py."""

from scipy import special

from tests.cases import case, positive

POSITIVE = positive(5)
SHAPES = positive(5, seed=5)
UNIT = positive(5, low=0.1, high=0.9)

CASES = [
    case(special.gammainc, 2.5, POSITIVE),
    case(special.gammainc, 4 * SHAPES, 4 * POSITIVE),
    case(special.gammaincc, 1, POSITIVE),
    case(special.gammaincc, SHAPES, POSITIVE),
    case(special.gammaincinv, SHAPES, UNIT),
    case(special.gammainccinv, SHAPES, UNIT),
    case(special.betainc, 2.5, 1.5, UNIT),
    case(special.betainc, SHAPES, POSITIVE, UNIT),
    case(special.betaincinv, SHAPES, POSITIVE, UNIT),
]
if hasattr(special, "betaincc"):
    CASES += [
        case(special.betaincc, SHAPES, POSITIVE, UNIT),
        case(special.betainccinv, SHAPES, POSITIVE, UNIT),
    ]
