"""A distribution with parameters: how it is called, and how its methods become primitives.

Must not know any distribution by name, nor whether it is continuous.
"""

import inspect
from typing import Any

from dualrev.core.binding import as_operand, missing_rule
from dualrev.core.errors import MissingRuleError, not_constant
from dualrev.core.primitive import elementwise
from dualrev.core.traced import is_traced
from dualrev.scipy.untraced import rest_of

__all__ = ["Distribution", "Frozen"]


class Distribution:
    """A distribution of SciPy's whose functions have derivatives, by their argument and parameters.

    Each method equals SciPy's of the same name, with the same arguments: ``gamma.cdf(x, *shapes, loc=0,
    scale=1)``.  Called with parameters it is frozen.  What has no derivative here (``rvs``, ``mean``,
    ``fit``) is SciPy's own, for plain numbers.

    Parameters
    ----------
    original : rv_continuous or rv_discrete
        SciPy's object.  All values are its own, to the bit; only derivatives are added.
    options : dict
        Names and default values of the parameters that every such distribution has.

    Raises
    ------
    MissingRuleError
        By a method's derivative where none is known, naming the argument.

    Examples
    --------
    >>> import numpy as np, dualrev as dr
    >>> from dualrev.scipy import stats
    >>> x = np.array([1.0, 2.0, 6.0])
    >>> dr.grad(lambda mean: np.sum(stats.norm(mean, scale=2.0).logpdf(x)))(3.0)
    np.float64(0.0)
    >>> dr.grad(stats.gamma.cdf, argnums=1)(1.0, 1.0)  # by the shape
    np.float64(-0.43172971...)
    """

    def __init__(self, original: Any, options: dict):
        self.__module__ = "dualrev.scipy.stats"  # where pickle finds it by name
        self.original = original
        self.name = original.name
        self.shapes = original.shapes
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        self._names = [] if original.shapes is None else original.shapes.split(", ")
        self._signature = inspect.Signature(
            [inspect.Parameter(name, kind) for name in self._names]
            + [inspect.Parameter(name, kind, default=value) for name, value in options.items()]
        )
        self._primitives: dict = {}

    def _declare(self, method, *partials):
        """Declare a method by its partials: by the argument, by each shape, and by the options."""
        own = getattr(self.original, method)
        first = next(iter(inspect.signature(own).parameters))
        names = first, *self._signature.parameters

        def plain(x, *parameters):
            return own(x, *parameters)

        plain.__name__ = f"{self.name}.{method}"
        plain.__module__ = "scipy.stats"
        known = [
            self._known(method, name, partial) if callable(partial) else partial
            for name, partial in zip(names, partials, strict=True)
        ]
        self._primitives[method] = elementwise(plain, *known, guarded=True)

    def _known(self, method, name, partial):
        """The partial, its refusal naming this method and its argument."""

        def attempt(ans, *args):
            try:
                return partial(ans, *args)
            except MissingRuleError as error:
                raise not_constant(f"scipy.stats.{self.name}.{method}", name) from error

        return attempt

    def _parameters(self, args, kwds):
        bound = self._signature.bind(*args, **kwds)
        bound.apply_defaults()
        return bound.args

    def _call(self, method, x, args, kwds):
        operands = map(as_operand, (x, *self._parameters(args, kwds)))
        return self._primitives[method](*operands)

    def __call__(self, *args: Any, **kwds: Any) -> "Frozen":
        """The distribution with its parameters fixed."""
        return Frozen(self, args, kwds)

    def cdf(self, x: Any, *args: Any, **kwds: Any) -> Any:
        """Probability of at most x."""
        return self._call("cdf", x, args, kwds)

    def logcdf(self, x: Any, *args: Any, **kwds: Any) -> Any:
        """Logarithm of the probability of at most x."""
        return self._call("logcdf", x, args, kwds)

    def sf(self, x: Any, *args: Any, **kwds: Any) -> Any:
        """Probability of more than x."""
        return self._call("sf", x, args, kwds)

    def logsf(self, x: Any, *args: Any, **kwds: Any) -> Any:
        """Logarithm of the probability of more than x."""
        return self._call("logsf", x, args, kwds)

    def ppf(self, q: Any, *args: Any, **kwds: Any) -> Any:
        """Quantile of which the cdf is q."""
        return self._call("ppf", q, args, kwds)

    def isf(self, q: Any, *args: Any, **kwds: Any) -> Any:
        """Quantile of which the sf is q."""
        return self._call("isf", q, args, kwds)

    def __getattr__(self, name: str) -> Any:
        return rest_of(self.__dict__["original"])(name)

    def __repr__(self) -> str:
        return f"<distribution dualrev.scipy.stats.{self.name}>"

    def __reduce__(self) -> str:
        return self.name


def _of_frozen(method):
    def call(self, x):
        return getattr(self.dist, method)(x, *self.args, **self.kwds)

    call.__name__ = method
    call.__doc__ = f"``dist.{method}`` with the parameters that are fixed."
    return call


class Frozen:
    """A distribution with its parameters fixed, which may be traced.

    Parameters
    ----------
    dist : Distribution
        The distribution.
    args, kwds : tuple, dict
        The parameters as they were given.
    """

    def __init__(self, dist: Distribution, args: tuple, kwds: dict):
        dist._parameters(args, kwds)  # raises here what a method would raise later
        self.dist, self.args, self.kwds = dist, args, kwds

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        given = (*self.args, *self.kwds.values())
        if is_traced(*given):
            raise missing_rule(f"scipy.stats.{self.dist.name}.{name}", given)
        return rest_of(self.dist.original(*self.args, **self.kwds))(name)

    def __repr__(self) -> str:
        return f"<frozen {self.dist!r}>"

    pdf, logpdf = _of_frozen("pdf"), _of_frozen("logpdf")
    pmf, logpmf = _of_frozen("pmf"), _of_frozen("logpmf")
    cdf, logcdf = _of_frozen("cdf"), _of_frozen("logcdf")
    sf, logsf = _of_frozen("sf"), _of_frozen("logsf")
    ppf, isf = _of_frozen("ppf"), _of_frozen("isf")
