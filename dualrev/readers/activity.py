"""Activity: through which elements a result depends on an entry of a tape, whatever the numbers are.

Tells a cotangent that is 0 because a branch was not taken from one that arithmetic made 0, and a
tangent of what does not move from one that arithmetic made 0.  Only a sweep that met a 0 beside an
infinite partial asks.  Must not know any function by name.
"""

import numpy as np

from dualrev.core.arrays import nowhere
from dualrev.core.assignment import WRITE, overwrite_cotangent
from dualrev.core.cotangents import PartialCotangent, combined, unbroadcast, zeros_of
from dualrev.core.elementwise import elementwise
from dualrev.core.hidden import MOST_NOTES
from dualrev.core.operands import base_of
from dualrev.core.traced import is_differentiated
from dualrev.readers.saving import filled_in

__all__ = ["Activity", "Motion", "reconsidered", "reconsidered_push"]


class Activity:
    """A second sweep that follows a pull down the tape, only as far as it is asked.

    Its cotangents are nan where the result depends on an element and 0 where it does not: nan times
    any number is nan, and what selects (np.where, an index, a mask) leaves 0.

    Parameters
    ----------
    entries : list of tuple
        Those of the tape.
    cts : dict of int to array
        What the pull was given: an element that is exactly 0 was not asked for.

    Attributes
    ----------
    takes_all : bool
        Whether the pull was given no 0.
    """

    def __init__(self, entries, cts):
        entries[:] = sorted(entries, key=lambda entry: entry[-1])  # threads record in another order
        self.entries = entries
        self.slots = {i: [_marked(ct)] for i, ct in cts.items()}
        self.place = max(cts)
        self.takes_all = all(nowhere(np.equal(base_of(ct), 0)) for ct in cts.values())

    def at(self, i):
        """The activity of an entry; of one with several outputs a tuple."""
        with np.errstate(all="ignore"):
            for k in range(self.place, i, -1):
                if k in self.slots:
                    self._pass(k)
        self.place = i
        return self._total(i)

    def _total(self, i):
        parts = self.slots.pop(i)
        if any(type(part) is PartialCotangent for part in parts):
            total = combined(parts)
        else:
            total = sum(parts[1:], parts[0])
        self.slots[i] = [total]
        return total

    def _pass(self, k):
        rule, ans, args, parents, kwargs, _ = filled_in(self.entries, k)
        active = self._total(k)
        del self.slots[k]
        if rule is None:
            return
        for parent, part in zip(parents, _pulled(rule, active, ans, args, kwargs, parents)):
            if parent is not None and part is not None:
                self.slots.setdefault(parent, []).append(part)


class Motion:
    """A second sweep that follows a push up the tape, only as far as it is asked.

    Its tangents are those of affine functions, and what only other functions made is any number: 0
    is left where an element stays where it is along the whole direction, or curve, as ``x - x`` does.
    """

    def __init__(self, entries, tangents, kind):
        self.entries = entries
        self.rng = np.random.default_rng(0)
        self.tangents = {i: self._sum_of(kind.parts(t)) for i, t in tangents.items()}
        self.place = 0

    def _sum_of(self, parts):
        """A sum of arrays that is 0 where all of them are."""
        if not parts:
            return None
        first, *others = map(base_of, parts)
        return sum((self.rng.uniform(1, 2) * part for part in others), first)

    def of(self, parents, i):
        """nan where the arguments of an entry move and 0 where they do not; None of constants."""
        with np.errstate(all="ignore"):
            for k in range(self.place, i):
                rule, ans, args, before, kwargs, _ = self.entries[k]
                ts = [self.tangents.get(p) for p in before]
                if any(t is not None for t in ts):
                    moved = _pushed(rule, ts, ans, args, kwargs, before)
                    self.tangents[k] = _drawn(moved, self.rng)
        self.place = i
        return [_marked(self.tangents.get(p)) for p in parents]


