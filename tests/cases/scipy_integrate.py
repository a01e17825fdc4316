"""Cases of dualrev/scipy/integrate."""

import numpy as np

from dualrev.scipy import integrate
from tests.cases import case, positive, real

P = np.array([0.7])


def integral(function, label, call, *args):
    # Not in float32: its rounding is above SciPy's tolerance, which it would chase in vain.
    return case(function, *args, call=call, label=label, dtypes="")


def of_samples(function, dtypes="fFD"):
    """Over numbers of samples that are odd, even and few, in y, in y and x, and in y and dx."""
    for n in (2, 3, 4, 5, 6):
        x = np.cumsum(positive(n))
        yield case(function, real(2, n), label=f"{function.__name__}({n})", dtypes=dtypes)
        yield case(
            function,
            real(2, n, 2),
            x,
            call=lambda y, x: function(y, x=x, axis=1),
            label=f"{function.__name__}({n}, x)",
        )
    y, x = real(5, 2), np.cumsum(positive(5, 2), axis=0)
    name = function.__name__
    yield case(function, y, x, call=lambda y, x: function(y, x=x, axis=0), label=f"{name}(x of y)")
    yield case(
        function, y, P, call=lambda y, dx: function(y, dx=dx[0], axis=-2), label=f"{name}(dx)"
    )


QUAD = integrate.quad

CASES = [
    *of_samples(integrate.trapezoid),
    *of_samples(integrate.cumulative_trapezoid),
    *of_samples(integrate.simpson),
    # SciPy before 1.17 loses the imaginary part.
    *of_samples(integrate.cumulative_simpson, dtypes="f"),
    case(integrate.cumulative_trapezoid, real(2, 4), initial=0),
    case(
        integrate.cumulative_simpson,
        real(2, 4),
        real(2, 1),
        call=lambda y, c: integrate.cumulative_simpson(y, initial=c),
        label="cumulative_simpson(initial)",
    ),
    case(integrate.romb, real(9, 2), 0.3, 0, dtypes="fFD"),
    case(integrate.romb, real(5), P, call=lambda y, dx: integrate.romb(y, dx[0]), label="romb(dx)"),
    integral(QUAD, "quad(closure)", lambda p: QUAD(lambda x: np.exp(-p[0] * x * x), 0, 1)[0], P),
    integral(
        QUAD,
        "quad(args)",
        lambda p: QUAD(lambda x, p: np.exp(-p * x * x), 0, 1, args=(p[0],))[0],
        P,
    ),
    integral(
        QUAD,
        "quad(numbers only)",
        lambda p: QUAD(lambda x: p[0] ** (2 if x < 0.5 else 3) * x, 0, 1, points=[0.5])[0],
        P,
    ),
    integral(QUAD, "quad(limits)", lambda p: QUAD(np.cos, p[0], p[1])[0], np.array([0.3, 1.2])),
    integral(QUAD, "quad(all)", lambda p: QUAD(lambda x: np.cos(p[0] * x), p[0], 0.2)[0], P),
    integral(QUAD, "quad(inf)", lambda p: QUAD(lambda x: np.exp(-p[0] * x), p[0], np.inf)[0], P),
    integral(
        QUAD,
        "quad(-inf)",
        lambda p: QUAD(lambda x: np.exp(-p[0] * x * x), -np.inf, p[0])[0],
        P,
    ),
    integral(
        QUAD,
        "quad(-inf, inf)",
        lambda p: QUAD(lambda x: np.exp(-p[0] * x * x + 0.3 * x), -np.inf, np.inf)[0],
        P,
    ),
    integral(QUAD, "quad(power)", lambda p: QUAD(lambda x: x ** -p[0], 0, 1)[0], np.array([0.4])),
    integral(QUAD, "quad(log)", lambda p: QUAD(lambda x: np.log(x) / (x + p[0]), 0, 1)[0], P),
    integral(
        QUAD,
        "quad(complex)",
        lambda p: QUAD(lambda x: np.exp(1j * p[0] * x), 0, 2, complex_func=True)[0],
        P,
    ),
    integral(
        integrate.quad_vec,
        "quad_vec",
        lambda p, b: integrate.quad_vec(lambda x: np.cos(p * x), 0.1, b[0])[0],
        real(3),
        P,
    ),
    integral(
        integrate.quad_vec,
        "quad_vec(args, inf)",
        lambda p: integrate.quad_vec(
            lambda x, p: np.exp(-p * x * x + x), -np.inf, np.inf, args=(p,)
        )[0],
        positive(2, 2),
    ),
    integral(
        integrate.fixed_quad,
        "fixed_quad",
        lambda p: integrate.fixed_quad(lambda x, c: np.exp(c * x), 0.1, p[0], (p[0],), n=4)[0],
        P,
    ),
]
