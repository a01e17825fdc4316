"""How a parameter without a known derivative is refused: loudly, naming it.

Must not know any function of scipy.special.
"""

from dualrev.core.errors import not_constant


def refuse(function, argument):
    """The partial of a function by an argument in which no derivative is known."""

    def partial(ans, *args):
        raise not_constant(f"scipy.special.{function.__name__}", argument)

    return partial
