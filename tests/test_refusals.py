"""What knows no traced arrays works, or is refused by an error of ours whose repair works.

Each row: a program that is refused, how the error's repair reads, and the program with the repair.
"""

import collections
import decimal
import fractions
import functools
import importlib
import json
import operator
import re
import statistics

import numpy as np
import pytest
import scipy.differentiate
import scipy.integrate
import scipy.ndimage
import scipy.optimize
import scipy.sparse
import scipy.sparse.linalg
import scipy.stats

import dualrev as dr
import dualrev.numpy
from dualrev.scipy import optimize, sparse
from tests.numeric import numeric_jacobian

X = np.array([0.3, 0.5, -0.2, 0.7])
S = scipy.sparse.csc_array(np.diag([1.0, 2.0, 3.0, 4.0]) + np.eye(4, k=1))
DATA = [1.0, 2.0, 3.0, 4.0]
IMPORT = "`import dualrev.numpy as np`"


@functools.lru_cache
def square(a):
    return a**2


class Model:
    @functools.cache  # noqa: B019
    def cube(self, a):
        return a**3


MODEL = Model()


def keyed(x):
    return {x[0]: 2 * x[1]}[x[0]]


def keyed_by_number(x):
    return {dr.stop_gradient(x[0]): 2 * x[1]}[dr.stop_gradient(x[0])]


def listed(x):
    rows = [x[0], x[1] ** 2, 3.0]
    return np.exp(rows)


def stacked(x):
    rows = [x[0], x[1] ** 2, 3.0]
    return np.exp(np.stack(rows))


def written_flat(x):
    y = np.zeros(3)
    y.flat[1] = x[0]
    return y


def written_flat_into_ours(x):
    y = dr.numpy.zeros(3)
    y.flat[1] = x[0]
    return y