def _pushed(rule, moved, ans, args, kwargs, parents):
    """The motion of the answer, nan where any."""
    rule = getattr(rule, "rule", rule)  # of one that is watched
    try:
        if rule.word == "elementwise":
            passed = [_passed(t, k, rule, ans, args, parents) for k, t in enumerate(moved)]
            return sum((t for t in passed if t is not None), np.zeros(ans.shape, ans.dtype))
        if rule.word == "linear":
            return rule.jvp(moved, _nan_like(ans), _unknown(rule, args, parents), kwargs)
        marked = list(map(_marked, moved))
        t = rule.jvp(marked, base_of(ans), list(map(base_of, args)), kwargs)
        if not isinstance(ans, tuple) and _has_coefficients(args, parents):
            rng = np.random.default_rng(0)
            others = _unknown(rule, args, parents, lambda x: _drawn(_nan_like(x), rng))
            drawn = [_drawn(part, rng) for part in marked]
            t = np.where(np.equal(rule.jvp(drawn, _nan_like(ans), others, kwargs), 0), 0, t)
        return t
    except Exception:  # of a function that takes no nan: then all of it may move
        return _nan_like(ans)


def _pulled(rule, active, ans, args, kwargs, parents):
    """The activity of the arguments."""
    rule = getattr(rule, "rule", rule)  # of one that is watched
    if rule is WRITE:
        return overwrite_cotangent(active, True, args, kwargs, parents)
    plain = [base_of(x) for x in args]
    try:
        if rule.word == "elementwise":
            cts = [None if p is None else active for p in parents]
            passed = [_passed(ct, k, rule, ans, args, parents) for k, ct in enumerate(cts)]
            return [unbroadcast(ct, x) for ct, x in zip(passed, plain)]
        if rule.word == "linear":
            return _through_coefficients(rule, active, ans, args, kwargs, parents)
        cts = list(map(_marked, rule.vjp(active, base_of(ans), plain, kwargs, parents)))
        if _has_coefficients(args, parents):
            others = _through_coefficients(rule, active, ans, args, kwargs, parents)
            cts = [
                c
                if c is None or other is None or type(c) is PartialCotangent
                else np.where(np.equal(other, 0), 0, c)
                for c, other in zip(cts, others)
            ]
        return cts
    except Exception:  # of a function that takes no nan: then it may depend on everything
        return [None if parent is None else _nan_like(x) for parent, x in zip(parents, plain)]


def _has_coefficients(args, parents):
    """Whether an argument is a constant array, as of einsum and its like, which may hold zeros."""
    return any(parent is None and hasattr(x, "dtype") for x, parent in zip(args, parents))


def _passed(t, k, rule, ans, args, parents):
    """What passes the partial by argument k: where it is 0 for all that are traced, nothing does."""
    partial = rule.partials[k]
    if t is None or partial is None:
        return None
    if callable(partial):
        partial = partial(_nan_like(ans), *_unknown(rule, args, parents))
    elif partial:
        return t * partial
    return np.where(np.equal(t, 0) | np.equal(partial, 0), 0, t * partial)


def _through_coefficients(rule, active, ans, args, kwargs, parents):
    """What passes a linear rule: a sum of arbitrary numbers is 0 only where all coefficients are.

    Of those, the traced ones are arbitrary too, not nan, of which 0 times would be active.
    """
    rng = np.random.default_rng(0)
    others = _unknown(rule, args, parents, lambda x: _drawn(_nan_like(x), rng))
    cts = rule.vjp(_drawn(active, rng), _nan_like(ans), others, kwargs, parents)
    return list(map(_marked, cts))


def _nan_like(x):
    if isinstance(x, tuple):
        return tuple(map(_nan_like, x))
    if x.dtype.kind not in "fc":
        return base_of(x)
    return np.full(x.shape, np.nan, x.dtype)[()]


def _unknown(rule, args, parents, like=_nan_like):
    """The arguments, with other numbers in those that a derivative is taken by."""
    if rule.chooses:
        return [base_of(x) for x in args]
    return [
        like(x) if parent is not None or is_differentiated(x) else x
        for x, parent in zip(args, parents)
    ]


def _drawn(x, rng):
    """The same with numbers that nobody would choose in place of nan."""
    if x is None:
        return None
    if isinstance(x, tuple):
        return tuple(_drawn(part, rng) for part in x)
    unknown = np.isnan(x)
    if nowhere(unknown):
        return x
    draw = rng.uniform(1, 2, x.shape)
    if x.dtype.kind == "c":
        draw = draw + 1j * rng.uniform(1, 2, x.shape)
    return np.where(unknown, draw, x).astype(x.dtype)[()]


