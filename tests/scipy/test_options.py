"""Random options of every twin: SciPy's value, and its derivative; or an error, never another number.

The calls are rows of tests/cases; the values of options are read from SciPy's signature and docstring.
"""

import functools
import inspect
import re

import numpy as np
import pytest
import scipy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import dualrev as dr
from tests.cases import all_cases, of_leaves, once

#: What says nothing of values: it prints, counts, names a place for the answer, or ends a search early.
PASSED_OVER = re.compile(
    "workers|check_finite|disp|full_output|callback|out|output|overwrite_.*|show|copy|max_?iter|limit"
    "|.*tol|eps.*|maxp1|limlst|x0|M|inner_m|outer_.*|prepend_.*|store_.*|use_umfpack|restart|truncate"
    "|random_state|rng|lwork|blocksize|check|seed|lapack_driver|backend|plan"
)


@functools.cache
def scipys(function):
    """SciPy's function of the same name; None where there is none."""
    _, _, *packages = function.__module__.split(".")
    place = scipy
    for package in packages:
        place = getattr(place, package, None)
        if hasattr(place, function.__name__):
            return getattr(place, function.__name__)
    return None


@functools.cache
def options_of(function):
    """Values of each option: those that the docstring lists, or others of the default's kind."""
    text = inspect.getdoc(function) or ""
    values = {}
    for p in inspect.signature(function).parameters.values():
        if p.default is p.empty or PASSED_OVER.fullmatch(p.name):
            continue
        said = re.search(rf"^{p.name}\s*:(.*(?:\{{[^}}]*\}})?.*)$", text, re.MULTILINE)
        words = re.findall("[\u2018'\"]([\\w-]+)[\u2019'\"]", said.group(1)) if said else []
        if isinstance(p.default, bool):
            values[p.name] = [True, False]
        elif words:
            values[p.name] = [p.default, *words]
        elif isinstance(p.default, int):
            values[p.name] = [p.default, -1, 0, 1, 2, 3]
        elif isinstance(p.default, float):
            values[p.name] = [p.default, 0.0, 0.5, 2.0, -1.0]
        elif said and "int" in said.group(1):
            values[p.name] = [p.default, -1, 0, 1, 2, 5]
    return values


def is_called_with_options(case):
    module = getattr(case.function, "__module__", None) or ""
    if not module.startswith("dualrev.scipy") or case.given is None:
        return False
    original = scipys(case.function)
    return inspect.isfunction(original) and bool(options_of(original))


CASES = [case for case in once(all_cases()) if is_called_with_options(case)]


def numbers(answer):
    """The arrays in an answer, flat, as one array of real numbers; None of what holds others."""
    if isinstance(answer, tuple | list):
        parts = [numbers(part) for part in answer]
        return None if any(p is None for p in parts) else np.concatenate([*parts, np.zeros(0)])
    try:
        x = np.ravel(answer)
    except dr.DualrevError:
        return None
    if x.dtype.kind not in "biufc":
        return None
    return np.concatenate([x.real, x.imag]) if x.dtype.kind == "c" else x.astype(float)


def outcome(call, *args):
    """An answer, or the error that was raised."""
    try:
        return call(*args)
    except Exception as error:
        return error


def check(case, drawn):
    """SciPy's value and derivative, or an error."""
    args, options = case.given
    options = {**options, **drawn}
    ours, leaves = of_leaves(case.function, args, options)
    theirs, _ = of_leaves(scipys(case.function), args, options)
    expected = outcome(theirs, *leaves)
    rng = np.random.default_rng(0)
    tangents = [rng.standard_normal(np.shape(x)).astype(np.result_type(x)) for x in leaves]
    found = outcome(lambda: dr.jvp(lambda *x: numbers_of(ours(*x)), tuple(leaves), tuple(tangents)))
    if isinstance(expected, Exception):
        assert isinstance(found, Exception), f"SciPy raises {expected!r}"
        return
    value = numbers(expected)
    # SciPy's filters of complex images do not look whether there is such an axis.
    if value is None or isinstance(found, dr.DualrevError | np.exceptions.AxisError):
        return
    if isinstance(found, Exception):
        raise found
    primal, tangent = found
    scale = 1 + np.abs(value[np.isfinite(value)]).max(initial=0)
    np.testing.assert_allclose(primal, value, rtol=1e-9, atol=1e-9 * scale, err_msg="value")

    def difference(h):
        up, down = (
            numbers(outcome(theirs, *(x + s * h * t for x, t in zip(leaves, tangents))))
            for s in (1, -1)
        )
        if up is None or down is None or up.shape != down.shape:
            return np.full((2, *value.shape), np.nan)
        return (up - down) / (2 * h), (up - 2 * value + down) / h

    (one, bend), (other, _) = difference(1e-5), difference(3e-6)
    size = 1 + np.abs(one[np.isfinite(one)]).max(initial=0)
    # At kinks, and where differences do not converge, nothing is said.
    smooth = np.isfinite(tangent) & (np.abs(one - other) + np.abs(bend) < 3e-4 * size)
    wrong = smooth & (np.abs(tangent - one) > 1e-3 * size)
    assert not wrong.any(), f"derivative {tangent[wrong]}, differences {one[wrong]}"


def numbers_of(answer):
    """The traced arrays of an answer, flat, in one."""
    parts = answer if isinstance(answer, tuple | list) else [answer]
    flat = [numbers_of(p) if isinstance(p, tuple | list) else np.ravel(p) for p in parts]
    flat = [np.concatenate([x.real, x.imag]) if x.dtype.kind == "c" else 1.0 * x for x in flat]
    return np.concatenate(flat)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("case", CASES, ids=str)
@settings(max_examples=2, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_an_option_is_honoured_or_refused(case, data):
    options = options_of(scipys(case.function))
    names = data.draw(
        st.lists(st.sampled_from(sorted(options)), min_size=1, max_size=3, unique=True)
    )
    check(case, {name: data.draw(st.sampled_from(options[name])) for name in names})