ROWS = {
    # NumPy does not look into lists, nor into arrays of objects.
    "quantile of a list": (
        lambda x: np.quantile([x[0], x[1], 3.0], 0.3),
        "np.stack([x[0], x[1], 3.0])",
        lambda x: np.quantile(np.stack([x[0], x[1], 3.0]), 0.3),
    ),
    "interp of a list": (
        lambda x: np.interp(0.3, [0, 1], [x[0], 3]),
        "write np.stack([x[0], 3]) for [x[0], 3]",
        lambda x: np.interp(0.3, [0, 1], np.stack([x[0], 3])),
    ),
    "interp at a list": (
        lambda x: np.interp([x[0]], [0, 1], [2, 3]),
        "np.stack([x[0]])",
        lambda x: np.interp(np.stack([x[0]]), [0, 1], [2, 3]),
    ),
    "gradient of a list": (
        lambda x: np.gradient([x[0], x[1], 3.0]),
        "np.stack([x[0], x[1], 3.0])",
        lambda x: np.gradient(np.stack([x[0], x[1], 3.0])),
    ),
    "polyfit of lists": (
        lambda x: np.polyfit([x[0], 2, 3], [1, 2, 4], 1),
        "write np.stack([x[0], 2, 3]) for [x[0], 2, 3]",
        lambda x: np.polyfit(np.stack([x[0], 2, 3]), [1, 2, 4], 1),
    ),
    "cov of lists": (
        lambda x: np.cov([x[0], 1.0, 2.0], [x[0] * x[1], 2.0, 1.0]),
        "np.stack([x[0], 1.0, 2.0]) for [x[0], 1.0, 2.0], np.stack([x[0] * x[1], 2.0, 1.0])",
        lambda x: np.cov(np.stack([x[0], 1.0, 2.0]), np.stack([x[0] * x[1], 2.0, 1.0])),
    ),
    "var about a list": (
        lambda x: np.var([1.0, 2.0, 4.0], mean=[x[0]], where=[True, False, True]),
        "write np.stack([x[0]]) for [x[0]]",
        lambda x: np.var([1.0, 2.0, 4.0], mean=np.stack([x[0]]), where=[True, False, True]),
    ),
    "ufunc of a list": (
        lambda x: np.exp([x[0], 3.0]),
        "write np.stack([x[0], 3.0]) for [x[0], 3.0]",
        lambda x: np.exp(np.stack([x[0], 3.0])),
    ),
    "ufunc of a list with a name": (listed, "write np.stack(rows) for rows", stacked),
    "ufunc of a list that is made": (
        lambda x: np.arctan2([a * a if a > 0 else 1.0 for a in x], 2.0),
        "write np.stack([a * a if a > 0 else 1.0 for a in x])",
        lambda x: np.arctan2(np.stack([a * a if a > 0 else 1.0 for a in x]), 2.0),
    ),
    "det of nested lists": (
        lambda x: np.linalg.det([[2 + x[0], x[0]], [0.3, 3.0]]),
        f"for [[2 + x[0], x[0]], [0.3, 3.0]], with {IMPORT}",
        lambda x: np.linalg.det(dr.numpy.array([[2 + x[0], x[0]], [0.3, 3.0]])),
    ),
    "det of an array of nested lists": (
        lambda x: np.linalg.det(np.array([[2 + x[0], 0.3 * x[0]], [0.3 * x[0], 3.0]])),
        IMPORT,
        lambda x: np.linalg.det(dr.numpy.array([[2 + x[0], 0.3 * x[0]], [0.3 * x[0], 3.0]])),
    ),
    "det of a stack of nested lists": (
        lambda x: np.linalg.det(np.stack([[2 + x[0], 0.3 * x[0]], [0.3 * x[0], 3.0]])),
        IMPORT,
        lambda x: np.linalg.det(dr.numpy.stack([[2 + x[0], 0.3 * x[0]], [0.3 * x[0], 3.0]])),
    ),
    "arctan2 of an array with a number": (
        lambda x: np.arctan2(np.array([x[0], 1.0]), 2.0),
        IMPORT,
        lambda x: np.arctan2(dr.numpy.array([x[0], 1.0]), 2.0),
    ),
    "exp of an array with a number": (
        lambda x: np.exp(np.array([[x[0], 1.0], [2.0, x[1]]])),
        IMPORT,
        lambda x: np.exp(dr.numpy.array([[x[0], 1.0], [2.0, x[1]]])),
    ),
    "eigenvalues of a complex array": (
        lambda x: np.linalg.eigvalsh(np.array([[1, 1j * x[0]], [-1j * x[0], 2]])),
        IMPORT,
        lambda x: np.linalg.eigvalsh(dr.numpy.array([[1, 1j * x[0]], [-1j * x[0], 2]])),
    ),
    "sparse product with an array of objects": (
        lambda x: S @ np.array([x[0], 1.0, 2.0, 3.0]),
        IMPORT,
        lambda x: S @ dr.numpy.array([x[0], 1.0, 2.0, 3.0]),
    ),
    # Compiled code and Python's own, which have no frame.
    "nditer": (
        lambda x: sum(a**2 for a in np.nditer(x)),
        "iterate over x.flat",
        lambda x: sum(a**2 for a in x.flat),
    ),
    "nditer of several": (
        lambda x: sum(a * b for a, b in np.nditer([x, X])),
        "iterate over np.broadcast(x, X)",
        lambda x: sum(a * b for a, b in np.broadcast(x, X)),
    ),
    "write by .flat": (written_flat, IMPORT, written_flat_into_ours),
    "splu": (
        lambda x: scipy.sparse.linalg.splu(S).solve(x),
        "call dualrev.scipy.sparse.linalg.splu",
        lambda x: sparse.linalg.splu(S).solve(x),
    ),
    "factorized": (
        lambda x: scipy.sparse.linalg.factorized(S)(x),
        "call dualrev.scipy.sparse.linalg.factorized",
        lambda x: sparse.linalg.factorized(S)(x),
    ),
    "lru_cache": (
        lambda x: square(x[0]),
        "square.__wrapped__(x[0])",
        lambda x: square.__wrapped__(x[0]),
    ),
    "cache of a method": (
        lambda x: MODEL.cube(a=x[0]),
        "MODEL.cube.__wrapped__(MODEL, a=x[0])",
        lambda x: MODEL.cube.__wrapped__(MODEL, a=x[0]),
    ),
    "key of a dict": (keyed, "dualrev.stop_gradient(x)", keyed_by_number),
    "keys that are counted": (
        lambda x: len(collections.Counter(x)) * x[0],
        "dualrev.stop_gradient(x)",
        lambda x: len(collections.Counter(dr.stop_gradient(x))) * x[0],
    ),
    "statistics.mean": (
        lambda x: statistics.mean(list(x)),
        "write np.mean(list(x))",
        lambda x: np.mean(list(x)),
    ),
    "statistics.stdev": (
        lambda x: statistics.stdev(x),
        "write np.std(x, ddof=1)",
        lambda x: np.std(x, ddof=1),
    ),
    "json": (
        lambda x: x * bool(json.dumps([x[0]])),
        "dualrev.stop_gradient(x)",
        lambda x: x * bool(json.dumps([dr.stop_gradient(x[0])])),
    ),
    "decimal": (
        lambda x: x * (decimal.Decimal(x[0]) > 0),
        "dualrev.stop_gradient(x)",
        lambda x: x * (decimal.Decimal(dr.stop_gradient(x[0])) > 0),
    ),
}


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("name", ROWS)
def test_a_refusal_names_the_line_and_a_repair_that_works(name, mode):
    refused, repair, repaired = ROWS[name]
    with pytest.raises(dr.DualrevError) as caught:
        dr.jacobian(refused, mode=mode)(X)
    error = caught.value
    assert repair in error.fix
    assert "(test_refusals.py:" in error.where
    assert not {"Var", "Dual"} & set(error.what.split())
    expected = numeric_jacobian(repaired, X)
    np.testing.assert_allclose(expected, dr.jacobian(repaired, mode=mode)(X), atol=1e-6)


