"""The laws of detected patterns over the table of cases, and where a pattern may be the larger one."""

import numpy as np
import pytest

import dualrev as dr
from dualrev.scipy.sparse.linalg.iterative import NotConvergedError
from tests.cases import all_cases
from tests.sparse.detected import compare, gradient_of, of_case

__all__ = ["STRUCTURAL", "check", "check_second_order", "first_order_rows", "second_order_rows"]

#: Chapters of what moves, combines and sums up elements, in which patterns are equal but for these.
STRUCTURAL = {
    "calculus": {
        "interp": "numbers choose between which places x lies",
        "gradient": "terms cancel where a spacing is even",
    },
    "creation": {
        "linspace": "a factor is 0 at the ends",
        "geomspace": "a factor is 0 at the ends",
        "kaiser": "an argument is multiplied by 0",
    },
    "elementwise": {
        "<lambda>": "clip and nan_to_num, as methods",
        "angle": "the angle of real numbers is constant",
        "clip": "numbers choose",
        "divmod": "the one result is constant",
        "fmax": "numbers choose",
        "fmin": "numbers choose",
        "fmod": "the quotient may be 0",
        "heaviside": "numbers choose",
        "imag": "the imaginary part of real numbers is 0",
        "maximum": "numbers choose",
        "minimum": "numbers choose",
        "modf": "the one result is constant",
        "multiply": "a factor of the sample is 0",
        "nan_to_num": "numbers choose",
        "power": "an exponent of the sample is 0",
        "remainder": "the quotient may be 0",
        "sign": "is constant, and holomorphic in name only",
        "sinc": "the slope at 0 is 0",
    },
    "indexing": {
        "compress": "numbers choose",
        "select": "numbers choose",
        "setitem": "numbers choose what a mask writes",
    },
    "joining": {"pad": "numbers choose the extremes and the median; ramps end in 0 times an edge"},
    "memory": {},
    "products": {
        "vander": "the power 0 is constant",
        "vecdot": "along another axis than the last",
    },
    "reductions": {
        **dict.fromkeys(
            ["max", "min", "amax", "amin", "ptp", "median", "nanmedian", "nanmax", "nanmin"],
            "numbers choose",
        ),
        **dict.fromkeys(
            ["nansum", "nanprod", "nanmean", "nanvar", "nanstd", "nancumsum", "nancumprod"],
            "what is nan is left out",
        ),
        "accumulate": "numbers choose: of maximum and its kind",
        "cumprod": "all along the axis",
        "prod": "factors of the sample are 0",
        "reduce": "numbers choose: of maximum and its kind",
        "std": "one place without another",
        "var": "one place without another",
    },
    "shape": {"angle": "the angle of real numbers is constant"},
    "ufunc_methods": {
        "accumulate": "numbers choose: of maximum and its kind",
        "outer": "numbers choose: of maximum and its kind",
        "reduce": "numbers choose: of maximum and its kind",
        "reduceat": "the whole axis, but of add",
    },
}


def first_order_rows(cases=None):
    """Each case with each of its dtypes."""
    return [
        pytest.param(case, dtype, id=f"{case}-{dtype}")
        for case in cases or all_cases()
        for dtype in ("d", *case.dtypes)
        if case.args and (dtype == "d" or all(x.dtype.kind == "f" for x in case.args))
    ]


def second_order_rows(cases=None):
    """The cases of real numbers that are differentiable twice."""
    return [
        case
        for case in cases or all_cases()
        if case.order >= 2 and case.args and all(x.dtype.kind == "f" for x in case.args)
    ]


def check(case, dtype):
    args = case.args if dtype == "d" else [np.asarray(x).astype(dtype) for x in case.args]
    chapter, name = str(case).split("-")[0], getattr(case.function, "__name__", str(case.function))
    larger = excess(of_case(case), args)
    known = STRUCTURAL.get(chapter)
    if dtype == "d" and known is not None and name not in known:
        assert larger == 0


def check_second_order(case):
    excess(gradient_of(of_case(case), len(case.args)), case.args)


def excess(f, args):
    """How much larger the pattern is, where there is one and a derivative."""
    options = {"holomorphic": True} if any(x.dtype.kind == "c" for x in args) else {}
    try:
        return compare(f, args, **options)
    except (dr.ComplexError, NotConvergedError):  # not holomorphic, or not solved for unit vectors
        return 0
    except dr.ArgumentError as error:
        if "cannot be found" in str(error):
            return 0
        raise
