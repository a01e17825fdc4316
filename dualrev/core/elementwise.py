"""The word elementwise: both modes of a function from its partials.

Owns how a partial multiplies a tangent and a cotangent, and what is fused.  Must not know what a tracer
is: a partial calls NumPy, and NumPy dispatches back where its argument is traced.
"""

import numpy as np

from dualrev.core.arrays import has_nan
from dualrev.core.cotangents import cast, fit, unbroadcast, zeros_of
from dualrev.core.guarded import WEAK, guarded_product, may_need_guard
from dualrev.core.primitive import Rule, register

__all__ = ["elementwise"]

_FLOAT = np.float64
_ndarray = np.ndarray


def elementwise(function, *partials, guarded=False, guards_pull=False, product=None, **options):
    """Declare that each element of the answer depends on the matching elements of the arguments only.

    Parameters
    ----------
    function : callable
        The function.
    *partials : callable, number or None
        One an argument: ``partial(ans, *args)``, the derivative of an element of the answer by the
        matching element of that argument.  A number for a constant partial, None for no derivative.
    guarded : bool
        Whether an exactly zero tangent or cotangent stays zero where the partial is infinite.
    guards_pull : bool
        The same of cotangents only: where the partial is infinite at an infinite argument alone,
        whose tangent np.where discards.
    product : callable or tuple of callable, optional
        ``product(t, ans, *args)``: a tangent or cotangent times the first partial, or one of each
        for the first ones: where one fused expression was measured to pay, or where the partial
        overflows and the product does not.
    **options
        ``call``, ``chooses``, ``series`` and ``name`` of Rule.
    """
    products = [None if p is None else _times(p, guarded or guards_pull) for p in partials]
    fused = product if isinstance(product, tuple) else (product,)
    fused += (None,) * (len(partials) - len(fused))
    product = fused[0]
    for i, of_argument in enumerate(fused):
        if of_argument is not None:
            products[i] = lambda t, ans, args, by=of_argument: by(t, ans, *args)
    if len(partials) == 1:
        push = _times(partials[0], False) if guards_pull and product is None else products[0]
        jvp, vjp = _elementwise_of_one(push, products[0])
    else:
        jvp, vjp = _elementwise_of_many(partials, products, product, guarded)
    # The sweeps of a tape are quiet as a whole.  Operators are too hot for it (1.2 us), and where
    # their partial is infinite mostly their answer is, and NumPy has warned.
    if guarded and options.get("call") is None:
        jvp = _quiet(jvp)
    reads_values = any(callable(p) for p in partials)
    made = Rule(
        function, "elementwise", len(partials), jvp, vjp, reads_values=reads_values, **options
    )
    made.partials, made.products = partials, fused
    return register(function, made)


def _quiet(jvp):
    """jvp without a warning that a partial is infinite, which may meet a zero tangent."""

    def quiet_jvp(tangents, ans, args, kwargs):
        with np.errstate(divide="ignore", invalid="ignore"):
            return jvp(tangents, ans, args, kwargs)

    return quiet_jvp


def _times(partial, guarded):
    """``(ct, ans, args) -> ct * partial``, with the constants 1 and -1 multiplied out."""
    if callable(partial):
        # An ndarray stands behind a partial that may be traced, whose own operator takes a third of
        # the time of NumPy's protocol.
        if not guarded:
            return lambda ct, ans, args: (
                partial(ans, *args) * ct if type(ct) is _ndarray else ct * partial(ans, *args)
            )

        def times(ct, ans, args):
            box = [partial(ans, *args)]
            if type(box[0]) in WEAK and box[0] - box[0] == 0:  # finite
                return ct * box[0]
            # Nothing else holds the partial then: NumPy writes the product into its memory, 3 to
            # 10 ms less of 10^6 elements.
            product = box.pop() * ct if type(ct) is _ndarray else ct * box.pop()
            if may_need_guard(product, ct):
                return guarded_product(ct, partial(ans, *args))
            return product

        return times
    if partial == 1:
        return lambda ct, ans, args: ct
    if partial == -1:
        return lambda ct, ans, args: -ct
    return lambda ct, ans, args: ct * partial


