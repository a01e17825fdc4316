"""How a parameter without a known derivative is refused: loudly, naming it.

Must not know any function of scipy.special.
"""

from dualrev.errors import not_constant


def refuse(function, argument):
    """The partial of a function, or of what has its name, by an argument in which none is known."""
    name = getattr(function, "__name__", function)

    def partial(ans, *args):
        raise not_constant(f"scipy.special.{name}", argument)

    return partial
