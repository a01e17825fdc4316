"""Second derivatives in every nesting of the modes."""

import dualrev as dr

MODES = ("forward", "reverse")


def second_derivatives(f, x):
    """By all four nestings, with their names."""
    for inner in MODES:
        for outer in MODES:
            yield f"{outer} over {inner}", dr.jacobian(dr.jacobian(f, mode=inner), mode=outer)(x)