def test_without_the_source_a_list_is_told_as_well_as_an_array():
    namespace = {"np": np}
    source = "def f(x): return np.exp([x[0], 1.0])\ndef g(x): return np.exp(np.array([x[0], 1.0]))"
    exec(compile(source, "<nowhere>", "exec"), namespace)
    for f in namespace["f"], namespace["g"]:
        with pytest.raises(dr.CoercionError) as caught:
            dr.jacobian(f)(X)
        assert IMPORT in caught.value.fix
        assert "np.array([...]); a list is none" in caught.value.fix


LOST = {
    "scipy.optimize.root": lambda x: scipy.optimize.root(lambda t: t**2 - x[0], [1.0]).x,
    "scipy.optimize.fsolve": lambda x: scipy.optimize.fsolve(lambda t: [t[0] ** 2 - x[0]], [1.0]),
    "scipy.optimize.leastsq": lambda x: scipy.optimize.leastsq(lambda t, a: t - a, 1.0, (x[0],))[0],
    "scipy.optimize.least_squares": lambda x: (
        scipy.optimize.least_squares(lambda t: t - x[0], [1.0]).x
    ),
    "scipy.optimize.minimize": lambda x: (
        scipy.optimize.minimize(lambda t: (t[0] - x[0]) ** 2, [1.0]).x
    ),
    "scipy.optimize.curve_fit": lambda x: scipy.optimize.curve_fit(
        lambda t, a: a * t * x[0], DATA, DATA
    )[0],
    "scipy.optimize.brentq": lambda x: scipy.optimize.brentq(lambda t: t**2 - 0.1, x[2], 2),
    "scipy.optimize.isotonic_regression": lambda x: scipy.optimize.isotonic_regression(x).x,
    "scipy.stats.gaussian_kde": lambda x: scipy.stats.gaussian_kde(x)(0.0),
    "scipy.stats.linregress": lambda x: scipy.stats.linregress([x[0], 1, 2], [1, 2, 3]).slope,
    "scipy.ndimage.center_of_mass": lambda x: scipy.ndimage.center_of_mass(x * x)[0],
    "scipy.integrate.quad": lambda x: scipy.integrate.quad(lambda t: t, 0, x[0])[0],
    # A RuntimeError, an IndexError, a KeyError and an Exception there.
    "scipy.ndimage.binary_closing": lambda x: scipy.ndimage.binary_closing(x),
    "scipy.interpolate.splrep": lambda x: scipy.interpolate.splrep(DATA, DATA, xe=x[3] + 4)[1],
    "scipy.sparse.linalg.lsqr": lambda x: scipy.sparse.linalg.lsqr(np.diag(x), DATA)[0],
    "scipy.linalg.rsf2csf": lambda x: scipy.linalg.rsf2csf(np.diag(x), np.eye(4))[0],
    "scipy.sparse.linalg.lobpcg": lambda x: scipy.sparse.linalg.lobpcg(
        np.diag(x), np.eye(4)[:, :1]
    )[0],
}


