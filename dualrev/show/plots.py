"""plot_error: the picture of the errors of finite differences against their step.

Must not know how the errors are measured.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from dualrev import errors
from dualrev.calls import check_callable
from dualrev.show.differences import difference_errors
from dualrev.sparse.plots import check_axes

__all__ = ["plot_error"]

# After the palette of Okabe and Ito, which colour-blind readers tell apart; dark enough for text.
_FORWARD, _CENTRAL, _EXACT, _ROUNDING = "#C65600", "#0072B2", "#00724F", "#666666"


def plot_error(
    f: Callable, x: Any, direction: Any = None, *, steps: Any = None, ax: Any = None
) -> Any:
    """Picture of the error of finite differences against their step: the V, and what lies below it.

    Large steps cut off the series of f (truncation: h for forward differences, h squared for
    central ones), small steps divide what was rounded (eps / h); the best step, marked with its
    error, is a compromise.  The exact derivative has no step: its error is a line.  The dashed
    guides are no fit: they are what theory predicts from the exact second and third derivatives.

    Parameters
    ----------
    f, x, direction, steps
        As for :func:`difference_errors`, which returns the numbers of the picture.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Errors of zero, which a logarithmic axis has not, are drawn at half the rounding unit, or at
        the least other error.

    Raises
    ------
    MissingPackageError
        Without matplotlib.
    ComplexError, ArgumentError
        As :func:`difference_errors`.

    Examples
    --------
    >>> import numpy as np, matplotlib
    >>> from dualrev.show import plot_error
    >>> matplotlib.use("Agg")
    >>> ax = plot_error(lambda x: np.sum(np.sin(x) ** 2), np.array([0.5, 1.0, 2.0]))
    >>> ax.get_ylabel()
    'relative error of the derivative'
    >>> ax.figure.savefig("error.svg")  # doctest: +SKIP
    """
    pyplot = errors.package("matplotlib.pyplot", "plot_error draws with", "show")
    check_callable(f, "plot_error(f, x)")
    measured = difference_errors(f, x, direction, steps=steps)
    check_axes(ax)
    if ax is None:
        _, ax = pyplot.subplots(figsize=(7, 4.2), layout="constrained")
    _draw(ax, measured)
    return ax


def _draw(ax, measured):
    scale = _Scale(measured)
    # Hollow circles under smaller squares: both are seen where they coincide.
    forward = {"marker": "o", "ms": 5, "mfc": "white", "c": _FORWARD}
    central = {"marker": "s", "ms": 3, "c": _CENTRAL}
    scale.errors(ax, measured.forward, "forward differences", forward)
    scale.errors(ax, measured.central, "central differences", central)
    scale.guide(ax, measured.forward_truncation, "∝ h", _FORWARD, va="bottom")
    scale.guide(ax, measured.central_truncation, "∝ h²", _CENTRAL, va="top")
    scale.guide(ax, measured.rounding, "∝ ε / h", _ROUNDING, va="bottom")
    ax.axhline(scale.at(measured.exact), c=_EXACT, lw=2, label=_what_is_exact(measured))
    ax.set_ylim(scale.bottom / 30, max(scale.top * 50, scale.bottom * 1e4))
    # On the right room for the labels of the guides, of about 0.45 inches.
    room = min(0.45 / (ax.bbox.width / ax.figure.dpi), 0.5)
    ax.set_xlim(scale.left / 2, scale.right * (2 * scale.right / scale.left) ** (room / (1 - room)))
    ax.set_xlabel("step size h, in units of x")
    kind = "relative" if measured.relative else "absolute"
    ax.set_ylabel(f"{kind} error of the derivative")
    ax.grid(True, alpha=0.25)
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=1, frameon=False)


class _Scale:
    """Where errors lie on logarithmic axes."""

    def __init__(self, measured):
        self.steps = measured.steps
        self.left, self.right = np.min(measured.steps), np.max(measured.steps)
        errors = np.hstack([measured.forward, measured.central, measured.exact])
        positive = errors[errors > 0]  # neither zero nor nan
        self.bottom = float(np.min(positive, initial=measured.eps / 2))
        self.floor = self.at(measured.exact)
        self.top = float(np.max(positive, initial=self.bottom))

    def at(self, error):
        """Height of errors: zero, and what was not measured, lie at the bottom."""
        return np.fmax(error, self.bottom)

    def errors(self, ax, error, label, style):
        """The errors of one kind of differences, the least of them marked."""
        measured = ~np.isnan(error)
        if np.any(measured):
            k = np.nanargmin(error)
            h = self.steps[k]
            label += f": at best {_power(error[k])}, at h = {_power(h)}"
            ax.loglog([h], [self.at(error[k])], **{**style, "ms": 11, "mfc": "none", "mew": 2})
        ax.loglog(self.steps[measured], self.at(error[measured]), lw=1, **style, label=label)

    def guide(self, ax, heights, label, color, va):
        """A dashed line where it is inside of the picture, with a label at its upper end."""
        inside = (self.floor <= heights) & (heights <= 2 * self.top)
        if not np.any(inside):
            return
        steps, heights = self.steps[inside], heights[inside]
        order = np.argsort(steps)
        ax.loglog(steps[order], heights[order], "--", lw=1.2, c=color)
        end = np.argmax(heights)
        ax.annotate(
            label,
            (steps[end], heights[end]),
            xytext=(7, 2 if va == "bottom" else -2),
            textcoords="offset points",
            va=va,
            color=color,
        )


def _what_is_exact(measured):
    """What the line of the exact derivative shows."""
    if not measured.reference:
        return "exact derivative (jvp): error not measured"
    error = _power(measured.exact)
    if measured.reference == "reverse mode":
        return f"exact derivative (jvp): differs by {error} from reverse mode"
    return f"exact derivative (jvp): error {error}, against {measured.reference}"


def _power(number):
    """A number to one digit, as a formula."""
    digit, exponent = f"{number:.0e}".split("e")
    if digit == "0":
        return "0"
    return rf"${digit}\cdot 10^{{{int(exponent)}}}$" if int(exponent) else digit
