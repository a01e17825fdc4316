"""What rules/special refuses: parameters without a known derivative, by name and in both modes."""

import numpy as np
import pytest
from scipy import special

import dualrev as dr

MATHIEU = ("cem", "sem", "modcem1", "modcem2", "modsem1", "modsem2")
RADIAL = ("rad1", "rad2")
CHARACTERISTIC = {"pro": special.pro_cv, "obl": special.obl_cv}

# Function, arguments, and the names of those that are refused; "-" marks the others.
REFUSED = [
    ("kn", (2.0, 2.0), "v -"),
    ("yn", (2.0, 2.0), "v -"),
    ("besselpoly", (0.5, 1.0, 1.5), "- lmb nu"),
    ("expn", (2.0, 2.0), "n -"),
    ("pbvv", (1.5, 0.5), "v -"),
    ("pbwa", (1.5, 0.5), "a -"),
    ("lpmv", (1.0, 2.0, 0.5), "m - -"),
    *((f"mathieu_{name}", (2.0, 1.5, 0.5), "m q -") for name in MATHIEU),
    ("mathieu_a", (2.0, 1.5), "m -"),
    ("mathieu_b", (2.0, 1.5), "m -"),
    ("pro_cv", (1.0, 2.0, 1.5), "m n -"),
    ("obl_cv", (1.0, 2.0, 1.5), "m n -"),
    *((f"{kind}_ang1", (1.0, 2.0, 1.5, 0.5), "m n c -") for kind in ("pro", "obl")),
    *(
        (f"{kind}_{name}", (1.0, 2.0, 1.5, 2.5), "m n c -")
        for kind in ("pro", "obl")
        for name in RADIAL
    ),
    *((f"{kind}_ang1_cv", (1.0, 2.0, 1.5, 7.0, 0.5), "m n c cv -") for kind in ("pro", "obl")),
    *(
        (f"{kind}_{name}_cv", (1.0, 2.0, 1.5, CHARACTERISTIC[kind](1, 2, 1.5), 2.5), "m n c cv -")
        for kind in ("pro", "obl")
        for name in RADIAL
    ),
]
PAIRS = [
    (getattr(special, function), position, argument, args)
    for function, args, arguments in REFUSED
    if hasattr(special, function)
    for position, argument in enumerate(arguments.split())
]


def total(ans):
    return sum(map(np.real, ans)) if isinstance(ans, tuple) else np.real(ans)


@pytest.mark.parametrize(("f", "position", "argument", "args"), PAIRS)
def test_a_parameter_is_refused_by_name_or_has_a_derivative(f, position, argument, args):
    """Never a silent zero."""

    def of_one(value):
        return total(f(*args[:position], value, *args[position + 1 :]))

    if argument == "-":
        assert dr.grad(of_one)(args[position]) == dr.jvp(of_one, (args[position],), (1.0,))[1] != 0
        return
    for differentiate in (
        lambda: dr.grad(of_one)(args[position]),
        lambda: dr.jvp(of_one, (args[position],), (1.0,)),
    ):
        with pytest.raises(dr.MissingRuleError, match=f"`{argument}` traced") as error:
            differentiate()
        assert f"scipy.special.{f.__name__}" in str(error.value)
        assert f"stop_gradient({argument})" in str(error.value)


def test_a_stopped_order_is_accepted():
    value = dr.grad(lambda v: special.yn(dr.stop_gradient(v), 2.0) * v)(1.0)
    np.testing.assert_allclose(special.y1(2.0), value, rtol=1e-14)


@pytest.mark.parametrize("name", ["jv", "yv", "iv", "kv", "kve", "hankel1", "hankel2e"])
def test_the_order_of_a_bessel_function_of_a_complex_argument_is_refused(name):
    f = getattr(special, name)
    with pytest.raises(dr.MissingRuleError, match="`v` traced"):
        dr.grad(lambda v: f(v, 1 + 1j).real)(1.5)


@pytest.mark.parametrize(
    "f",
    [
        lambda z: special.jve(1.5, z),
        lambda z: special.yve(1.5, z),
        lambda z: special.ive(1.5, z),
        lambda z: special.airye(z)[2],
        lambda z: special.elliprd(z, 1.0, 2.0),
        lambda z: special.elliprj(z, 1.0, 2.0, 3.0),
        special.zeta,
    ],
)
def test_a_complex_argument_is_refused_where_no_rule_holds(f):
    """Functions that are not holomorphic, and integrals along the real line."""
    with pytest.raises(dr.MissingRuleError, match=r"complex|positive"):
        dr.jvp(f, (1 + 1j,), (1 + 0j,))


def test_characteristic_values_have_no_second_derivative():
    """The first one is an integral of the functions themselves, which are refused by q and c."""
    for f, argument in (
        (lambda q: special.mathieu_a(2, q), "q"),
        (lambda c: special.pro_cv(1, 2, c), "c"),
    ):
        with pytest.raises(dr.MissingRuleError, match=f"`{argument}` traced"):
            dr.derivative(dr.derivative(f))(1.5)
