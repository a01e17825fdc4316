"""How a parameter without a known derivative is refused: loudly, naming it.

Must not know any function of scipy.special.
"""

from dualrev.core.errors import MissingRuleError


def refuse(function, argument):
    """The partial of a function by an argument in which no derivative is known."""

    def partial(ans, *args):
        raise MissingRuleError(
            f"scipy.special.{function.__name__} with the argument `{argument}` traced has no "
            "derivative rule.",
            fix=f"hold `{argument}` constant: dualrev.stop_gradient({argument})",
        )

    return partial