def _marked(ct):
    """nan where a cotangent is not exactly 0, and 0 where it is."""
    if ct is None:
        return None
    if type(ct) is PartialCotangent:
        return PartialCotangent(ct.key, _marked(ct.ct), ct.primal, ct.combine)
    ct = base_of(ct)
    if isinstance(ct, tuple):
        return tuple(map(_marked, ct))
    return np.where(np.equal(ct, 0), 0, np.nan).astype(ct.dtype)[()]


# --------------------------------------------------------------------------------- zeros seen again


def reconsidered(rule, ct, active, ans, args, kwargs, parents, pulled):
    """What was pulled, but nan where it holds the product of an infinity and an active 0."""
    ct, changed = _stirred(base_of(ct), active)
    if not changed:
        return pulled
    again = rule.vjp(ct, base_of(ans), base_of(list(args)), kwargs, parents)
    return [_checked(c, other, x) for c, other, x in zip(pulled, again, args)]


def is_explained(notes, activity, rule, ct, active):
    """Whether all that was hidden in the vjp of an entry was so by zeros of no influence.

    Then neither has it any on the levels below.  Of zeros that the pull was given nobody knows that.
    """
    if rule.word != "elementwise" or not activity.takes_all or len(notes) == MOST_NOTES:
        return False
    still = np.equal(base_of(ct), 0) & ~np.isnan(active)
    return all(np.shape(mask) == still.shape and nowhere(mask & ~still) for mask in notes)


def reconsidered_push(kind, motion, rule, tangents, ans, args, kwargs, parents, i, pushed):
    """What entry i pushed, but nan where it holds the product of an infinity and a 0 that moves."""
    changes = []

    def stir(t, moved):
        def stir_part(part):
            part = zeros_of(moved) if part is None else base_of(part)
            part, changed = _stirred(part, moved, kind.order)
            changes.append(changed)
            return part

        return None if t is None else kind.stirred(t, stir_part)

    stirred = list(map(stir, tangents, motion.of(parents, i)))
    if not any(changes):
        return pushed
    again = kind.push(rule, stirred, base_of(ans), base_of(list(args)), kwargs)

    def checked(t, other, y):
        return None if t is None else kind.each(lambda c, o: _checked(c, o, y), t, other)

    if isinstance(ans, tuple):
        return tuple(map(checked, pushed, again, ans))
    return checked(pushed, again, ans)


def _stirred(ct, active, order=1):
    """A number in place of each active 0, and whether there are any.

    So small that it alone makes nothing infinite, and so large that its power of that order is not 0.
    """
    if ct is None or active is None:  # of an output that was not used
        return ct, False
    if isinstance(ct, tuple):
        pairs = list(map(_stirred, ct, active))
        return tuple(c for c, _ in pairs), any(changed for _, changed in pairs)
    if ct.dtype.kind not in "fc":  # of an output without a derivative, such as a rank
        return ct, False
    zero = np.equal(ct, 0) & np.isnan(active)
    least = np.finfo(ct.dtype).smallest_normal ** (1 / max(order, 1))
    return np.where(zero, least, ct).astype(ct.dtype)[()], not nowhere(zero)


# Not a guarded product, and by the argument too, so that every derivative of it is nan: a rule may
# have put a constant in the place of an infinite argument, by np.where.  Nor chosen by np.where: the
# other elements, as other rows of a batch, would have derivatives of nan too.
_undefined = elementwise(
    lambda ct, x, lost: np.where(lost, np.nan, ct),
    lambda ans, ct, x, lost: np.where(lost, np.nan, 1.0),
    lambda ans, ct, x, lost: np.where(lost, np.nan, 0.0),
    None,
    name="undefined",
)


def _checked(ct, other, x):
    if other is None or type(ct) is PartialCotangent:
        return ct
    ct = zeros_of(x) if ct is None else ct
    lost = np.isfinite(base_of(ct)) & ~np.isfinite(base_of(other))
    return _undefined(ct, x, lost)[()] if not nowhere(lost) else ct
