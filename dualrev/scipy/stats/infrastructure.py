"""What the newer distributions of SciPy's, as :class:`scipy.stats.Normal`, compute with.

Owns what their searches and their checks mean in a body.  Must not know any distribution.
"""

from typing import Any

import numpy as np
import scipy.stats
from scipy.optimize import _bracket, _chandrupatla
from scipy.stats import _distribution_infrastructure

from dualrev.closures import without_derivatives
from dualrev.core.traced import is_traced
from dualrev.implicit.elementwise import solved_by_elements
from dualrev.scipy.bodies import means, remade
from dualrev.scipy.one_point import CHECKS
from dualrev.scipy.optimize.scalar_roots import slope_of
from dualrev.scipy.twin import with_named_arguments

# Of the weights of a mixture: that their sum is 1, as it stays where they are traced.
CHECKS.add("_input_validation")


def _with_plain_numbers(search):
    """A bracket carries no derivative: only what is found in it does."""

    def call(f, *args, **options):
        def of_numbers(*args, **kwargs):
            return without_derivatives(f(*args, **kwargs))

        return search(of_numbers, *without_derivatives(args), **without_derivatives(options))

    return call


for _name in ("_bracket_root", "_bracket_minimum"):
    means(getattr(_bracket, _name), _with_plain_numbers(getattr(_bracket, _name)))


def _solved(search, equation, **details):
    """A search of plain numbers, what it found given its derivatives."""

    @with_named_arguments
    def call(f, *start, args=(), **options):
        found = _with_plain_numbers(search)(f, *start, args=args, **options)
        at = np.asarray(found.x)[()]
        if is_traced(f(at, *args)):
            found.x = solved_by_elements(
                equation(lambda x: f(x, *args)), at, name=search.__name__.strip("_"), **details
            )
        return found

    return call


#: Where the searches stop, as a part and as a distance; a minimum is known to half the digits.
means(
    _chandrupatla._chandrupatla,
    _solved(_chandrupatla._chandrupatla, lambda f: f, near=(1e-6, 1e-9)),
)
means(
    _chandrupatla._chandrupatla_minimize,
    _solved(_chandrupatla._chandrupatla_minimize, slope_of, near=(1e-4, 1e-5), rising=True),
)


def _found_of_counts(self, func, p, params, comp):
    search = _distribution_infrastructure.DiscreteDistribution._solve_bounded_discrete
    return _with_plain_numbers(lambda f, *rest: search(self, f, *rest))(func, p, params, comp)


_COUNTS = getattr(_distribution_infrastructure, "DiscreteDistribution", None)
if _COUNTS is not None:  # from SciPy 1.16 on
    means(_COUNTS._solve_bounded_discrete, _found_of_counts)


def make_distribution(dist: Any) -> Any:
    """The class of the newer interface that a distribution of the older one becomes.

    Equals :func:`scipy.stats.make_distribution`; an object of the class has the derivatives by its
    parameters and arguments that the methods of ``dualrev.scipy.stats`` have.
    """
    original = getattr(dist, "original", dist)
    make = remade(scipy.stats.make_distribution)
    for name in vars(_distribution_infrastructure):
        make.__globals__[name]  # the body of a class finds only what was looked up before
    return make(remade(original))