def test_what_optimize_lacks_is_scipy_s():
    """Some of it is plain Python that traced values pass; the rest is refused as SciPy's is."""
    assert optimize.Bounds is scipy.optimize.Bounds
    np.testing.assert_allclose(scipy.optimize.rosen_der(X), dr.grad(optimize.rosen)(X))
    with pytest.raises(dr.MissingRuleError, match=r"^scipy\.optimize\.milp "):
        dr.grad(lambda x: optimize.milp(x).x[0])(X)
    with pytest.raises(AttributeError):
        optimize.no_such_function  # noqa: B018


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("path", LOST)
def test_what_scipy_loses_is_told_by_its_name_and_the_user_s_line(path, capfd):
    """Also where Fortran code swallows our error, and says that it got no proper array."""
    with pytest.raises(dr.CoercionError) as caught:
        dr.jacobian(LOST[path])(X)
    assert caught.value.what.startswith(f"{path} was given a traced array")
    assert "(test_refusals.py:" in caught.value.where
    assert capfd.readouterr().out == ""


def excess(t, a):
    return t**2 - a


def bowl(t, a):
    return (t - a) ** 2


SO = scipy.optimize
#: Calls of solvers of SciPy's that hold a traced number: in args, a closure, a start or an end.
SOLVERS = {
    "root": [
        lambda a: SO.root(excess, [1.0], (a,)).x,
        lambda a: SO.root(lambda t: excess(t, a), [1.0], method="lm").x,
        lambda a: SO.root(lambda t: excess(t, a), [1.0], method="krylov").x,
        lambda a: SO.root(lambda t: excess(t, a), [1.0], method="df-sane").x,
    ],
    "fsolve": [
        lambda a: SO.fsolve(excess, 1.0, (a,)),
        lambda a: SO.fsolve(lambda t: [excess(t[0], a)], [1.0]),
        lambda a: SO.fsolve(lambda t: excess(t, 2.0), a),
    ],
    "broyden1": [lambda a: SO.broyden1(lambda t: excess(t, a), [1.0])],
    "newton_krylov": [lambda a: SO.newton_krylov(lambda t: excess(t, a), [1.0])],
    "newton": [
        lambda a: SO.newton(excess, 1.0, args=(a,)),
        lambda a: SO.newton(lambda t: excess(t, a), np.sqrt(2.0), lambda t: 2 * t),
        lambda a: SO.newton(lambda t: excess(t, a), np.ones(2))[0],
        lambda a: SO.newton(lambda t: excess(t, 2.0), a),
    ],
    "root_scalar": [
        lambda a: SO.root_scalar(excess, (a,), bracket=(0, 3)).root,
        lambda a: SO.root_scalar(lambda t: excess(t, a), x0=1.0, x1=2.0).root,
    ],
    "fixed_point": [lambda a: SO.fixed_point(lambda t: (t + a / t) / 2, 1.0)],
    "brent": [
        lambda a: SO.brent(bowl, (a,)),
        lambda a: SO.brent(lambda t: bowl(t, a), brack=(0, 1)),
    ],
    "golden": [lambda a: SO.golden(bowl, (a,))],
    "fminbound": [
        lambda a: SO.fminbound(bowl, 0.0, 3.0, (a,)),
        lambda a: SO.fminbound(lambda t: bowl(t, 1.0), 0.0, a),
    ],
    "minimize_scalar": [
        lambda a: SO.minimize_scalar(bowl, args=(a,)).x,
        lambda a: SO.minimize_scalar(lambda t: bowl(t, a), bounds=(0.0, 3.0)).x,
    ],
    **{
        name: [
            lambda a, name=name: getattr(SO, name)(excess, 0, 3, (a,)),
            lambda a, name=name: getattr(SO, name)(lambda t: excess(t, a), 0, 3),
            lambda a, name=name: getattr(SO, name)(lambda t: excess(t, 2.0), 0, a),
        ]
        for name in ("bisect", "brenth", "brentq", "ridder", "toms748")
    },
}
TAKING = {
    "grad": lambda f: dr.grad(lambda a: np.sum(f(a)))(2.0),
    "jvp": lambda f: dr.jvp(f, (2.0,), (1.0,)),
    "hessian": lambda f: dr.hessian(lambda a: np.sum(f(a)))(2.0),
    "vmap": lambda f: dr.vmap(f)(np.array([2.0, 2.5])),
    "vmap of grad": lambda f: dr.vmap(dr.grad(lambda a: np.sum(f(a))))(np.array([2.0, 2.5])),
    "grad of vmap": lambda f: dr.grad(lambda a: np.sum(dr.vmap(f)(a)))(np.array([2.0, 2.5])),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("taking", TAKING)
@pytest.mark.parametrize("name", SOLVERS)
def test_a_solver_of_scipys_names_its_twin(name, taking):
    """Not "Result from function call is not a proper array of floats", nor a wrong derivative."""
    for call in SOLVERS[name]:
        with pytest.raises(dr.CoercionError) as caught:
            TAKING[taking](call)
        assert caught.value.what.startswith(f"scipy.optimize.{name} ")
        assert caught.value.fix == f"call dualrev.scipy.optimize.{name}, which equals it"
        assert "(test_refusals.py:" in caught.value.where


HIDDEN = {
    "brentq": lambda f: optimize.brentq(f, 0, 3),
    "newton": lambda f: optimize.newton(f, 1.0),
    "golden": lambda f: optimize.golden(lambda t: f(t) ** 2),
    "root": lambda f: optimize.root(f, 1.0).x,
}


@pytest.mark.parametrize("taking", ["grad", "jvp", "vmap"])
@pytest.mark.parametrize("name", HIDDEN)
def test_a_twin_that_does_not_see_what_is_traced_says_how_to_hand_it_over(
    name, taking, monkeypatch
):
    """In a global variable; the twin itself is no repair."""

    def f(a):
        monkeypatch.setitem(globals(), "hidden", a)
        return HIDDEN[name](lambda t: t**2 - hidden)  # noqa: F821

    with pytest.raises(dr.CoercionError, match=r"args=\(a,\)"):
        TAKING[taking](f)


@pytest.mark.parametrize(
    "function",
    [
        np.imag,
        np.real,
        np.isreal,
        np.iscomplexobj,
        np.linalg.norm,
        lambda z: np.correlate(z, [1.0]),
    ],
)
def test_a_list_of_complex_numbers_is_refused_where_objects_are_taken_for_real_ones(function):
    z = np.array([0.1 + 0.3j, 0.5 - 0.2j])
    with pytest.raises(dr.CoercionError, match="array of objects"):
        dr.vjp(lambda z: function(list(z)) * 1.0, z)
    dr.vjp(lambda z: function(np.stack(list(z))) * 1.0, z)
    dr.vjp(lambda z: function([abs(z[0]), 2.0]) * 1.0, z)  # real ones


def test_an_error_that_was_raised_from_another_from_ours_is_ours():
    """As compiled code does: np.add.at(np.ones(4), [0, 1, 2, 3], list(x))."""

    def f(x):
        try:
            try:
                float(x[0])
            except TypeError as error:
                raise ValueError("setting an array element with a sequence") from error
        except ValueError as error:
            raise SystemError("a result with an exception set") from error

    with pytest.raises(dr.CoercionError, match=r"float\(x\[0\]\)"):
        dr.grad(f)(X)


def test_errors_of_the_user_s_own_stay_his_own():
    def f(x):
        try:
            return float(x[0])
        except TypeError:
            raise KeyError("another") from None

    for raising, error in {f: KeyError, lambda x: x[0] * (1 // 0): ZeroDivisionError}.items():
        with pytest.raises(error):
            dr.grad(raising)(X)


def test_a_function_without_a_module_is_the_user_s():
    """As exec makes it in a namespace without a name: SciPy holds it while it looks for its own."""
    namespace = {"scipy": scipy}
    exec(
        "def f(x): return scipy.integrate.tanhsinh(lambda t: t * x[0], 0, 1).integral\n"
        "def g(x): return scipy.differentiate.derivative(lambda t: t * x[0], 1.0).df",
        namespace,
    )
    assert namespace["f"].__module__ is None
    for name, path in ("f", "scipy.integrate.tanhsinh"), ("g", "scipy.differentiate.derivative"):
        with pytest.raises(dr.CoercionError, match=f"^{path} was given"):
            dr.grad(namespace[name])(X)


def test_errors_of_scipy_s_own_stay_its_own():
    diverging = lambda x: optimize.newton(lambda t: t**2 + x[0], 1.0, maxiter=5)  # noqa: E731
    with pytest.raises(RuntimeError, match="Failed to converge"):
        dr.grad(diverging)(X)
    with pytest.raises(ValueError, match="Unable to select a solver"):
        dr.grad(lambda x: scipy.optimize.root_scalar(lambda t: t**2 - x[0]).root)(X)


def test_errors_of_python_s_own_stay_its_own():
    """For what no array can do."""
    for f, error in {
        lambda x: x(1): "not callable",
        lambda x: "a" + x[0]: "str",
        lambda x: ~x: "unary ~",
        lambda x: {[1]: x}: "unhashable type: 'list'",
        lambda x: fractions.Fraction("a") * x: "Invalid literal",
        lambda x: operator.itemgetter("a")(DATA) * x: "list indices",
    }.items():
        with pytest.raises((TypeError, ValueError), match=error) as caught:
            dr.grad(f)(X)
        assert not isinstance(caught.value, dr.DualrevError)


def test_a_shape_that_does_not_fit_is_told_by_numpy():
    """Of an array of objects too: it is the user's own mistake."""
    with pytest.raises(ValueError, match="cannot reshape"):
        dr.grad(lambda x: np.reshape(np.array([x[0], 1.0, 2.0]), (2, 2)).sum())(X)


def installed(source):
    """The function `run` of a package that was installed."""
    namespace = {"__name__": "package.module"}
    exec(compile(source, "/lib/site-packages/package/module.py", "exec"), namespace)
    return namespace["run"]


def test_the_line_of_an_installed_package_is_named_beside_the_user_s_own():
    run = installed("def run(x):\n    return float(x)")
    with pytest.raises(dr.CoercionError) as caught:
        dr.grad(lambda x: run(x[0]))(X)
    assert re.search(
        r"<lambda>` \(test_refusals.py:\d+\), by `run` \(module.py:2\)", str(caught.value)
    )


@pytest.mark.parametrize("kind", ["NotImplementedError", "RuntimeError"])
def test_a_package_that_refuses_a_traced_array_by_its_class_is_told_as_the_user_called_it(kind):
    """As CasADi and Numba do."""
    run = installed(f"def run(x):\n    raise {kind}(f'no {{type(x)}}.\\n  Known types: ...')")
    with pytest.raises(dr.CoercionError) as caught:
        dr.grad(lambda x: run(x[0]))(X)
    assert "`run(x[0])`" in caught.value.what
    assert "Known types" not in caught.value.what
    assert "@dualrev.rule(vjp=...)" in caught.value.fix
    around = dr.rule(lambda x: float(x) ** 2, vjp=lambda ct, wanted, ans, x: (2 * x * ct,))
    np.testing.assert_allclose([2 * X[0], 0, 0, 0], dr.grad(lambda x: around(x[0]))(X))


def test_a_conversion_without_end_is_told_as_the_user_called_it():
    """SymPy makes arrays of what has .flat, as its elements do; but the user's own recursion is his."""
    run = installed("def run(x):\n    return run(next(x.flat))")
    with pytest.raises(dr.CoercionError, match=r"`run\(x\[0\]\)`.*recursion"):
        dr.grad(lambda x: run(x[0]))(X)

    def again(x):
        return again(x)

    with pytest.raises(RecursionError):
        dr.grad(again)(X)


def test_a_package_that_calls_scipy_is_not_edited():
    run = installed("import scipy.linalg\ndef run(x):\n    return scipy.linalg.expm(x)")
    with pytest.raises(dr.CoercionError, match="^scipy.linalg.expm was given") as caught:
        dr.jacobian(lambda x: run(np.outer(x, x)))(X)
    assert "@dualrev.rule(vjp=...)" in caught.value.fix


def takes_float(x):
    return float(x)


def test_a_line_that_ran_often_is_read_as_well():
    """Python 3.11 changes the instruction in which it calls float."""
    for _ in range(100):
        takes_float(1.0)
    with pytest.raises(dr.CoercionError, match=r"fix: +write x$"):
        dr.grad(takes_float)(1.0)


WRITES = "import numpy\ndef run(x):\n    y = numpy.zeros(2)\n    y.flat[0] = x\n    return y.sum()"
ASKS = "def run(x):\n    return float(x)"


@pytest.mark.parametrize(
    ("source", "patch"), [(WRITES, "dualrev.patch_numpy()"), (ASKS, "@dualrev")]
)
def test_a_package_is_not_edited(source, patch):
    """It is patched once; where that does not help, or did not, its derivative is declared."""
    with pytest.raises(dr.CoercionError) as caught:
        dr.grad(lambda x: installed(source)(x[0]))(X)
    assert patch in caught.value.fix
    with dr.patch_numpy():
        if source is WRITES:
            assert dr.grad(lambda x: installed(source)(x[0]))(X)[0] == 1.0
        held = installed("import numpy\ny = numpy.zeros(2)\ndef run(x):\n    y[0] = x")
        with pytest.raises(dr.CoercionError) as caught:
            dr.grad(lambda x: held(x[0]))(X)
    assert "@dualrev.rule(vjp=...)" in caught.value.fix


def test_lines_of_cython_are_nobody_s():
    """A traceback has them, with nothing that they evaluate: scikit-learn's, for one."""
    namespace = {"__name__": "package.fast"}
    exec(
        compile("def fast(x): raise TypeError(f'no {type(x)}')", "package/fast.pyx", "exec"),
        namespace,
    )
    with pytest.raises(dr.CoercionError) as caught:
        dr.grad(lambda x: namespace["fast"](x[0]))(X)
    assert """`namespace["fast"](x[0])`""" in caught.value.what
    assert "(test_refusals.py:" in caught.value.where


def test_a_package_s_own_error_stays_its_own():
    run = installed("def run(x):\n    raise RuntimeError('diverged')")
    with pytest.raises(RuntimeError, match="^diverged$"):
        dr.grad(lambda x: run(x[0]))(X)


def test_a_file_that_was_edited_since_it_was_imported_is_not_quoted(tmp_path, monkeypatch):
    """Its lines are others than those that run."""
    file = tmp_path / "edited_since.py"
    file.write_text("import math\ndef loss(x):\n    return math.sin(x[0])\n", "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    loss = importlib.import_module("edited_since").loss
    file.write_text("import math\ndef loss(x):\n    return other(y[1])+1\n", "utf-8")
    with pytest.raises(dr.CoercionError) as caught:
        dr.grad(loss)(np.ones(2))
    assert "in `math.sin(...)`: its derivative" in caught.value.what
    assert caught.value.fix == "write np.sin(x)"
