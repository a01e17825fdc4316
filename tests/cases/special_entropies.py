"""Cases of rules/special/entropies.py."""

from scipy import special

from tests.cases import case, positive, real

X = real(5)
POSITIVE = positive(5)

CASES = [
    case(special.xlogy, X, POSITIVE, dtypes="f"),
    case(special.xlog1py, X, POSITIVE, dtypes="f"),
    case(special.entr, POSITIVE),
    case(special.rel_entr, POSITIVE, positive(5, seed=5)),
    case(special.kl_div, POSITIVE, positive(5, seed=5)),
    case(special.huber, positive(5, low=0.9, high=1.1), X),
    case(special.pseudo_huber, POSITIVE, X),
]