def _elementwise_of_one(push, pull):
    def jvp(tangents, ans, args, kwargs):
        t = push(tangents[0], ans, args)
        return t if t.dtype is ans.dtype else cast(t, ans.dtype)

    def vjp(ct, ans, args, kwargs, wanted):
        ct = pull(ct, ans, args)
        x = args[0]
        return (ct if ct.dtype is x.dtype else cast(ct, x.dtype),)

    return jvp, vjp


def _pull_of(partial, times):
    """``(ct, ans, args, x)`` -> the cotangent of one argument x of several."""
    if partial == 1:
        return lambda ct, ans, args, x: unbroadcast(ct, x)
    if callable(partial):
        return lambda ct, ans, args, x: unbroadcast(times(ct, ans, args), x)
    # A constant factor comes after the sum over broadcast axes, where fewer elements are left.
    return lambda ct, ans, args, x: times(unbroadcast(ct, x), ans, args)


def _elementwise_of_many(partials, products, fused, guarded):
    pulls = [
        None if times is None else _pull_of(partial, times)
        for partial, times in zip(partials, products)
    ]
    if len(products) == 2 and None not in products:
        return _elementwise_of_two(partials, products, pulls, fused, guarded)

    def jvp(tangents, ans, args, kwargs):
        total = None
        for t, times in zip(tangents, products):
            if t is not None and times is not None:
                term = times(t, ans, args)
                total = term if total is None else total + term
        return zeros_of(ans) if total is None else fit(total, ans)

    def vjp(ct, ans, args, kwargs, wanted):
        return [
            None if w is None or pull is None else pull(ct, ans, args, x)
            for w, pull, x in zip(wanted, pulls, args)
        ]

    return jvp, vjp


# Two arguments are most of all operations: unrolled, and asking for broadcasting only where it can
# have been, 0.5 us less than the loops above.
def _elementwise_of_two(partials, products, pulls, fused, guarded):
    times_x, times_y = products
    pull_x, pull_y = pulls
    is_sum, is_difference = partials == (1, 1), partials == (1, -1)
    # Two guarded products and their sum are looked through for nan once, not twice.
    together = guarded and fused is None
    plain_x, plain_y = (_times(partial, False) for partial in partials)

    def jvp(tangents, ans, args, kwargs):
        t_x, t_y = tangents
        if t_y is None:
            t = times_x(t_x, ans, args)
        elif t_x is None:
            t = times_y(t_y, ans, args)
        elif is_sum:
            t = t_x + t_y
        elif is_difference:
            t = t_x - t_y
        elif together:
            t = plain_x(t_x, ans, args) + plain_y(t_y, ans, args)
            if has_nan(t):
                t = times_x(t_x, ans, args) + times_y(t_y, ans, args)
        else:
            t = times_x(t_x, ans, args) + times_y(t_y, ans, args)
        if type(t) is _FLOAT and type(ans) is _FLOAT:
            return t
        return t if t.dtype is ans.dtype and t.shape == ans.shape else fit(t, ans)

    def vjp(ct, ans, args, kwargs, wanted):
        x, y = args
        if wanted[1] is None:
            if type(y) not in WEAK:
                return pull_x(ct, ans, args, x), None
            ct = times_x(ct, ans, args) if fused is None else fused(ct, ans, x, y)
            return (ct if ct.dtype is x.dtype else cast(ct, x.dtype)), None
        if wanted[0] is None:
            if type(x) not in WEAK:
                return None, pull_y(ct, ans, args, y)
            ct = times_y(ct, ans, args)
            return None, (ct if ct.dtype is y.dtype else cast(ct, y.dtype))
        if type(x) is _FLOAT and type(y) is _FLOAT and type(ct) is _FLOAT:
            return times_x(ct, ans, args), times_y(ct, ans, args)
        if is_sum or is_difference:
            if ct.shape == x.shape == y.shape and ct.dtype is x.dtype is y.dtype:
                return ct, ct if is_sum else -ct
        return pull_x(ct, ans, args, x), pull_y(ct, ans, args, y)

    return jvp, vjp
