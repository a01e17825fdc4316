"""Real numbers, where SciPy leaves out the imaginary parts of complex ones.

Must not know any function by name.
"""

from typing import Any

import numpy as np

from dualrev.errors import ComplexError

__all__ = ["check_real"]


def check_real(what: str, x: Any, name: str = "x") -> None:
    """Raise for complex numbers, by whose imaginary parts ``what`` would have a wrong derivative."""
    if np.iscomplexobj(x):
        raise ComplexError(
            f"{what} leaves out the imaginary parts of complex numbers.",
            fix=f"give it real ones: {name}.real",
        )
