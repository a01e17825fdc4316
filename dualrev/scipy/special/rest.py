"""What :mod:`scipy.special` has beside what has a rule here, each name with its word."""

import scipy.special as _scipy

from dualrev.scipy.rest import Rest

__all__ = ["REST"]

_COMPILED = "SciPy computes it by compiled code alone"

REST = Rest(
    _scipy,
    # Polynomials of whole degrees: what they answer calls a ufunc.
    dispatches="legendre chebyt chebyu chebyc chebys laguerre hermite hermitenorm "
    "sh_legendre sh_chebyt sh_chebyu",
    bodies="assoc_laguerre",
    constant="geterr seterr errstate bernoulli euler "
    "ai_zeros bi_zeros bei_zeros beip_zeros ber_zeros berp_zeros kei_zeros keip_zeros ker_zeros "
    "kerp_zeros kelvin_zeros erf_zeros fresnel_zeros fresnelc_zeros fresnels_zeros jnjnp_zeros "
    "y0_zeros y1_zeros y1p_zeros "
    "roots_legendre roots_chebyt roots_chebyu roots_chebyc roots_chebys roots_laguerre roots_hermite "
    "roots_hermitenorm roots_sh_legendre roots_sh_chebyt roots_sh_chebyu "
    "p_roots t_roots u_roots c_roots s_roots l_roots h_roots he_roots ps_roots ts_roots us_roots",
    refused={
        "jn_zeros jnp_zeros yn_zeros ynp_zeros jnyn_zeros": (
            "its order is a whole number",
            "hold `n` constant: dualrev.stop_gradient(n)",
        ),
        "stirling2": (
            "it counts, for whole numbers alone",
            "give it plain numbers: int(dualrev.stop_gradient(x))",
        ),
        "jacobi": (
            "SciPy makes an object of plain numbers",
            "use scipy.special.eval_jacobi(n, alpha, beta, x)",
        ),
        "genlaguerre": (
            "SciPy makes an object of plain numbers",
            "use scipy.special.eval_genlaguerre(n, alpha, x)",
        ),
        "gegenbauer": (
            "SciPy makes an object of plain numbers",
            "use scipy.special.eval_gegenbauer(n, alpha, x)",
        ),
        "sh_jacobi": (
            "SciPy makes an object of plain numbers",
            "use scipy.special.eval_sh_jacobi(n, p, q, x)",
        ),
        "lmbda": (
            _COMPILED,
            "use scipy.special.gamma(v + 1) * (2 / x) ** v * scipy.special.jv(v, x)",
        ),
        "mathieu_even_coef mathieu_odd_coef": (
            _COMPILED,
            "hold `q` constant: dualrev.stop_gradient(q)",
        ),
        "ellip_harm ellip_harm_2": (_COMPILED, "hold `s` constant: dualrev.stop_gradient(s)"),
        "ellip_normal": (_COMPILED, "hold `h2` and `k2` constant: dualrev.stop_gradient(h2)"),
    },
)
