"""A distribution with parameters: how it is called, and how its methods become primitives.

Must not know any distribution by name, nor whether it is continuous.
"""

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any

from dualrev.closures import traced_in
from dualrev.core.binding import constant_of
from dualrev.core.elementwise import elementwise
from dualrev.core.operands import as_operand
from dualrev.core.traced import is_differentiated, is_traced, tracer_in
from dualrev.errors import MissingRuleError, not_constant
from dualrev.scipy.bodies import body, remade
from dualrev.scipy.each_row import each_row
from dualrev.scipy.one_point import CHECKS, OnePointError

__all__ = ["Distribution", "Frozen", "Masses", "of_both_tails", "unknown"]

CHECKS.add("_argcheck")


def unknown(*args: Any) -> None:
    """The derivative that is not known."""
    raise MissingRuleError("")


def of_both_tails(
    rises: Sequence[Callable], by_shape: dict[str, Sequence[Callable]] | None
) -> dict:
    """By method, derivatives by each shape: dF/dshape, those of 1 - F, and what is known besides."""
    falls = [lambda *args, by=by: -by(*args) for by in rises]
    return {"cdf": rises, "sf": falls, **(by_shape or {})}


class Distribution:
    """A distribution of SciPy's whose functions have derivatives, by their argument and parameters.

    Each method equals SciPy's of the same name, with the same arguments: ``gamma.cdf(x, *shapes, loc=0,
    scale=1)``.  Called with parameters it is frozen.  The others (``mean``, ``entropy``, ``expect``,
    ``fit``, ``rvs`` of a seed) run SciPy's code on what is traced.

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
        self._bodies: dict = {}

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
            except OnePointError:
                raise
            except MissingRuleError as error:
                raise not_constant(f"scipy.stats.{self.name}.{method}", name) from error

        return attempt

    def _parameters(self, args, kwds):
        bound = self._signature.bind(*args, **kwds)
        bound.apply_defaults()
        return bound.args

    def _call(self, method, x, args, kwds):
        primitive = self._primitives.get(method)
        if primitive is None:
            return self._by_body(method)(x, *args, **kwds)
        return primitive(*map(as_operand, (x, *self._parameters(args, kwds))))

    def _by_body(self, method):
        """A method that runs SciPy's body where something is traced, made once."""
        if method not in self._bodies:
            self._bodies[method] = body(getattr(self.original, method))
        return self._bodies[method]

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

    def median(self, *args: Any, **kwds: Any) -> Any:
        """Quantile of the probability a half."""
        return self.ppf(0.5, *args, **kwds)

    def interval(self, confidence: Any, *args: Any, **kwds: Any) -> tuple:
        """Ends between which lies a probability, with equal areas around the median."""
        if not is_traced((confidence, args, kwds)):
            return self.original.interval(confidence, *args, **kwds)
        confidence = as_operand(confidence)
        return (
            self.ppf((1.0 - confidence) / 2, *args, **kwds),
            self.ppf((1.0 + confidence) / 2, *args, **kwds),
        )

    def __getattr__(self, name: str) -> Any:
        own = getattr(self.__dict__["original"], name)
        return own if name.startswith("_") or not callable(own) else self._by_body(name)

    def __repr__(self) -> str:
        return f"<distribution dualrev.scipy.stats.{self.name}>"

    def __reduce__(self) -> str:
        return self.name


class Masses(Distribution):
    """A distribution on whole numbers, of which SciPy's bodies are run.

    A mass has no derivative by the argument and by loc, nor has a quantile in all but loc.
    """

    def pmf(self, k: Any, *args: Any, **kwds: Any) -> Any:
        """Probability of k."""
        return self._at("pmf", k, args, kwds)

    def logpmf(self, k: Any, *args: Any, **kwds: Any) -> Any:
        """Logarithm of the probability of k."""
        return self._at("logpmf", k, args, kwds)

    def ppf(self, q: Any, *args: Any, **kwds: Any) -> Any:
        """Quantile of which the cdf is q."""
        return self._quantile("ppf", q, args, kwds)

    def isf(self, q: Any, *args: Any, **kwds: Any) -> Any:
        """Quantile of which the sf is q."""
        return self._quantile("isf", q, args, kwds)

    def _at(self, method, k, args, kwds):
        *_, loc = self._parameters(args, kwds)
        for name, x in (("k", k), ("loc", loc)):
            if is_differentiated(tracer_in(x)):
                raise not_constant(f"scipy.stats.{self.name}.{method}", name)
        return self._by_body(method)(k, *args, **kwds)

    def _quantile(self, method, q, args, kwds):
        *shapes, loc = self._parameters(args, kwds)
        return constant_of(getattr(self.original, method), (q, *shapes)) + loc


def _of_frozen(method):
    def call(self, x):
        return getattr(self.dist, method)(x, *self.args, **self.kwds)

    call.__name__ = method
    call.__doc__ = f"``dist.{method}`` with the parameters that are fixed."
    return call


def _of_parameters(original, name, parameters, named, *args, **kwds):
    """What a method of the frozen distribution answers."""

    def call(parameters, named, args, kwds):
        law = remade(original) if traced_in((parameters, named, args, kwds)) else original
        return getattr(law(*parameters, **named), name)(*args, **kwds)

    return each_row(call, looks=True)(parameters, named, args, kwds)


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
        original = self.dist.original
        if name in ("a", "b", "random_state"):
            return getattr(remade(original)(*self.args, **self.kwds), name)
        getattr(original, name)  # which raises where SciPy has none either
        return functools.partial(_of_parameters, original, name, self.args, self.kwds)

    def __repr__(self) -> str:
        return f"<frozen {self.dist!r}>"

    pdf, logpdf = _of_frozen("pdf"), _of_frozen("logpdf")
    pmf, logpmf = _of_frozen("pmf"), _of_frozen("logpmf")
    cdf, logcdf = _of_frozen("cdf"), _of_frozen("logcdf")
    sf, logsf = _of_frozen("sf"), _of_frozen("logsf")
    ppf, isf = _of_frozen("ppf"), _of_frozen("isf")

    def median(self) -> Any:
        """``dist.median`` with the parameters that are fixed."""
        return self.dist.median(*self.args, **self.kwds)

    def interval(self, confidence: Any = None) -> tuple:
        """``dist.interval`` with the parameters that are fixed."""
        return self.dist.interval(confidence, *self.args, **self.kwds)
